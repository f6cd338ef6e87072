//! Events on their way to endpoints, and those that did not arrive.

use base::{EventId, MerchantId, Timestamp, WebhookEndpointId};
use serde::Serialize;

use crate::key::{Columns, Key, check_text};
use crate::limits::{MAX_LIST, MAX_REPLAY, MAX_TEXT};
use crate::outbox::{Event, event};
use crate::page::{Bind, Listed, Page, cut};
use crate::shard::Shard;
use crate::sql::{Connection, Location, Row, params};
use crate::tx::{all, one};
use crate::{Store, StoreError};

/// An event on its way to an endpoint; no `Debug` or `Serialize`: it carries the signing secrets.
pub struct Delivery {
    pub event: Event,
    pub endpoint: WebhookEndpointId,
    pub url: String,
    /// As given when the endpoint was made.
    pub secret: Vec<u8>,
    /// The secret before, and until when it signs as well.
    pub old_secret: Option<(Vec<u8>, Timestamp)>,
    /// Attempts made before this one.
    pub attempts: u32,
    /// When the tries began: at the event, or at its last replay.
    pub since: Timestamp,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    Pending,
    Delivered,
    /// Given up; a replay takes it up again.
    Dead,
}

impl DeliveryState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pending, Self::Delivered, Self::Dead].into_iter().find(|s| s.as_str() == name)
    }
}

/// What is on record about a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryRow {
    pub event: EventId,
    pub kind: String,
    pub endpoint: WebhookEndpointId,
    pub url: String,
    pub state: DeliveryState,
    pub attempts: u32,
    pub last_error: Option<String>,
    pub tried_at: Option<Timestamp>,
    /// While it is pending.
    pub next_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// The place of a delivery in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryCursor {
    pub event: EventId,
    pub endpoint: WebhookEndpointId,
}

