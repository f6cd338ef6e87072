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
        let found = self.store.api_key(secret::hash(key), self.now()).await?;
        let found = found.filter(|key| key.kind == store::KeyKind::Secret);
        found.map(|key| Merchant { id: key.merchant, name: key.merchant_name }).ok_or(Error::UnknownKey)
    }
}
