//! Limits of an evaluation, in one place.

/// Most bytes of a list of pairs (about a million pairs).
/// Most captures that are read from a file of them.
pub const MAX_KEPT_LINES: usize = 1_000_000;
pub const MAX_LIST_BYTES: u64 = 256 << 20;
/// Most worker threads.
pub const MAX_THREADS: usize = 64;
/// Pictures whose stages are timed.
pub const TIMED_PICTURES: usize = 60;
/// Runs over the 720p picture; the median is reported.
pub const TIMED_RUNS: usize = 60;
/// Most recordings of a list.
pub const MAX_CLIPS: usize = 100_000;
/// Spliced digit strings of each speaker.
pub const STRINGS_PER_SPEAKER: usize = 24;
/// Spliced digit strings of all speakers together, at least.
pub const LEAST_STRINGS: usize = 120;
/// Recordings whose stages are timed.
pub const TIMED_CLIPS: usize = 24;
/// Most pictures of a template or probe.
pub const MAX_SIZE: usize = 16;
/// Most draws of the template protocol.
pub const MAX_DRAWS: u32 = 100;
/// Resamples of a bootstrap.
pub const RESAMPLES: usize = 1_000;

/// Most pairs of each kind when linking is tried.
pub const MAX_LINK_PAIRS: usize = 100_000;
