//! How the application runs.

use serde::{Deserialize, Serialize};

/// Play money and pinned challenges, or real rules only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Test,
    Live,
}

/// What the operator chooses.
#[derive(Clone, Debug)]
pub struct AppConfig {
    pub mode: Mode,
    /// Threads that own an analyzer; one per core at most.
    pub capture_workers: usize,
    /// Steps that every face challenge asks for, instead of drawn ones. Test mode only.
    pub pinned_steps: Option<Vec<liveness::Step>>,
}

impl Default for AppConfig {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { mode: Mode::Live, capture_workers: cores, pinned_steps: None }
    }
}

/// Why the application does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("a pinned challenge exists in test mode only: leave it out, or start in test mode")]
    PinnedInLiveMode,
    #[error("a pinned challenge asks for one to eight steps")]
    PinnedLength,
    #[error("{0}")]
    Policy(String),
    #[error("no analyzer could be made: {0}")]
    Analyzer(String),
    #[error(transparent)]
    App(#[from] crate::Error),
}
