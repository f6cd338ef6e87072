use base::{MerchantId, OperatorId, Timestamp};
use money::Money;
use serde::Serialize;

use crate::key::{Columns, Key, check_name};
use crate::limits::MAX_NAME;
use crate::page::{Listed, Listing, Page};
use crate::sql::{Connection, Location, Row, params};
use crate::tx::{Tx, all, one};
use crate::{NewApiKey, Store, StoreError, api_keys};

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
    pub created_at: Timestamp,
}

impl Store {
    /// # Errors
    /// The id exists already; name too long or empty.
    pub async fn create_merchant(&self, new: NewMerchant, now: Timestamp) -> Result<(), StoreError> {
        check_name("name", &new.name, MAX_NAME)?;
        self.write(move |tx| insert(tx, &new, None, now)).await
    }

    /// A shop and its first key in one commit; `by`: the operator who opens it, `None` at the machine itself.
    ///
    /// # Errors
    /// An id exists already; name too long or empty.
    pub async fn open_shop(
        &self,
        new: NewMerchant,
        key: NewApiKey,
        by: Option<OperatorId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        check_name("name", &new.name, MAX_NAME)?;
        self.write(move |tx| {
            insert(tx, &new, by, now)?;
            api_keys::insert(tx, &key, now)
        })
        .await
    }

    /// Every merchant, newest first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a cursor that is not there.
    pub async fn list_merchants(&self, page: Page<MerchantId>) -> Result<Listed<Merchant>, StoreError> {
        self.read(move |conn| {
            // No id is zero.
            let select = "SELECT m.* FROM merchants m WHERE m.id <> ?1";
            Listing::of("merchants", "m", select, [0; 16]).page(conn, page, merchant)
        })
        .await
    }

    /// # Errors
    /// Database failures only.
    pub async fn merchant(&self, id: MerchantId) -> Result<Option<Merchant>, StoreError> {
        self.read(move |conn| one(conn, "SELECT * FROM merchants WHERE id = ?1", [id.key()], merchant)).await
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

/// Every merchant, oldest first; also beside a running server.
///
/// # Errors
/// It cannot be read as a store's database.
pub fn merchants_in(location: &Location) -> Result<Vec<Merchant>, StoreError> {
    let sql = "SELECT * FROM merchants ORDER BY created_at, id";
    let look = || all(&Connection::reading(location)?, sql, params![], merchant);
    std::thread::scope(|scope| scope.spawn(look).join()).unwrap_or(Err(StoreError::Closed))
}

fn insert(tx: &mut Tx<'_>, new: &NewMerchant, by: Option<OperatorId>, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO merchants (id, name, created_at) VALUES (?1, ?2, ?3)";
    tx.insert("merchant", sql, params![new.id.key(), new.name, now.as_millis()])?;
    let detail = match by {
        Some(operator) => serde_json::json!({"merchant": new.id, "operator": operator}),
        None => serde_json::json!({"merchant": new.id}),
    };
    tx.audit_of(&new.id, now, "merchant.created", &[], &detail.to_string())
}

fn merchant(row: &Row<'_>) -> Result<Merchant, StoreError> {
    Ok(Merchant { id: row.id("id")?, name: row.value("name")?, created_at: row.time("created_at")? })
}
