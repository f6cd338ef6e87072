//! Every limit of the use cases on size, count and time, in one place.

use base::Span;

/// Longest name of a payer, in characters.
pub const NAME_CHARS: usize = 100;
/// Longest e-mail address, in bytes (RFC 5321).
pub const EMAIL_BYTES: usize = 254;
/// Shortest passphrase, in characters (NIST SP 800-63B-4: 15 alone, 8 with a second factor).
pub const PASSPHRASE_MIN_CHARS: usize = 8;
/// Longest passphrase, in bytes; hashing must stay bounded.
pub const PASSPHRASE_MAX_BYTES: usize = 256;
/// Longest free text of an intent or order line, in characters.
pub const TEXT_CHARS: usize = 300;
/// Longest URL we keep, in bytes.
pub const URL_BYTES: usize = 2_000;
/// Longest idempotency key, in bytes.
pub const IDEMPOTENCY_KEY_BYTES: usize = 255;
/// Longest answer that is kept for a repetition, in bytes.
pub const SAVED_REPLY_BYTES: usize = 40 * 1024;
/// Latest delivery promise.
pub const DELIVERY_DAYS: u16 = 365;
/// Largest payment, in minor units: keeps every sum far from overflow.
pub const AMOUNT_MINOR: i64 = 100_000_000_000;

/// A session ends after this long, whatever happens.
pub const SESSION_LIFE: Span = Span::hours(12);
/// A session ends when it was not used for this long.
pub const SESSION_IDLE: Span = Span::minutes(30);
/// Whoever is younger needs a guardian's consent (China PIPL art. 31), in years.
pub const AGE_OF_CONSENT: i32 = 14;
/// An unpaid intent dies after this long.
pub const INTENT_LIFE: Span = Span::hours(1);
/// A challenge, and the decision made on it, dies after this long.
pub const CHALLENGE_LIFE: Span = Span::seconds(60);
/// An enrolment must be finished in this time.
pub const ENROLMENT_LIFE: Span = Span::minutes(5);
/// Captures allowed for one intent.
pub const TRIES_PER_INTENT: u32 = 3;
/// A step-up asks for the second factor within this time.
pub const STEP_UP_LIFE: Span = Span::minutes(5);
/// Captures that wait in memory for their payment's second factor (about 1 KB each).
pub const RENEWALS_WAITING: usize = 256;
/// A passkey ceremony must be finished in this time.
pub const CEREMONY_LIFE: Span = Span::minutes(2);
/// Passkey ceremonies under way at one time, of each kind.
pub const CEREMONIES_WAITING: usize = 10_000;
/// Play money of a new wallet in test mode, minor units of the region's currency.
pub const TEST_TOP_UP: i64 = 10_000;

/// Largest JPEG of one frame, bytes.
pub const FRAME_BYTES: usize = 300 * 1024;
/// Longest message in words of a capturing client, bytes.
pub const WORD_BYTES: usize = 1_024;
/// Longest side of one frame, pixels.
pub const FRAME_SIDE: u32 = 1_280;
/// Most frames of one capture: 60 s at 30 fps.
pub const FRAMES_PER_CAPTURE: u32 = 1_800;
/// Frames waiting for a worker before the oldest is dropped.
pub const FRAMES_WAITING: usize = 24;
/// Frames in a row that cannot be read before the capture ends.
pub const BAD_FRAMES_IN_A_ROW: u32 = 10;
/// A capture ends when no frame came for this long.
pub const FRAME_GAP: std::time::Duration = std::time::Duration::from_secs(10);
/// Long side of the grey picture that is tracked, pixels; the liveness figures were measured at this size.
pub const LUMA_SIDE: u32 = 640;
/// Captures at one time; more are told to come back.
pub const CAPTURES_AT_ONCE: usize = 16;

/// Objects of other accounts that a new one is compared with, newest first: a plain scan, some 10 ms each.
pub const OBJECTS_COMPARED: usize = 2_000;

/// Devices whose failures are remembered in memory.
pub const DEVICES_REMEMBERED: usize = 10_000;

/// Passphrases hashed at one time: each takes 19 MiB.
pub const HASHES_AT_ONCE: usize = 4;

/// Webhook endpoints of one merchant.
pub const WEBHOOK_ENDPOINTS: usize = 10;
/// Kinds of events that one endpoint asks for.
pub const EVENT_KINDS: usize = 32;
/// Longest time that a replaced secret or key stays valid.
pub const SECRET_OVERLAP: Span = Span::days(7);
/// One delivery attempt may take this long.
pub const WEBHOOK_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);
/// Events are tried again for this long.
pub const WEBHOOK_GIVE_UP: Span = Span::days(3);
/// The test rail answers after this long.
pub const TEST_RAIL_TAKES: Span = Span::seconds(2);
/// Holds, movements and disputes looked at in one round of upkeep.
pub const UPKEEP_AT_ONCE: u32 = 500;
/// Longest evidence of a dispute, bytes.
pub const EVIDENCE_BYTES: usize = 8 * 1024;
/// Payments listed in the wallet.
pub const PAYMENTS_LISTED: usize = 50;

/// A second face counts when it is at least this share as wide as the payer's: people far behind do not disturb.
pub const SECOND_FACE_SHARE: f32 = 0.5;
/// Events that wait for a slow client before prompts are left out (results never are).
pub const EVENTS_WAITING: usize = 64;
/// The result waits this long for a slow client.
pub const RESULT_WAIT: std::time::Duration = std::time::Duration::from_secs(5);
/// Sessions whose last use is remembered.
pub const SESSIONS_REMEMBERED: usize = 100_000;

/// Largest encoded picture of the face service, bytes.
pub const PICTURE_BYTES: usize = 8 << 20;
/// Most pixels of such a picture: 72 MB decoded.
pub const PICTURE_PIXELS: u64 = 24_000_000;
/// Longest side of such a picture, pixels.
pub const PICTURE_SIDE: u32 = 8_000;
/// Most pictures of one person in one request.
pub const PICTURES_PER_SIDE: usize = 5;
/// Face service requests whose pictures are held in memory at once.
pub const FACES_AT_ONCE: usize = 8;
/// Digits that narrow a search.
pub const LAST_DIGITS: std::ops::RangeInclusive<usize> = 2..=6;
/// Last digits of a phone number that a kiosk asks for.
pub const KIOSK_DIGITS: usize = 4;
/// Digits of a phone number (ITU-T E.164: at most 15).
pub const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 6..=15;
/// Captures at kiosks that wait in memory for their second factor.
pub const KIOSKS_WAITING: usize = 256;
/// Requests a minute of a secret key, unless it is said.
pub const SECRET_PER_MINUTE: u32 = 6_000;
/// Requests a minute of any other key, unless it is said.
pub const PUBLISHABLE_PER_MINUTE: u32 = 600;
/// Requests a minute of an operator's key.
pub const OPERATOR_PER_MINUTE: u32 = 600;
/// How often uses of keys are written down.
pub const KEY_USES_KEPT: Span = Span::minutes(1);
/// Requests a minute that a key may be given.
pub const KEY_PER_MINUTE: std::ops::RangeInclusive<u32> = 1..=6_000;
/// The window in which they are counted.
pub const RATE_WINDOW: Span = Span::minutes(1);
/// Keys whose requests are counted before those of past windows are forgotten.
pub const KEYS_COUNTED: usize = 4_096;
