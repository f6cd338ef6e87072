use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base::TransferId;
use tokio::sync::oneshot;

use crate::faults::Faults;
use crate::limits::{LOCK_WAIT, MAX_BATCH, QUEUE, QUEUE_WAIT};
use crate::pool::Readers;
use crate::sql::{Connection, Location, PostgresConnection, Role, SqliteConnection, all, params, writing_options};
use crate::stats::{Counters, Stats};
use crate::tx::Tx;
use crate::writer::{Job, Work, Writer};
use crate::{StoreError, attached, audit::Signer, migrate};

/// Secrets the store needs. The caller keeps them apart from the database (the vault's key directory).
pub struct StoreKeys {
    /// Seed of the Ed25519 key that signs the audit chain.
    pub audit_signing: [u8; 32],
}

impl StoreKeys {
    /// The public half of the audit key, for [`crate::verify_audit`] without opening the store.
    pub fn audit_public_key(self) -> [u8; 32] {
        Signer::new(self).public_key()
    }
}

/// How the store is run; `default()` is right for a server.
#[derive(Clone, Copy, Debug)]
pub struct StoreOptions {
    /// Most jobs in one commit; 1 = one transaction per step (for comparison).
    pub max_batch: usize,
    /// The database file may not grow beyond this many pages of 4 KiB (SQLite only).
    pub max_pages: Option<u32>,
    /// Every commit is on the disk before it is acknowledged. Only a simulation, whose crashes spare the disk, does without.
    pub synced: bool,
    /// How long to wait for a killed writer's session to end (PostgreSQL only).
    pub lock_wait: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { max_batch: MAX_BATCH, max_pages: None, synced: true, lock_wait: LOCK_WAIT }
    }
}

/// A handle on the open store; clones share it. The last handle dropped closes it.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    readers: Readers,
    writer: Writer,
    counters: Arc<Counters>,
    location: Location,
    public_key: [u8; 32],
    /// Held until the writer is gone; another process is refused meanwhile. PostgreSQL's writer holds its own.
    _lock: Option<File>,
}

impl Store {
    /// Opens or creates the database file at `path`, with [`StoreOptions::default`].
    ///
    /// Blocks for a moment (integrity check, migrations).
    ///
    /// # Errors
    /// In use by another process, damaged, made by a newer program, migrations that differ, or no access.
    pub fn open(path: &Path, keys: StoreKeys) -> Result<Self, StoreError> {
        Self::open_with(path, keys, StoreOptions::default())
    }

