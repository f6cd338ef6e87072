//! Every limit of this crate, in one place. Lengths are bytes of UTF-8.

use base::Span;

/// Jobs that may wait for the writer before callers wait too.
pub const QUEUE: usize = 4_096;
/// Jobs in one durable commit: 1,024 waiting jobs cost about one fsync.
pub const MAX_BATCH: usize = 1_024;
/// How long a caller waits for a place in the queue before it is told that the store is busy.
pub const QUEUE_WAIT: std::time::Duration = std::time::Duration::from_secs(5);
/// Reading connections.
pub const READERS: usize = 4;
/// Operators at once.
pub const MAX_OPERATORS: usize = 64;
/// Ledger accounts kept in memory by the writer (about 120 bytes each).
pub const CACHED_ACCOUNTS: usize = 100_000;
/// Audit entries between two kept checkpoints.
pub const CHECKPOINT_EVERY: i64 = 1_000;

/// A decision dies after this time (EU RTS art. 4; DESIGN invariant 1).
pub const DECISION_LASTS: Span = Span::seconds(60);
/// Saved replies are kept this long.
pub const IDEMPOTENCY_LASTS: Span = Span::hours(24);
/// How far into the future a decision may lie (clock jumps inside one machine).
pub const CLOCK_SLACK: Span = Span::seconds(2);

pub const MAX_NAME: usize = 200;
pub const MAX_EMAIL: usize = 254;
pub const MAX_TEXT: usize = 500;
pub const MAX_URL: usize = 2_048;
pub const MAX_HASH_TEXT: usize = 512;
pub const MAX_STEPS: usize = 1_024;
pub const MAX_SEALED: usize = 64 * 1024;
/// Sealed local features of several photos.
pub const MAX_SEALED_OBJECT: usize = (2 << 20) + 4 * 1024;
pub const MAX_REASONS: usize = 16;
pub const MAX_REASON: usize = 64;
pub const MAX_IDEMPOTENCY_KEY: usize = 255;
pub const MAX_REPLY: usize = 64 * 1024;
pub const MAX_SECRET: usize = 1_024;
/// What a merchant may say about a dispute.
pub const MAX_EVIDENCE: usize = 8 * 1024;
pub const MAX_RECEIPT: usize = 1_024;
/// How often the log is emptied again while readers hold it.
pub const SCRUB_TRIES: u32 = 50;

/// Captures whose frame fingerprints are remembered for one account.
pub const KEPT_CAPTURES: usize = 64;
/// Frame fingerprints kept of one capture.
pub const FINGERPRINTS_PER_CAPTURE: usize = 256;
/// Largest number of rows one list answers.
pub const MAX_LIST: usize = 100;
/// Registered devices of one payer.
pub const MAX_PASSKEYS: usize = 10;
pub const MAX_PASSKEY_ID: usize = 1_023;
pub const MAX_PUBLIC_KEY: usize = 2_048;
/// Webhook endpoints of one merchant.
pub const MAX_ENDPOINTS: usize = 16;
/// Kinds of events of one endpoint, written one after the other.
pub const MAX_KINDS: usize = 2_048;
/// Dead deliveries taken up again, or shown to an operator, at once.
pub const MAX_REPLAY: i64 = 1_000;
/// Keys of one merchant that work.
pub const MAX_API_KEYS: usize = 64;
/// Collections of one merchant.
pub const MAX_COLLECTIONS: usize = 64;
/// People of one collection.
pub const MAX_PERSONS: usize = 1_000_000;
/// Open sessions of one payer.
pub const MAX_SESSIONS: usize = 20;
/// Challenges of one intent, whatever `max_tries` says.
pub const MAX_TRIES: u8 = 10;
/// A killed writer's session ends when its server process notices; a new writer waits this long for that.
pub const LOCK_WAIT: std::time::Duration = std::time::Duration::from_secs(10);
/// How often a starting database server is asked whether it answers.
pub const CLUSTER_POLL: std::time::Duration = std::time::Duration::from_millis(50);
