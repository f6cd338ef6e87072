use std::path::PathBuf;

use base::Timestamp;
use ledger::{DisputeError, IntentError, LedgerError, OrderError, RefundError};

/// Why the store refuses or fails. After any error nothing of the operation is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("an account with this e-mail address exists already: sign in instead")]
    EmailTaken,
    #[error("this {0} exists already")]
    Exists(&'static str),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Intent(#[from] IntentError),
    #[error(transparent)]
    Refund(#[from] RefundError),
    #[error(transparent)]
    Dispute(#[from] DisputeError),
    #[error(transparent)]
    Order(#[from] OrderError),
    #[error("the {0} has expired: start again")]
    TokenExpired(&'static str),
    #[error("the {0} was used already: start again")]
    TokenUsed(&'static str),
    #[error("no tries are left for this payment: choose another way to pay")]
    TriesSpent,
    #[error("the decision is too old to be used: try again")]
    DecisionExpired,
    #[error("the decision was used already")]
    DecisionUsed,
    #[error("the payer has withdrawn the consent for this way to pay: choose another")]
    NoConsent,
    #[error("the decision was made for another payment, payer or way to pay")]
    DecisionForAnother,
    #[error("too many failures: wait until {} or choose another way to pay", .until.rfc3339())]
    Locked { until: Timestamp },
    #[error("this idempotency key was used with another request: use a new key")]
    IdempotencyConflict,
    #[error("a request with this idempotency key is still being worked on: try again in a moment")]
    IdempotencyInFlight,
    #[error("the {what} is longer than {limit} bytes")]
    TooLong { what: &'static str, limit: usize },
    #[error("there are too many {what}: at most {limit}")]
    TooMany { what: &'static str, limit: usize },
    #[error("the {0} is empty or not well formed")]
    Malformed(&'static str),
    #[error("this is the merchant's last secret key: make another one first")]
    LastKey,
    #[error("the store is busy: try again in a moment")]
    Busy,
    #[error("the store is closed")]
    Closed,
    #[error("the disk is full: nothing was changed; free some space and try again")]
    DiskFull,
    #[error("{} is in use by another process: stop it, or choose another data directory", .0.display())]
    InUse(PathBuf),
    #[error("{} is damaged ({reason}): nothing was changed; restore it from a backup", .path.display())]
    Corrupted { path: PathBuf, reason: String },
    #[error("the database has schema {found}, this program knows {known}: use a newer program")]
    NewerSchema { found: u32, known: u32 },
    #[error("migration {0} differs from the one this database was made with: use the program it was made with")]
    MigrationChanged(u32),
    #[error(
        "the audit chain does not end where this key signed it: run `smilepay audit verify`, and check the key directory"
    )]
    AuditBroken,
    #[error("another program writes to this database: stop it, or choose another database")]
    WrittenByAnother,
    #[error("the database cannot be reached ({0}): is its server running?")]
    Unreachable(String),
    #[error("the database failed: {0}")]
    Database(String),
    #[error("internal error: {0}")]
    Internal(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            _ => Self::Database(error.to_string()),
        }
    }
}
