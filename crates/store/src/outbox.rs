use base::{EventId, MerchantId, Timestamp, WebhookEndpointId};
use serde::Serialize;

use crate::key::{Columns, Key, check_text};
use crate::limits::{MAX_LIST, MAX_TEXT};
use crate::sql::{Row, params};
use crate::tx::{Tx, all};
use crate::{Store, StoreError};

/// Something that happened to one of a merchant's objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    pub id: EventId,
    /// Order of events in this store; the cursor of lists.
    pub seq: i64,
    pub merchant: MerchantId,
    /// Such as `payment_intent.succeeded`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The object as JSON, as it stood then.
    pub object: String,
    pub created_at: Timestamp,
}

/// An event on its way to an endpoint; no `Debug` or `Serialize`: it carries the signing secret.
pub struct Delivery {
    pub event: Event,
    pub endpoint: WebhookEndpointId,
    pub url: String,
    /// As given to [`Store::create_webhook_endpoint`].
    pub secret: Vec<u8>,
    /// Attempts made before this one.
    pub attempts: u32,
}

impl Store {
    /// Deliveries that are due, oldest first, at most `limit` (and [`MAX_LIST`]). Takes them until `busy_until`, so
    /// that they are not handed out twice meanwhile.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn take_due_deliveries(
        &self,
        limit: usize,
        busy_until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Delivery>, StoreError> {
        let limit = i64::try_from(limit.min(MAX_LIST)).unwrap_or(0);
        self.write(move |tx| {
            let sql = "SELECT e.*, d.endpoint, d.attempts, w.url, w.secret FROM deliveries d \
                       JOIN events e ON e.seq = d.event JOIN webhook_endpoints w ON w.id = d.endpoint \
                       WHERE d.state = 'pending' AND d.next_at <= ?1 ORDER BY d.next_at LIMIT ?2";
            let due = all(tx.conn, sql, params![now.as_millis(), limit], |row| {
                Ok(Delivery {
                    event: event(row)?,
                    endpoint: row.id("endpoint")?,
                    url: row.value("url")?,
                    secret: row.value("secret")?,
                    attempts: row.value("attempts")?,
                })
            })?;
            for delivery in &due {
                let sql = "UPDATE deliveries SET next_at = ?3 WHERE event = ?1 AND endpoint = ?2";
                tx.run(sql, params![delivery.event.seq, delivery.endpoint.key(), busy_until.as_millis()])?;
            }
            Ok(due)
        })
        .await
    }

    /// The endpoint took the event.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn mark_delivered(&self, event_seq: i64, endpoint: WebhookEndpointId) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "UPDATE deliveries SET state = 'delivered', attempts = attempts + 1, last_error = NULL \
                       WHERE event = ?1 AND endpoint = ?2";
            tx.run(sql, params![event_seq, endpoint.key()]).map(|_| ())
        })
        .await
    }

    /// The endpoint did not take the event: try again at `next_at`, or never again (`None`).
    ///
    /// # Errors
    /// Database failures only.
    pub async fn mark_failed(
        &self,
        event_seq: i64,
        endpoint: WebhookEndpointId,
        error: &str,
        next_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let error: String = error.chars().take(MAX_TEXT / 4).collect();
        check_text("error", &error, MAX_TEXT)?;
        self.write(move |tx| {
            let sql = "UPDATE deliveries SET state = ?3, attempts = attempts + 1, last_error = ?4, next_at = ?5 \
                       WHERE event = ?1 AND endpoint = ?2 AND state = 'pending'";
            let state = if next_at.is_some() { "pending" } else { "dead" };
            let next = next_at.map_or(0, Timestamp::as_millis);
            tx.run(sql, params![event_seq, endpoint.key(), state, error, next]).map(|_| ())
        })
        .await
    }

    /// A merchant's events after `after` (0 = from the start), in order, at most `limit` (and [`MAX_LIST`]).
    ///
    /// # Errors
    /// Database failures only.
    pub async fn events(&self, merchant: MerchantId, after: i64, limit: usize) -> Result<Vec<Event>, StoreError> {
        let limit = i64::try_from(limit.min(MAX_LIST)).unwrap_or(0);
        self.read(move |conn| {
            let sql = "SELECT * FROM events WHERE seq > ?2 AND merchant = ?1 ORDER BY seq LIMIT ?3";
            all(conn, sql, params![merchant.key(), after, limit], event)
        })
        .await
    }
}

pub(crate) fn event(row: &Row<'_>) -> Result<Event, StoreError> {
    Ok(Event {
        id: row.id("id")?,
        seq: row.value("seq")?,
        merchant: row.id("merchant")?,
        kind: row.value("kind")?,
        object: row.value("object")?,
        created_at: row.time("created_at")?,
    })
}

/// Writes an event and one delivery for each endpoint in use, in the running job.
pub(crate) fn emit(
    tx: &Tx<'_>,
    merchant: MerchantId,
    id: EventId,
    kind: &str,
    object: &impl Serialize,
    now: Timestamp,
) -> Result<(), StoreError> {
    let object = serde_json::to_string(object).map_err(|e| StoreError::Internal(e.to_string()))?;
    let sql = "INSERT INTO events (id, merchant, kind, object, created_at) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING seq";
    let row = params![id.key(), merchant.key(), kind, object, now.as_millis()];
    let seq: Option<i64> = tx.one(sql, row, |row| row.get(0))?;
    let sql = "INSERT INTO deliveries (event, endpoint, state, next_at, shard) \
               SELECT ?1, id, 'pending', ?3, shard FROM webhook_endpoints WHERE merchant = ?2 AND disabled_at IS NULL";
    tx.run(sql, params![seq, merchant.key(), now.as_millis()]).map(|_| ())
}
