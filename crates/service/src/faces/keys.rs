//! Restricted keys: what they may do, and how often.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use base::{ApiKeyId, MerchantId, Timestamp};
use store::NewRestrictedKey;

use super::views::ApiKeyView;
use crate::app::App;
use crate::error::{Error, Result};
use crate::limits::{KEY_PER_MINUTE, KEYS_COUNTED, RATE_WINDOW};
use crate::merchant::Merchant;
use crate::secret;

/// What a restricted key may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// See where faces are and how good a picture is.
    Detect,
    /// Compare pictures that are sent along.
    Compare,
    /// Look for a face in a collection.
    Search,
    /// Make collections, enrol and erase people, resolve reviews.
    Manage,
    /// Be a kiosk: open payments of the shop, and take them from whoever stands there.
    Kiosk,
}

impl Scope {
    const ALL: [Self; 5] = [Self::Detect, Self::Compare, Self::Search, Self::Manage, Self::Kiosk];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Detect => "faces.detect",
            Self::Compare => "faces.compare",
            Self::Search => "faces.search",
            Self::Manage => "faces.manage",
            Self::Kiosk => "kiosk.pay",
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let known = Self::ALL.into_iter().find(|s| s.as_str() == text);
        known.ok_or_else(|| format!("`{text}` is none of {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// Whoever has shown a restricted key, already counted against its rate.
#[derive(Clone, Debug)]
pub struct FaceKey {
    pub(crate) id: ApiKeyId,
    pub(crate) merchant: MerchantId,
    scopes: Vec<Scope>,
}

impl FaceKey {
    /// Whose key it is.
    pub const fn merchant(&self) -> MerchantId {
        self.merchant
    }

    /// # Errors
    /// [`Error::Scope`].
    pub fn allows(&self, scope: Scope) -> Result<()> {
        if self.scopes.contains(&scope) { Ok(()) } else { Err(Error::Scope(scope.as_str())) }
    }
}

/// A restricted key to be.
pub struct NewKey {
    pub label: String,
    pub scopes: Vec<String>,
    pub per_minute: u32,
}

impl App {
    /// Makes a restricted key; the key itself is shown this once.
    ///
    /// # Errors
    /// Unknown or no scopes, a rate out of range, too many keys.
    pub async fn create_restricted_key(&self, merchant: &Merchant, new: NewKey) -> Result<ApiKeyView> {
        let scopes = new.scopes.iter().map(|s| s.parse()).collect::<std::result::Result<Vec<Scope>, String>>();
        let mut scopes = scopes.map_err(|why| Error::invalid("scopes", why))?;
        if scopes.is_empty() {
            return Err(Error::invalid("scopes", "name at least one"));
        }
        scopes.dedup();
        if !KEY_PER_MINUTE.contains(&new.per_minute) {
            let (low, high) = (KEY_PER_MINUTE.start(), KEY_PER_MINUTE.end());
            return Err(Error::invalid("per_minute", format!("from {low} to {high}")));
        }
        let key = self.secret(if self.is_test_mode() { "fk_test_" } else { "fk_live_" })?;
        let (id, now) = (ApiKeyId::from_uuid(self.uuid_for("key")?), self.now());
        let scopes: Vec<String> = scopes.iter().map(|s| s.as_str().to_owned()).collect();
        let row = NewRestrictedKey {
            id,
            merchant: merchant.id,
            key_hash: secret::hash(&key),
            label: new.label.clone(),
            scopes: scopes.join(" "),
            per_minute: new.per_minute,
        };
        let view = ApiKeyView {
            id: id.to_string(),
            label: new.label,
            scopes,
            per_minute: new.per_minute,
            created_at: now.rfc3339(),
            key: Some(key),
        };
        let shown = view.clone();
        self.answering(201, move |(): &()| shown, self.store.create_restricted_key(row, now)).await?;
        Ok(view)
    }

    /// The merchant's restricted keys, without the keys themselves.
    ///
    /// # Errors
    /// Database failures.
    pub async fn restricted_keys(&self, merchant: &Merchant) -> Result<Vec<ApiKeyView>> {
        let all = self.store.restricted_keys(merchant.id).await?;
        let view = |k: store::RestrictedKey| ApiKeyView {
            id: k.id.to_string(),
            label: k.label,
            scopes: k.scopes.split(' ').map(str::to_owned).collect(),
            per_minute: k.per_minute,
            created_at: k.created_at.rfc3339(),
            key: None,
        };
        Ok(all.into_iter().map(view).collect())
    }

    /// Ends a restricted key at once.
    ///
    /// # Errors
    /// No such key of this merchant.
    pub async fn revoke_restricted_key(&self, merchant: &Merchant, id: &str) -> Result<()> {
        let id = id.parse().map_err(|_| Error::NotFound("key"))?;
        Ok(self.store.revoke_restricted_key(merchant.id, id, self.now()).await?)
    }

    /// Who a restricted key belongs to; counts the request.
    ///
    /// # Errors
    /// [`Error::UnknownKey`], [`Error::TooFast`].
    pub async fn restricted_key(&self, key: &str) -> Result<FaceKey> {
        let found = self.store.restricted_key(secret::hash(key)).await?.ok_or(Error::UnknownKey)?;
        self.faces.rates.take(found.id, found.per_minute, self.now())?;
        let scopes = found.scopes.split(' ').filter_map(|s| s.parse().ok()).collect();
        Ok(FaceKey { id: found.id, merchant: found.merchant, scopes })
    }
}

/// Requests of each key in fixed windows of a minute.
#[derive(Default)]
pub(crate) struct KeyRates(Mutex<HashMap<ApiKeyId, (Timestamp, u32)>>);

impl KeyRates {
    fn take(&self, key: ApiKeyId, per_minute: u32, now: Timestamp) -> Result<()> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |start: Timestamp| start.plus(RATE_WINDOW) <= now;
        if counts.len() >= KEYS_COUNTED {
            counts.retain(|_, (start, _)| !over(*start));
        }
        let (start, count) = counts.entry(key).or_insert((now, 0));
        if over(*start) {
            (*start, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        if *count <= per_minute { Ok(()) } else { Err(Error::TooFast { until: start.plus(RATE_WINDOW) }) }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_key_has_its_own_minute() {
        let rates = KeyRates::default();
        let (a, b) = (ApiKeyId::from_uuid(Uuid::from_u128(1)), ApiKeyId::from_uuid(Uuid::from_u128(2)));
        let now = Timestamp::from_millis(1_800_000_000_000);
        assert!(rates.take(a, 2, now).is_ok() && rates.take(a, 2, now).is_ok());
        assert!(matches!(rates.take(a, 2, now), Err(Error::TooFast { .. })));
        assert!(rates.take(b, 2, now).is_ok());
        assert!(rates.take(a, 2, now.plus(RATE_WINDOW)).is_ok());
    }

    #[test]
    fn scopes_have_names_and_others_are_refused() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
        assert!("payments".parse::<Scope>().is_err());
    }
}
