use std::path::Path;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::{Failure, Params, Row, Value};
use crate::{StoreError, StoreOptions};

/// A connection to a database file.
pub(crate) struct SqliteConnection(pub(crate) Connection);

impl SqliteConnection {
    pub(crate) fn reading(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self(connection))
    }

    pub(super) fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<usize, Failure> {
        let other = |e: rusqlite::Error| Failure::Other(e.into());
        let mut statement = self.0.prepare_cached(sql).map_err(other)?;
        statement.execute(params_from_iter(values)).map_err(|e| match is_duplicate(&e) {
            true => Failure::Duplicate(e.to_string()),
            false => other(e),
        })
    }

    pub(super) fn execute_each<P: Params>(&self, sql: &str, rows: &[P]) -> Result<bool, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut all_there = true;
        for row in rows {
            all_there &= statement.execute(params_from_iter(row.values()))? == 1;
        }
        Ok(all_there)
    }

    pub(super) fn each(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: &mut dyn FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            read(&Row::Sqlite(row))?;
        }
        Ok(())
    }

    pub(super) fn script(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.0.execute_batch(sql)?)
    }

    pub(super) fn control(&self, sql: &str) -> Result<(), StoreError> {
        self.0.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    pub(super) fn is_batch_over(&self) -> bool {
        self.0.is_autocommit()
    }

    pub(super) fn roll_back(&self) -> Result<(), StoreError> {
        if self.0.is_autocommit() { Ok(()) } else { self.script("ROLLBACK") }
    }
}

/// Makes a connection the writer's.
pub(crate) fn writing_options(connection: &Connection, options: StoreOptions) -> Result<(), StoreError> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", if options.synced { "FULL" } else { "OFF" })?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // What is deleted is overwritten with zeros, in the database and on its free pages.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    // A checkpoint copies pages back into the database; 16 MiB of log between two keeps it off most commits.
    connection.pragma_update(None, "wal_autocheckpoint", 4_096)?;
    if let Some(pages) = options.max_pages {
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(())
}

fn is_duplicate(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error().map(|e| e.extended_code),
        Some(rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY)
    )
}

/// A column's value.
pub(super) fn value(found: ValueRef<'_>) -> Result<Value<'_>, StoreError> {
    let unreadable = |what: &str| StoreError::Database(format!("a column holds {what}"));
    match found {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(text) => std::str::from_utf8(text).map(Value::Text).map_err(|_| unreadable("no UTF-8")),
        ValueRef::Blob(bytes) => Ok(Value::Blob(bytes)),
        ValueRef::Real(_) => Err(unreadable("a fraction")),
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
