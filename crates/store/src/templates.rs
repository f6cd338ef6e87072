use base::{AccountId, EnrolmentId, Method, ObjectKind, Purpose, TemplateId, Timestamp};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::consents;
use crate::key::{Columns, Key, check_name, check_text};
use crate::limits::{MAX_LIST, MAX_NAME, MAX_RECEIPT, MAX_SEALED, MAX_SEALED_OBJECT};
use crate::sql::{Row, params};
use crate::tx::{all, one};
use crate::{Store, StoreError};

/// A template to be kept, sealed by the vault.
pub struct NewTemplate {
    pub id: TemplateId,
    pub account: AccountId,
    pub method: Method,
    /// What it shows, by kungfu.
    pub kind: Option<ObjectKind>,
    /// The recogniser's id.
    pub model: String,
    /// Pictures in it.
    pub views: u8,
    /// Opaque bytes of the vault; at most [`MAX_SEALED`], of an object [`MAX_SEALED_OBJECT`].
    pub sealed: Vec<u8>,
    /// Until then it pays small amounts only.
    pub small_amounts_until: Timestamp,
    /// The enrolment it came from; must be in capture and unexpired.
    pub enrolment: EnrolmentId,
}

/// Where a template stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateState {
    Active,
    Superseded,
    Erased,
}

/// Why a template was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErasedBecause {
    /// The payer (or a renewal) wanted it.
    Asked,
    /// Nobody used it for as long as was promised.
    Unused,
}

/// What may be shown of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TemplateInfo {
    pub id: TemplateId,
    pub account: AccountId,
    pub method: Method,
    /// What it shows, by kungfu.
    pub kind: Option<ObjectKind>,
    pub model: String,
    pub views: u8,
    pub state: TemplateState,
    pub created_at: Timestamp,
    pub small_amounts_until: Timestamp,
    pub last_used_at: Option<Timestamp>,
    /// When it was last aged or made anew with another recogniser, and how often.
    pub changed_at: Option<Timestamp>,
    pub changes: i64,
    pub erased_at: Option<Timestamp>,
    /// The vault's proof of erasure.
    pub proof: Option<String>,
    /// The receipt that the payer was given.
    pub receipt: Option<String>,
    /// A key phrase is set.
    pub has_key_phrase: bool,
}

/// A template's own features exchanged for others of the same person.
pub struct TemplateChange {
    pub id: TemplateId,
    pub account: AccountId,
    pub method: Method,
    /// The sealed bytes that the change was made from: where others are kept by now, nothing changes.
    pub before: Vec<u8>,
    pub model: String,
    pub views: u8,
    pub sealed: Vec<u8>,
    pub kind: ChangeKind,
}

/// Why a template changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It grew older with its payer.
    Aged,
    /// Another recogniser took over.
    Replaced,
}

/// A template with its sealed bytes; no `Debug`, `Clone` or `Serialize`.
pub struct SealedRow {
    pub info: TemplateInfo,
    pub sealed: Vec<u8>,
}

impl Store {
    /// Keeps a template, completes its enrolment, supersedes the active one of the same method and notes it for the
    /// payer, in one step. Answers the ids of superseded templates, whose keys the vault should now destroy.
    ///
    /// # Errors
    /// The enrolment is not in capture, or expired; sealed bytes too long.
    pub async fn add_template(&self, new: NewTemplate, now: Timestamp) -> Result<Vec<TemplateId>, StoreError> {
        check_name("model", &new.model, MAX_NAME)?;
        let limit = if new.kind.is_some() { MAX_SEALED_OBJECT } else { MAX_SEALED };
        if new.sealed.is_empty() || new.sealed.len() > limit {
            return Err(StoreError::TooLong { what: "sealed template", limit });
        }
        self.write(move |tx| {
            let subject = crate::payers::subject_of(tx, new.account)?;
            crate::enrolments::complete(tx, new.enrolment, new.account, now)?;
            let (account, method) = (new.account.key(), new.method.as_str());
            let sql = "SELECT id FROM templates WHERE account = ?1 AND method = ?2 AND state = 'active'";
            let before = all(tx.conn, sql, params![account, method], |row| row.id("id"))?;
            let sql =
                "UPDATE templates SET state = 'superseded' WHERE account = ?1 AND method = ?2 AND state = 'active'";
            tx.run(sql, params![account, method])?;
            let sql = "INSERT INTO templates \
                       (id, account, method, model, views, state, sealed, created_at, small_amounts_until, kind) \
                       VALUES (?1, ?2, ?3, ?4, ?5, 'active', ?6, ?7, ?8, ?9)";
            let (created, until) = (now.as_millis(), new.small_amounts_until.as_millis());
            let kind = new.kind.map(ObjectKind::as_str);
            let row = params![new.id.key(), account, method, new.model, new.views, new.sealed, created, until, kind];
            tx.insert("template", sql, row)?;
            let detail =
                serde_json::json!({"template": new.id, "method": method, "model": new.model, "views": new.views});
            let detail = detail.to_string();
            crate::notices::add(tx, new.account, "method.enrolled", &detail, now)?;
            tx.audit_of(&new.account, now, "template.enrolled", &subject, &detail)?;
            Ok(before)
        })
        .await
    }

