//! Who a secret key belongs to, and how shops come into being.

use base::{ApiKeyId, MerchantId};
use serde::Serialize;
use store::{KeyKind, NewApiKey, NewMerchant};
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{Error, Result};
use crate::limits::SECRET_PER_MINUTE;
use crate::lists::{PageAsked, listed};
use crate::operator::Operator;
use crate::secret;
use crate::view::ListView;

/// A shop that has shown its key.
#[derive(Clone, Debug)]
pub struct Merchant {
    pub id: MerchantId,
    pub name: String,
}

/// A shop, as the operator sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MerchantView {
    pub id: String,
    pub name: String,
    pub created_at: String,
    /// Its first secret key, `sk_…`; only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// The secret key that a new shop begins with.
pub fn first_key(id: ApiKeyId, merchant: MerchantId, key: &str) -> NewApiKey {
    NewApiKey {
        id,
        merchant,
        key_hash: secret::hash(key),
        kind: KeyKind::Secret,
        label: "first key".to_owned(),
        scopes: String::new(),
        per_minute: SECRET_PER_MINUTE,
        version: crate::keys::latest().to_owned(),
    }
}

/// Whoever may look at an intent, a receipt or an order.
pub enum Viewer {
    Merchant(MerchantId),
    /// The holder of the intent's client secret.
    ClientSecret(String),
    Payer(base::AccountId),
}

impl App {
    /// The shop of a secret key.
    ///
    /// # Errors
    /// [`Error::UnknownKey`].
    pub async fn merchant(&self, key: &str) -> Result<Merchant> {
        let found = self.store.api_key(secret::hash(key), self.now()).await?;
        let found = found.filter(|key| key.kind == store::KeyKind::Secret);
        found.map(|key| Merchant { id: key.merchant, name: key.merchant_name }).ok_or(Error::UnknownKey)
    }

    /// Opens a shop; its first secret key is shown this once.
    ///
    /// # Errors
    /// A name that is empty or too long.
    pub async fn open_shop(&self, operator: &Operator, name: String) -> Result<MerchantView> {
        let (id, now) = (MerchantId::from_uuid(self.uuid_for("merchant")?), self.now());
        let key = self.secret(crate::keys::secret_prefix(self.is_test_mode()))?;
        let first = first_key(ApiKeyId::from_uuid(self.uuid_for("key")?), id, &key);
        let made = store::Merchant { id, name: name.clone(), created_at: now };
        let made = MerchantView { key: Some(key), ..view(&made) };
        let shown = made.clone();
        let work = self.store.open_shop(NewMerchant { id, name }, first, Some(operator.id), now);
        self.answering(201, move |(): &()| shown, work).await?;
        Ok(made)
    }

    /// Every shop, newest first.
    ///
    /// # Errors
    /// A cursor that is not there.
    pub async fn all_merchants(&self, _operator: &Operator, page: PageAsked) -> Result<ListView<MerchantView>> {
        let page = page.of()?;
        Ok(listed(self.store.list_merchants(page).await?, view))
    }
}

fn view(merchant: &store::Merchant) -> MerchantView {
    let (id, name) = (merchant.id.to_string(), merchant.name.clone());
    MerchantView { id, name, created_at: merchant.created_at.rfc3339(), key: None }
}
