use base::{AccountId, ConsentId, EnrolmentId, Method, ObjectKind, Timestamp};

use crate::consents::{self, NewConsent};
use crate::key::{Columns, Key, SecretHash};
use crate::sql::{Row, params};
use crate::tx::{Tx, one};
use crate::{Store, StoreError};

/// Tries of one enrolment token: a dropped socket may come back.
const ENROLMENT_TRIES: i64 = 5;

/// An enrolment to be.
pub struct NewEnrolment {
    pub id: EnrolmentId,
    pub account: AccountId,
    pub method: Method,
    /// What is shown, by kungfu.
    pub kind: Option<ObjectKind>,
    pub consent: NewConsent,
    pub token_hash: SecretHash,
    pub expires_at: Timestamp,
}

/// A guided enrolment in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    pub id: EnrolmentId,
    pub account: AccountId,
    pub method: Method,
    pub kind: Option<ObjectKind>,
    pub consent: ConsentId,
    pub expires_at: Timestamp,
    pub completed: bool,
}

impl Store {
    /// Records the consent and opens an enrolment, in one step.
    ///
    /// # Errors
    /// No such payer; texts too long.
    pub async fn create_enrolment(&self, new: NewEnrolment, now: Timestamp) -> Result<(), StoreError> {
        consents::check(&new.consent)?;
        self.write(move |tx| {
            let subject = crate::payers::subject_of(tx, new.account)?;
            let (account, method) = (new.account.key(), new.method.as_str());
            consents::insert(tx, new.account, new.method, &new.consent, now)?;
            let sql = "INSERT INTO enrolments \
                       (id, account, method, consent, token_hash, state, created_at, expires_at, kind) \
                       VALUES (?1, ?2, ?3, ?4, ?5, 'open', ?6, ?7, ?8)";
            let (created, expires) = (now.as_millis(), new.expires_at.as_millis());
            let (consent, kind) = (new.consent.id.key(), new.kind.map(ObjectKind::as_str));
            let row = params![new.id.key(), account, method, consent, new.token_hash, created, expires, kind];
            tx.insert("enrolment", sql, row)?;
            let detail = serde_json::json!({
                "enrolment": new.id, "consent": new.consent.id, "purpose": new.consent.purpose, "method": method,
                "text_version": new.consent.text_version, "by_guardian": new.consent.guardian.is_some(),
            });
            tx.audit_of(&new.account, now, "consent.given", &subject, &detail.to_string())
        })
        .await
    }

    /// Redeems a capture token: one capture at a time; an unfinished one may be taken again (at most five times).
    ///
    /// # Errors
    /// Unknown token, expired, completed, or too many tries.
    pub async fn take_enrolment(
        &self,
        id: EnrolmentId,
        token_hash: SecretHash,
        now: Timestamp,
    ) -> Result<Enrolment, StoreError> {
        self.write(move |tx| {
            let sql = "SELECT * FROM enrolments WHERE id = ?1 AND token_hash = ?2";
            let found =
                tx.one(sql, params![id.key(), token_hash], |row| Ok((enrolment(row)?, row.value::<i64>("tries")?)))?;
            let (enrolment, tries) = found.ok_or(StoreError::NotFound("enrolment"))?;
            if enrolment.completed {
                return Err(StoreError::TokenUsed("enrolment"));
            }
            if now >= enrolment.expires_at {
                return Err(StoreError::TokenExpired("enrolment"));
            }
            if tries >= ENROLMENT_TRIES {
                return Err(StoreError::TriesSpent);
            }
            tx.run("UPDATE enrolments SET state = 'capturing', tries = tries + 1 WHERE id = ?1", [id.key()])?;
            Ok(enrolment)
        })
        .await
    }

    /// # Errors
    /// Database failures only.
    pub async fn enrolment(&self, id: EnrolmentId) -> Result<Option<Enrolment>, StoreError> {
        self.read(move |conn| one(conn, "SELECT * FROM enrolments WHERE id = ?1", [id.key()], enrolment)).await
    }
}

/// Ends an enrolment with success; part of keeping its template.
pub(crate) fn complete(tx: &Tx<'_>, id: EnrolmentId, account: AccountId, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE enrolments SET state = 'completed' WHERE id = ?1 AND account = ?2 AND state = 'capturing' \
               AND expires_at > ?3";
    match tx.run(sql, params![id.key(), account.key(), now.as_millis()])? {
        1 => Ok(()),
        _ => Err(StoreError::TokenUsed("enrolment")),
    }
}

fn enrolment(row: &Row<'_>) -> Result<Enrolment, StoreError> {
    Ok(Enrolment {
        id: row.id("id")?,
        account: row.id("account")?,
        method: row.method("method")?,
        kind: row.kind("kind")?,
        consent: row.id("consent")?,
        expires_at: row.time("expires_at")?,
        completed: row.value::<String>("state")? == "completed",
    })
}
