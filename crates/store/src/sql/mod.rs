//! The one narrow way to a database: values in, rows out, a batch with savepoints. SQLite and PostgreSQL are behind it.
//!
//! Statements are written so that both take them: `?1` for parameters, `ON CONFLICT`, `RETURNING`, `lower()`, no word of
//! one engine only. Columns hold whole numbers (64 bits), text or bytes.

mod location;
mod pipeline;
mod postgres;
mod server;
mod sqlite;
mod value;

pub use location::Location;
pub(crate) use postgres::PostgresConnection;
pub use server::Server;
pub(crate) use sqlite::{SqliteConnection, writing_options};
pub(crate) use value::{FromValue, Owned, Params, Row, ToValue, Value, params};

use std::borrow::Cow;
use std::time::Duration;

use crate::StoreError;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The only one that writes; a second one, of whatever process, is refused.
    Writer,
    Reader,
}

/// An open connection; used by one thread at a time.
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(Box<PostgresConnection>),
}

/// Why a statement failed.
pub(crate) enum Failure {
    /// Another row has the same key.
    Duplicate(String),
    Other(StoreError),
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Duplicate(text) => Self::Database(text),
            Failure::Other(error) => error,
        }
    }
}

impl Connection {
    /// Opens a reading connection. Blocks; not for an asynchronous thread.
    pub(crate) fn reading(location: &Location) -> Result<Self, StoreError> {
        match location {
            Location::File(path) => Ok(Self::Sqlite(SqliteConnection::reading(path)?)),
            Location::Postgres(address) => {
                Ok(Self::Postgres(Box::new(PostgresConnection::open(address.clone(), Role::Reader, Duration::ZERO)?)))
            }
        }
    }

    /// Runs a statement; answers the number of rows it changed.
    pub(crate) fn execute(&self, sql: &str, values: impl Params) -> Result<usize, Failure> {
        match self {
            Self::Sqlite(sqlite) => sqlite.execute(sql, &values.values()),
            Self::Postgres(postgres) => postgres.execute(sql, &values.values()),
        }
    }

    /// Writes a row whose answer nobody waits for: it has to change one row, or the batch fails. Where answers are far,
    /// it travels with the next request, and inserts may overtake updates: no row may depend on an update before it.
    pub(crate) fn later(&self, sql: &'static str, values: impl Params) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) if sqlite.execute(sql, &values.values())? == 1 => Ok(()),
            Self::Sqlite(_) => Err(missing_row()),
            Self::Postgres(postgres) => postgres.later(sql.into(), &values.values()),
        }
    }

    /// [`Connection::later`] for every set of values.
    pub(crate) fn execute_each<P: Params>(
        &self,
        sql: impl Into<Cow<'static, str>>,
        rows: &[P],
    ) -> Result<(), StoreError> {
        let sql = sql.into();
        match self {
            Self::Sqlite(_) if rows.is_empty() => Ok(()),
            Self::Sqlite(sqlite) if sqlite.execute_each(&sql, rows)? => Ok(()),
            Self::Sqlite(_) => Err(missing_row()),
            Self::Postgres(postgres) => rows.iter().try_for_each(|row| postgres.later(sql.clone(), &row.values())),
        }
    }

    /// Whether an answer is so far that rows are better read together, before a batch needs them.
    pub(crate) fn is_far(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Hands every row to `read` whose key is among `keys`: `sql` ends with `= ANY(?1)`. Only where [`Connection::is_far`].
    pub(crate) fn each_of(
        &self,
        sql: &str,
        keys: &[[u8; 16]],
        read: &mut dyn FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Err(StoreError::Internal("SQLite takes no list of keys".to_owned())),
            Self::Postgres(postgres) => postgres.each_of(sql, keys, read),
        }
    }

    /// Hands every row to `read`, in order.
    pub(crate) fn each(
        &self,
        sql: &str,
        values: impl Params,
        read: &mut dyn FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.each(sql, &values.values(), read),
            Self::Postgres(postgres) => postgres.each(sql, &values.values(), read),
        }
    }

    /// Several statements without values, such as a migration.
    pub(crate) fn script(&self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.script(sql),
            Self::Postgres(postgres) => postgres.script(sql),
        }
    }

    /// Runs `look` on one state of the database, whatever is written meanwhile.
    pub(crate) fn snapshot<T>(&self, look: impl FnOnce(&Self) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.script(match self {
            Self::Sqlite(_) => "BEGIN",
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        })?;
        let found = look(self);
        self.script("ROLLBACK")?;
        found
    }

    /// Begins a batch.
    pub(crate) fn begin(&self) -> Result<(), StoreError> {
        self.control("BEGIN IMMEDIATE", "BEGIN")
    }

    /// Makes the batch durable.
    pub(crate) fn commit(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.control("COMMIT"),
            Self::Postgres(postgres) => postgres.commit(),
        }
    }

    /// Begins a job inside the batch.
    pub(crate) fn begin_job(&self) -> Result<(), StoreError> {
        self.control("SAVEPOINT job", "SAVEPOINT job")
    }

    /// Keeps the job.
    pub(crate) fn keep_job(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.control("RELEASE job"),
            Self::Postgres(postgres) => {
                postgres.keep_job();
                Ok(())
            }
        }
    }

    /// Undoes the job alone. Fails when the batch is gone with it: SQLite ends it on a full disk, a lost server always.
    pub(crate) fn undo_job(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) if sqlite.is_batch_over() => Err(StoreError::DiskFull),
            Self::Sqlite(_) => self.control("ROLLBACK TO job", "").and_then(|()| self.keep_job()),
            Self::Postgres(postgres) => postgres.undo_job(),
        }
    }

    /// Gives a failed batch up at once where that needs no waiting.
    pub(crate) fn abandon(&self) {
        if let Self::Sqlite(sqlite) = self {
            let _ = sqlite.roll_back();
        }
    }

    /// After a failed batch: nothing of it is left, and the connection works again.
    pub(crate) fn recover(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.roll_back(),
            Self::Postgres(postgres) => postgres.recover(),
        }
    }

    /// Tidies up before the writer ends.
    pub(crate) fn close(&self) {
        if let Self::Sqlite(sqlite) = self {
            let _ = sqlite.script("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    /// Rows written through this connection so far.
    pub(crate) fn rows_written(&self) -> u64 {
        match self {
            Self::Sqlite(sqlite) => sqlite.0.total_changes(),
            Self::Postgres(postgres) => postgres.rows_written(),
        }
    }

    /// Whether it can be used for another reading; a server may have gone meanwhile.
    pub(crate) fn answers(&self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres(postgres) => postgres.answers(),
        }
    }

    fn control(&self, sqlite: &str, postgres: &'static str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => connection.control(sqlite),
            Self::Postgres(connection) => {
                connection.with_next(postgres);
                Ok(())
            }
        }
    }
}

fn missing_row() -> StoreError {
    StoreError::Internal("a row that must be there is not".to_owned())
}

/// One row, or `None`.
pub(crate) fn one<T>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let (mut read, mut found) = (Some(read), None);
    connection.each(sql, values, &mut |row| {
        if let Some(read) = read.take() {
            found = Some(read(row)?);
        }
        Ok(())
    })?;
    Ok(found)
}

/// Every row.
pub(crate) fn all<T>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    connection.each(sql, values, &mut |row| {
        found.push(read(row)?);
        Ok(())
    })?;
    Ok(found)
}
