//! Who a secret key belongs to.

use base::MerchantId;

use crate::app::App;
use crate::error::{Error, Result};
use crate::secret;

/// A shop that has shown its key.
#[derive(Clone, Debug)]
pub struct Merchant {
    pub id: MerchantId,
    pub name: String,
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
        let found = self.store.merchant_by_api_key(secret::hash(key)).await?;
        found.map(|m| Merchant { id: m.id, name: m.name }).ok_or(Error::UnknownKey)
    }
}
