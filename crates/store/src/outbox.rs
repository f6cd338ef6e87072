use base::{EventId, MerchantId, Timestamp};
use serde::Serialize;

use crate::key::{Columns, Key};
use crate::limits::MAX_LIST;
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

impl Store {
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

/// Writes an event and one delivery for each endpoint that is on and wants its kind, in the running job.
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
    let sql = "INSERT INTO deliveries (event, endpoint, state, next_at, since, shard) \
               SELECT ?1, id, 'pending', ?3, ?3, shard FROM webhook_endpoints WHERE merchant = ?2 AND disabled_at IS NULL \
               AND deleted_at IS NULL AND (kinds = '' OR (' ' || kinds || ' ') LIKE ?4 ESCAPE '!')";
    let wanted = format!("% {} %", kind.replace('_', "!_"));
    tx.run(sql, params![seq, merchant.key(), now.as_millis(), wanted]).map(|_| ())
}
