//! A merchant's endpoints.

use base::{Span, WebhookEndpointId};
use store::{EndpointChange, NewWebhookEndpoint, WebhookEndpoint};

use crate::app::App;
use crate::error::{Error, Result};
use crate::limits::{EVENT_KINDS, SECRET_OVERLAP};
use crate::merchant::Merchant;
use crate::webhook::views::WebhookEndpointView;
use crate::webhook::{reach, secret_text};

/// Kinds of events there are.
pub const KINDS: [&str; 13] = [
    "payment_intent.created",
    "payment_intent.amount_capturable_updated",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.expired",
    "refund.succeeded",
    "dispute.created",
    "dispute.updated",
    "dispute.closed",
    "order.shipped",
    "order.delivered",
    "order.late",
];

/// What is to be different; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct EndpointUpdate {
    pub url: Option<String>,
    /// Empty: all kinds.
    pub events: Option<Vec<String>>,
    pub enabled: Option<bool>,
}

/// Binds a sealed webhook secret to its row.
pub(crate) fn purpose(id: WebhookEndpointId) -> String {
    format!("webhook endpoint {id}")
}

impl App {
    /// Registers an endpoint for these kinds of events (none: all). Its secret is sealed by the vault and shown this once.
    ///
    /// # Errors
    /// An address that may not be reached from here; unknown kinds; too many endpoints.
    pub async fn add_webhook_endpoint(
        &self,
        merchant: &Merchant,
        url: &str,
        events: &[String],
    ) -> Result<WebhookEndpointView> {
        let url = reach::parse(url, self.mode())?.to_string();
        let (kinds, now) = (kinds(events)?, self.now());
        let id = WebhookEndpointId::from_uuid(self.uuid_for("webhook endpoint")?);
        let (secret, sealed) = self.new_webhook_secret(id)?;
        let made = WebhookEndpoint {
            id,
            merchant: merchant.id,
            url: url.clone(),
            kinds: kinds.clone(),
            secret: Vec::new(),
            old_secret: None,
            created_at: now,
            disabled_at: None,
        };
        let view = WebhookEndpointView::of(&made, Some(secret), now);
        let (shown, new) = (view.clone(), NewWebhookEndpoint { id, url, kinds, secret: sealed });
        let work = self.store.create_webhook_endpoint(merchant.id, new, now);
        self.answering(201, move |(): &()| shown, work).await?;
        Ok(view)
    }

    /// The merchant's endpoints, without secrets.
    ///
    /// # Errors
    /// Database failures.
    pub async fn webhook_endpoints(&self, merchant: &Merchant) -> Result<Vec<WebhookEndpointView>> {
        let (all, now) = (self.store.webhook_endpoints(merchant.id).await?, self.now());
        Ok(all.iter().map(|e| WebhookEndpointView::of(e, None, now)).collect())
    }

    /// An endpoint, without its secret.
    ///
    /// # Errors
    /// Not this merchant's.
    pub async fn webhook_endpoint(&self, merchant: &Merchant, id: &str) -> Result<WebhookEndpointView> {
        let found = self.store.webhook_endpoint(merchant.id, parse(id)?).await?;
        found.map(|e| WebhookEndpointView::of(&e, None, self.now())).ok_or(Error::NotFound("webhook endpoint"))
    }

    /// Changes an endpoint, or switches it off and on.
    ///
    /// # Errors
    /// Not this merchant's; as for a new one.
    pub async fn update_webhook_endpoint(
        &self,
        merchant: &Merchant,
        id: &str,
        update: EndpointUpdate,
    ) -> Result<WebhookEndpointView> {
        let url = update.url.map(|url| reach::parse(&url, self.mode()).map(String::from)).transpose()?;
        let kinds = update.events.map(|events| kinds(&events)).transpose()?;
        let (change, now) = (EndpointChange { url, kinds, enabled: update.enabled }, self.now());
        let changed = self.store.change_webhook_endpoint(merchant.id, parse(id)?, change, now).await?;
        Ok(WebhookEndpointView::of(&changed, None, now))
    }

    /// Gives an endpoint a new secret. For `overlap_seconds` (a day unless said) events carry signatures of both.
    ///
    /// # Errors
    /// Not this merchant's; an overlap that is too long.
    pub async fn rotate_webhook_secret(
        &self,
        merchant: &Merchant,
        id: &str,
        overlap_seconds: Option<i64>,
    ) -> Result<WebhookEndpointView> {
        let overlap = overlap(overlap_seconds)?;
        let (id, now) = (parse(id)?, self.now());
        let (secret, sealed) = self.new_webhook_secret(id)?;
        let shown = secret.clone();
        let work = self.store.rotate_webhook_secret(merchant.id, id, sealed, now.plus(overlap), now);
        let show = move |e: &WebhookEndpoint| WebhookEndpointView::of(e, Some(shown), now);
        let changed = self.answering(200, show, work).await?;
        Ok(WebhookEndpointView::of(&changed, Some(secret), now))
    }

    /// Ends an endpoint.
    ///
    /// # Errors
    /// Not this merchant's.
    pub async fn delete_webhook_endpoint(&self, merchant: &Merchant, id: &str) -> Result<()> {
        Ok(self.store.delete_webhook_endpoint(merchant.id, parse(id)?, self.now()).await?)
    }

    fn new_webhook_secret(&self, id: WebhookEndpointId) -> Result<(String, Vec<u8>)> {
        let secret = secret_text(&self.random()?);
        let sealed = self.vault.seal_secret(&purpose(id), secret.as_bytes()).map_err(Error::internal)?;
        Ok((secret, sealed))
    }
}

/// How long what is replaced stays valid: a day, unless it is said.
pub(crate) fn overlap(seconds: Option<i64>) -> Result<Span> {
    let most = SECRET_OVERLAP.as_millis() / 1_000;
    let seconds = seconds.unwrap_or(24 * 3_600);
    if (0..=most).contains(&seconds) {
        Ok(Span::seconds(seconds))
    } else {
        Err(Error::invalid("overlap_seconds", format!("from 0 to {most}")))
    }
}

pub(super) fn parse(id: &str) -> Result<WebhookEndpointId> {
    id.parse().map_err(|_| Error::NotFound("webhook endpoint"))
}

fn kinds(events: &[String]) -> Result<String> {
    if events.len() > EVENT_KINDS {
        return Err(Error::invalid("events", format!("at most {EVENT_KINDS}")));
    }
    match events.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        Some(_) => Err(Error::invalid("events", format!("each is one of {}", KINDS.join(", ")))),
        None => Ok(events.join(" ")),
    }
}
