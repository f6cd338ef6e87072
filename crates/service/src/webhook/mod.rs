//! Webhooks: where, how signed, and the background task that delivers.

mod dispatch;
mod endpoint;
mod reach;
mod sign;

pub use dispatch::run_dispatcher;
pub(crate) use sign::secret_text;
pub use sign::{TOLERANCE_SECONDS, signature, verify};
