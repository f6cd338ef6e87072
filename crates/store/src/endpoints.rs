//! Where a merchant's events go.

use base::{MerchantId, Timestamp, WebhookEndpointId};

use crate::key::{Columns, Key, check_name, check_text};
use crate::limits::{MAX_ENDPOINTS, MAX_KINDS, MAX_SECRET, MAX_URL};
use crate::sql::{Connection, Row, params};
use crate::tx::{Tx, all, one};
use crate::{Store, StoreError};

/// An endpoint to be; no `Debug`: it carries the signing secret.
pub struct NewWebhookEndpoint {
    pub id: WebhookEndpointId,
    pub url: String,
    /// Kinds of events, separated by spaces; empty: all.
    pub kinds: String,
    /// Sealed or plain bytes, as they come back.
    pub secret: Vec<u8>,
}

/// Where a merchant's events go; no `Debug` or `Serialize`: it carries the signing secrets.
pub struct WebhookEndpoint {
    pub id: WebhookEndpointId,
    pub merchant: MerchantId,
    pub url: String,
    /// As given; empty: all kinds.
    pub kinds: String,
    pub secret: Vec<u8>,
    /// The secret before, and until when events are signed with it as well.
    pub old_secret: Option<(Vec<u8>, Timestamp)>,
    pub created_at: Timestamp,
    /// Since when nothing is delivered to it.
    pub disabled_at: Option<Timestamp>,
}

/// What is to be different; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct EndpointChange {
    pub url: Option<String>,
    pub kinds: Option<String>,
    pub enabled: Option<bool>,
}

impl Store {
    /// # Errors
    /// Too many endpoints; URL, kinds or secret too long; no such merchant.
    pub async fn create_webhook_endpoint(
        &self,
        merchant: MerchantId,
        new: NewWebhookEndpoint,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        check_name("URL", &new.url, MAX_URL)?;
        check_text("kinds", &new.kinds, MAX_KINDS)?;
        check_secret(&new.secret)?;
        self.write(move |tx| {
            let sql = "SELECT count(*) FROM webhook_endpoints WHERE merchant = ?1 AND deleted_at IS NULL";
            let count: i64 = tx.one(sql, [merchant.key()], |row| row.get(0))?.unwrap_or(0);
            if usize::try_from(count).is_ok_and(|c| c >= MAX_ENDPOINTS) {
                return Err(StoreError::TooMany { what: "webhook endpoints", limit: MAX_ENDPOINTS });
            }
            let sql = "INSERT INTO webhook_endpoints (id, merchant, url, kinds, secret, created_at) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let row = params![new.id.key(), merchant.key(), new.url, new.kinds, new.secret, now.as_millis()];
            tx.insert("webhook endpoint", sql, row)?;
            told(tx, merchant, new.id, "created", now)
        })
        .await
    }

