//! What the API shows of endpoints and deliveries.

use serde::{Deserialize, Serialize};
use store::{DeliveryRow, WebhookEndpoint};
use utoipa::ToSchema;

use base::Timestamp;

/// A place where events are delivered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WebhookEndpointView {
    pub id: String,
    pub url: String,
    /// Kinds of events that are delivered; all when empty.
    pub events: Vec<String>,
    /// Nothing is delivered to one that is not.
    pub enabled: bool,
    pub created_at: String,
    /// `whsec_…`, shown once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Until then events are signed with the secret before as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_secret_until: Option<String>,
}

impl WebhookEndpointView {
    pub(crate) fn of(endpoint: &WebhookEndpoint, secret: Option<String>, now: Timestamp) -> Self {
        let old = endpoint.old_secret.as_ref().filter(|(_, until)| *until > now);
        Self {
            id: endpoint.id.to_string(),
            url: endpoint.url.clone(),
            events: endpoint.kinds.split(' ').filter(|k| !k.is_empty()).map(str::to_owned).collect(),
            enabled: endpoint.disabled_at.is_none(),
            created_at: endpoint.created_at.rfc3339(),
            secret,
            old_secret_until: old.map(|(_, until)| until.rfc3339()),
        }
    }
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WebhookDeliveryView {
    /// `evt_…:we_…`
    pub id: String,
    pub event: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub endpoint: String,
    pub url: String,
    /// `pending`, `delivered` or `dead`.
    pub status: String,
    /// Tries since the event, or since its last replay.
    pub attempts: u32,
    /// Why the last try failed.
    pub last_error: Option<String>,
    pub last_try_at: Option<String>,
    /// While it is pending.
    pub next_try_at: Option<String>,
    pub created_at: String,
}

impl WebhookDeliveryView {
    pub(crate) fn of(row: &DeliveryRow) -> Self {
        Self {
            id: format!("{}:{}", row.event, row.endpoint),
            event: row.event.to_string(),
            kind: row.kind.clone(),
            endpoint: row.endpoint.to_string(),
            url: row.url.clone(),
            status: row.state.as_str().to_owned(),
            attempts: row.attempts,
            last_error: row.last_error.clone(),
            last_try_at: row.tried_at.map(Timestamp::rfc3339),
            next_try_at: row.next_at.map(Timestamp::rfc3339),
            created_at: row.created_at.rfc3339(),
        }
    }
}

/// What was taken up again.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReplayedView {
    /// Deliveries that are on their way again; ask once more while it is 1000.
    pub replayed: u32,
}
