use base::{AccountId, Timestamp};

use crate::key::{Columns, Key};
use crate::limits::MAX_SECRET;
use crate::sql::params;
use crate::tx::one;
use crate::{Store, StoreError, notices, payers};

/// A payer's authenticator app.
pub struct OtpRow {
    /// The shared secret, sealed by the vault.
    pub sealed: Vec<u8>,
    /// A first code has been shown: the app really holds the secret.
    pub confirmed: bool,
    /// The newest step whose code was used.
    pub last_step: u64,
    pub created_at: Timestamp,
}

impl Store {
    /// Keeps a new secret, not yet confirmed; it replaces one that never was.
    ///
    /// # Errors
    /// [`StoreError::Exists`] while a confirmed one is there.
    pub async fn start_otp(&self, account: AccountId, sealed: Vec<u8>, now: Timestamp) -> Result<(), StoreError> {
        if sealed.len() > MAX_SECRET {
            return Err(StoreError::TooLong { what: "one-time code secret", limit: MAX_SECRET });
        }
        self.write(move |tx| {
            tx.run("DELETE FROM otp WHERE account = ?1 AND confirmed = 0", [account.key()])?;
            let sql = "INSERT INTO otp (account, sealed, created_at) VALUES (?1, ?2, ?3)";
            tx.insert("one-time code app", sql, params![account.key(), sealed, now.as_millis()])
        })
        .await
    }

    /// # Errors
    /// Database failures only.
    pub async fn otp(&self, account: AccountId) -> Result<Option<OtpRow>, StoreError> {
        self.read(move |conn| {
            one(conn, "SELECT * FROM otp WHERE account = ?1", [account.key()], |row| {
                Ok(OtpRow {
                    sealed: row.value("sealed")?,
                    confirmed: row.value::<i64>("confirmed")? == 1,
                    last_step: u64::try_from(row.value::<i64>("last_step")?).unwrap_or(u64::MAX),
                    created_at: row.time("created_at")?,
                })
            })
        })
        .await
    }

    /// Uses a code up: false when its step, or a later one, was used before. The first use confirms the app.
    ///
    /// # Errors
    /// No such payer.
    pub async fn use_otp(&self, account: AccountId, step: u64, now: Timestamp) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let subject = payers::subject_of(tx, account)?;
            let first =
                tx.one("SELECT 1 FROM otp WHERE account = ?1 AND confirmed = 0", [account.key()], |_| Ok(()))?;
            let step = i64::try_from(step).map_err(|_| StoreError::Malformed("step"))?;
            let sql = "UPDATE otp SET last_step = ?2, confirmed = 1 WHERE account = ?1 AND last_step < ?2";
            let used = tx.run(sql, params![account.key(), step])? == 1;
            if used && first.is_some() {
                notices::add(tx, account, "otp.added", "{}", now)?;
                tx.audit_of(&account, now, "otp.added", &subject, "{}")?;
            }
            Ok(used)
        })
        .await
    }

    /// # Errors
    /// No such payer; none is there.
    pub async fn remove_otp(&self, account: AccountId, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            let subject = payers::subject_of(tx, account)?;
            match tx.run("DELETE FROM otp WHERE account = ?1", [account.key()])? {
                1 => {}
                _ => return Err(StoreError::NotFound("one-time code app")),
            }
            notices::add(tx, account, "otp.removed", "{}", now)?;
            tx.audit_of(&account, now, "otp.removed", &subject, "{}")
        })
        .await
    }
}
