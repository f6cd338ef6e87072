//! What must be true after every step, read from the rows as any auditor could.

use std::collections::HashMap;

use base::{IntentId, Timestamp};

use super::Violation;
use crate::key::Key;
use crate::limits::IDEMPOTENCY_LASTS;
use crate::sql::{Connection, one, params};
use crate::{SavedReply, Store, StoreError, transfers};

/// What clients were told, and may rely on.
#[derive(Default)]
pub(super) struct Promises {
    /// Payments that were acknowledged.
    pub(super) paid: Vec<IntentId>,
    /// The reply of each key as it was given first, and when the key was sent first.
    pub(super) replies: HashMap<(&'static str, u64), (SavedReply, Timestamp)>,
    /// Refunds, movements and disputes that were made: one for each key that was not a repetition.
    pub(super) effects: i64,
}

/// Checks all of it.
pub(super) async fn check(store: &Store, promises: &Promises, now: Timestamp) -> Result<Option<String>, StoreError> {
    let paid: Vec<[u8; 16]> = promises.paid.iter().map(|id| id.key()).collect();
    let young = |(_, (_, at)): &(&_, &(_, Timestamp))| now.since(*at) < IDEMPOTENCY_LASTS;
    let keys: Vec<(&'static str, u64)> = promises.replies.iter().filter(young).map(|(key, _)| *key).collect();
    let effects = promises.effects;
    store.read(move |conn| conn.snapshot(|conn| look(conn, &paid, &keys, effects))).await
}

/// Which of these keys have a saved reply that was made at `at`.
pub(super) async fn made_at(store: &Store, keys: Vec<(&'static str, u64)>, at: Timestamp) -> Result<usize, StoreError> {
    store
        .read(move |conn| {
            let sql = "SELECT 1 FROM idempotency WHERE scope = ?1 AND key = ?2 AND created_at = ?3";
            let mut made = 0usize;
            for (scope, key) in keys {
                let row = params![scope, format!("key-{key}"), at.as_millis()];
                made = made.saturating_add(usize::from(one(conn, sql, row, |_| Ok(()))?.is_some()));
            }
            Ok(made)
        })
        .await
}

fn look(
    conn: &Connection,
    paid: &[[u8; 16]],
    keys: &[(&'static str, u64)],
    effects: i64,
) -> Result<Option<String>, StoreError> {
    let books = transfers::add_up(conn)?;
    if !books.is_sound() {
        return Ok(Some(format!("the books do not add up: {books:?}")));
    }
    for (what, sql) in RULES {
        let count: i64 = one(conn, sql, params![], |row| row.get(0))?.unwrap_or(0);
        if count != 0 {
            return Ok(Some(format!("{count} × {what}")));
        }
    }
    let sql =
        "SELECT (SELECT count(*) FROM refunds) + (SELECT count(*) FROM movements) + (SELECT count(*) FROM disputes)";
    let found: i64 = one(conn, sql, params![], |row| row.get(0))?.unwrap_or(0);
    if found != effects {
        return Ok(Some(format!("{effects} keys have made {found} refunds, movements and disputes")));
    }
    for id in paid {
        // A later cancel or expiry of a hold is no loss: money was promised, taken or given back, never forgotten.
        let sql = "SELECT 1 FROM receipts r JOIN intents i ON i.id = r.intent WHERE r.intent = ?1 \
                   AND (i.transfer IS NOT NULL OR i.hold IS NOT NULL)";
        if one(conn, sql, [*id], |_| Ok(()))?.is_none() {
            return Ok(Some(format!("the acknowledged payment {} is lost", IntentId::of(*id))));
        }
    }
    for (scope, key) in keys {
        let sql = "SELECT 1 FROM idempotency WHERE scope = ?1 AND key = ?2 AND status IS NOT NULL";
        if one(conn, sql, params![*scope, format!("key-{key}")], |_| Ok(()))?.is_none() {
            return Ok(Some(format!("the acknowledged reply of {scope} key-{key} is lost")));
        }
    }
    Ok(None)
}

/// Each counts what must not be.
const RULES: [(&str, &str); 8] = [
    (
        "a payment with more than one transfer",
        "SELECT count(*) FROM (SELECT source FROM transfers WHERE kind = 'payment' GROUP BY source HAVING count(*) > 1) AS doubled",
    ),
    (
        "a payment that went back by more than was taken",
        "SELECT count(*) FROM intents WHERE refunded + disputed > captured",
    ),
    (
        "a payment whose refunds are not what it says",
        "SELECT count(*) FROM intents i LEFT JOIN (SELECT intent, sum(amount) AS back FROM refunds GROUP BY intent) r \
         ON r.intent = i.id WHERE i.refunded <> coalesce(r.back, 0)",
    ),
    (
        "a refund without its own posted transfer",
        "SELECT count(*) FROM refunds r LEFT JOIN transfers t ON t.id = r.transfer AND t.source = r.id AND t.state = 1 \
         AND t.posted = r.amount WHERE t.id IS NULL",
    ),
    (
        "a refund transfer without a refund",
        "SELECT count(*) FROM transfers t LEFT JOIN refunds r ON r.transfer = t.id WHERE t.kind = 'refund' AND r.id IS NULL",
    ),
    (
        "a movement whose transfer stands otherwise",
        "SELECT count(*) FROM movements m LEFT JOIN transfers t ON t.id = m.transfer \
         WHERE coalesce(t.state, 9) <> CASE m.status WHEN 'pending' THEN 0 WHEN 'succeeded' THEN 1 ELSE t.state END \
         OR (m.status = 'failed' AND t.state NOT IN (2, 3))",
    ),
    (
        "an open dispute without its hold, or a closed one with",
        "SELECT count(*) FROM disputes d JOIN transfers t ON t.id = d.transfer WHERE t.state <> \
         CASE d.status WHEN 'lost' THEN 1 WHEN 'won' THEN 2 WHEN 'withdrawn' THEN 2 ELSE 0 END",
    ),
    (
        "a payment without its event",
        "SELECT abs((SELECT count(*) FROM events WHERE kind = 'payment_intent.created') - (SELECT count(*) FROM intents))",
    ),
];

impl From<StoreError> for Violation {
    fn from(error: StoreError) -> Self {
        Self { step: 0, what: format!("the store failed: {error}"), trace: Vec::new() }
    }
}
