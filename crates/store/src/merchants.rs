use base::{MerchantId, Timestamp};
use money::Money;
use serde::Serialize;

use crate::key::{Columns, Key, check_name};
use crate::limits::MAX_NAME;
use crate::sql::params;
use crate::tx::{all, one};
use crate::{Store, StoreError};

/// A merchant to be.
#[derive(Clone, Debug)]
pub struct NewMerchant {
    pub id: MerchantId,
    pub name: String,
}

/// A shop that is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Merchant {
    pub id: MerchantId,
    pub name: String,
}

impl Store {
    /// # Errors
    /// The id exists already; name too long or empty.
    pub async fn create_merchant(&self, new: NewMerchant, now: Timestamp) -> Result<(), StoreError> {
        check_name("name", &new.name, MAX_NAME)?;
        self.write(move |tx| {
            let sql = "INSERT INTO merchants (id, name, created_at) VALUES (?1, ?2, ?3)";
            tx.insert("merchant", sql, params![new.id.key(), new.name, now.as_millis()])?;
            let detail = serde_json::json!({"merchant": new.id}).to_string();
            tx.audit_of(&new.id, now, "merchant.created", &[], &detail)
        })
        .await
    }

    /// # Errors
    /// Database failures only.
    pub async fn merchant(&self, id: MerchantId) -> Result<Option<Merchant>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT id, name FROM merchants WHERE id = ?1";
            one(conn, sql, [id.key()], |row| Ok(Merchant { id: row.id("id")?, name: row.value("name")? }))
        })
        .await
    }

    /// What the merchant may be paid out, one line per currency.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn merchant_balances(&self, id: MerchantId) -> Result<Vec<Money>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT currency, posted - pending_out AS available FROM ledger_accounts \
                       WHERE owner = ?1 AND kind = 'merchant_available' ORDER BY currency";
            all(conn, sql, [id.key()], |row| {
                let currency = row.named("currency", |c| c.parse().ok())?;
                Ok(Money::new(row.value("available")?, currency))
            })
        })
        .await
    }
}
