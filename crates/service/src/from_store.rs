//! What the store's refusals mean to the outside.

use ledger::LedgerError;
use store::StoreError;

use crate::error::Error;

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        use StoreError as E;
        match error {
            E::NotFound(what) => Self::NotFound(what),
            E::EmailTaken => Self::EmailTaken,
            E::Ledger(LedgerError::InsufficientFunds { .. }) => Self::InsufficientFunds,
            E::Intent(e) => Self::State { status: "not ready for this".to_owned(), why: e.to_string() },
            E::Ledger(e @ (LedgerError::MoreThanHeld { .. } | LedgerError::Expired | LedgerError::AlreadyPosted)) => {
                Self::State { status: "not ready for this".to_owned(), why: e.to_string() }
            }
            E::Ledger(e @ LedgerError::SelfTransfer) => Self::Invalid { field: "to", why: e.to_string() },
            E::Ledger(e @ LedgerError::CurrencyMismatch) => Self::Invalid { field: "currency", why: e.to_string() },
            E::Order(e) => Self::State { status: "not ready for this".to_owned(), why: e.to_string() },
            E::Dispute(e) => Self::State { status: "not ready for this dispute".to_owned(), why: e.to_string() },
            E::Exists("movement" | "refund" | "transfer" | "dispute") => Self::IdempotencySpent,
            E::Exists(_) if store::current_request().is_some() => Self::IdempotencySpent,
            E::Refund(e) => Self::State { status: "not ready for this refund".to_owned(), why: e.to_string() },
            E::TokenExpired(_) | E::TokenUsed(_) => Self::CaptureToken,
            E::TriesSpent => Self::TriesExhausted,
            E::Locked { until } => Self::Paused { until },
            E::IdempotencyConflict => Self::IdempotencyMismatch,
            E::IdempotencyInFlight => Self::IdempotencyInFlight,
            E::TooLong { what, limit } => Self::Invalid { field: what, why: format!("longer than {limit} bytes") },
            E::TooMany { what, limit } => Self::Invalid { field: what, why: format!("at most {limit}") },
            E::Malformed(what) => Self::Invalid { field: what, why: "empty or not well formed".to_owned() },
            E::NoConsent => Self::NoConsent,
            E::LastKey => Self::LastKey,
            E::Busy | E::Unreachable(_) => Self::Busy,
            other => Self::internal(other),
        }
    }
}
