//! What waits to be sent to a server far away: control statements and rows whose answers nobody needs at once. Rows of one
//! statement are put together, many to a request.

use std::borrow::Cow;

use super::{Owned, Value};

/// Rows in one request: the largest that fits goes first, so that few statements have to be known to the server.
const TOGETHER: [usize; 4] = [64, 16, 4, 1];
/// Most that waits; more is sent before.
const MOST: usize = 4_096;
const SAVEPOINT: &str = "SAVEPOINT job";

type Sql = Cow<'static, str>;

enum Later {
    Control(&'static str),
    Row { sql: Sql, values: Vec<Owned> },
}

/// One request.
pub(super) enum Request {
    /// Statements without values.
    Control(String),
    /// `rows` rows by one statement with all their values.
    Rows { sql: String, values: Vec<Owned>, rows: u64 },
}

/// In the order in which it was asked for.
#[derive(Default)]
pub(super) struct Waiting(Vec<Later>);

impl Waiting {
    pub(super) fn control(&mut self, sql: &'static str) {
        self.0.push(Later::Control(sql));
    }

    pub(super) fn row(&mut self, sql: Sql, values: &[Value<'_>]) {
        self.0.push(Later::Row { sql, values: values.iter().map(|v| (*v).into()).collect() });
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Ends a job. One of which nothing was sent yet needs no savepoint: it can still be forgotten here.
    pub(super) fn keep_job(&mut self) {
        match self.job() {
            Some(start) => drop(self.0.remove(start)),
            None => self.control("RELEASE SAVEPOINT job"),
        }
    }

    /// Forgets the running job's part. Whether that was all of it; otherwise the server has to undo the rest.
    pub(super) fn forget_job(&mut self) -> bool {
        let start = self.job();
        self.0.truncate(start.unwrap_or(0));
        start.is_some()
    }

    /// Where the running job starts, unless its savepoint was sent.
    fn job(&self) -> Option<usize> {
        self.0.iter().rposition(|later| matches!(later, Later::Control(SAVEPOINT)))
    }

    /// Everything as requests, and nothing waits any more.
    pub(super) fn take(&mut self) -> Vec<Request> {
        let (mut requests, mut rows) = (Vec::new(), Vec::new());
        for later in self.0.drain(..) {
            match later {
                Later::Row { sql, values } => rows.push((sql, values)),
                Later::Control(sql) => {
                    put_together(&mut rows, &mut requests);
                    match requests.last_mut() {
                        Some(Request::Control(text)) => {
                            text.push(';');
                            text.push_str(sql);
                        }
                        _ => requests.push(Request::Control(sql.to_owned())),
                    }
                }
            }
        }
        put_together(&mut rows, &mut requests);
        requests
    }
}

/// Rows between two control statements: those of one statement together, inserts first, as each statement came first.
fn put_together(rows: &mut Vec<(Sql, Vec<Owned>)>, requests: &mut Vec<Request>) {
    let mut groups: Vec<(Sql, Vec<Vec<Owned>>)> = Vec::new();
    for (sql, values) in rows.drain(..) {
        match groups.iter_mut().find(|(known, _)| *known == sql) {
            Some((_, group)) => group.push(values),
            None => groups.push((sql, vec![values])),
        }
    }
    groups.sort_by_key(|(sql, _)| !sql.starts_with("INSERT "));
    for (sql, group) in groups {
        let width = group.first().map_or(0, Vec::len);
        let mut group = group.into_iter();
        for size in TOGETHER {
            let Some(text) = several(&sql, size, width) else { continue };
            while group.len() >= size {
                let values = group.by_ref().take(size).flatten().collect();
                requests.push(Request::Rows { sql: text.clone(), values, rows: u64::try_from(size).unwrap_or(1) });
            }
        }
        requests.extend(group.map(|values| Request::Rows { sql: sql.clone().into_owned(), values, rows: 1 }));
    }
}

/// `INSERT … VALUES (?1, …)` for so many rows of `width` values; `None` for any other statement.
fn several(sql: &str, rows: usize, width: usize) -> Option<String> {
    let (head, values) = sql.split_once(" VALUES (").filter(|_| sql.starts_with("INSERT "))?;
    // Nothing but the list may follow.
    values.strip_suffix(')').filter(|list| !list.contains(')'))?;
    let row = |row: usize| {
        let list = (1..=width).map(|column| format!("?{}", row * width + column)).collect::<Vec<_>>();
        format!("({})", list.join(", "))
    };
    let all = (0..rows).map(row).collect::<Vec<_>>();
    Some(format!("{head} VALUES {}", all.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADD: &str = "INSERT INTO t (a, b) VALUES (?1, ?2)";
    const SET: &str = "UPDATE t SET b = ?2 WHERE a = ?1";

    fn shown(waiting: &mut Waiting) -> Vec<String> {
        let show = |request| match request {
            Request::Control(text) => text,
            Request::Rows { sql, values, rows } => format!("{rows}x{} {sql}", values.len()),
        };
        waiting.take().into_iter().map(show).collect()
    }

    #[test]
    fn rows_of_one_statement_travel_together_and_inserts_first() {
        let mut waiting = Waiting::default();
        waiting.control("BEGIN");
        for row in 0..6_i64 {
            waiting.row(SET.into(), &[Value::Int(row), Value::Int(1)]);
            waiting.row(ADD.into(), &[Value::Int(row), Value::Int(2)]);
        }
        let requests = shown(&mut waiting);
        assert_eq!(requests.first().map(String::as_str), Some("BEGIN"));
        let four = "4x8 INSERT INTO t (a, b) VALUES (?1, ?2), (?3, ?4), (?5, ?6), (?7, ?8)";
        assert_eq!(requests.get(1).map(String::as_str), Some(four));
        let one = format!("1x2 {ADD}");
        assert_eq!(requests.get(2..4), Some([one.clone(), one].as_slice()));
        assert!(requests.iter().skip(4).all(|request| *request == format!("1x2 {SET}")) && requests.len() == 10);
        assert!(waiting.take().is_empty());
    }

    #[test]
    fn a_job_that_sent_nothing_needs_no_savepoint() {
        let mut waiting = Waiting::default();
        waiting.control("BEGIN");
        waiting.control(SAVEPOINT);
        waiting.row(ADD.into(), &[Value::Int(1), Value::Null]);
        waiting.keep_job();
        waiting.control(SAVEPOINT);
        waiting.row(ADD.into(), &[Value::Int(2), Value::Null]);
        assert!(waiting.forget_job(), "all of it was here");
        assert_eq!(shown(&mut waiting), ["BEGIN".to_owned(), format!("1x2 {ADD}")]);
    }

    #[test]
    fn what_was_sent_is_undone_by_the_server() {
        let mut waiting = Waiting::default();
        waiting.control(SAVEPOINT);
        let _ = waiting.take();
        waiting.row(ADD.into(), &[Value::Int(1), Value::Null]);
        assert!(!waiting.forget_job());
        assert!(waiting.0.is_empty());
        waiting.keep_job();
        assert_eq!(shown(&mut waiting), ["RELEASE SAVEPOINT job"]);
    }

    #[test]
    fn only_plain_inserts_are_put_together() {
        for other in [SET, "INSERT INTO t (a) VALUES (?1) ON CONFLICT (a) DO NOTHING", "INSERT INTO t (a) SELECT ?1"] {
            assert_eq!(several(other, 4, 1), None, "{other}");
        }
    }
}
