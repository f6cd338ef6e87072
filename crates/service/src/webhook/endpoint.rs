//! A merchant's endpoints.

use base::WebhookEndpointId;

use crate::app::App;
use crate::error::{Error, Result};
use crate::merchant::Merchant;
use crate::view::WebhookEndpointView;
use crate::webhook::{reach, secret_text};

/// Binds a sealed webhook secret to its row.
pub(crate) fn purpose(id: WebhookEndpointId) -> String {
    format!("webhook endpoint {id}")
}

impl App {
    /// Registers an endpoint. Its secret is sealed by the vault and shown this once.
    ///
    /// # Errors
    /// An address that may not be reached from here; too many endpoints.
    pub async fn add_webhook_endpoint(&self, merchant: &Merchant, url: &str) -> Result<WebhookEndpointView> {
        let url = reach::parse(url, self.mode())?.to_string();
        let id = WebhookEndpointId::from_uuid(self.uuid()?);
        let secret = secret_text(&self.random()?);
        let sealed = self.vault.seal_secret(&purpose(id), secret.as_bytes()).map_err(Error::internal)?;
        self.store.create_webhook_endpoint(merchant.id, id, url.clone(), sealed, self.now()).await?;
        Ok(WebhookEndpointView { id: id.to_string(), url, secret: Some(secret) })
    }

    /// The merchant's endpoints, without secrets.
    pub async fn webhook_endpoints(&self, merchant: &Merchant) -> Result<Vec<WebhookEndpointView>> {
        let all = self.store.webhook_endpoints(merchant.id).await?;
        Ok(all.into_iter().map(|e| WebhookEndpointView { id: e.id.to_string(), url: e.url, secret: None }).collect())
    }
}
