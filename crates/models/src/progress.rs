//! What long work tells its watcher.

/// What is being done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Another process fetches into the same cache.
    Waiting,
    /// A package file is coming in; the bytes that follow are its bytes.
    Downloading {
        /// `name version`.
        package: String,
    },
    /// A file is hashed; the bytes that follow are its bytes.
    Checking {
        /// File name.
        file: String,
    },
    /// A file is unpacked and, where needed, converted.
    Making {
        /// Relative path in the cache.
        file: String,
    },
    /// A file goes into or comes out of an offline bundle.
    Bundling {
        /// Relative path in the cache.
        file: String,
    },
    /// All is there.
    Ready,
}

/// A watcher of long work: a progress bar, a log, nothing.
pub trait Progress {
    /// A new stage begins; its byte count starts at 0.
    fn stage(&mut self, stage: &Stage);
    /// `done` of `total` bytes of the present stage.
    fn bytes(&mut self, done: u64, total: u64);
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn stage(&mut self, _: &Stage) {}
    fn bytes(&mut self, _: u64, _: u64) {}
}
