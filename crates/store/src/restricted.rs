use base::{ApiKeyId, MerchantId, Timestamp};
use serde::Serialize;

use crate::key::{Columns, Key, SecretHash, check_name};
use crate::limits::{MAX_NAME, MAX_RESTRICTED_KEYS};
use crate::sql::{Row, params};
use crate::tx::{all, one};
use crate::{Store, StoreError};

/// A restricted key to be.
pub struct NewRestrictedKey {
    pub id: ApiKeyId,
    pub merchant: MerchantId,
    pub key_hash: SecretHash,
    pub label: String,
    /// Words separated by spaces; what they allow is the caller's business.
    pub scopes: String,
    /// Requests a minute, ≥ 1.
    pub per_minute: u32,
}

/// A key that may do only some things, only so often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RestrictedKey {
    pub id: ApiKeyId,
    pub merchant: MerchantId,
    pub label: String,
    pub scopes: String,
    pub per_minute: u32,
    pub created_at: Timestamp,
}

impl Store {
    /// Keeps the hash of a restricted key.
    ///
    /// # Errors
    /// Too many keys; label too long or empty.
    pub async fn create_restricted_key(&self, new: NewRestrictedKey, now: Timestamp) -> Result<(), StoreError> {
        check_name("label", &new.label, MAX_NAME)?;
        self.write(move |tx| {
            let sql = "SELECT count(*) FROM restricted_keys WHERE merchant = ?1 AND revoked_at IS NULL";
            let count: i64 = tx.one(sql, [new.merchant.key()], |row| row.get(0))?.unwrap_or(0);
            if usize::try_from(count).is_ok_and(|c| c >= MAX_RESTRICTED_KEYS) {
                return Err(StoreError::TooMany { what: "restricted keys", limit: MAX_RESTRICTED_KEYS });
            }
            let sql = "INSERT INTO restricted_keys (id, key_hash, merchant, label, scopes, per_minute, created_at) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            let (id, merchant) = (new.id.key(), new.merchant.key());
            let row = params![id, new.key_hash, merchant, new.label, new.scopes, new.per_minute, now.as_millis()];
            tx.insert("restricted key", sql, row)?;
            let detail = serde_json::json!({"key": new.id, "merchant": new.merchant, "scopes": new.scopes}).to_string();
            tx.audit_of(&new.merchant, now, "restricted_key.created", &[], &detail)
        })
        .await
    }

    /// The key with this hash, unless revoked.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn restricted_key(&self, key_hash: SecretHash) -> Result<Option<RestrictedKey>, StoreError> {
        self.read(move |conn| {
            one(conn, "SELECT * FROM restricted_keys WHERE key_hash = ?1 AND revoked_at IS NULL", [key_hash], read)
        })
        .await
    }

    /// The merchant's keys in use, oldest first.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn restricted_keys(&self, merchant: MerchantId) -> Result<Vec<RestrictedKey>, StoreError> {
        self.read(move |conn| {
            let sql =
                "SELECT * FROM restricted_keys WHERE merchant = ?1 AND revoked_at IS NULL ORDER BY created_at, id";
            all(conn, sql, [merchant.key()], read)
        })
        .await
    }

    /// # Errors
    /// No such key of this merchant.
    pub async fn revoke_restricted_key(
        &self,
        merchant: MerchantId,
        id: ApiKeyId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql =
                "UPDATE restricted_keys SET revoked_at = ?3 WHERE id = ?1 AND merchant = ?2 AND revoked_at IS NULL";
            if tx.run(sql, params![id.key(), merchant.key(), now.as_millis()])? != 1 {
                return Err(StoreError::NotFound("key"));
            }
            tx.audit_of(&merchant, now, "restricted_key.revoked", &[], &serde_json::json!({"key": id}).to_string())
        })
        .await
    }
}

fn read(row: &Row<'_>) -> Result<RestrictedKey, StoreError> {
    Ok(RestrictedKey {
        id: row.id("id")?,
        merchant: row.id("merchant")?,
        label: row.value("label")?,
        scopes: row.value("scopes")?,
        per_minute: row.value("per_minute")?,
        created_at: row.time("created_at")?,
    })
}
