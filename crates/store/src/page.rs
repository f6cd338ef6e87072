//! Pages of lists: newest first, a cursor before or after, and whether there is more.

use base::Timestamp;
use serde::Serialize;

use crate::StoreError;
use crate::key::Key;
use crate::limits::MAX_LIST;
use crate::sql::{Connection, Row, ToValue, Value, one};
use crate::tx::all;

/// Which part of a list is wanted. With neither cursor: its newest rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<C> {
    /// 1 to [`MAX_LIST`].
    pub limit: usize,
    /// Rows older than this one.
    pub starting_after: Option<C>,
    /// Rows newer than this one; those next to it.
    pub ending_before: Option<C>,
}

impl<C> Default for Page<C> {
    fn default() -> Self {
        Self { limit: 10, starting_after: None, ending_before: None }
    }
}

/// A part of a list, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed<T> {
    pub data: Vec<T>,
    /// There are more rows in the direction that was asked for.
    pub has_more: bool,
}

/// Times between which rows were made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Between {
    /// At this time or later.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

/// A parameter that the query owns.
pub(crate) enum Bind {
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl ToValue for Bind {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Int(number) => Value::Int(*number),
            Self::Text(text) => Value::Text(text),
            Self::Blob(bytes) => Value::Blob(bytes),
        }
    }
}

/// A list in the making: `select` ends in its `WHERE` clause's first condition.
pub(crate) struct Listing {
    sql: String,
    binds: Vec<Bind>,
    /// Table and alias whose `created_at, id` order the list.
    table: &'static str,
    alias: &'static str,
}

impl Listing {
    /// `select … FROM table alias … WHERE owner = ?1`.
    pub(crate) fn of(table: &'static str, alias: &'static str, select: &str, owner: [u8; 16]) -> Self {
        Self { sql: select.to_owned(), binds: vec![Bind::Blob(owner.to_vec())], table, alias }
    }

    /// Adds a condition with one parameter, written `?`.
    pub(crate) fn and(mut self, condition: &str, bind: Bind) -> Self {
        self.binds.push(bind);
        let numbered = condition.replacen('?', &format!("?{}", self.binds.len()), 1);
        self.sql.push_str(&format!(" AND {numbered}"));
        self
    }

    pub(crate) fn between(mut self, times: Between) -> Self {
        let column = format!("{}.created_at", self.alias);
        if let Some(from) = times.from {
            self = self.and(&format!("{column} >= ?"), Bind::Int(from.as_millis()));
        }
        if let Some(until) = times.until {
            self = self.and(&format!("{column} < ?"), Bind::Int(until.as_millis()));
        }
        self
    }

    /// Runs it.
    pub(crate) fn page<C: Key, T>(
        mut self,
        conn: &Connection,
        page: Page<C>,
        read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Listed<T>, StoreError> {
        let (table, alias) = (self.table, self.alias);
        let backwards = page.starting_after.is_none() && page.ending_before.is_some();
        if let Some(cursor) = page.starting_after.as_ref().or(page.ending_before.as_ref()) {
            let sql = format!("SELECT created_at FROM {table} WHERE id = ?1");
            let at: i64 = one(conn, &sql, [cursor.key()], |row| row.get(0))?.ok_or(StoreError::NotFound("cursor"))?;
            self.binds.extend([Bind::Int(at), Bind::Blob(cursor.key().to_vec())]);
            let (id, at) = (self.binds.len(), self.binds.len().saturating_sub(1));
            let sign = if backwards { '>' } else { '<' };
            self.sql.push_str(&format!(
                " AND ({alias}.created_at {sign} ?{at} OR ({alias}.created_at = ?{at} AND {alias}.id {sign} ?{id}))"
            ));
        }
        let limit = page.limit.clamp(1, MAX_LIST);
        let order = if backwards { "ASC" } else { "DESC" };
        let more = limit.saturating_add(1);
        self.sql.push_str(&format!(" ORDER BY {alias}.created_at {order}, {alias}.id {order} LIMIT {more}"));
        let data = all(conn, &self.sql, self.binds.as_slice(), read)?;
        Ok(cut(data, limit, backwards))
    }
}

/// Takes the row off that only told that there is more.
pub(crate) fn cut<T>(mut data: Vec<T>, limit: usize, backwards: bool) -> Listed<T> {
    let has_more = data.len() > limit;
    data.truncate(limit);
    if backwards {
        data.reverse();
    }
    Listed { data, has_more }
}