const COLUMNS: &str = "SELECT e.id, e.seq, e.kind, e.created_at, d.endpoint, w.url, d.state, d.attempts, d.last_error, \
                       d.tried_at, d.next_at FROM deliveries d JOIN events e ON e.seq = d.event \
                       JOIN webhook_endpoints w ON w.id = d.endpoint";

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
            let sql = "SELECT e.*, d.endpoint, d.attempts, d.since, w.url, w.secret, w.old_secret, w.old_secret_until \
                       FROM deliveries d JOIN events e ON e.seq = d.event \
                       JOIN webhook_endpoints w ON w.id = d.endpoint \
                       WHERE d.state = 'pending' AND d.next_at <= ?1 ORDER BY d.next_at LIMIT ?2";
            let due = all(tx.conn, sql, params![now.as_millis(), limit], |row| {
                let old: Option<Vec<u8>> = row.value("old_secret")?;
                Ok(Delivery {
                    event: event(row)?,
                    endpoint: row.id("endpoint")?,
                    url: row.value("url")?,
                    secret: row.value("secret")?,
                    old_secret: old.zip(row.maybe_time("old_secret_until")?),
                    attempts: row.value("attempts")?,
                    since: row.time("since")?,
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
    pub async fn mark_delivered(
        &self,
        event_seq: i64,
        endpoint: WebhookEndpointId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "UPDATE deliveries SET state = 'delivered', attempts = attempts + 1, last_error = NULL, \
                       tried_at = ?3 WHERE event = ?1 AND endpoint = ?2";
            tx.run(sql, params![event_seq, endpoint.key(), now.as_millis()]).map(|_| ())
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
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let error: String = error.chars().take(MAX_TEXT / 4).collect();
        check_text("error", &error, MAX_TEXT)?;
        self.write(move |tx| {
            let sql = "UPDATE deliveries SET state = ?3, attempts = attempts + 1, last_error = ?4, next_at = ?5, \
                       tried_at = ?6 WHERE event = ?1 AND endpoint = ?2 AND state = 'pending'";
            let state = if next_at.is_some() { "pending" } else { "dead" };
            let next = next_at.map_or(0, Timestamp::as_millis);
            tx.run(sql, params![event_seq, endpoint.key(), state, error, next, now.as_millis()]).map(|_| ())
        })
        .await
    }

    /// A merchant's deliveries, newest event first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a cursor that is not there.
    pub async fn list_deliveries(
        &self,
        merchant: MerchantId,
        state: Option<DeliveryState>,
        endpoint: Option<WebhookEndpointId>,
        page: Page<DeliveryCursor>,
    ) -> Result<Listed<DeliveryRow>, StoreError> {
        self.read(move |conn| listed(conn, merchant, state, endpoint, page)).await
    }

    /// Sends an event again to every endpoint of the merchant that is switched on, or to one of them, those that were made
    /// after it, too. Answers how many.
    ///
    /// # Errors
    /// No such event or endpoint of this merchant.
    pub async fn replay_event(
        &self,
        merchant: MerchantId,
        event: EventId,
        endpoint: Option<WebhookEndpointId>,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        self.write(move |tx| {
            let sql = "SELECT seq FROM events WHERE id = ?1 AND merchant = ?2";
            let seq: Option<i64> = tx.one(sql, [event.key(), merchant.key()], |row| row.get(0))?;
            let seq = seq.ok_or(StoreError::NotFound("event"))?;
            let sql = "SELECT id FROM webhook_endpoints WHERE merchant = ?1 AND disabled_at IS NULL \
                       AND deleted_at IS NULL AND (?2 = 0 OR id = ?3) ORDER BY id";
            let only = endpoint.map_or([0; 16], |id| id.key());
            let wanted = params![merchant.key(), i64::from(endpoint.is_some()), only];
            let endpoints: Vec<WebhookEndpointId> = all(tx.conn, sql, wanted, |row| row.id("id"))?;
            if endpoint.is_some() && endpoints.is_empty() {
                return Err(StoreError::NotFound("webhook endpoint"));
            }
            let sql = "INSERT INTO deliveries (event, endpoint, state, next_at, since, shard) VALUES (?1, ?2, 'pending', ?3, ?3, ?4) \
                       ON CONFLICT (event, endpoint) DO UPDATE SET state = 'pending', next_at = ?3, since = ?3, \
                       attempts = 0, last_error = NULL";
            for id in &endpoints {
                tx.run(sql, params![seq, id.key(), now.as_millis(), Shard::of(&merchant).number()])?;
            }
            Ok(u32::try_from(endpoints.len()).unwrap_or(u32::MAX))
        })
        .await
    }

    /// Takes dead deliveries up again, oldest first, at most [`MAX_REPLAY`]: all of the merchant, or of one endpoint; of
    /// every merchant where none is named. Those of endpoints that are switched off stay dead. Answers how many.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn replay_dead(
        &self,
        merchant: Option<MerchantId>,
        endpoint: Option<WebhookEndpointId>,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        self.write(move |tx| {
            let sql = "SELECT d.event, d.endpoint FROM deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint \
                       WHERE d.state = 'dead' AND w.disabled_at IS NULL AND w.deleted_at IS NULL \
                       AND (?1 = 0 OR w.merchant = ?2) AND (?3 = 0 OR w.id = ?4) ORDER BY d.event LIMIT ?5";
            let wanted = params![
                i64::from(merchant.is_some()),
                merchant.map_or([0; 16], |id| id.key()),
                i64::from(endpoint.is_some()),
                endpoint.map_or([0; 16], |id| id.key()),
                MAX_REPLAY
            ];
            let dead: Vec<(i64, WebhookEndpointId)> =
                all(tx.conn, sql, wanted, |row| Ok((row.value("event")?, row.id("endpoint")?)))?;
            let sql = "UPDATE deliveries SET state = 'pending', next_at = ?3, since = ?3, attempts = 0 \
                       WHERE event = ?1 AND endpoint = ?2";
            for (event, endpoint) in &dead {
                tx.run(sql, params![event, endpoint.key(), now.as_millis()])?;
            }
            Ok(u32::try_from(dead.len()).unwrap_or(u32::MAX))
        })
        .await
    }
}

/// Dead deliveries of every merchant, newest event first, at most [`MAX_REPLAY`], read beside a running server.
///
/// # Errors
/// Database failures only.
pub fn dead_deliveries_in(location: &Location) -> Result<Vec<DeliveryRow>, StoreError> {
    let conn = Connection::reading(location)?;
    let sql = format!("{COLUMNS} WHERE d.state = 'dead' ORDER BY d.event DESC, d.endpoint LIMIT {MAX_REPLAY}");
    all(&conn, &sql, params![], delivery)
}

fn listed(
    conn: &Connection,
    merchant: MerchantId,
    state: Option<DeliveryState>,
    endpoint: Option<WebhookEndpointId>,
    page: Page<DeliveryCursor>,
) -> Result<Listed<DeliveryRow>, StoreError> {
    let mut binds = vec![Bind::Blob(merchant.key().to_vec())];
    let mut sql = format!("{COLUMNS} WHERE w.merchant = ?1");
    let backwards = page.starting_after.is_none() && page.ending_before.is_some();
    if let Some(cursor) = page.starting_after.or(page.ending_before) {
        let at = "SELECT seq FROM events WHERE id = ?1 AND merchant = ?2";
        let seq: Option<i64> = one(conn, at, [cursor.event.key(), merchant.key()], |row| row.get(0))?;
        binds.push(Bind::Int(seq.ok_or(StoreError::NotFound("cursor"))?));
        binds.push(Bind::Blob(cursor.endpoint.key().to_vec()));
        let (event, within) = if backwards { (">", "<") } else { ("<", ">") };
        sql.push_str(&format!(" AND (d.event {event} ?2 OR (d.event = ?2 AND d.endpoint {within} ?3))"));
    }
    if let Some(state) = state {
        binds.push(Bind::Text(state.as_str().to_owned()));
        sql.push_str(&format!(" AND d.state = ?{}", binds.len()));
    }
    if let Some(endpoint) = endpoint {
        binds.push(Bind::Blob(endpoint.key().to_vec()));
        sql.push_str(&format!(" AND d.endpoint = ?{}", binds.len()));
    }
    let limit = page.limit.clamp(1, MAX_LIST);
    let (event, within) = if backwards { ("ASC", "DESC") } else { ("DESC", "ASC") };
    let more = limit.saturating_add(1);
    sql.push_str(&format!(" ORDER BY d.event {event}, d.endpoint {within} LIMIT {more}"));
    Ok(cut(all(conn, &sql, binds.as_slice(), delivery)?, limit, backwards))
}

fn delivery(row: &Row<'_>) -> Result<DeliveryRow, StoreError> {
    let state = row.named("state", DeliveryState::from_name)?;
    Ok(DeliveryRow {
        event: row.id("id")?,
        kind: row.value("kind")?,
        endpoint: row.id("endpoint")?,
        url: row.value("url")?,
        state,
        attempts: row.value("attempts")?,
        last_error: row.value("last_error")?,
        tried_at: row.maybe_time("tried_at")?,
        next_at: if state == DeliveryState::Pending { Some(row.time("next_at")?) } else { None },
        created_at: row.time("created_at")?,
    })
}