    /// The merchant's endpoints, oldest first.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn webhook_endpoints(&self, merchant: MerchantId) -> Result<Vec<WebhookEndpoint>, StoreError> {
        self.read(move |conn| {
            let sql =
                "SELECT * FROM webhook_endpoints WHERE merchant = ?1 AND deleted_at IS NULL ORDER BY created_at, id";
            all(conn, sql, [merchant.key()], endpoint)
        })
        .await
    }

    /// A merchant's endpoint.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn webhook_endpoint(
        &self,
        merchant: MerchantId,
        id: WebhookEndpointId,
    ) -> Result<Option<WebhookEndpoint>, StoreError> {
        self.read(move |conn| find(conn, merchant, id)).await
    }

    /// Changes an endpoint. What waits for one that is switched off is dead until it is replayed.
    ///
    /// # Errors
    /// No such endpoint of this merchant; URL or kinds too long.
    pub async fn change_webhook_endpoint(
        &self,
        merchant: MerchantId,
        id: WebhookEndpointId,
        change: EndpointChange,
        now: Timestamp,
    ) -> Result<WebhookEndpoint, StoreError> {
        change.url.as_ref().map_or(Ok(()), |url| check_name("URL", url, MAX_URL))?;
        change.kinds.as_ref().map_or(Ok(()), |kinds| check_text("kinds", kinds, MAX_KINDS))?;
        self.write(move |tx| {
            let was = find(tx.conn, merchant, id)?.ok_or(StoreError::NotFound("webhook endpoint"))?;
            let disabled = match change.enabled {
                Some(true) => None,
                Some(false) => was.disabled_at.or(Some(now)),
                None => was.disabled_at,
            };
            let (url, kinds) = (change.url.unwrap_or(was.url), change.kinds.unwrap_or(was.kinds));
            let sql = "UPDATE webhook_endpoints SET url = ?2, kinds = ?3, disabled_at = ?4 WHERE id = ?1";
            tx.run(sql, params![id.key(), url, kinds, disabled.map(Timestamp::as_millis)])?;
            if disabled.is_some() {
                give_up(tx, id, "the endpoint is switched off")?;
            }
            told(tx, merchant, id, "changed", now)?;
            find(tx.conn, merchant, id)?.ok_or(StoreError::NotFound("webhook endpoint"))
        })
        .await
    }

    /// Gives an endpoint a new secret; the one it has signs as well until `old_until`.
    ///
    /// # Errors
    /// No such endpoint of this merchant; secret too long.
    pub async fn rotate_webhook_secret(
        &self,
        merchant: MerchantId,
        id: WebhookEndpointId,
        secret: Vec<u8>,
        old_until: Timestamp,
        now: Timestamp,
    ) -> Result<WebhookEndpoint, StoreError> {
        check_secret(&secret)?;
        self.write(move |tx| {
            let sql = "UPDATE webhook_endpoints SET old_secret = secret, old_secret_until = ?4, secret = ?3 \
                       WHERE id = ?1 AND merchant = ?2 AND deleted_at IS NULL";
            if tx.run(sql, params![id.key(), merchant.key(), secret, old_until.as_millis()])? != 1 {
                return Err(StoreError::NotFound("webhook endpoint"));
            }
            told(tx, merchant, id, "secret_rotated", now)?;
            find(tx.conn, merchant, id)?.ok_or(StoreError::NotFound("webhook endpoint"))
        })
        .await
    }

    /// Ends an endpoint: nothing goes there any more, its secrets are gone.
    ///
    /// # Errors
    /// No such endpoint of this merchant.
    pub async fn delete_webhook_endpoint(
        &self,
        merchant: MerchantId,
        id: WebhookEndpointId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "UPDATE webhook_endpoints SET deleted_at = ?3, disabled_at = coalesce(disabled_at, ?3), \
                       secret = ?4, old_secret = NULL, old_secret_until = NULL \
                       WHERE id = ?1 AND merchant = ?2 AND deleted_at IS NULL";
            if tx.run(sql, params![id.key(), merchant.key(), now.as_millis(), Vec::<u8>::new()])? != 1 {
                return Err(StoreError::NotFound("webhook endpoint"));
            }
            give_up(tx, id, "the endpoint was deleted")?;
            told(tx, merchant, id, "deleted", now)
        })
        .await
    }
}

fn check_secret(secret: &[u8]) -> Result<(), StoreError> {
    if secret.len() > MAX_SECRET { Err(StoreError::TooLong { what: "secret", limit: MAX_SECRET }) } else { Ok(()) }
}

fn find(conn: &Connection, merchant: MerchantId, id: WebhookEndpointId) -> Result<Option<WebhookEndpoint>, StoreError> {
    let sql = "SELECT * FROM webhook_endpoints WHERE id = ?1 AND merchant = ?2 AND deleted_at IS NULL";
    one(conn, sql, [id.key(), merchant.key()], endpoint)
}

/// What waits for the endpoint is not delivered.
fn give_up(tx: &Tx<'_>, id: WebhookEndpointId, why: &str) -> Result<(), StoreError> {
    let sql = "UPDATE deliveries SET state = 'dead', last_error = ?2 WHERE endpoint = ?1 AND state = 'pending'";
    tx.run(sql, params![id.key(), why]).map(|_| ())
}

fn told(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    id: WebhookEndpointId,
    what: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let detail = serde_json::json!({"merchant": merchant, "endpoint": id}).to_string();
    tx.audit_of(&merchant, now, &format!("webhook_endpoint.{what}"), &[], &detail)
}

pub(crate) fn endpoint(row: &Row<'_>) -> Result<WebhookEndpoint, StoreError> {
    let old: Option<Vec<u8>> = row.value("old_secret")?;
    Ok(WebhookEndpoint {
        id: row.id("id")?,
        merchant: row.id("merchant")?,
        url: row.value("url")?,
        kinds: row.value("kinds")?,
        secret: row.value("secret")?,
        old_secret: old.zip(row.maybe_time("old_secret_until")?),
        created_at: row.time("created_at")?,
        disabled_at: row.maybe_time("disabled_at")?,
    })
}
