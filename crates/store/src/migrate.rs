//! Numbered, forward-only changes of the schema, each recorded with its checksum. Every number has a file for each engine.

use sha2::{Digest, Sha256};

use crate::StoreError;
use crate::sql::{Connection, all, one, params};

struct Migration {
    version: u32,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migrations {
    ($($version:literal $file:literal),* $(,)?) => {
        &[$(Migration {
            version: $version,
            name: $file,
            sqlite: include_str!(concat!("../migrations/", $file, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $file, ".sql")),
        }),*]
    };
}

const MIGRATIONS: &[Migration] = migrations![1 "0001_first", 2 "0002_step_up", 3 "0003_faces", 4 "0004_passkeys", 5 "0005_email", 6 "0006_voice", 7 "0007_privacy", 8 "0008_abilities", 9 "0009_kungfu", 10 "0010_payments", 11 "0011_key_phrase", 12 "0012_ageing", 13 "0013_duplicates"];

impl Migration {
    const fn sql(&self, connection: &Connection) -> &'static str {
        match connection {
            Connection::Sqlite(_) => self.sqlite,
            Connection::Postgres(_) => self.postgres,
        }
    }
}

/// Every table of a store, each after those it refers to: in the order in which the migrations make them.
pub(crate) fn tables() -> impl Iterator<Item = &'static str> {
    let lines = MIGRATIONS.iter().flat_map(|migration| migration.postgres.lines());
    lines.filter_map(|line| line.strip_prefix("CREATE TABLE ")?.split([' ', '(']).next())
}

fn checksum(sql: &str) -> String {
    hex::encode(Sha256::digest(sql.as_bytes()))
}

/// Whether the database holds a store already.
pub(crate) fn is_made(connection: &Connection) -> Result<bool, StoreError> {
    let sql = match connection {
        Connection::Sqlite(_) => "SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'",
        Connection::Postgres(_) => "SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL",
    };
    Ok(one(connection, sql, params![], |_| Ok(()))?.is_some())
}

/// Compares what was applied with what this program knows; changes nothing.
pub(crate) fn check(connection: &Connection) -> Result<(), StoreError> {
    if !is_made(connection)? {
        return Ok(());
    }
    let sql = "SELECT version, checksum FROM schema_migrations ORDER BY version";
    let applied = all(connection, sql, params![], |row| Ok((row.get::<u32>(0)?, row.get::<String>(1)?)))?;
    for (version, sum) in applied {
        let known = MIGRATIONS.last().map_or(0, |m| m.version);
        let Some(migration) = MIGRATIONS.iter().find(|m| m.version == version) else {
            return Err(StoreError::NewerSchema { found: version, known });
        };
        if checksum(migration.sql(connection)) != sum {
            return Err(StoreError::MigrationChanged(version));
        }
    }
    Ok(())
}

/// Applies what is missing, each migration in its own transaction.
pub(crate) fn bring_up_to_date(connection: &Connection) -> Result<(), StoreError> {
    check(connection)?;
    connection.script(
        "CREATE TABLE IF NOT EXISTS schema_migrations \
         (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)",
    )?;
    let newest = "SELECT coalesce(max(version), 0) FROM schema_migrations";
    let applied: u32 = one(connection, newest, params![], |row| row.get(0))?.unwrap_or(0);
    for migration in MIGRATIONS.iter().filter(|m| m.version > applied) {
        let sql = migration.sql(connection);
        connection.script("BEGIN")?;
        connection.script(sql)?;
        let name = migration.name.split_once('_').map_or(migration.name, |(_, name)| name);
        let row = params![migration.version, name, checksum(sql)];
        connection.execute("INSERT INTO schema_migrations (version, name, checksum) VALUES (?1, ?2, ?3)", row)?;
        connection.script("COMMIT")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_have_the_same_tables() {
        let made = |sql: &'static str| sql.lines().filter_map(|line| line.strip_prefix("CREATE TABLE "));
        for migration in MIGRATIONS {
            assert!(made(migration.sqlite).eq(made(migration.postgres)), "{}", migration.name);
        }
        assert!(tables().count() > 20 && tables().any(|table| table == "audit"));
    }

    #[test]
    fn numbers_follow_each_other_and_stand_in_the_files_names() {
        for (migration, number) in MIGRATIONS.iter().zip(1..) {
            assert!(migration.version == number && migration.name.starts_with(&format!("{number:04}_")));
        }
    }
}
