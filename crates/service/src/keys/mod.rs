//! The keys of a merchant's programs: what kind, what they may do, how often, in which version of the API.

mod rate;
mod scope;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base::{ApiKeyId, Timestamp};
use serde::Serialize;
pub use store::KeyKind;
use store::{ApiKey, NewApiKey};
use utoipa::ToSchema;

pub(crate) use rate::KeyRates;
pub use scope::{Access, KeyScope, Resource};

use crate::app::App;
use crate::error::{Error, Result};
use crate::faces::FaceKey;
use crate::limits::{KEY_PER_MINUTE, KEY_USES_KEPT, KEYS_COUNTED, PUBLISHABLE_PER_MINUTE, SECRET_PER_MINUTE};
use crate::merchant::Merchant;
use crate::secret;
use crate::webhook::overlap;

/// Versions of the API, oldest first. A key keeps the newest of the day it was made.
pub const VERSIONS: [&str; 1] = ["2026-11-24"];

/// The newest version.
pub fn latest() -> &'static str {
    VERSIONS.last().copied().unwrap_or_default()
}

/// A version that somebody asks for.
///
/// # Errors
/// [`Error::UnknownVersion`].
pub fn version(asked: &str) -> Result<&'static str> {
    VERSIONS.into_iter().find(|v| *v == asked).ok_or_else(|| Error::UnknownVersion { known: VERSIONS.join(", ") })
}

/// Whoever has shown a key, already counted against its rate.
#[derive(Clone, Debug)]
pub struct Caller {
    pub merchant: Merchant,
    pub kind: KeyKind,
    pub version: String,
    id: ApiKeyId,
    scopes: Vec<KeyScope>,
}

impl Caller {
    /// The merchant, where its key may do this; `None`: what only a secret key may.
    ///
    /// # Errors
    /// [`Error::KeyKind`], [`Error::Scope`].
    pub fn acts(&self, on: Option<(Resource, Access)>) -> Result<Merchant> {
        match (self.kind, on) {
            (KeyKind::Secret, _) => {}
            (KeyKind::Publishable, _) | (KeyKind::Restricted, None) => return Err(Error::KeyKind(self.kind.as_str())),
            (KeyKind::Restricted, Some((resource, access))) => {
                if !self.scopes.iter().any(|scope| scope.allows(resource, access)) {
                    return Err(Error::Scope(resource.scope(access)));
                }
            }
        }
        Ok(self.merchant.clone())
    }

    /// What a restricted key may do with faces.
    ///
    /// # Errors
    /// [`Error::UnknownKey`] for every other kind.
    pub fn faces(&self) -> Result<FaceKey> {
        if self.kind != KeyKind::Restricted {
            return Err(Error::UnknownKey);
        }
        let scopes = self.scopes.iter().filter_map(|s| if let KeyScope::Faces(f) = s { Some(*f) } else { None });
        Ok(FaceKey::new(self.id, self.merchant.id, scopes.collect()))
    }
}

/// A key.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ApiKeyView {
    pub id: String,
    /// `secret`, `publishable` or `restricted`.
    pub kind: &'static str,
    pub label: String,
    pub scopes: Vec<String>,
    /// Requests that read, and as many that change something.
    pub per_minute: u32,
    /// Version of the API that its requests get unless they say another.
    pub version: String,
    pub created_at: String,
    /// To the minute.
    pub last_used_at: Option<String>,
    /// It has a successor, and works until then.
    pub expires_at: Option<String>,
    /// Only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// A key to be.
pub struct NewKey {
    pub label: String,
    pub kind: KeyKind,
    pub scopes: Vec<String>,
    /// `None`: as its kind has it.
    pub per_minute: Option<u32>,
    /// `None`: the newest.
    pub version: Option<String>,
}