    /// Exchanges the features of an active template. `false`, and nothing changed: it is not active any more, was changed
    /// meanwhile, or the payer's consents do not (any longer) allow it.
    ///
    /// # Errors
    /// Sealed bytes or the model's name too long.
    pub async fn change_template(&self, new: TemplateChange, now: Timestamp) -> Result<bool, StoreError> {
        check_name("model", &new.model, MAX_NAME)?;
        if new.sealed.is_empty() || new.sealed.len() > MAX_SEALED {
            return Err(StoreError::TooLong { what: "sealed template", limit: MAX_SEALED });
        }
        self.write(move |tx| {
            let purposes: &[Purpose] = match new.kind {
                ChangeKind::Aged => &[Purpose::Payment, Purpose::ControlledAgeing],
                ChangeKind::Replaced => &[Purpose::Payment],
            };
            for purpose in purposes {
                if !consents::is_open(tx.conn, new.account, *purpose, new.method)? {
                    return Ok(false);
                }
            }
            let subject = crate::payers::subject_of(tx, new.account)?;
            let sql = "UPDATE templates SET model = ?3, views = ?4, sealed = ?5, changed_at = ?6, changes = changes + 1 \
                       WHERE id = ?1 AND account = ?2 AND state = 'active' AND sealed = ?7";
            let at = now.as_millis();
            let values = params![new.id.key(), new.account.key(), new.model, new.views, new.sealed, at, new.before];
            if tx.run(sql, values)? == 0 {
                return Ok(false);
            }
            let method = new.method.as_str();
            let detail = serde_json::json!({"template": new.id, "method": method, "model": new.model, "views": new.views});
            let detail = detail.to_string();
            let what = match new.kind {
                ChangeKind::Aged => "template.aged",
                ChangeKind::Replaced => {
                    crate::notices::add(tx, new.account, "method.renewed", &detail, now)?;
                    "template.replaced"
                }
            };
            tx.audit_of(&new.account, now, what, &subject, &detail)?;
            Ok(true)
        })
        .await
    }

