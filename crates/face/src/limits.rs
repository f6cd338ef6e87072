//! Limits on sizes and counts of this crate, in one place.

/// Most bytes of an encoded picture given on the command line (a camera's largest JPEG is about half of this).
pub const MAX_FILE_BYTES: usize = 32 << 20;
/// Most pixels of a picture given on the command line: 40 Mpx, 120 MB decoded.
pub const MAX_FILE_PIXELS: u64 = 40_000_000;
/// Longest side of a picture given on the command line.
pub const MAX_FILE_SIDE: u32 = 12_000;
/// Most bytes of one frame of a capture.
pub const MAX_FRAME_BYTES: usize = 300 << 10;
/// Longest side of one frame of a capture.
pub const MAX_FRAME_SIDE: u32 = 1_280;
/// Shortest side that can hold a face.
pub const MIN_SIDE: u32 = 16;
/// Most scans of a progressive JPEG: more is an attack on the decoder's time.
pub const MAX_JPEG_SCANS: usize = 64;
/// Most candidate boxes before overlapping ones are joined.
pub const MAX_CANDIDATES: usize = 512;
/// Most faces reported of one picture.
pub const MAX_FACES: usize = 16;
/// Most passive networks at one time.
pub const MAX_PASSIVE: usize = 8;
/// Fewest and most values of a face vector.
pub const MIN_VECTOR: usize = 16;
pub const MAX_VECTOR: usize = 512;
/// Most recognisers beside the first one.
pub const MAX_FORMER: usize = 3;
/// Most views joined into one template.
pub const MAX_VIEWS: usize = 64;