impl App {
    /// Makes a key; the key itself is shown this once.
    ///
    /// # Errors
    /// Unknown scopes, none for a restricted key or some for another, a rate out of range, too many keys.
    pub async fn create_api_key(&self, merchant: &Merchant, new: NewKey) -> Result<ApiKeyView> {
        let scopes = check_scopes(new.kind, &new.scopes)?;
        let usual = if new.kind == KeyKind::Secret { SECRET_PER_MINUTE } else { PUBLISHABLE_PER_MINUTE };
        let per_minute = new.per_minute.unwrap_or(usual);
        if !KEY_PER_MINUTE.contains(&per_minute) {
            let (low, high) = (KEY_PER_MINUTE.start(), KEY_PER_MINUTE.end());
            return Err(Error::invalid("per_minute", format!("from {low} to {high}")));
        }
        let version = new.version.as_deref().map(version).transpose()?.unwrap_or_else(latest);
        let (id, now) = (ApiKeyId::from_uuid(self.uuid_for("key")?), self.now());
        let key = self.secret(&prefix(new.kind, &scopes, self.is_test_mode()))?;
        let row = NewApiKey {
            id,
            merchant: merchant.id,
            key_hash: secret::hash(&key),
            kind: new.kind,
            label: new.label,
            scopes: scopes.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(" "),
            per_minute,
            version: version.to_owned(),
        };
        let made = ApiKey {
            id,
            merchant: merchant.id,
            merchant_name: merchant.name.clone(),
            kind: row.kind,
            label: row.label.clone(),
            scopes: row.scopes.clone(),
            per_minute,
            version: row.version.clone(),
            created_at: now,
            expires_at: None,
            last_used_at: None,
        };
        let made = view(&made, Some(key));
        let shown = made.clone();
        self.answering(201, move |(): &()| shown, self.store.create_api_key(row, now)).await?;
        Ok(made)
    }

    /// The merchant's keys that work, without the keys themselves.
    ///
    /// # Errors
    /// Database failures.
    pub async fn api_keys(&self, merchant: &Merchant) -> Result<Vec<ApiKeyView>> {
        let mut all = self.store.api_keys(merchant.id, self.now()).await?;
        for key in &mut all {
            key.last_used_at = key.last_used_at.max(self.key_uses.last(key.id));
        }
        Ok(all.iter().map(|key| view(key, None)).collect())
    }

    /// Gives a key a successor that may do the same; the old one works for `overlap_seconds` more, a day unless said.
    ///
    /// # Errors
    /// Not this merchant's, or it has a successor; an overlap that is too long.
    pub async fn rotate_api_key(
        &self,
        merchant: &Merchant,
        id: &str,
        overlap_seconds: Option<i64>,
    ) -> Result<ApiKeyView> {
        let overlap = overlap(overlap_seconds)?;
        let (old, now) = (parse(id)?, self.now());
        let known = self.store.api_keys(merchant.id, now).await?.into_iter().find(|key| key.id == old);
        let known = known.ok_or(Error::NotFound("key"))?;
        let key = self.secret(&prefix(known.kind, &scopes_of(&known.scopes), self.is_test_mode()))?;
        let new = (ApiKeyId::from_uuid(self.uuid_for("key")?), secret::hash(&key));
        let shown = key.clone();
        let work = self.store.rotate_api_key(merchant.id, old, new, now.plus(overlap), now);
        let made = self.answering(201, move |made: &ApiKey| view(made, Some(shown)), work).await?;
        Ok(view(&made, Some(key)))
    }

    /// Ends a key at once.
    ///
    /// # Errors
    /// Not this merchant's; its last secret key.
    pub async fn revoke_api_key(&self, merchant: &Merchant, id: &str) -> Result<()> {
        Ok(self.store.revoke_api_key(merchant.id, parse(id)?, self.now()).await?)
    }