    /// The account's active template of a method, with its sealed bytes; none while the payer's consent to pay with it is
    /// withdrawn.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn active_template(&self, account: AccountId, method: Method) -> Result<Option<SealedRow>, StoreError> {
        self.read(move |conn| {
            if !consents::is_open(conn, account, Purpose::Payment, method)? {
                return Ok(None);
            }
            let sql = "SELECT * FROM templates WHERE account = ?1 AND method = ?2 AND state = 'active'";
            one(conn, sql, params![account.key(), method.as_str()], |row| {
                Ok(SealedRow { info: info(row)?, sealed: row.value("sealed")? })
            })
        })
        .await
    }

    /// Sets the sealed key phrase of an active template, or takes it away.
    ///
    /// # Errors
    /// No such active template of this account; sealed bytes too long.
    pub async fn set_key_phrase(
        &self,
        account: AccountId,
        id: TemplateId,
        sealed: Option<Vec<u8>>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if sealed.as_ref().is_some_and(|s| s.is_empty() || s.len() > MAX_SEALED) {
            return Err(StoreError::TooLong { what: "sealed key phrase", limit: MAX_SEALED });
        }
        self.write(move |tx| {
            let subject = crate::payers::subject_of(tx, account)?;
            let kind = if sealed.is_some() { "template.key_phrase_set" } else { "template.key_phrase_removed" };
            let sql = "UPDATE templates SET key_phrase = ?3 WHERE id = ?1 AND account = ?2 AND state = 'active'";
            if tx.run(sql, params![id.key(), account.key(), sealed])? == 0 {
                return Err(StoreError::NotFound("template"));
            }
            tx.audit_of(&account, now, kind, &subject, &serde_json::json!({"template": id}).to_string())
        })
        .await
    }

    /// The sealed key phrase of an active template.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn key_phrase(&self, account: AccountId, id: TemplateId) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT key_phrase FROM templates WHERE id = ?1 AND account = ?2 AND state = 'active'";
            let found: Option<Option<Vec<u8>>> =
                one(conn, sql, params![id.key(), account.key()], |row| row.value("key_phrase"))?;
            Ok(found.flatten())
        })
        .await
    }

    /// One of the account's templates.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn template(&self, account: AccountId, id: TemplateId) -> Result<Option<TemplateInfo>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT * FROM templates WHERE id = ?1 AND account = ?2";
            one(conn, sql, params![id.key(), account.key()], info)
        })
        .await
    }

    /// The account's templates, newest first; erased ones too, as tombstones.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn templates(&self, account: AccountId) -> Result<Vec<TemplateInfo>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT * FROM templates WHERE account = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2";
            all(conn, sql, params![account.key(), MAX_LIST as i64], info)
        })
        .await
    }

    /// Accounts other than this one that pay with an object of this kind, newest first, at most `most`: whom a new object is
    /// compared with. Their templates come one at a time from [`Store::active_template`].
    ///
    /// # Errors
    /// Database failures only.
    pub async fn others_with(
        &self,
        account: AccountId,
        kind: ObjectKind,
        most: usize,
    ) -> Result<Vec<AccountId>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT account FROM templates WHERE kind = ?1 AND state = 'active' AND account <> ?2 \
                       ORDER BY created_at DESC, id DESC LIMIT ?3";
            all(conn, sql, params![kind.as_str(), account.key(), most as i64], |row| row.id("account"))
        })
        .await
    }

    /// Proofs of every erasure, for [`vault::Vault::replay_erasures`] after a restore of an older key store.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn erasure_proofs(&self) -> Result<Vec<String>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT proof FROM templates WHERE proof IS NOT NULL \
                       UNION ALL SELECT proof FROM persons WHERE proof IS NOT NULL";
            all(conn, sql, params![], |row| row.value("proof"))
        })
        .await
    }

    /// Templates that have not been erased here: for comparing with the vault's log after a restore.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn kept_templates(&self) -> Result<Vec<(AccountId, TemplateId, Method)>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT account, id, method FROM templates WHERE state <> 'erased'";
            all(conn, sql, params![], |row| Ok((row.id("account")?, row.id("id")?, row.method("method")?)))
        })
        .await
    }

    /// Drops the sealed bytes, keeps tombstone, proof and receipt; an active one's consents are withdrawn. Repeating it
    /// answers the first proof. Call [`Store::scrub`] afterwards.
    ///
    /// # Errors
    /// No such template of this account.
    pub async fn erase_template(
        &self,
        account: AccountId,
        id: TemplateId,
        proof: String,
        receipt: String,
        why: ErasedBecause,
        now: Timestamp,
    ) -> Result<TemplateInfo, StoreError> {
        check_text("receipt", &receipt, MAX_RECEIPT)?;
        check_name("proof", &proof, crate::limits::MAX_TEXT)?;
        self.write(move |tx| {
            let subject = crate::payers::subject_of(tx, account)?;
            let sql = "SELECT * FROM templates WHERE id = ?1 AND account = ?2";
            let key = params![id.key(), account.key()];
            let found = tx.one(sql, key, info)?.ok_or(StoreError::NotFound("template"))?;
            if found.state == TemplateState::Erased {
                return Ok(found);
            }
            let update =
                "UPDATE templates SET state = 'erased', sealed = NULL, key_phrase = NULL, erased_at = ?2, proof = ?3, receipt = ?4 WHERE id = ?1";
            tx.run(update, params![id.key(), now.as_millis(), proof, receipt])?;
            let method = found.method.as_str();
            if found.state == TemplateState::Active {
                for purpose in Purpose::ALL {
                    consents::withdraw_open(tx, account, purpose, found.method, now)?;
                }
                tx.run("DELETE FROM fingerprints WHERE account = ?1 AND method = ?2", params![account.key(), method])?;
            }
            let digest = hex::encode(Sha256::digest(receipt.as_bytes()));
            let mut detail =
                serde_json::json!({"template": id, "method": method, "proof": proof, "receipt_sha256": digest});
            if let (ErasedBecause::Unused, Some(detail)) = (why, detail.as_object_mut()) {
                detail.insert("because".to_owned(), "unused".into());
            }
            let detail = detail.to_string();
            if found.state == TemplateState::Active {
                let kind = if why == ErasedBecause::Unused { "method.unused" } else { "method.erased" };
                crate::notices::add(tx, account, kind, &detail, now)?;
            }
            tx.audit_of(&account, now, "template.erased", &subject, &detail)?;
            tx.one(sql, key, info)?.ok_or(StoreError::NotFound("template"))
        })
        .await
    }
}

pub(crate) fn info(row: &Row<'_>) -> Result<TemplateInfo, StoreError> {
    Ok(TemplateInfo {
        id: row.id("id")?,
        account: row.id("account")?,
        method: row.method("method")?,
        kind: row.kind("kind")?,
        model: row.value("model")?,
        views: row.value("views")?,
        state: row.named("state", |name| match name {
            "active" => Some(TemplateState::Active),
            "superseded" => Some(TemplateState::Superseded),
            "erased" => Some(TemplateState::Erased),
            _ => None,
        })?,
        created_at: row.time("created_at")?,
        small_amounts_until: row.time("small_amounts_until")?,
        last_used_at: row.maybe_time("last_used_at")?,
        changed_at: row.maybe_time("changed_at")?,
        changes: row.value("changes")?,
        erased_at: row.maybe_time("erased_at")?,
        proof: row.value("proof")?,
        receipt: row.value("receipt")?,
        has_key_phrase: row.value::<Option<Vec<u8>>>("key_phrase")?.is_some(),
    })
}
