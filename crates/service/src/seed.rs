//! The demo shop: an ordinary merchant that sells one stamp.

use base::{ApiKeyId, MerchantId};
use store::{KeyKind, NewApiKey, NewMerchant};

use crate::app::App;
use crate::error::Result;
use crate::merchant::Merchant;
use crate::secret;

/// Name of the demo shop.
pub const SHOP: &str = "Hannover Philatelie";
/// Requests a minute of its key: load tests play with it, too.
const PER_MINUTE: u32 = 60_000;

/// A shop and the key it acts with.
pub struct SeededShop {
    pub merchant: Merchant,
    /// `sk_test_…`; kept nowhere else.
    pub secret_key: String,
}

/// Opens the demo shop with a fresh key.
///
/// # Errors
/// Database failures.
pub async fn seed_shop(app: &App) -> Result<SeededShop> {
    let merchant = Merchant { id: MerchantId::from_uuid(app.uuid()?), name: SHOP.to_owned() };
    let now = app.now();
    app.store().create_merchant(NewMerchant { id: merchant.id, name: merchant.name.clone() }, now).await?;
    let secret_key = app.secret("sk_test_")?;
    let key = NewApiKey {
        id: ApiKeyId::from_uuid(app.uuid()?),
        merchant: merchant.id,
        key_hash: secret::hash(&secret_key),
        kind: KeyKind::Secret,
        label: "demo shop".to_owned(),
        scopes: String::new(),
        per_minute: PER_MINUTE,
        version: crate::keys::latest().to_owned(),
    };
    app.store().create_api_key(key, now).await?;
    Ok(SeededShop { merchant, secret_key })
}

/// The demo shop of `known_key`, or a new one when the key is not known (a fresh data directory).
///
/// # Errors
/// Database failures.
pub async fn ensure_shop(app: &App, known_key: Option<&str>) -> Result<SeededShop> {
    if let Some(key) = known_key
        && let Ok(merchant) = app.merchant(key).await
    {
        return Ok(SeededShop { merchant, secret_key: key.to_owned() });
    }
    seed_shop(app).await
}
