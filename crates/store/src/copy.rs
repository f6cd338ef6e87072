//! Moves a store to another database, row by row, and proves that all of it arrived.

use serde::Serialize;

use crate::sql::{Connection, Location, Owned, Params, Row, Value, all, one, params};
use crate::{AuditReport, BooksReport, Store, StoreError, StoreKeys, StoreOptions, audit, migrate, open, transfers};

/// Rows on their way at once.
const AT_ONCE: usize = 500;

/// What was copied, and what both sides say afterwards.
#[derive(Clone, Debug, Serialize)]
pub struct CopyReport {
    /// Rows of each table; the same on both sides.
    pub tables: Vec<(String, i64)>,
    /// All books of the copy; equal to those of the source.
    pub books: BooksReport,
    /// The audit chain of the copy; it ends where that of the source does.
    pub audit: AuditReport,
}

/// Copies everything of the store in `from` into the empty database `to`, in one transaction, and compares counts, books
/// and audit chain before it is committed. `from` stays as it is; nothing else may write to it meanwhile. Blocks.
///
/// # Errors
/// `to` holds a store already; `from` is in use, damaged or unsound; what arrived differs.
pub fn copy(from: &Location, to: &Location, keys: impl Fn() -> StoreKeys + Sync) -> Result<CopyReport, StoreError> {
    let work = || copy_here(from, to, &keys);
    // A thread of its own, so that an asynchronous caller may wait here, too.
    std::thread::scope(|scope| scope.spawn(work).join())
        .unwrap_or_else(|_| Err(StoreError::Internal("the copy stopped".to_owned())))
}

fn copy_here(from: &Location, to: &Location, keys: &dyn Fn() -> StoreKeys) -> Result<CopyReport, StoreError> {
    if from.is_empty()? {
        return Err(StoreError::NotFound("store to copy from"));
    }
    if !to.is_empty()? {
        return Err(StoreError::Exists("store to copy to"));
    }
    // Opened, it is locked against others, checked and of this program's schema.
    let source = Store::open_in(from, keys(), StoreOptions::default())?;
    let key = source.audit_public_key();
    let report = Connection::reading(from)?.snapshot(|source| {
        let (target, _lock) = open::writing(to, StoreOptions::default())?;
        migrate::bring_up_to_date(&target)?;
        target.script("BEGIN")?;
        let mut tables = Vec::new();
        for table in migrate::tables() {
            copy_table(source, &target, table)?;
            tables.push((table.to_owned(), counted(source, &target, table)?));
        }
        let books = same("books", transfers::add_up(source)?, transfers::add_up(&target)?)?;
        let audit = same("audit chain", audit::walk(source, Some(key))?, audit::walk(&target, Some(key))?)?;
        if !books.is_sound() || !audit.is_intact() {
            return Err(differs("the books or the audit chain, which are wrong in the source already"));
        }
        target.script("COMMIT")?;
        Ok(CopyReport { tables, books, audit })
    })?;
    // The copy opens as any store does: its chain ends where our key signed it.
    drop(Store::open_in(to, keys(), StoreOptions::default())?);
    Ok(report)
}

fn copy_table(source: &Connection, target: &Connection, table: &str) -> Result<(), StoreError> {
    let (mut insert, mut waiting) = (None, Vec::with_capacity(AT_ONCE));
    let columns = written_columns(source, table)?.join(", ");
    source.each(&format!("SELECT {columns} FROM {table}"), params![], &mut |row| {
        if insert.is_none() {
            insert = Some(insert_into(table, &row.names()));
        }
        waiting.push(Kept::of(row)?);
        if waiting.len() == AT_ONCE {
            target.execute_each(insert.clone().unwrap_or_default(), &waiting)?;
            waiting.clear();
        }
        Ok(())
    })?;
    target.execute_each(insert.clone().unwrap_or_default(), &waiting)?;
    match target {
        Connection::Postgres(_) => go_on_counting(target, table),
        Connection::Sqlite(_) => Ok(()),
    }
}

/// Columns that are not worked out by the database itself.
fn written_columns(conn: &Connection, table: &str) -> Result<Vec<String>, StoreError> {
    let sql = match conn {
        Connection::Sqlite(_) => "SELECT name FROM pragma_table_info(?1) ORDER BY cid",
        Connection::Postgres(_) => {
            "SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE CAST(table_name AS TEXT) = ?1 \
             AND table_schema = current_schema() AND is_generated = 'NEVER' ORDER BY ordinal_position"
        }
    };
    all(conn, sql, params![table], |row| row.get(0))
}

fn insert_into(table: &str, columns: &[String]) -> String {
    let values: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
    format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), values.join(", "))
}

/// PostgreSQL counts new rows beside the table; the count has to go on after the copied ones.
fn go_on_counting(target: &Connection, table: &str) -> Result<(), StoreError> {
    let counts = "SELECT 1 FROM information_schema.columns WHERE CAST(table_name AS TEXT) = ?1 AND column_name = 'seq' \
                  AND is_identity = 'YES' AND table_schema = current_schema()";
    if one(target, counts, params![table], |_| Ok(()))?.is_none() {
        return Ok(());
    }
    let next = format!(
        "SELECT setval(pg_get_serial_sequence('{table}', 'seq'), coalesce(max(seq), 0) + 1, false) FROM {table}"
    );
    one(target, &next, params![], |_| Ok(())).map(|_| ())
}

fn counted(source: &Connection, target: &Connection, table: &str) -> Result<i64, StoreError> {
    let sql = format!("SELECT count(*) FROM {table}");
    let count = |conn| all(conn, &sql, params![], |row| row.get::<i64>(0));
    let rows = same(table, count(source)?, count(target)?)?;
    Ok(rows.first().copied().unwrap_or(0))
}

fn same<T: PartialEq>(what: &str, before: T, after: T) -> Result<T, StoreError> {
    if before == after { Ok(after) } else { Err(differs(what)) }
}

fn differs(what: &str) -> StoreError {
    StoreError::Internal(format!("the copy differs in {what}: nothing was kept of it"))
}

/// A row that outlives its statement.
struct Kept(Vec<Owned>);

impl Kept {
    fn of(row: &Row<'_>) -> Result<Self, StoreError> {
        let columns = 0..row.names().len();
        let kept = columns.map(|column| Ok(row.raw(column)?.into()));
        kept.collect::<Result<_, StoreError>>().map(Self)
    }
}

impl Params for Kept {
    fn values(&self) -> Vec<Value<'_>> {
        self.0.iter().map(Owned::value).collect()
    }
}
