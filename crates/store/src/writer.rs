//! The one thread that writes: takes every waiting job, runs each in a savepoint, commits once, then answers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::audit::{Chain, Signer};
use crate::books::Books;
use crate::stats::Counters;
use crate::tx::Tx;
use crate::{StoreError, StoreOptions};

/// One operation waiting for the writer.
pub(crate) trait Job: Send {
    /// Does the work inside a savepoint; keeps its own result. Answers whether the work shall stay.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Tells the caller: the kept result, or why the commit (or the batch) failed.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

pub(crate) struct Work<T, F> {
    work: Option<F>,
    result: Option<Result<T, StoreError>>,
    answer: Answer<T>,
}

impl<T, F> Work<T, F> {
    pub(crate) fn new(work: F, answer: Answer<T>) -> Self {
        Self { work: Some(work), result: None, answer }
    }
}

impl<T, F> Job for Work<T, F>
where
    T: Send,
    F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let Some(work) = self.work.take() else { return false };
        let result = catch_unwind(AssertUnwindSafe(|| work(tx).and_then(|value| tx.check_sum().map(|()| value))));
        let result = result.unwrap_or_else(|_| Err(StoreError::Internal("the operation panicked".to_owned())));
        let stays = result.is_ok();
        self.result = Some(result);
        stays
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let missing = || Err(StoreError::Internal("the operation did not run".to_owned()));
        let result = match (self.result, committed) {
            (Some(Err(own)), _) => Err(own),
            (_, Err(error)) => Err(error),
            (result, Ok(())) => result.unwrap_or_else(missing),
        };
        // A caller that went away does not undo what is durable.
        let _ = self.answer.send(result);
    }
}

type Queue = mpsc::Sender<Box<dyn Job>>;

/// The caller's side of the thread.
pub(crate) struct Writer {
    queue: Option<Queue>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(
        connection: Connection,
        signer: Signer,
        options: StoreOptions,
        queue: usize,
        counters: Arc<Counters>,
    ) -> Result<Self, StoreError> {
        let chain = Chain::load(&connection, signer)?;
        let (queue, jobs) = mpsc::channel(queue);
        let max_batch = options.max_batch.max(1);
        let room = Room { connection, books: Books::default(), chain, max_batch, counters };
        let thread = std::thread::Builder::new().name("store-writer".to_owned()).spawn(move || room.work(jobs));
        let thread = thread.map_err(|e| StoreError::Internal(format!("no thread for the writer: {e}")))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    pub(crate) fn queue(&self) -> Option<&Queue> {
        self.queue.as_ref()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

/// Everything the thread owns.
struct Room {
    connection: Connection,
    books: Books,
    chain: Chain,
    max_batch: usize,
    counters: Arc<Counters>,
}

impl Room {
    fn work(mut self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        let mut batch = Vec::with_capacity(self.max_batch);
        loop {
            // Takes what waits, up to the limit; sleeps only when nothing does.
            if jobs.blocking_recv_many(&mut batch, self.max_batch) == 0 {
                break;
            }
            let committed = self.run_batch(&mut batch);
            for job in batch.drain(..) {
                job.answer(committed.clone());
            }
        }
        self.close();
    }

    fn run_batch(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        let done = self.try_batch(batch);
        if done.is_err() {
            if !self.connection.is_autocommit() {
                let _ = self.connection.execute_batch("ROLLBACK");
            }
            self.books.forget();
            self.chain.reload(&self.connection)?;
        }
        done
    }

    fn try_batch(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        self.execute("BEGIN IMMEDIATE")?;
        for job in batch.iter_mut() {
            self.run_job(job.as_mut())?;
        }
        self.books.flush(&self.connection)?;
        self.chain.sign_head(&self.connection)?;
        self.execute("COMMIT")?;
        self.books.committed();
        self.counters.committed(batch.len());
        Ok(())
    }

    fn run_job(&mut self, job: &mut dyn Job) -> Result<(), StoreError> {
        self.execute("SAVEPOINT job")?;
        self.books.begin();
        let mark = self.chain.mark();
        let stays = job.run(&mut Tx::new(&self.connection, &mut self.books, &mut self.chain));
        if stays {
            return self.execute("RELEASE job");
        }
        // On a full disk or an I/O error SQLite may have undone the whole transaction, earlier jobs included.
        if self.connection.is_autocommit() {
            return Err(StoreError::DiskFull);
        }
        self.books.undo();
        self.chain.back_to(mark);
        self.execute("ROLLBACK TO job")?;
        self.execute("RELEASE job")
    }

    fn execute(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    fn close(mut self) {
        if let Err(error) = self.chain.checkpoint(&self.connection) {
            tracing::warn!(%error, "the last audit checkpoint could not be written");
        }
        let _ = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
    }
}
