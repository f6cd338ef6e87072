//! The rules of money: double-entry accounts, two-phase transfers, payment intents, refunds, delivery promises.
//!
//! Pure. `store` keeps what these functions return; it never works out a balance or a state of its own.

mod account;
mod dispute;
mod intent;
pub mod limits;
mod movement;
mod order;
mod refund;
mod transfer;

pub use account::{Account, AccountKind, Balance, LimitRule};
pub use dispute::{DisputeError, DisputeEvent, DisputeStatus, admit_dispute};
pub use intent::{CaptureMethod, IntentError, IntentEvent, IntentStatus, Terms};
pub use movement::{MovementStatus, TransferKind};
pub use order::{OrderError, OrderEvent, OrderStatus, late_from, promised_at};
pub use refund::{RefundBook, RefundError, RefundStatus};
pub use transfer::{Entry, NewTransfer, Side, Step, Transfer, TransferState, hold, post, post_now, release};

use money::{Amount, Money};

/// Why the ledger refuses a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    #[error("not enough available: {available}, holds counted")]
    InsufficientFunds { available: Money },
    #[error("a transfer needs two different accounts")]
    SelfTransfer,
    #[error("the accounts and the amount are not all in one currency")]
    CurrencyMismatch,
    #[error("the transfer is already posted")]
    AlreadyPosted,
    #[error("the transfer was voided")]
    Voided,
    #[error("the hold has expired")]
    Expired,
    #[error("the hold has not expired yet")]
    NotExpired,
    #[error("more than the {held} that is held cannot be posted")]
    MoreThanHeld { held: Amount },
    #[error("the balance would become too large to be counted")]
    Overflow,
    #[error("the accounts given are not those of the transfer")]
    WrongAccounts,
}
