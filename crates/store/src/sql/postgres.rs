//! A PostgreSQL session on its own small runtime: the caller's thread drives it, and requests that need no answer at once
//! travel with the next one.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::error::Error as _;
use std::pin::Pin;
use std::time::{Duration, Instant};

use bytes::{BufMut, BytesMut};
use futures_util::{StreamExt, pin_mut, poll};
use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, RowStream, Statement};

use super::pipeline::{Request, Waiting};
use super::{Failure, Owned, Role, Row, Server, Value, missing_row};
use crate::StoreError;

/// Held by the session of the one writer; PostgreSQL frees it with the session. The letters of "smilepay".
const WRITER_LOCK: i64 = 0x736d_696c_6570_6179;
const CONNECT: Duration = Duration::from_secs(5);

pub(crate) struct PostgresConnection {
    server: Box<Server>,
    role: Role,
    lock_wait: Duration,
    session: Session,
}

struct Session {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    client: Client,
    statements: RefCell<HashMap<String, Statement>>,
    /// What goes with the next request.
    waiting: RefCell<Waiting>,
    /// Rows written so far.
    rows: Cell<u64>,
}

impl Drop for Session {
    fn drop(&mut self) {
        // A plain drop waits for its threads, which an asynchronous caller may not do.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

type Pg<T> = Result<T, tokio_postgres::Error>;

impl PostgresConnection {
    /// Connects; as the writer it takes the lock that keeps every other writer out.
    pub(crate) fn open(server: Box<Server>, role: Role, lock_wait: Duration) -> Result<Self, StoreError> {
        let session = Session::open(&server, role, lock_wait)?;
        Ok(Self { server, role, lock_wait, session })
    }

    /// Sends a control statement with the next request.
    pub(super) fn with_next(&self, sql: &'static str) {
        self.session.waiting.borrow_mut().control(sql);
    }

    /// Sends a row with the next request; it has to change one row.
    pub(super) fn later(&self, sql: Cow<'static, str>, values: &[Value<'_>]) -> Result<(), StoreError> {
        self.session.waiting.borrow_mut().row(sql, values);
        let is_full = self.session.waiting.borrow().is_full();
        if is_full { self.session.send_waiting() } else { Ok(()) }
    }

    pub(super) fn keep_job(&self) {
        self.session.waiting.borrow_mut().keep_job();
    }

    pub(super) fn undo_job(&self) -> Result<(), StoreError> {
        let was_all = self.session.waiting.borrow_mut().forget_job();
        if was_all { Ok(()) } else { self.script("ROLLBACK TO SAVEPOINT job; RELEASE SAVEPOINT job") }
    }

    pub(super) fn commit(&self) -> Result<(), StoreError> {
        // First the answers: a commit that travelled with a row that is not there would keep the rest.
        self.session.send_waiting()?;
        self.script("COMMIT")
    }

    pub(super) fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<usize, Failure> {
        let statement = self.session.statement(sql)?;
        let done = self.session.ask(self.session.client.execute_raw(&statement, values.iter().copied()));
        let changed = done?;
        self.session.count(changed);
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    pub(super) fn rows_written(&self) -> u64 {
        self.session.rows.get()
    }

    pub(super) fn each(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: &mut dyn FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let statement = self.session.statement(sql)?;
        let rows = self.session.ask(self.session.client.query_raw(&statement, values.iter().copied()))?;
        self.hand_on(rows, read)
    }

    pub(super) fn each_of(
        &self,
        sql: &str,
        keys: &[[u8; 16]],
        read: &mut dyn FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let statement = self.session.statement(sql)?;
        let keys: Vec<&[u8]> = keys.iter().map(<[u8; 16]>::as_slice).collect();
        let rows = self.session.ask(self.session.client.query_raw(&statement, [keys]))?;
        self.hand_on(rows, read)
    }

    fn hand_on(
        &self,
        rows: RowStream,
        read: &mut dyn FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        pin_mut!(rows);
        let mut kept = Ok(());
        while let Some(row) = self.session.block_on(rows.next())? {
            let row = row.map_err(|e| StoreError::from(Failure::from(e)))?;
            // After a refusal the rest is still read, so that the session is free again.
            if kept.is_ok() {
                kept = read(&Row::Postgres(&row));
            }
        }
        kept
    }

    pub(super) fn script(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.session.ask(self.session.client.batch_execute(sql))?)
    }

    pub(super) fn answers(&self) -> bool {
        !self.session.client.is_closed() && self.script("").is_ok()
    }

    /// Rolls back, or connects again where the session is gone.
    pub(super) fn recover(&mut self) -> Result<(), StoreError> {
        self.session.waiting.borrow_mut().clear();
        if self.session.client.is_closed() || self.script("ROLLBACK").is_err() {
            let rows = self.session.rows.take();
            self.session = Session::open(&self.server, self.role, self.lock_wait)?;
            self.session.rows.set(rows);
        }
        Ok(())
    }
}

impl Session {
    fn open(server: &Server, role: Role, lock_wait: Duration) -> Result<Self, StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| StoreError::Internal(e.to_string()))?;
        let mut config = server.config.clone();
        config.application_name("smilepay").connect_timeout(CONNECT);
        let client = runtime.block_on(server.connect(&config)).map_err(Failure::from)?;
        let (statements, waiting, rows) = (RefCell::default(), RefCell::default(), Cell::default());
        let session = Self { runtime: Some(runtime), client, statements, waiting, rows };
        session.prepare(role, lock_wait)?;
        Ok(session)
    }

    fn prepare(&self, role: Role, lock_wait: Duration) -> Result<(), StoreError> {
        let settings = match role {
            // The writer goes by keys only, and its plans are made while tables are small and kept: a scan of an empty
            // table would become one of a full table.
            Role::Writer => {
                "SET synchronous_commit = on; SET client_min_messages = warning; SET enable_seqscan = off; \
                 SET plan_cache_mode = force_generic_plan"
            }
            Role::Reader => "SET default_transaction_read_only = on",
        };
        self.block_on(self.client.batch_execute(settings))?.map_err(Failure::from)?;
        if role == Role::Reader {
            return Ok(());
        }
        let since = Instant::now();
        loop {
            let asked = self.client.query_one("SELECT pg_try_advisory_lock($1)", &[&WRITER_LOCK]);
            let taken: bool = self.block_on(asked)?.map_err(Failure::from)?.get(0);
            if taken {
                return Ok(());
            }
            if since.elapsed() > lock_wait {
                return Err(StoreError::WrittenByAnother);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn block_on<T>(&self, work: impl Future<Output = T>) -> Result<T, StoreError> {
        let runtime = self.runtime.as_ref().ok_or(StoreError::Closed)?;
        Ok(runtime.block_on(work))
    }

    fn count(&self, changed: u64) {
        self.rows.set(self.rows.get().saturating_add(changed));
    }

    /// Sends what waits and then this request, without a pause between; answers the request's answer.
    fn ask<T>(&self, request: impl Future<Output = Pg<T>>) -> Result<T, Failure> {
        let before = self.take_waiting()?;
        let client = &self.client;
        let (changed, answer) = self
            .block_on(async {
                let mut sent = send(client, before).await;
                pin_mut!(request);
                // Requests go out when they are first looked at, so all of them are before any answer is waited for.
                let early = poll!(&mut request);
                let changed = answers(&mut sent).await?;
                let answer = match early {
                    std::task::Poll::Ready(answer) => answer,
                    std::task::Poll::Pending => request.await,
                };
                Ok::<_, Failure>((changed, answer?))
            })
            .map_err(Failure::Other)??;
        self.count(changed);
        Ok(answer)
    }

    /// Sends what waits and hears the answers.
    fn send_waiting(&self) -> Result<(), StoreError> {
        Ok(self.ask(std::future::ready(Ok(())))?)
    }

    /// What waits, with the statements that the server knows it by.
    fn take_waiting(&self) -> Result<Vec<(Request, Option<Statement>)>, Failure> {
        let requests = self.waiting.borrow_mut().take();
        let known = |request| match request {
            Request::Control(_) => Ok((request, None)),
            Request::Rows { ref sql, .. } => self.statement(sql).map(|statement| (request, Some(statement))),
        };
        requests.into_iter().map(known).collect()
    }

    /// The statement as the server knows it. Asking for it does not send what waits.
    fn statement(&self, sql: &str) -> Result<Statement, Failure> {
        if let Some(known) = self.statements.borrow().get(sql) {
            return Ok(known.clone());
        }
        let statement = self.block_on(self.client.prepare(&numbered(sql))).map_err(Failure::Other)??;
        self.statements.borrow_mut().insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// A request on its way: rows that it changes, and how many it must.
type Sent<'a> = Pin<Box<dyn Future<Output = Pg<(u64, u64)>> + 'a>>;

/// Sends requests in order, without waiting for an answer.
async fn send(client: &Client, requests: Vec<(Request, Option<Statement>)>) -> Vec<Result<Sent<'_>, Pg<(u64, u64)>>> {
    let mut sent = Vec::with_capacity(requests.len());
    for (request, statement) in requests {
        let mut one: Sent<'_> = Box::pin(async move {
            match (request, statement) {
                (Request::Rows { values, rows, .. }, Some(statement)) => {
                    Ok((client.execute_raw(&statement, values.iter().map(Owned::value)).await?, rows))
                }
                (Request::Control(text) | Request::Rows { sql: text, .. }, _) => {
                    client.batch_execute(&text).await.map(|()| (0, 0))
                }
            }
        });
        sent.push(match poll!(&mut one) {
            std::task::Poll::Ready(answer) => Err(answer),
            std::task::Poll::Pending => Ok(one),
        });
    }
    sent
}

/// The rows that all of them changed; each has to change as many as it carries.
async fn answers(sent: &mut Vec<Result<Sent<'_>, Pg<(u64, u64)>>>) -> Result<u64, Failure> {
    let (mut all, mut fits) = (0_u64, true);
    for one in sent.drain(..) {
        let (changed, wanted) = match one {
            Ok(pending) => pending.await?,
            Err(answered) => answered?,
        };
        fits &= changed == wanted;
        all = all.saturating_add(changed);
    }
    if fits { Ok(all) } else { Err(Failure::Other(missing_row())) }
}

/// `?1` as PostgreSQL writes it. No statement holds a question mark otherwise.
fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(told) = error.as_db_error() else {
            let gone = error.is_closed() || error.source().is_some_and(|source| source.is::<std::io::Error>());
            let text = error.to_string();
            return Self::Other(if gone { StoreError::Unreachable(text) } else { StoreError::Database(text) });
        };
        let text = format!("{} ({})", told.message(), told.code().code());
        match *told.code() {
            SqlState::UNIQUE_VIOLATION => Self::Duplicate(text),
            SqlState::DISK_FULL => Self::Other(StoreError::DiskFull),
            // The server stops, starts, or has no place left.
            SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW
            | SqlState::TOO_MANY_CONNECTIONS => Self::Other(StoreError::Unreachable(text)),
            _ => Self::Other(StoreError::Database(text)),
        }
    }
}

type Unfit = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Unfit> {
        match (*self, kind) {
            (Self::Null, _) => return Ok(IsNull::Yes),
            (Self::Int(number), &Type::INT8) => out.put_i64(number),
            (Self::Int(number), &Type::INT4) => out.put_i32(number.try_into()?),
            (Self::Text(text), &Type::TEXT) => out.put_slice(text.as_bytes()),
            (Self::Blob(bytes), &Type::BYTEA) => out.put_slice(bytes),
            (_, other) => return Err(format!("a value that is not {other}").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value<'a> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Unfit> {
        match *kind {
            Type::INT8 => i64::from_sql(kind, raw).map(Self::Int),
            Type::INT4 => i32::from_sql(kind, raw).map(|n| Self::Int(n.into())),
            Type::TEXT => <&str>::from_sql(kind, raw).map(Self::Text),
            Type::BYTEA => Ok(Self::Blob(raw)),
            ref other => Err(format!("a column of the type {other}").into()),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Unfit> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
