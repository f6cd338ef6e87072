//! Consents: one for each purpose and method. Withdrawing one ends every use at the same commit.

use base::{AccountId, ConsentId, Method, Purpose, Timestamp};
use serde::Serialize;

use crate::key::{Columns, Key, check_name};
use crate::limits::{MAX_LIST, MAX_NAME};
use crate::sql::{Connection, Row, params};
use crate::tx::{Tx, all, one};
use crate::{Store, StoreError};

/// A consent that is given now.
#[derive(Clone, Debug)]
pub struct NewConsent {
    pub id: ConsentId,
    pub purpose: Purpose,
    /// Which text was shown, such as `2026-11`.
    pub text_version: String,
    /// SHA-256 of that text.
    pub text_digest: [u8; 32],
    /// BCP 47, such as `en`.
    pub locale: String,
    /// Who agreed for a payer under 14.
    pub guardian: Option<AccountId>,
}

/// A recorded consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Consent {
    pub id: ConsentId,
    pub account: AccountId,
    pub purpose: Purpose,
    pub method: Method,
    pub text_version: String,
    pub text_digest: Option<[u8; 32]>,
    pub locale: String,
    pub guardian: Option<AccountId>,
    pub given_at: Timestamp,
    pub withdrawn_at: Option<Timestamp>,
    /// A newer one took its place.
    pub replaced_at: Option<Timestamp>,
}

impl Consent {
    /// Whether it allows anything now.
    pub const fn is_open(&self) -> bool {
        self.withdrawn_at.is_none() && self.replaced_at.is_none()
    }
}

const OPEN: &str = "withdrawn_at IS NULL AND replaced_at IS NULL";

impl Store {
    /// Records a consent; it takes the place of an open one for the same purpose and method.
    ///
    /// # Errors
    /// No such payer; texts too long.
    pub async fn give_consent(
        &self,
        account: AccountId,
        method: Method,
        new: NewConsent,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        check(&new)?;
        self.write(move |tx| {
            let subject = crate::payers::subject_of(tx, account)?;
            insert(tx, account, method, &new, now)?;
            let detail = serde_json::json!({
                "consent": new.id, "purpose": new.purpose, "method": method, "text_version": new.text_version,
                "by_guardian": new.guardian.is_some(),
            });
            tx.audit_of(&account, now, "consent.given", &subject, &detail.to_string())
        })
        .await
    }

    /// Withdraws a consent, asked for by its payer or its guardian, and every open one for the same purpose and method.
    /// From this commit on nothing uses it. Repeating it changes nothing.
    ///
    /// # Errors
    /// No such consent of this payer, or given by this guardian.
    pub async fn withdraw_consent(
        &self,
        asking: AccountId,
        id: ConsentId,
        now: Timestamp,
    ) -> Result<Consent, StoreError> {
        self.write(move |tx| {
            let sql = "SELECT * FROM consents WHERE id = ?1 AND (account = ?2 OR guardian = ?2)";
            let found =
                tx.one(sql, params![id.key(), asking.key()], consent)?.ok_or(StoreError::NotFound("consent"))?;
            if withdraw_open(tx, found.account, found.purpose, found.method, now)? > 0 {
                let subject = crate::payers::subject_of(tx, found.account)?;
                let detail = serde_json::json!({
                    "consent": id, "purpose": found.purpose, "method": found.method,
                    "by_guardian": asking != found.account,
                });
                tx.audit_of(&found.account, now, "consent.withdrawn", &subject, &detail.to_string())?;
                crate::notices::add(tx, found.account, "consent.withdrawn", &detail.to_string(), now)?;
            }
            tx.one("SELECT * FROM consents WHERE id = ?1", [id.key()], consent)?.ok_or(StoreError::NotFound("consent"))
        })
        .await
    }

