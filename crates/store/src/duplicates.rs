//! Payers who agreed to be searched for duplicates, and pairs of wallets that seem to belong to one person: a queue for the
//! operator. Nothing is blocked by it.

use base::{AccountId, FaceReviewId, Method, Purpose, Timestamp};
use serde::Serialize;

use crate::consents;
use crate::key::{Columns, Key};
use crate::limits::MAX_LIST;
use crate::sql::{Connection, Location, params};
use crate::templates::info;
use crate::tx::all;
use crate::{SealedRow, Store, StoreError};

/// Two wallets whose faces look the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DuplicateReview {
    pub id: FaceReviewId,
    pub account: AccountId,
    pub other: AccountId,
    pub found_at: Timestamp,
}

impl Store {
    /// Active faces of payers who agreed to the search for duplicates (and still pay by face).
    ///
    /// # Errors
    /// Database failures only.
    pub async fn searchable_faces(&self) -> Result<Vec<SealedRow>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT t.* FROM templates t WHERE t.method = 'face' AND t.state = 'active' AND 2 = \
                       (SELECT count(DISTINCT c.purpose) FROM consents c WHERE c.account = t.account AND c.method = 'face' \
                        AND c.purpose IN ('payment', 'duplicate_search') AND c.withdrawn_at IS NULL AND c.replaced_at IS NULL)";
            all(conn, sql, params![], |row| Ok(SealedRow { info: info(row)?, sealed: row.value("sealed")? }))
        })
        .await
    }

    /// Notes that two wallets look like one person's and tells both; once for each pair. `false`: noted before, or one of the two
    /// does not agree to the search (any longer).
    ///
    /// # Errors
    /// No such payer.
    pub async fn add_duplicate(
        &self,
        id: FaceReviewId,
        account: AccountId,
        other: AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            for payer in [account, other] {
                if !consents::is_open(tx.conn, payer, Purpose::DuplicateSearch, Method::Face)? {
                    return Ok(false);
                }
            }
            let sql =
                "SELECT 1 FROM duplicate_reviews WHERE (account = ?1 AND other = ?2) OR (account = ?2 AND other = ?1)";
            if tx.one(sql, params![account.key(), other.key()], |_| Ok(()))?.is_some() {
                return Ok(false);
            }
            let sql = "INSERT INTO duplicate_reviews (id, account, other, found_at) VALUES (?1, ?2, ?3, ?4)";
            tx.insert("review", sql, params![id.key(), account.key(), other.key(), now.as_millis()])?;
            for payer in [account, other] {
                crate::notices::add(tx, payer, "duplicate.suspected", "{}", now)?;
            }
            // Without names, as the consent says.
            tx.audit_of(&account, now, "duplicate.suspected", &[], &serde_json::json!({"review": id}).to_string())?;
            Ok(true)
        })
        .await
    }

    /// Ends a review; `resolution` is one word of the caller.
    ///
    /// # Errors
    /// No such open review.
    pub async fn resolve_duplicate(
        &self,
        id: FaceReviewId,
        resolution: &'static str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql =
                "UPDATE duplicate_reviews SET resolved_at = ?2, resolution = ?3 WHERE id = ?1 AND resolved_at IS NULL";
            if tx.run(sql, params![id.key(), now.as_millis(), resolution])? != 1 {
                return Err(StoreError::NotFound("review"));
            }
            let detail = serde_json::json!({"review": id, "resolution": resolution}).to_string();
            tx.audit(now, "duplicate.resolved", &[], &detail)
        })
        .await
    }
}

/// Open reviews, oldest first, read beside a running server.
///
/// # Errors
/// The database cannot be read as a store's.
pub fn duplicate_reviews_in(location: &Location) -> Result<Vec<DuplicateReview>, StoreError> {
    let look = || Connection::reading(location)?.snapshot(open_reviews);
    // A thread of its own, so that an asynchronous caller may wait here, too.
    std::thread::scope(|scope| scope.spawn(look).join()).unwrap_or(Err(StoreError::Closed))
}

fn open_reviews(conn: &Connection) -> Result<Vec<DuplicateReview>, StoreError> {
    let sql = "SELECT * FROM duplicate_reviews WHERE resolved_at IS NULL ORDER BY found_at, id LIMIT ?1";
    all(conn, sql, params![MAX_LIST as i64], |row| {
        Ok(DuplicateReview {
            id: row.id("id")?,
            account: row.id("account")?,
            other: row.id("other")?,
            found_at: row.time("found_at")?,
        })
    })
}