    /// As [`Store::open`], with options.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(path: &Path, keys: StoreKeys, options: StoreOptions) -> Result<Self, StoreError> {
        Self::open_in(&Location::File(path.to_owned()), keys, options)
    }

    /// As [`Store::open_with`], wherever the database is. A PostgreSQL database must exist; its tables are made here.
    ///
    /// # Errors
    /// As [`Store::open`]; the server cannot be reached; another program writes to the database.
    pub fn open_in(location: &Location, keys: StoreKeys, options: StoreOptions) -> Result<Self, StoreError> {
        // A thread of its own, so that an asynchronous caller may wait here, too.
        Self::open_with_faults(location, keys, options, None)
    }

    /// As [`Store::open_in`], for simulations.
    pub(crate) fn open_with_faults(
        location: &Location,
        keys: StoreKeys,
        options: StoreOptions,
        faults: Option<Arc<Faults>>,
    ) -> Result<Self, StoreError> {
        std::thread::scope(|scope| scope.spawn(|| Self::open_here(location, keys, options, faults)).join())
            .unwrap_or_else(|_| Err(StoreError::Internal("the store stopped while it was opened".to_owned())))
    }

    fn open_here(
        location: &Location,
        keys: StoreKeys,
        options: StoreOptions,
        faults: Option<Arc<Faults>>,
    ) -> Result<Self, StoreError> {
        let (connection, lock) = writing(location, options)?;
        let signer = Signer::new(keys);
        let public_key = signer.public_key();
        migrate::bring_up_to_date(&connection)?;
        let counters = Arc::new(Counters::default());
        let writer = Writer::start(connection, signer, options, QUEUE, Arc::clone(&counters), faults)?;
        let readers = Readers::new(location.clone());
        let location = location.clone();
        Ok(Self { inner: Arc::new(Inner { readers, writer, counters, location, public_key, _lock: lock }) })
    }

    /// The key that [`crate::verify_audit`] should be pinned to.
    pub fn audit_public_key(&self) -> [u8; 32] {
        self.inner.public_key
    }

    /// Walks the audit chain, pinned to this store's own key.
    ///
    /// # Errors
    /// Database failures only; tampering is in the report.
    pub async fn verify_audit(&self) -> Result<crate::AuditReport, StoreError> {
        let key = self.audit_public_key();
        self.read(move |conn| conn.snapshot(|conn| crate::audit::walk(conn, Some(key)))).await
    }

    pub(crate) fn location(&self) -> &Location {
        &self.inner.location
    }

    /// Counters of the writer.
    pub fn stats(&self) -> Stats {
        self.inner.counters.read()
    }

    /// Runs `work` in the writer's current batch, inside its own savepoint, and answers after the durable commit.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.write_about([], work).await
    }

    /// As [`Store::write`]; names the transfers that `work` will read or write, so that they are read with all others of
    /// the batch.
    pub(crate) async fn write_about<T, F, const N: usize>(
        &self,
        about: [TransferId; N],
        work: F,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let attached = attached::take::<T>();
        let work = move |tx: &mut Tx<'_>| {
            let outcome = work(tx)?;
            attached.map_or(Ok(()), |reply| reply.save(tx, &outcome))?;
            Ok(outcome)
        };
        let job: Box<dyn Job> = Box::new(Work::new(about.to_vec(), work, answer));
        let queue = self.inner.writer.queue().ok_or(StoreError::Closed)?;
        match queue.send_timeout(job, QUEUE_WAIT).await {
            Ok(()) => {}
            Err(tokio::sync::mpsc::error::SendTimeoutError::Timeout(_)) => return Err(StoreError::Busy),
            Err(tokio::sync::mpsc::error::SendTimeoutError::Closed(_)) => return Err(StoreError::Closed),
        }
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Runs `query` on a reading connection; sees everything acknowledged so far.
    pub(crate) async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.inner.readers.run(query).await
    }
}

/// The one writing connection, and the lock that keeps other processes from a file.
pub(crate) fn writing(location: &Location, options: StoreOptions) -> Result<(Connection, Option<File>), StoreError> {
    match location {
        Location::File(path) => {
            let lock = lock_file(path)?;
            if path.metadata().is_ok_and(|m| m.len() > 0) {
                check_before_touching(path)?;
            }
            Ok((Connection::Sqlite(writing_file(path, options)?), Some(lock)))
        }
        Location::Postgres(address) => {
            let session = PostgresConnection::open(address.clone(), Role::Writer, options.lock_wait)?;
            Ok((Connection::Postgres(Box::new(session)), None))
        }
    }
}

/// Takes the lock that keeps a second process out; released by the system when this process ends, however it ends.
fn lock_file(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock_path = PathBuf::from(name);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path);
    let file = file.map_err(|e| StoreError::Database(format!("{}: {e}", lock_path.display())))?;
    file.try_lock().map_err(|_| StoreError::InUse(path.to_owned()))?;
    Ok(file)
}

/// A kill in a store's first moments, before the file keeps a write-ahead log, can leave a rollback journal behind. Only a
/// writing connection can undo what it names; without that the file would read as damaged for ever.
fn undo_what_was_interrupted(path: &Path) -> Result<(), StoreError> {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    if Path::new(&journal).exists() {
        let connection = rusqlite::Connection::open(path)?;
        // The first read undoes it. Whatever else is wrong with the file is told by the check that follows.
        let _ = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    }
    Ok(())
}

/// Looks at an existing file through a read-only connection, so that a refusal leaves it as it was.
fn check_before_touching(path: &Path) -> Result<(), StoreError> {
    let damaged = |reason: String| StoreError::Corrupted { path: path.to_owned(), reason };
    undo_what_was_interrupted(path)?;
    let connection = Connection::Sqlite(SqliteConnection::reading(path)?);
    let found = all(&connection, "PRAGMA quick_check(1)", params![], |row| row.get::<String>(0));
    let found = found.map_err(|e| damaged(e.to_string()))?;
    if found != ["ok"] {
        return Err(damaged(found.join("; ")));
    }
    migrate::check(&connection)
}

fn writing_file(path: &Path, options: StoreOptions) -> Result<SqliteConnection, StoreError> {
    let connection = rusqlite::Connection::open(path)?;
    writing_options(&connection, options)?;
    Ok(SqliteConnection(connection))
}
