use base::{AccountId, SessionId, Timestamp};

use crate::key::{Columns, Key, SecretHash};
use crate::limits::MAX_SESSIONS;
use crate::sql::params;
use crate::tx::one;
use crate::{Store, StoreError};

/// A session to be.
pub struct NewSession {
    pub id: SessionId,
    pub account: AccountId,
    pub token_hash: SecretHash,
    pub expires_at: Timestamp,
}

/// A signed-in payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub account: AccountId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Store {
    /// Opens a session; the payer's oldest sessions beyond [`MAX_SESSIONS`] and expired ones end.
    ///
    /// # Errors
    /// No such payer.
    pub async fn create_session(&self, new: NewSession, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            let subject = crate::payers::subject_of(tx, new.account)?;
            tx.run("DELETE FROM sessions WHERE expires_at <= ?1", [now.as_millis()])?;
            let sql =
                "INSERT INTO sessions (token_hash, id, account, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)";
            let (created, expires) = (now.as_millis(), new.expires_at.as_millis());
            let row = params![new.token_hash, new.id.key(), new.account.key(), created, expires];
            tx.insert("session", sql, row)?;
            let sql = "DELETE FROM sessions WHERE account = ?1 AND token_hash NOT IN \
                       (SELECT token_hash FROM sessions WHERE account = ?1 ORDER BY created_at DESC LIMIT ?2)";
            tx.run(sql, params![new.account.key(), i64::try_from(MAX_SESSIONS).unwrap_or(i64::MAX)])?;
            tx.audit_of(&new.account, now, "session.opened", &subject, "{}")
        })
        .await
    }

    /// The open session of that token, if any.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn session(&self, token_hash: SecretHash, now: Timestamp) -> Result<Option<Session>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT * FROM sessions WHERE token_hash = ?1 AND expires_at > ?2";
            one(conn, sql, params![token_hash, now.as_millis()], |row| {
                Ok(Session {
                    id: row.id("id")?,
                    account: row.id("account")?,
                    created_at: row.time("created_at")?,
                    expires_at: row.time("expires_at")?,
                })
            })
        })
        .await
    }

    /// Ends a session; ending one that is gone is fine.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn delete_session(&self, token_hash: SecretHash) -> Result<(), StoreError> {
        self.write(move |tx| tx.run("DELETE FROM sessions WHERE token_hash = ?1", [token_hash]).map(|_| ())).await
    }
}
