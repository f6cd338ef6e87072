//! Every limit of this crate on size and count, in one place.

/// Shortest side of a framed part, pixels.
pub const MIN_SIDE: u32 = 96;
/// Fewest photos of a template.
pub const MIN_PHOTOS: usize = 3;
/// Most photos of a template.
pub const MAX_PHOTOS: usize = 6;
/// Most photos of one capture that are compared: each costs a match with every photo of the template.
pub const MAX_PROBES: usize = 4;
/// Most local features kept of one photo.
pub const MAX_FEATURES: usize = 1_000;
/// Largest template in bytes: [`MAX_PHOTOS`] photos with [`MAX_FEATURES`] features.
pub const MAX_TEMPLATE_BYTES: usize = 1 << 20;
