//! Limits of this crate, in one place.

/// Longest vector.
pub const MAX_DIMENSIONS: usize = 2_048;
/// Most vectors of one index: 16 Mi, about 11 GB at 128 dimensions.
pub const MAX_VECTORS: usize = 16 << 20;
/// Most hits of one query.
pub const MAX_HITS: usize = 64;
/// Most queries of one batch.
pub const MAX_QUERIES: usize = 4_096;
