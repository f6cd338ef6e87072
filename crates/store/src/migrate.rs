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

const MIGRATIONS: &[Migration] = migrations![1 "0001_first", 2 "0002_step_up", 3 "0003_faces", 4 "0004_passkeys", 5 "0005_email", 6 "0006_voice", 7 "0007_privacy", 8 "0008_abilities", 9 "0009_kungfu", 10 "0010_payments", 11 "0011_key_phrase", 12 "0012_ageing", 13 "0013_duplicates", 14 "0014_webhooks", 15 "0015_shards", 18 "0018_api_keys", 19 "0019_operators_and_promises", 21 "0021_kiosk"];

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
    let lines = || MIGRATIONS.iter().flat_map(|migration| migration.postgres.lines());
    let dropped = move |table: &&str| {
        lines().any(|line| line.strip_prefix("DROP TABLE ").is_some_and(|rest| rest.trim_end_matches(';') == *table))
    };
    let made = lines().filter_map(|line| line.strip_prefix("CREATE TABLE ")?.split([' ', '(']).next());
    made.filter(move |table| !dropped(table))
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
    let applied = all(connection, "SELECT version FROM schema_migrations", params![], |row| row.get::<u32>(0))?;
    for migration in MIGRATIONS.iter().filter(|m| !applied.contains(&m.version)) {
        apply(connection, migration)?;
    }
    Ok(())
}

fn apply(connection: &Connection, migration: &Migration) -> Result<(), StoreError> {
    let sql = migration.sql(connection);
    connection.script("BEGIN")?;
    connection.script(sql)?;
    let name = migration.name.split_once('_').map_or(migration.name, |(_, name)| name);
    let row = params![migration.version, name, checksum(sql)];
    connection.execute("INSERT INTO schema_migrations (version, name, checksum) VALUES (?1, ?2, ?3)", row)?;
    connection.script("COMMIT")
}

/// A store as it was, for tests of what became of it.
#[cfg(test)]
pub(crate) fn make_as_of(connection: &Connection, version: u32) -> Result<(), StoreError> {
    connection.script(
        "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)",
    )?;
    for migration in MIGRATIONS.iter().filter(|m| m.version <= version) {
        apply(connection, migration)?;
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
    fn numbers_rise_and_stand_in_the_files_names() {
        assert!(MIGRATIONS.is_sorted_by(|a, b| a.version < b.version));
        for Migration { version, name, .. } in MIGRATIONS {
            assert!(name.starts_with(&format!("{version:04}_")), "{name}");
        }
    }

    /// The rule of `shard`; only what belongs to a writer has none.
    #[test]
    fn every_table_has_its_shard() {
        for (engine, files) in [("sqlite", sqlite as fn(&Migration) -> &'static str), ("postgres", postgres)] {
            let all = MIGRATIONS.iter().map(files).collect::<Vec<_>>().join("\n");
            for table in tables().filter(|table| !["audit_head", "audit_checkpoints"].contains(table)) {
                let added = all.contains(&format!("ALTER TABLE {table} ADD COLUMN shard "));
                let made =
                    all.split_once(&format!("CREATE TABLE {table} (")).and_then(|(_, rest)| rest.split_once("\n)"));
                let born = made.is_some_and(|(columns, _)| columns.contains("\n  shard "));
                assert!(added || born, "{table} has no shard on {engine}: say in shard.rs whom it lives with");
            }
        }
    }

    fn sqlite(migration: &Migration) -> &'static str {
        migration.sqlite
    }

    fn postgres(migration: &Migration) -> &'static str {
        migration.postgres
    }
}
