//! Webhooks: where, how signed, and the background task that delivers.

mod dispatch;
mod endpoint;
mod reach;
mod replay;
mod sign;
mod views;

pub use dispatch::run_dispatcher;
pub(crate) use endpoint::overlap;
pub use endpoint::{EndpointUpdate, KINDS};
pub(crate) use sign::secret_text;
pub use sign::{TOLERANCE_SECONDS, Unverified, check, signature, verify};
pub use views::{ReplayedView, WebhookDeliveryView, WebhookEndpointView};
