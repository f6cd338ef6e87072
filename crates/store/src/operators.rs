//! Who runs the installation: keys of operators, and what they decide.

use base::{DisputeId, OperatorId, Timestamp};
use ledger::DisputeEvent;
use serde::Serialize;

use crate::key::{Columns, Key, SecretHash, check_name};
use crate::limits::{MAX_NAME, MAX_OPERATORS};
use crate::sql::{Connection, Location, Row, all, one, params};
use crate::{Dispute, Store, StoreError, disputes};

/// Somebody who may act for the installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Operator {
    pub id: OperatorId,
    pub label: String,
    pub created_at: Timestamp,
}

impl Store {
    /// Keeps the hash of an operator's key.
    ///
    /// # Errors
    /// Too many; label too long or empty.
    pub async fn create_operator(
        &self,
        id: OperatorId,
        key_hash: SecretHash,
        label: String,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        check_name("label", &label, MAX_NAME)?;
        self.write(move |tx| {
            let sql = "SELECT count(*) FROM operators WHERE revoked_at IS NULL";
            let count: i64 = tx.one(sql, params![], |row| row.get(0))?.unwrap_or(0);
            if usize::try_from(count).is_ok_and(|count| count >= MAX_OPERATORS) {
                return Err(StoreError::TooMany { what: "operators", limit: MAX_OPERATORS });
            }
            let sql = "INSERT INTO operators (id, key_hash, label, created_at) VALUES (?1, ?2, ?3, ?4)";
            tx.insert("operator", sql, params![id.key(), key_hash, label, now.as_millis()])?;
            tx.audit(now, "operator.created", &[], &serde_json::json!({"operator": id}).to_string())
        })
        .await
    }

    /// # Errors
    /// No such operator, or revoked before.
    pub async fn revoke_operator(&self, id: OperatorId, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "UPDATE operators SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
            match tx.run(sql, params![id.key(), now.as_millis()])? {
                1 => tx.audit(now, "operator.revoked", &[], &serde_json::json!({"operator": id}).to_string()),
                _ => Err(StoreError::NotFound("operator")),
            }
        })
        .await
    }

    /// The operator with this key, unless revoked.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn operator(&self, key_hash: SecretHash) -> Result<Option<Operator>, StoreError> {
        let sql = "SELECT * FROM operators WHERE key_hash = ?1 AND revoked_at IS NULL";
        self.read(move |conn| one(conn, sql, [key_hash], operator)).await
    }

    /// An operator decides a dispute for the merchant or for the payer; who it was is in the audit log.
    ///
    /// # Errors
    /// No such dispute; over, or not ready to be decided.
    pub async fn decide_dispute(
        &self,
        by: OperatorId,
        id: DisputeId,
        for_merchant: bool,
        now: Timestamp,
    ) -> Result<Dispute, StoreError> {
        let event = if for_merchant { DisputeEvent::DecidedForMerchant } else { DisputeEvent::DecidedForPayer };
        self.write(move |tx| {
            let decided = disputes::advance(tx, disputes::load(tx.conn, id)?, event, None, now)?;
            let detail = serde_json::json!({"dispute": id, "operator": by, "status": decided.status}).to_string();
            tx.audit_of(&decided.payer, now, "dispute.decided", &[], &detail)?;
            Ok(decided)
        })
        .await
    }
}

/// Operators that were not revoked, oldest first; also beside a running server.
///
/// # Errors
/// It cannot be read as a store's database.
pub fn operators_in(location: &Location) -> Result<Vec<Operator>, StoreError> {
    let sql = "SELECT * FROM operators WHERE revoked_at IS NULL ORDER BY created_at, id";
    let look = || all(&Connection::reading(location)?, sql, params![], operator);
    std::thread::scope(|scope| scope.spawn(look).join()).unwrap_or(Err(StoreError::Closed))
}

fn operator(row: &Row<'_>) -> Result<Operator, StoreError> {
    Ok(Operator { id: row.id("id")?, label: row.value("label")?, created_at: row.time("created_at")? })
}
