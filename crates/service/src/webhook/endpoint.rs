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
        let id = WebhookEndpointId::from_uuid(self.uuid_for("webhook endpoint")?);
        let secret = secret_text(&self.random()?);
        let sealed = self.vault.seal_secret(&purpose(id), secret.as_bytes()).map_err(Error::internal)?;
        let view = WebhookEndpointView { id: id.to_string(), url: url.clone(), secret: Some(secret) };
        let shown = view.clone();
        let work = self.store.create_webhook_endpoint(merchant.id, id, url, sealed, self.now());
        self.answering(201, move |(): &()| shown, work).await?;
        Ok(view)
    }

    /// The merchant's endpoints, without secrets.
    pub async fn webhook_endpoints(&self, merchant: &Merchant) -> Result<Vec<WebhookEndpointView>> {
        let all = self.store.webhook_endpoints(merchant.id).await?;
        Ok(all.into_iter().map(|e| WebhookEndpointView { id: e.id.to_string(), url: e.url, secret: None }).collect())
    }
}
