//! The one thread that writes: takes every waiting job, runs each in a savepoint, commits once, then answers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use base::TransferId;
use tokio::sync::{mpsc, oneshot};

use crate::audit::{Chain, Signer};
use crate::books::Books;
use crate::faults::{Fault, Faults};
use crate::known::Known;
use crate::sql::Connection;
use crate::stats::Counters;
use crate::tx::Tx;
use crate::{StoreError, StoreOptions};

/// One operation waiting for the writer.
pub(crate) trait Job: Send {
    /// The transfers that it names beforehand.
    fn about(&self) -> &[TransferId];
    /// Does the work inside a savepoint; keeps its own result. Answers whether the work shall stay.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Tells the caller: the kept result, or why the commit (or the batch) failed.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

pub(crate) struct Work<T, F> {
    about: Vec<TransferId>,
    work: Option<F>,
    result: Option<Result<T, StoreError>>,
    answer: Answer<T>,
}

impl<T, F> Work<T, F> {
    pub(crate) fn new(about: Vec<TransferId>, work: F, answer: Answer<T>) -> Self {
        Self { about, work: Some(work), result: None, answer }
    }
}

impl<T, F> Job for Work<T, F>
where
    T: Send,
    F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn about(&self) -> &[TransferId] {
        &self.about
    }

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
        faults: Option<Arc<Faults>>,
    ) -> Result<Self, StoreError> {
        let chain = Chain::load(&connection, signer)?;
        let (queue, jobs) = mpsc::channel(queue);
        let max_batch = options.max_batch.max(1);
        let (books, known) = (Books::default(), Known::default());
        let room = Room { connection, books, known, chain, max_batch, counters, stale: false, faults, dead: false };
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
    known: Known,
    chain: Chain,
    max_batch: usize,
    counters: Arc<Counters>,
    /// The last batch was rolled back.
    stale: bool,
    /// Set in simulations only.
    faults: Option<Arc<Faults>>,
    /// A simulated crash: nothing more is done, not even tidying up.
    dead: bool,
}

impl Room {
    fn work(mut self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        let mut batch = Vec::with_capacity(self.max_batch);
        loop {
            // Takes what waits, up to the limit; sleeps only when nothing does.
            if jobs.blocking_recv_many(&mut batch, self.max_batch) == 0 {
                break;
            }
            self.wait_for_the_rest(&mut jobs, &mut batch);
            let committed = self.run_batch(&mut batch);
            for job in batch.drain(..) {
                job.answer(committed.clone());
            }
            if self.dead {
                return;
            }
        }
        self.close();
    }

    /// In a simulation a batch is what was sent together, not what happened to be there.
    fn wait_for_the_rest(&self, jobs: &mut mpsc::Receiver<Box<dyn Job>>, batch: &mut Vec<Box<dyn Job>>) {
        let Some(faults) = &self.faults else { return };
        while batch.len() < faults.jobs() {
            match jobs.blocking_recv() {
                Some(job) => batch.push(job),
                None => return,
            }
        }
    }

    /// The commit, or what a simulation makes of it.
    fn commit(&mut self) -> Result<(), StoreError> {
        match self.faults.as_ref().map_or(Fault::None, |faults| faults.take()) {
            Fault::None => self.connection.commit(),
            Fault::DiskFull => Err(StoreError::DiskFull),
            Fault::CrashBefore => {
                self.dead = true;
                Err(StoreError::Closed)
            }
            Fault::CrashAfter => {
                self.connection.commit()?;
                self.dead = true;
                Err(StoreError::Closed)
            }
        }
    }

    fn run_batch(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        let done = self.try_batch(batch);
        if done.is_err() {
            self.connection.abandon();
            self.stale = true;
        }
        done
    }

    /// After a rollback nothing in memory is true any more; no batch runs until the database could be read again.
    fn refresh(&mut self) -> Result<(), StoreError> {
        if self.stale {
            self.connection.recover()?;
            self.books.forget();
            self.chain.reload(&self.connection)?;
            self.stale = false;
        }
        Ok(())
    }

    fn try_batch(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        self.refresh()?;
        let rows_before = self.connection.rows_written();
        self.connection.begin()?;
        self.known.read(&self.connection, batch.iter().flat_map(|job| job.about()).copied())?;
        for job in batch.iter_mut() {
            self.run_job(job.as_mut())?;
        }
        self.books.flush(&self.connection)?;
        self.chain.flush(&self.connection)?;
        self.commit()?;
        self.books.committed();
        self.counters.committed(batch.len(), self.connection.rows_written().saturating_sub(rows_before));
        Ok(())
    }

