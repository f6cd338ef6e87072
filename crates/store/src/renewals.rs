//! What the rotation of keys and the retention clock need: sealed forms by id, exchanged one for another; templates nobody used.

use base::{AccountId, Method, TemplateId, Timestamp};

use crate::key::{Columns, Key};
use crate::limits::{MAX_LIST, MAX_SEALED_OBJECT};
use crate::sql::params;
use crate::tx::{all, one};
use crate::{Store, StoreError};

/// Which table a sealed form is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedIn {
    /// A payer's.
    Templates,
    /// A person's of a collection.
    Persons,
}

impl SealedIn {
    const fn table(self) -> &'static str {
        match self {
            Self::Templates => "templates",
            Self::Persons => "persons",
        }
    }
}

/// A sealed form with what its label is made of; no `Debug`, `Clone` or `Serialize`.
pub struct KeptSealed {
    pub place: SealedIn,
    pub id: TemplateId,
    /// The payer, or the collection in a payer's stead.
    pub owner: AccountId,
    pub method: Method,
    pub sealed: Vec<u8>,
}

/// One sealed form for another.
pub struct Exchange {
    pub place: SealedIn,
    pub id: TemplateId,
    /// What must be there now.
    pub before: Vec<u8>,
    pub after: Vec<u8>,
}

impl Store {
    /// The sealed forms of these ids; ids without one (erased, or never stored) are left out.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn sealed_forms(&self, ids: Vec<TemplateId>) -> Result<Vec<KeptSealed>, StoreError> {
        self.read(move |conn| {
            let mut found = Vec::with_capacity(ids.len());
            for id in ids.into_iter().take(MAX_LIST) {
                let sql = "SELECT account, method, sealed FROM templates WHERE id = ?1 AND sealed IS NOT NULL";
                let template = one(conn, sql, params![id.key()], |row| {
                    let (owner, method) = (row.id("account")?, row.method("method")?);
                    Ok(KeptSealed { place: SealedIn::Templates, id, owner, method, sealed: row.value("sealed")? })
                })?;
                let sql = "SELECT collection, sealed FROM persons WHERE id = ?1 AND sealed IS NOT NULL";
                let person = |row: &crate::sql::Row<'_>| {
                    let owner: AccountId = row.id("collection")?;
                    let sealed = row.value("sealed")?;
                    Ok(KeptSealed { place: SealedIn::Persons, id, owner, method: Method::Face, sealed })
                };
                found.extend(match template {
                    Some(template) => Some(template),
                    None => one(conn, sql, params![id.key()], person)?,
                });
            }
            Ok(found)
        })
        .await
    }

    /// Puts new sealed forms in the place of old ones, all in one commit, with one audit entry. Answers for each whether the
    /// old one was still there.
    ///
    /// # Errors
    /// A sealed form that is empty or too long; database failures. Nothing is exchanged then.
    pub async fn exchange_sealed(&self, all: Vec<Exchange>, now: Timestamp) -> Result<Vec<bool>, StoreError> {
        if all.iter().any(|e| e.after.is_empty() || e.after.len() > MAX_SEALED_OBJECT) {
            return Err(StoreError::TooLong { what: "sealed template", limit: MAX_SEALED_OBJECT });
        }
        self.write(move |tx| {
            let mut exchanged = Vec::with_capacity(all.len());
            for e in all {
                let sql = format!("UPDATE {} SET sealed = ?3 WHERE id = ?1 AND sealed = ?2", e.place.table());
                exchanged.push(tx.run(&sql, params![e.id.key(), e.before, e.after])? == 1);
            }
            let count = exchanged.iter().filter(|done| **done).count();
            if count > 0 {
                tx.audit(now, "templates.renewed", &[], &serde_json::json!({"templates": count}).to_string())?;
            }
            Ok(exchanged)
        })
        .await
    }

    /// Up to `most` active templates of a method that were last used (or, never used, enrolled) before `before`, oldest first.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn unused_templates(
        &self,
        method: Method,
        before: Timestamp,
        most: usize,
    ) -> Result<Vec<(AccountId, TemplateId)>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT account, id FROM templates WHERE state = 'active' AND method = ?1 \
                       AND coalesce(last_used_at, created_at) < ?2 \
                       ORDER BY coalesce(last_used_at, created_at), id LIMIT ?3";
            let values = params![method.as_str(), before.as_millis(), most.min(MAX_LIST) as i64];
            all(conn, sql, values, |row| Ok((row.id("account")?, row.id("id")?)))
        })
        .await
    }
}
