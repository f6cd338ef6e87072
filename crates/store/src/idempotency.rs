use base::Timestamp;

use crate::key::{Columns, check_name, check_text};
use crate::limits::{IDEMPOTENCY_LASTS, MAX_IDEMPOTENCY_KEY, MAX_NAME, MAX_REPLY};
use crate::sql::{Connection, params};
use crate::tx::{Tx, one};
use crate::{Store, StoreError};

/// A request that must take effect once.
#[derive(Clone, Debug)]
pub struct Idempotency {
    /// Who asks, and for what: such as `mer_… POST /v1/refunds`.
    pub scope: String,
    /// The caller's `Idempotency-Key`.
    pub key: String,
    /// SHA-256 of the canonical request.
    pub body_hash: [u8; 32],
}

/// A reply as it was first given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedReply {
    pub status: u16,
    pub body: String,
}

/// A reply, and whether it is a repetition (`Idempotent-Replayed: true`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replied {
    pub reply: SavedReply,
    pub replayed: bool,
}

/// What to do with a request under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdempotencyStart {
    /// First of its key: do the work, then finish or abandon.
    New,
    Replay(SavedReply),
}

impl Idempotency {
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        check_name("idempotency key", &self.key, MAX_IDEMPOTENCY_KEY)?;
        check_name("idempotency scope", &self.scope, MAX_NAME)
    }
}

impl Store {
    /// Claims a key for work of several steps. Prefer the `…_once` operations: they keep work and reply in one commit.
    ///
    /// # Errors
    /// [`StoreError::IdempotencyConflict`] for another body, [`StoreError::IdempotencyInFlight`] while unfinished.
    pub async fn idempotency_begin(&self, once: Idempotency, now: Timestamp) -> Result<IdempotencyStart, StoreError> {
        once.check()?;
        self.write(move |tx| match find(tx, &once, now)? {
            Some(reply) => Ok(IdempotencyStart::Replay(reply)),
            None => save(tx, &once, None, now).map(|()| IdempotencyStart::New),
        })
        .await
    }

    /// Saves the reply of claimed work.
    ///
    /// # Errors
    /// The key was not claimed; reply too long.
    pub async fn idempotency_finish(&self, once: Idempotency, reply: SavedReply) -> Result<(), StoreError> {
        check_text("reply", &reply.body, MAX_REPLY)?;
        self.write(move |tx| {
            let sql = "UPDATE idempotency SET status = ?3, reply = ?4 WHERE scope = ?1 AND key = ?2 AND status IS NULL";
            match tx.run(sql, params![once.scope, once.key, reply.status, reply.body])? {
                1 => Ok(()),
                _ => Err(StoreError::NotFound("claimed idempotency key")),
            }
        })
        .await
    }

    /// Gives a claimed key back after failed work, so that the caller may try again.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn idempotency_abandon(&self, once: Idempotency) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "DELETE FROM idempotency WHERE scope = ?1 AND key = ?2 AND status IS NULL";
            tx.run(sql, params![once.scope, once.key]).map(|_| ())
        })
        .await
    }
}

/// Answers the saved reply, or does `work` and saves its reply in the same commit. Failed work saves nothing.
pub(crate) fn replay_or(
    tx: &mut Tx<'_>,
    once: &Idempotency,
    now: Timestamp,
    work: impl FnOnce(&mut Tx<'_>) -> Result<SavedReply, StoreError>,
) -> Result<Replied, StoreError> {
    if let Some(reply) = find(tx, once, now)? {
        return Ok(Replied { reply, replayed: true });
    }
    let reply = work(tx)?;
    check_text("reply", &reply.body, MAX_REPLY)?;
    save(tx, once, Some(&reply), now)?;
    Ok(Replied { reply, replayed: false })
}

fn find(tx: &Tx<'_>, once: &Idempotency, now: Timestamp) -> Result<Option<SavedReply>, StoreError> {
    forget_old(tx, once, now)?;
    find_in(tx.conn, once, now)
}

/// Replies from before this moment (milliseconds) are forgotten.
pub(crate) fn oldest(now: Timestamp) -> i64 {
    now.as_millis().saturating_sub(IDEMPOTENCY_LASTS.as_millis())
}

/// An old row of the same key makes place; upkeep takes the others away.
fn forget_old(tx: &Tx<'_>, once: &Idempotency, now: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM idempotency WHERE scope = ?1 AND key = ?2 AND created_at <= ?3";
    tx.run(sql, params![once.scope, once.key, oldest(now)]).map(|_| ())
}

pub(crate) fn find_in(conn: &Connection, once: &Idempotency, now: Timestamp) -> Result<Option<SavedReply>, StoreError> {
    let sql = "SELECT body_hash, status, reply FROM idempotency WHERE scope = ?1 AND key = ?2 AND created_at > ?3";
    let found = one(conn, sql, params![once.scope, once.key, oldest(now)], |row| {
        let hash: [u8; 32] = row.value("body_hash")?;
        Ok((hash, row.value::<Option<u16>>("status")?, row.value::<Option<String>>("reply")?))
    })?;
    match found {
        None => Ok(None),
        Some((hash, ..)) if hash != once.body_hash => Err(StoreError::IdempotencyConflict),
        Some((_, Some(status), Some(body))) => Ok(Some(SavedReply { status, body })),
        Some(_) => Err(StoreError::IdempotencyInFlight),
    }
}

/// Saves the reply, unless another request under the key was first.
pub(crate) fn save_once(tx: &Tx<'_>, once: &Idempotency, reply: &SavedReply, now: Timestamp) -> Result<(), StoreError> {
    check_text("reply", &reply.body, MAX_REPLY)?;
    forget_old(tx, once, now)?;
    save(tx, once, Some(reply), now).map_err(|error| match error {
        StoreError::Exists(_) => StoreError::IdempotencyInFlight,
        other => other,
    })
}

fn save(tx: &Tx<'_>, once: &Idempotency, reply: Option<&SavedReply>, now: Timestamp) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO idempotency (scope, key, body_hash, status, reply, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let (status, body) = (reply.map(|r| r.status), reply.map(|r| r.body.as_str()));
    tx.insert("idempotency key", sql, params![once.scope, once.key, once.body_hash, status, body, now.as_millis()])
}
