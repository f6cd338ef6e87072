//! Limits of this crate, in one place.

/// Most threads one inference may use. More does not pay for networks of this size and takes cores from other payers.
pub const MAX_THREADS: usize = 64;
/// Most values in one input tensor: 4 Mi floats (16 MiB), four times what the largest network here takes.
pub const MAX_INPUT_VALUES: usize = 4 << 20;
