//! Numbered, forward-only changes of the schema, each recorded with its checksum.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::StoreError;

struct Migration {
    version: u32,
    name: &'static str,
    sql: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "first", sql: include_str!("../migrations/0001_first.sql") },
    Migration { version: 2, name: "step_up", sql: include_str!("../migrations/0002_step_up.sql") },
    Migration { version: 3, name: "faces", sql: include_str!("../migrations/0003_faces.sql") },
    Migration { version: 4, name: "passkeys", sql: include_str!("../migrations/0004_passkeys.sql") },
];

const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations \
    (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)";

fn checksum(sql: &str) -> String {
    hex::encode(Sha256::digest(sql.as_bytes()))
}

/// Compares what was applied with what this program knows; changes nothing.
pub(crate) fn check(connection: &Connection) -> Result<(), StoreError> {
    let table = "SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'";
    if connection.query_row(table, [], |_| Ok(())).optional()?.is_none() {
        return Ok(());
    }
    let mut applied = connection.prepare("SELECT version, checksum FROM schema_migrations ORDER BY version")?;
    let mut rows = applied.query([])?;
    while let Some(row) = rows.next()? {
        let (version, sum): (u32, String) = (row.get(0)?, row.get(1)?);
        let known = MIGRATIONS.last().map_or(0, |m| m.version);
        let Some(migration) = MIGRATIONS.iter().find(|m| m.version == version) else {
            return Err(StoreError::NewerSchema { found: version, known });
        };
        if checksum(migration.sql) != sum {
            return Err(StoreError::MigrationChanged(version));
        }
    }
    Ok(())
}

/// Applies what is missing, each migration in its own transaction.
pub(crate) fn bring_up_to_date(connection: &mut Connection) -> Result<(), StoreError> {
    check(connection)?;
    connection.execute_batch(TABLE)?;
    let applied: u32 =
        connection.query_row("SELECT coalesce(max(version), 0) FROM schema_migrations", [], |row| row.get(0))?;
    for migration in MIGRATIONS.iter().filter(|m| m.version > applied) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration.sql)?;
        let row = params![migration.version, migration.name, checksum(migration.sql)];
        transaction.execute("INSERT INTO schema_migrations (version, name, checksum) VALUES (?1, ?2, ?3)", row)?;
        transaction.commit()?;
    }
    Ok(())
}
