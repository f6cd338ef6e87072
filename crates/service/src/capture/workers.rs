//! Worker threads: each owns an analyzer (of pictures or of sound) and takes one job at a time, from whichever capture has one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::config::StartError;
use crate::error::{Error, Result};
use crate::limits::CAPTURES_AT_ONCE;

type Job<A> = Box<dyn FnOnce(&mut A) + Send>;

/// The pool. Dropping it waits until its threads have ended: a process that exits while one of them still holds an
/// inference session pulls the engine from under it and crashes.
pub struct Workers<A: ?Sized + 'static> {
    /// `None` only while dropping: the threads end when nobody can give them jobs any more.
    jobs: Option<SyncSender<Job<A>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<A: ?Sized + 'static> Workers<A> {
    /// Starts `count` threads called `name`; fails when one of them cannot make its analyzer.
    pub fn start(
        count: usize,
        name: &str,
        make: impl Fn() -> std::result::Result<Box<A>, String> + Send + Sync + 'static,
    ) -> std::result::Result<Self, StartError> {
        let make = Arc::new(make);
        // Every capture has at most one frame under way, so this queue cannot fill up by itself.
        let (jobs, queue) = sync_channel::<Job<A>>(CAPTURES_AT_ONCE);
        let queue = Arc::new(Mutex::new(queue));
        let (ready, started) = sync_channel(count.max(1));
        let mut threads = Vec::new();
        for index in 0..count.max(1) {
            let (queue, make, ready) = (Arc::clone(&queue), Arc::clone(&make), ready.clone());
            let work = move || match make() {
                Ok(mut analyzer) => {
                    let told = ready.send(Ok(()));
                    drop(ready);
                    if told.is_ok() {
                        work(&queue, analyzer.as_mut());
                    }
                }
                Err(e) => {
                    let _nobody_waits = ready.send(Err(e));
                }
            };
            let name = format!("{name}-{index}");
            let thread = std::thread::Builder::new().name(name).spawn(work);
            threads.push(thread.map_err(|e| StartError::Analyzer(e.to_string()))?);
        }
        drop(ready);
        for result in started {
            result.map_err(StartError::Analyzer)?;
        }
        Ok(Self { jobs: Some(jobs), threads })
    }

    /// Runs `job` on the next free worker.
    pub async fn run<R: Send + 'static>(&self, job: impl FnOnce(&mut A) -> R + Send + 'static) -> Result<R> {
        let (tell, answer) = oneshot::channel();
        let boxed: Job<A> = Box::new(move |analyzer| {
            // The capture may have ended meanwhile; then nobody waits for the answer.
            let _nobody_waits = tell.send(job(analyzer));
        });
        let Some(jobs) = &self.jobs else { return Err(Error::internal("no worker is left")) };
        match jobs.try_send(boxed) {
            Ok(()) => answer.await.map_err(|_| Error::internal("a worker failed")),
            Err(TrySendError::Full(_)) => Err(Error::Busy),
            Err(TrySendError::Disconnected(_)) => Err(Error::internal("no worker is left")),
        }
    }
}

impl<A: ?Sized + 'static> Drop for Workers<A> {
    fn drop(&mut self) {
        self.jobs = None;
        let own = std::thread::current().id();
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != own) {
            // A thread that panicked has ended, too.
            let _ended = thread.join();
        }
    }
}

fn work<A: ?Sized>(queue: &Mutex<Receiver<Job<A>>>, analyzer: &mut A) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // One odd frame must not take the thread with it; the capture that sent it is told by the dropped channel.
        if catch_unwind(AssertUnwindSafe(|| job(analyzer))).is_err() {
            tracing::error!("a frame's analysis panicked; the worker goes on");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panicking_job_ends_its_capture_only() {
        let workers = Workers::<u8>::start(1, "test", || Ok(Box::new(7))).unwrap();
        let broken = workers.run(|_| -> u8 { panic!("odd frame") }).await;
        assert!(matches!(broken, Err(Error::Internal(_))));
        assert_eq!(workers.run(|seven| *seven).await.unwrap(), 7);
    }

    #[test]
    fn a_thread_without_an_analyzer_stops_the_start() {
        let failed = Workers::<u8>::start(2, "test", || Err("no weights".to_owned())).err();
        assert!(matches!(failed, Some(StartError::Analyzer(why)) if why == "no weights"));
    }
}
