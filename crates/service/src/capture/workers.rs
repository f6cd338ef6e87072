//! Worker threads: each owns an analyzer and takes one frame at a time, from whichever capture has one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::capture::engine::{Analyze, Analyzers};
use crate::config::StartError;
use crate::error::{Error, Result};
use crate::limits::CAPTURES_AT_ONCE;

type Job = Box<dyn FnOnce(&mut dyn Analyze) + Send>;

/// The pool. Dropping it waits until its threads have ended: a process that exits while one of them still holds an
/// inference session pulls the engine from under it and crashes.
pub struct Workers {
    /// `None` only while dropping: the threads end when nobody can give them jobs any more.
    jobs: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts `count` threads; fails when one of them cannot make its analyzer.
    pub fn start(count: usize, analyzers: &Arc<dyn Analyzers>) -> std::result::Result<Self, StartError> {
        // Every capture has at most one frame under way, so this queue cannot fill up by itself.
        let (jobs, queue) = sync_channel::<Job>(CAPTURES_AT_ONCE);
        let queue = Arc::new(Mutex::new(queue));
        let (ready, started) = sync_channel(count.max(1));
        let mut threads = Vec::new();
        for index in 0..count.max(1) {
            let (queue, analyzers, ready) = (Arc::clone(&queue), Arc::clone(analyzers), ready.clone());
            let work = move || match analyzers.analyzer() {
                Ok(mut analyzer) => {
                    let told = ready.send(Ok(()));
                    drop(ready);
                    if told.is_ok() {
                        work(&queue, analyzer.as_mut());
                    }
                }
                Err(e) => {
                    let _nobody_waits = ready.send(Err(e.to_string()));
                }
            };
            let name = format!("face-{index}");
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
    pub async fn run<R: Send + 'static>(&self, job: impl FnOnce(&mut dyn Analyze) -> R + Send + 'static) -> Result<R> {
        let (tell, answer) = oneshot::channel();
        let boxed: Job = Box::new(move |analyzer| {
            // The capture may have ended meanwhile; then nobody waits for the answer.
            let _nobody_waits = tell.send(job(analyzer));
        });
        let Some(jobs) = &self.jobs else { return Err(Error::internal("no frame worker is left")) };
        match jobs.try_send(boxed) {
            Ok(()) => answer.await.map_err(|_| Error::internal("a frame's worker failed")),
            Err(TrySendError::Full(_)) => Err(Error::Busy),
            Err(TrySendError::Disconnected(_)) => Err(Error::internal("no frame worker is left")),
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.jobs = None;
        let own = std::thread::current().id();
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != own) {
            // A thread that panicked has ended, too.
            let _ended = thread.join();
        }
    }
}

fn work(queue: &Mutex<Receiver<Job>>, analyzer: &mut dyn Analyze) {
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
    use face::{Detection, Embedding, FaceError, FivePoints, Mesh, Picture};

    use super::*;

    struct Blind;

    impl Analyze for Blind {
        fn detect(&mut self, _: &Picture) -> std::result::Result<Vec<Detection>, FaceError> {
            Ok(Vec::new())
        }
        fn mesh(&mut self, _: &Picture, _: &Detection) -> std::result::Result<Mesh, FaceError> {
            unreachable!("no face")
        }
        fn happy(&mut self, _: &Picture, _: &Detection) -> std::result::Result<f32, FaceError> {
            Ok(0.0)
        }
        fn embed(&mut self, _: &Picture, _: &FivePoints) -> std::result::Result<Embedding, FaceError> {
            Embedding::from_raw(&[1.0; 128])
        }
    }

    impl Analyzers for Blind {
        fn analyzer(&self) -> std::result::Result<Box<dyn Analyze>, FaceError> {
            Ok(Box::new(Self))
        }
    }

    #[tokio::test]
    async fn a_panicking_frame_ends_its_capture_only() {
        let workers = Workers::start(1, &(Arc::new(Blind) as Arc<dyn Analyzers>)).unwrap();
        let broken = workers.run(|_| -> u8 { panic!("odd frame") }).await;
        assert!(matches!(broken, Err(Error::Internal(_))));
        assert_eq!(workers.run(|_| 7).await.unwrap(), 7);
    }
}