    /// Whether this payer allows `method` to be used for `purpose` now.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn has_consent(&self, account: AccountId, purpose: Purpose, method: Method) -> Result<bool, StoreError> {
        self.read(move |conn| is_open(conn, account, purpose, method)).await
    }

    /// The payer's consents, newest first.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn consents(&self, account: AccountId) -> Result<Vec<Consent>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT * FROM consents WHERE account = ?1 ORDER BY given_at DESC, id DESC LIMIT ?2";
            all(conn, sql, params![account.key(), MAX_LIST as i64], consent)
        })
        .await
    }

    /// Consents that this payer gave for somebody under 14, newest first, each with that person's name.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn consents_as_guardian(&self, guardian: AccountId) -> Result<Vec<(String, Consent)>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT consents.*, payers.name AS child FROM consents JOIN payers ON payers.id = consents.account \
                       WHERE guardian = ?1 ORDER BY given_at DESC, consents.id DESC LIMIT ?2";
            all(conn, sql, params![guardian.key(), MAX_LIST as i64], |row| Ok((row.value("child")?, consent(row)?)))
        })
        .await
    }

    /// When this payer turns 14, if they are said to be younger.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn minor_until(&self, account: AccountId) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT minor_until FROM payers WHERE id = ?1";
        let found = self.read(move |conn| one(conn, sql, [account.key()], |row| row.maybe_time("minor_until"))).await?;
        Ok(found.flatten())
    }

    /// Keeps when this payer turns 14; what was kept before stays when it is later.
    ///
    /// # Errors
    /// No such payer.
    pub async fn set_minor_until(
        &self,
        account: AccountId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let subject = crate::payers::subject_of(tx, account)?;
            let sql = "UPDATE payers SET minor_until = ?2 WHERE id = ?1 AND (minor_until IS NULL OR minor_until < ?2)";
            tx.run(sql, params![account.key(), until.as_millis()])?;
            tx.audit_of(&account, now, "payer.under_14", &subject, "{}")
        })
        .await
    }
}

pub(crate) fn check(new: &NewConsent) -> Result<(), StoreError> {
    check_name("consent text version", &new.text_version, MAX_NAME)?;
    check_name("locale", &new.locale, MAX_NAME)
}

/// Writes the row; an open one for the same purpose and method is replaced.
pub(crate) fn insert(
    tx: &Tx<'_>,
    account: AccountId,
    method: Method,
    new: &NewConsent,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (purpose, at) = (new.purpose.as_str(), now.as_millis());
    let sql =
        format!("UPDATE consents SET replaced_at = ?4 WHERE account = ?1 AND purpose = ?2 AND method = ?3 AND {OPEN}");
    tx.run(&sql, params![account.key(), purpose, method.as_str(), at])?;
    let sql = "INSERT INTO consents (id, account, method, purpose, text_version, text_digest, locale, guardian, given_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let (guardian, method) = (new.guardian.map(|g| g.key()), method.as_str());
    let row = params![
        new.id.key(),
        account.key(),
        method,
        purpose,
        new.text_version,
        new.text_digest,
        new.locale,
        guardian,
        at
    ];
    tx.insert("consent", sql, row)
}

/// Withdraws what is open; answers how many that were.
pub(crate) fn withdraw_open(
    tx: &Tx<'_>,
    account: AccountId,
    purpose: Purpose,
    method: Method,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let sql =
        format!("UPDATE consents SET withdrawn_at = ?4 WHERE account = ?1 AND purpose = ?2 AND method = ?3 AND {OPEN}");
    tx.run(&sql, params![account.key(), purpose.as_str(), method.as_str(), now.as_millis()])
}

pub(crate) fn is_open(
    conn: &Connection,
    account: AccountId,
    purpose: Purpose,
    method: Method,
) -> Result<bool, StoreError> {
    let sql = format!("SELECT 1 FROM consents WHERE account = ?1 AND purpose = ?2 AND method = ?3 AND {OPEN} LIMIT 1");
    let key = params![account.key(), purpose.as_str(), method.as_str()];
    Ok(one(conn, &sql, key, |_| Ok(()))?.is_some())
}

fn consent(row: &Row<'_>) -> Result<Consent, StoreError> {
    Ok(Consent {
        id: row.id("id")?,
        account: row.id("account")?,
        purpose: row.named("purpose", |name| Purpose::ALL.into_iter().find(|p| p.as_str() == name))?,
        method: row.method("method")?,
        text_version: row.value("text_version")?,
        text_digest: row.value("text_digest")?,
        locale: row.value("locale")?,
        guardian: row.maybe_id("guardian")?,
        given_at: row.time("given_at")?,
        withdrawn_at: row.maybe_time("withdrawn_at")?,
        replaced_at: row.maybe_time("replaced_at")?,
    })
}
