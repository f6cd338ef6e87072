//! A PostgreSQL session on its own small runtime: the caller's thread drives it, and requests that need no answer at once
//! travel with the next one.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::error::Error as _;
use std::time::{Duration, Instant};

use bytes::{BufMut, BytesMut};
use futures_util::future::{join, try_join_all};
use futures_util::{StreamExt, pin_mut};
use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, NoTls, Statement};

use super::{Failure, Params, Role, Row, Value};
use crate::StoreError;

/// Held by the session of the one writer; PostgreSQL frees it with the session. The letters of "smilepay".
const WRITER_LOCK: i64 = 0x736d_696c_6570_6179;
const CONNECT: Duration = Duration::from_secs(5);

pub(crate) struct PostgresConnection {
    config: Box<Config>,
    role: Role,
    lock_wait: Duration,
    session: Session,
    rows: Cell<u64>,
}

struct Session {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    client: Client,
    statements: RefCell<HashMap<String, Statement>>,
    /// Control statements that go with the next request.
    waiting: RefCell<String>,
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
    pub(crate) fn open(config: Box<Config>, role: Role, lock_wait: Duration) -> Result<Self, StoreError> {
        let session = Session::open(&config, role, lock_wait)?;
        Ok(Self { config, role, lock_wait, session, rows: Cell::new(0) })
    }

    /// Sends a control statement with the next request.
    pub(super) fn with_next(&self, sql: &'static str) {
        let mut waiting = self.session.waiting.borrow_mut();
        waiting.push_str(sql);
        waiting.push(';');
    }

    pub(super) fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<usize, Failure> {
        let statement = self.session.statement(sql)?;
        let done = self.session.ask(self.session.client.execute_raw(&statement, values.iter().copied()));
        let changed = done?;
        self.count(changed);
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    pub(super) fn execute_each<P: Params>(&self, sql: &str, rows: &[P]) -> Result<bool, StoreError> {
        let statement = self.session.statement(sql)?;
        let client = &self.session.client;
        let all = try_join_all(rows.iter().map(|row| client.execute_raw(&statement, row.values())));
        let changed = self.session.ask(all)?;
        self.count(changed.iter().sum());
        Ok(changed.into_iter().all(|changed| changed == 1))
    }

    fn count(&self, changed: u64) {
        self.rows.set(self.rows.get().saturating_add(changed));
    }

    pub(super) fn rows_written(&self) -> u64 {
        self.rows.get()
    }

    pub(super) fn each(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: &mut dyn FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let statement = self.session.statement(sql)?;
        let rows = self.session.ask(self.session.client.query_raw(&statement, values.iter().copied()))?;
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
        let whole = self.session.waiting.take() + sql;
        Ok(self.session.block_on(self.session.client.batch_execute(&whole))?.map_err(Failure::from)?)
    }

    pub(super) fn answers(&self) -> bool {
        !self.session.client.is_closed() && self.script("").is_ok()
    }

    /// Rolls back, or connects again where the session is gone.
    pub(super) fn recover(&mut self) -> Result<(), StoreError> {
        self.session.waiting.take();
        if self.session.client.is_closed() || self.script("ROLLBACK").is_err() {
            self.session = Session::open(&self.config, self.role, self.lock_wait)?;
        }
        Ok(())
    }
}

impl Session {
    fn open(config: &Config, role: Role, lock_wait: Duration) -> Result<Self, StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| StoreError::Internal(e.to_string()))?;
        let mut config = config.clone();
        config.application_name("smilepay").connect_timeout(CONNECT);
        let (client, connection) = runtime.block_on(config.connect(NoTls)).map_err(Failure::from)?;
        runtime.spawn(async move {
            // Its end shows as a closed client, at the next request.
            let _ = connection.await;
        });
        let (statements, waiting) = (RefCell::default(), RefCell::default());
        let session = Self { runtime: Some(runtime), client, statements, waiting };
        session.prepare(role, lock_wait)?;
        Ok(session)
    }

    fn prepare(&self, role: Role, lock_wait: Duration) -> Result<(), StoreError> {
        let settings = match role {
            Role::Writer => "SET synchronous_commit = on; SET client_min_messages = warning",
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

    /// Sends what waits and then this request, without a pause between; answers the request's answer.
    fn ask<T>(&self, request: impl Future<Output = Pg<T>>) -> Result<T, Failure> {
        let before = self.waiting.take();
        if before.is_empty() {
            return Ok(self.block_on(request).map_err(Failure::Other)??);
        }
        let both = join(self.client.batch_execute(&before), request);
        let (control, answer) = self.block_on(both).map_err(Failure::Other)?;
        control?;
        Ok(answer?)
    }

    fn statement(&self, sql: &str) -> Result<Statement, Failure> {
        if let Some(known) = self.statements.borrow().get(sql) {
            return Ok(known.clone());
        }
        let statement = self.ask(self.client.prepare(&numbered(sql)))?;
        self.statements.borrow_mut().insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
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
