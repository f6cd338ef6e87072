//! The keys that a merchant's programs act with. Kept hashed; the key itself is nowhere.

use base::{ApiKeyId, MerchantId, Timestamp};
use serde::Serialize;

use crate::key::{Columns, Key, SecretHash, check_name, check_text};
use crate::limits::{MAX_API_KEYS, MAX_NAME, MAX_TEXT};
use crate::sql::{Connection, Row, params};
use crate::tx::{Tx, all, one};
use crate::{Store, StoreError};

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// The shop's server: everything.
    Secret,
    /// The shop's page in a browser: what everybody may see.
    Publishable,
    /// What its scopes allow.
    Restricted,
}

impl KeyKind {
    pub const ALL: [Self; 3] = [Self::Secret, Self::Publishable, Self::Restricted];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Publishable => "publishable",
            Self::Restricted => "restricted",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A key to be.
#[derive(Clone)]
pub struct NewApiKey {
    pub id: ApiKeyId,
    pub merchant: MerchantId,
    pub key_hash: SecretHash,
    pub kind: KeyKind,
    pub label: String,
    /// Words separated by spaces; what they allow is the caller's business.
    pub scopes: String,
    /// Requests a minute, ≥ 1.
    pub per_minute: u32,
    /// Version of the API that its requests get unless they say another.
    pub version: String,
}

/// A key that works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub merchant: MerchantId,
    pub merchant_name: String,
    pub kind: KeyKind,
    pub label: String,
    pub scopes: String,
    pub per_minute: u32,
    pub version: String,
    pub created_at: Timestamp,
    /// It has a successor, and works until then.
    pub expires_at: Option<Timestamp>,
    /// To the minute.
    pub last_used_at: Option<Timestamp>,
}

const SELECT: &str = "SELECT k.*, m.name AS merchant_name FROM api_keys k JOIN merchants m ON m.id = k.merchant \
                      WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ?2)";

impl Store {
    /// Keeps the hash of a key.
    ///
    /// # Errors
    /// Too many keys; label too long or empty; no such merchant.
    pub async fn create_api_key(&self, new: NewApiKey, now: Timestamp) -> Result<(), StoreError> {
        check_name("label", &new.label, MAX_NAME)?;
        check_text("scopes", &new.scopes, MAX_TEXT)?;
        self.write(move |tx| insert(tx, &new, now)).await
    }

