//! Every limit of this crate on size, count and time, in one place.

/// Samples a second of all sound in here.
pub const RATE: usize = 16_000;
/// Longest sound, seconds: a payment's capture is at most 60 s, an enrolment's utterance far shorter.
pub const MAX_SECONDS: usize = 60;
/// Most samples of one sound.
pub const MAX_SAMPLES: usize = MAX_SECONDS * RATE;
/// Largest sound file, bytes: 60 s of stereo at 48 kHz and 16 bit, with room.
pub const MAX_FILE_BYTES: usize = 16 << 20;
/// Sample rates that a file may have.
pub const FILE_RATES: std::ops::RangeInclusive<u32> = 8_000..=48_000;
/// Most channels of a file.
pub const MAX_CHANNELS: u16 = 8;
/// Fingerprint words kept of one sound: 8 s.
pub const MAX_FINGERPRINT: usize = 512;
