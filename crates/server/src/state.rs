//! What every handler can reach.

use std::sync::Arc;

use crate::config::Config;
use crate::rate::RateLimiter;

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The use cases.
    pub app: Arc<service::App>,
    /// How this server was started.
    pub config: Arc<Config>,
    /// Requests per address on sign-in and sign-up.
    pub rate: Arc<RateLimiter>,
}