    /// Who shows a key; counts the request among those that read or those that `change` something.
    ///
    /// # Errors
    /// [`Error::UnknownKey`], [`Error::TooFast`].
    pub async fn caller(&self, key: &str, change: bool) -> Result<Caller> {
        let now = self.now();
        let found = self.store.api_key(secret::hash(key), now).await?.ok_or(Error::UnknownKey)?;
        self.key_rates.take((found.id, change), found.per_minute, now)?;
        self.key_uses.note(found.id, now);
        let scopes = scopes_of(&found.scopes);
        let merchant = Merchant { id: found.merchant, name: found.merchant_name };
        Ok(Caller { merchant, kind: found.kind, version: found.version, id: found.id, scopes })
    }

    /// Keeps when keys were used last.
    pub(crate) async fn keep_key_uses(&self) -> std::result::Result<(), store::StoreError> {
        match self.key_uses.take(self.now()) {
            uses if uses.is_empty() => Ok(()),
            uses => self.store.note_key_uses(uses).await,
        }
    }
}

/// When keys were used, until it is written down: a commit for each request would cost more than the request.
#[derive(Default)]
pub(crate) struct KeyUses(Mutex<(HashMap<ApiKeyId, Timestamp>, Option<Timestamp>)>);

impl KeyUses {
    fn note(&self, id: ApiKeyId, now: Timestamp) {
        let (uses, _) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if uses.len() < KEYS_COUNTED || uses.contains_key(&id) {
            uses.insert(id, now);
        }
    }

    fn last(&self, id: ApiKeyId) -> Option<Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.get(&id).copied()
    }

    /// All that is to be written down, once in a while.
    fn take(&self, now: Timestamp) -> Vec<(ApiKeyId, Timestamp)> {
        let (uses, taken) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.is_some_and(|at| now.since(at) < KEY_USES_KEPT) {
            return Vec::new();
        }
        *taken = Some(now);
        uses.drain().collect()
    }
}

/// What a secret key begins with.
pub const fn secret_prefix(test: bool) -> &'static str {
    if test { "sk_test_" } else { "sk_live_" }
}

/// Keys say by their beginning what they are, so that one in the wrong place is noticed.
fn prefix(kind: KeyKind, scopes: &[KeyScope], test: bool) -> String {
    let faces_only = scopes.iter().all(|scope| matches!(scope, KeyScope::Faces(_)));
    let kind = match kind {
        KeyKind::Secret => "sk",
        KeyKind::Publishable => "pk",
        KeyKind::Restricted if faces_only => "fk",
        KeyKind::Restricted => "rk",
    };
    format!("{kind}_{}_", if test { "test" } else { "live" })
}

fn check_scopes(kind: KeyKind, names: &[String]) -> Result<Vec<KeyScope>> {
    let scopes = names.iter().map(|s| s.parse()).collect::<std::result::Result<Vec<KeyScope>, String>>();
    let mut scopes = scopes.map_err(|why| Error::invalid("scopes", why))?;
    scopes.dedup();
    match (kind, scopes.is_empty()) {
        (KeyKind::Restricted, true) => Err(Error::invalid("scopes", "name at least one")),
        (KeyKind::Secret | KeyKind::Publishable, false) => {
            Err(Error::invalid("scopes", "only a restricted key has scopes"))
        }
        _ => Ok(scopes),
    }
}

fn scopes_of(words: &str) -> Vec<KeyScope> {
    words.split(' ').filter_map(|word| word.parse().ok()).collect()
}

fn parse(id: &str) -> Result<ApiKeyId> {
    id.parse().map_err(|_| Error::NotFound("key"))
}

fn view(key: &ApiKey, shown: Option<String>) -> ApiKeyView {
    ApiKeyView {
        id: key.id.to_string(),
        kind: key.kind.as_str(),
        label: key.label.clone(),
        scopes: key.scopes.split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect(),
        per_minute: key.per_minute,
        version: key.version.clone(),
        created_at: key.created_at.rfc3339(),
        last_used_at: key.last_used_at.map(Timestamp::rfc3339),
        expires_at: key.expires_at.map(Timestamp::rfc3339),
        key: shown,
    }
}