    fn run_job(&mut self, job: &mut dyn Job) -> Result<(), StoreError> {
        self.connection.begin_job()?;
        self.books.begin();
        self.known.begin();
        let mark = self.chain.mark();
        let stays = job.run(&mut Tx::new(&self.connection, &mut self.books, &mut self.known, &mut self.chain));
        if stays {
            return self.connection.keep_job();
        }
        self.books.undo();
        self.known.undo();
        self.chain.back_to(mark);
        self.connection.undo_job()
    }

    fn close(mut self) {
        if self.refresh().is_err() {
            return;
        }
        if let Err(error) = self.chain.checkpoint(&self.connection) {
            tracing::warn!(%error, "the last audit checkpoint could not be written");
        }
        self.connection.close();
    }
}

#[cfg(test)]
mod tests {
    use base::{MerchantId, Timestamp};
    use uuid::Uuid;

    use crate::{NewMerchant, Store, StoreError, StoreKeys};

    const NOW: Timestamp = Timestamp::from_millis(1_763_755_200_000);

    fn merchant(number: u128) -> NewMerchant {
        NewMerchant { id: MerchantId::from_uuid(Uuid::from_u128(number)), name: "Shop".to_owned() }
    }

    #[tokio::test]
    async fn a_panic_undoes_its_own_job_only() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("s.db"), StoreKeys { audit_signing: [1; 32] }).unwrap();
        let before = store.create_merchant(merchant(1), NOW);
        let panicking = store.write(|tx| -> Result<(), StoreError> {
            tx.audit(NOW, "half.made", &[], "{}")?;
            tx.run("DELETE FROM merchants", crate::sql::params![])?;
            panic!("in the middle of the work");
        });
        let after = store.create_merchant(merchant(2), NOW);
        let (before, panicked, after) = tokio::join!(before, panicking, after);
        assert_eq!((before, after), (Ok(()), Ok(())));
        assert!(matches!(panicked, Err(StoreError::Internal(_))), "{panicked:?}");
        for number in [1, 2] {
            assert!(store.merchant(merchant(number).id).await.unwrap().is_some());
        }
        let audit = crate::verify_audit(&dir.path().join("s.db"), Some(store.audit_public_key())).unwrap();
        assert!(audit.is_intact() && audit.entries == 2, "{audit:?}");
    }

    #[tokio::test]
    async fn a_failed_commit_fails_the_whole_batch_and_the_next_one_works() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("s.db"), StoreKeys { audit_signing: [1; 32] }).unwrap();
        // Ends the batch's transaction behind the writer's back, as SQLite itself does on an I/O error.
        let broken = store.write(|tx| {
            tx.audit(NOW, "lost", &[], "{}")?;
            tx.conn.script("ROLLBACK")?;
            Err::<(), _>(StoreError::DiskFull)
        });
        assert_eq!(broken.await, Err(StoreError::DiskFull));
        assert_eq!(store.create_merchant(merchant(1), NOW).await, Ok(()));
        let audit = crate::verify_audit(&dir.path().join("s.db"), Some(store.audit_public_key())).unwrap();
        assert!(audit.is_intact() && audit.entries == 1, "{audit:?}");
    }

    #[tokio::test]
    async fn unbalanced_work_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("s.db"), StoreKeys { audit_signing: [1; 32] }).unwrap();
        let wrong = store.write(|tx| {
            let side = tx.side_of(ledger::AccountKind::Fees, [1; 16], money::Currency::EUR)?;
            let other = tx.side_of(ledger::AccountKind::Funding, [0; 16], money::Currency::EUR)?;
            let amount =
                money::Amount::new(5, money::Currency::EUR).map_err(|e| StoreError::Internal(e.to_string()))?;
            let id = base::TransferId::from_uuid(Uuid::from_u128(1));
            let new = ledger::NewTransfer { id, amount, lasts: ledger::limits::HOLD_LASTS };
            let mut step = ledger::post_now(new, NOW, other, side)?;
            step.to.posted += 1;
            tx.keep_new(&step, crate::tx::Why::kind(ledger::TransferKind::Other), NOW)
        });
        assert!(matches!(wrong.await, Err(StoreError::Internal(_))));
        let books = store.check_books().await.unwrap();
        assert!(books.is_sound() && books.transfers == 0 && books.accounts == 0, "{books:?}");
    }
}