    /// The key with this hash, unless revoked or expired.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn api_key(&self, key_hash: SecretHash, now: Timestamp) -> Result<Option<ApiKey>, StoreError> {
        self.read(move |conn| {
            one(conn, &format!("{SELECT} AND k.key_hash = ?1"), params![key_hash, now.as_millis()], read)
        })
        .await
    }

    /// The merchant's keys that work, oldest first.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn api_keys(&self, merchant: MerchantId, now: Timestamp) -> Result<Vec<ApiKey>, StoreError> {
        self.read(move |conn| {
            let sql = format!("{SELECT} AND k.merchant = ?1 ORDER BY k.created_at, k.id");
            all(conn, &sql, params![merchant.key(), now.as_millis()], read)
        })
        .await
    }

    /// Makes a key that may do what `old` may, which works until `old_until` only.
    ///
    /// # Errors
    /// No such key of this merchant; one that has a successor already; too many keys.
    pub async fn rotate_api_key(
        &self,
        merchant: MerchantId,
        old: ApiKeyId,
        (id, key_hash): (ApiKeyId, SecretHash),
        old_until: Timestamp,
        now: Timestamp,
    ) -> Result<ApiKey, StoreError> {
        self.write(move |tx| {
            let was = find(tx.conn, merchant, old, now)?.filter(|key| key.expires_at.is_none());
            let was = was.ok_or(StoreError::NotFound("key"))?;
            tx.run("UPDATE api_keys SET expires_at = ?2 WHERE id = ?1", params![old.key(), old_until.as_millis()])?;
            let ApiKey { kind, label, scopes, per_minute, version, .. } = was;
            insert(tx, &NewApiKey { id, merchant, key_hash, kind, label, scopes, per_minute, version }, now)?;
            tx.audit_of(
                &merchant,
                now,
                "api_key.rotated",
                &[],
                &serde_json::json!({"key": old, "successor": id}).to_string(),
            )?;
            find(tx.conn, merchant, id, now)?.ok_or(StoreError::NotFound("key"))
        })
        .await
    }

    /// Ends a key at once.
    ///
    /// # Errors
    /// No such key of this merchant; [`StoreError::LastKey`]: nobody could act for the merchant any more.
    pub async fn revoke_api_key(&self, merchant: MerchantId, id: ApiKeyId, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            let key = find(tx.conn, merchant, id, now)?.ok_or(StoreError::NotFound("key"))?;
            let sql = "SELECT count(*) FROM api_keys WHERE merchant = ?1 AND kind = 'secret' AND revoked_at IS NULL \
                       AND expires_at IS NULL AND id <> ?2";
            let others: i64 = tx.one(sql, params![merchant.key(), id.key()], |row| row.get(0))?.unwrap_or(0);
            if key.kind == KeyKind::Secret && others == 0 {
                return Err(StoreError::LastKey);
            }
            tx.run("UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1", params![id.key(), now.as_millis()])?;
            tx.audit_of(&merchant, now, "api_key.revoked", &[], &serde_json::json!({"key": id}).to_string())
        })
        .await
    }

    /// Notes when keys were used last.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn note_key_uses(&self, uses: Vec<(ApiKeyId, Timestamp)>) -> Result<(), StoreError> {
        self.write(move |tx| {
            for (id, at) in &uses {
                tx.run("UPDATE api_keys SET last_used_at = ?2 WHERE id = ?1", params![id.key(), at.as_millis()])?;
            }
            Ok(())
        })
        .await
    }
}

pub(crate) fn insert(tx: &mut Tx<'_>, new: &NewApiKey, now: Timestamp) -> Result<(), StoreError> {
    let sql = "SELECT count(*) FROM api_keys WHERE merchant = ?1 AND revoked_at IS NULL \
               AND (expires_at IS NULL OR expires_at > ?2)";
    let count: i64 = tx.one(sql, params![new.merchant.key(), now.as_millis()], |row| row.get(0))?.unwrap_or(0);
    if usize::try_from(count).is_ok_and(|c| c >= MAX_API_KEYS) {
        return Err(StoreError::TooMany { what: "keys", limit: MAX_API_KEYS });
    }
    let sql = "INSERT INTO api_keys (id, key_hash, merchant, kind, label, scopes, per_minute, version, created_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let (id, merchant, kind) = (new.id.key(), new.merchant.key(), new.kind.as_str());
    let row =
        params![id, new.key_hash, merchant, kind, new.label, new.scopes, new.per_minute, new.version, now.as_millis()];
    tx.insert("key", sql, row)?;
    let detail = serde_json::json!({"key": new.id, "merchant": new.merchant, "kind": kind, "scopes": new.scopes});
    tx.audit_of(&new.merchant, now, "api_key.created", &[], &detail.to_string())
}

fn find(conn: &Connection, merchant: MerchantId, id: ApiKeyId, now: Timestamp) -> Result<Option<ApiKey>, StoreError> {
    let sql = format!("{SELECT} AND k.id = ?1 AND k.merchant = ?3");
    one(conn, &sql, params![id.key(), now.as_millis(), merchant.key()], read)
}

fn read(row: &Row<'_>) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: row.id("id")?,
        merchant: row.id("merchant")?,
        merchant_name: row.value("merchant_name")?,
        kind: row.named("kind", KeyKind::from_name)?,
        label: row.value("label")?,
        scopes: row.value("scopes")?,
        per_minute: row.value("per_minute")?,
        version: row.value("version")?,
        created_at: row.time("created_at")?,
        expires_at: row.maybe_time("expires_at")?,
        last_used_at: row.maybe_time("last_used_at")?,
    })
}
