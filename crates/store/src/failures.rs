use base::{AccountId, Span, Timestamp};

use crate::key::{Columns, Key};
use crate::sql::{Connection, params};
use crate::tx::{Tx, one};
use crate::{Store, StoreError};

/// A device, as a hash of its long-lived random token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceKey(pub [u8; 32]);

/// For how long a device is locked after so many failures in a row; `None` = not. The rule lives in `decide`.
pub type LockRule = fn(u32) -> Option<Span>;

/// Failures in a row of one payer on one device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FailureRecord {
    pub failures: u32,
    pub locked_until: Option<Timestamp>,
    pub last_at: Option<Timestamp>,
}

impl Store {
    /// # Errors
    /// Database failures only.
    pub async fn failures(&self, account: AccountId, device: DeviceKey) -> Result<FailureRecord, StoreError> {
        self.read(move |conn| read(conn, account, device)).await
    }

    /// Counts a failure outside a payment (a wrong passphrase, say); never while locked.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn record_failure(
        &self,
        account: AccountId,
        device: DeviceKey,
        lock: LockRule,
        now: Timestamp,
    ) -> Result<FailureRecord, StoreError> {
        self.write(move |tx| count(tx, account, device, lock, now)).await
    }

    /// Forgets the failures after a success.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn clear_failures(&self, account: AccountId, device: DeviceKey) -> Result<(), StoreError> {
        self.write(move |tx| clear(tx, account, device)).await
    }
}

pub(crate) fn read(conn: &Connection, account: AccountId, device: DeviceKey) -> Result<FailureRecord, StoreError> {
    let sql = "SELECT failures, locked_until, last_at FROM failures WHERE account = ?1 AND device = ?2";
    let found = one(conn, sql, params![account.key(), device.0], |row| {
        Ok(FailureRecord {
            failures: row.value("failures")?,
            locked_until: row.maybe_time("locked_until")?,
            last_at: row.maybe_time("last_at")?,
        })
    })?;
    Ok(found.unwrap_or_default())
}

pub(crate) fn must_be_open(
    conn: &Connection,
    account: AccountId,
    device: DeviceKey,
    now: Timestamp,
) -> Result<(), StoreError> {
    match read(conn, account, device)?.locked_until {
        Some(until) if now < until => Err(StoreError::Locked { until }),
        Some(_) | None => Ok(()),
    }
}

pub(crate) fn count(
    tx: &Tx<'_>,
    account: AccountId,
    device: DeviceKey,
    lock: LockRule,
    now: Timestamp,
) -> Result<FailureRecord, StoreError> {
    let before = read(tx.conn, account, device)?;
    let failures = before.failures.saturating_add(1);
    let until = lock(failures).map(|span| now.plus(span)).max(before.locked_until);
    let sql = "INSERT INTO failures (account, device, failures, locked_until, last_at) VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT (account, device) DO UPDATE SET failures = ?3, locked_until = ?4, last_at = ?5";
    tx.run(sql, params![account.key(), device.0, failures, until.map(Timestamp::as_millis), now.as_millis()])?;
    Ok(FailureRecord { failures, locked_until: until, last_at: Some(now) })
}

pub(crate) fn clear(tx: &Tx<'_>, account: AccountId, device: DeviceKey) -> Result<(), StoreError> {
    tx.run("DELETE FROM failures WHERE account = ?1 AND device = ?2", params![account.key(), device.0]).map(|_| ())
}
