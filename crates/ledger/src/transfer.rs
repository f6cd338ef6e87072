use base::{LedgerAccountId, Span, Timestamp, TransferId};
use money::Amount;

use crate::{Account, Balance, LedgerError};

/// Where a transfer stands. Only `Pending` ever changes, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferState {
    /// The whole amount is held.
    Pending,
    /// `amount` moved; what was held beyond it is free again.
    Posted {
        amount: Amount,
    },
    Voided,
    Expired,
}

/// A movement of money between two accounts; amount and accounts never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    pub id: TransferId,
    pub from: LedgerAccountId,
    pub to: LedgerAccountId,
    /// What is held while pending.
    pub amount: Amount,
    /// From this moment on the hold can only expire.
    pub expires_at: Timestamp,
    pub state: TransferState,
}

/// A wish to move money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewTransfer {
    pub id: TransferId,
    pub amount: Amount,
    /// How long a hold lasts; [`crate::limits::HOLD_LASTS`] unless there is a reason.
    pub lasts: Span,
}

/// An account with its balance before the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    pub account: Account,
    pub balance: Balance,
}

/// One line of the books: signed minor units on an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub account: LedgerAccountId,
    pub minor: i64,
}

/// What a step changes; to be kept as a whole or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub transfer: Transfer,
    /// Balance of the paying account afterwards.
    pub from: Balance,
    /// Balance of the receiving account afterwards.
    pub to: Balance,
    /// Two entries that sum to zero, when money moved.
    pub entries: Option<[Entry; 2]>,
}

/// First phase: takes `amount` out of what is available without moving it.
///
/// # Errors
/// Not enough available, same account twice, different currencies, overflow.
pub fn hold(new: NewTransfer, now: Timestamp, from: Side, to: Side) -> Result<Step, LedgerError> {
    admit(new.amount, from, to)?;
    let minor = new.amount.minor();
    Ok(Step {
        transfer: transfer(new, now, from, to, TransferState::Pending),
        from: from.balance.moved(0, minor, 0)?,
        to: to.balance.moved(0, 0, minor)?,
        entries: None,
    })
}

/// Both phases at once.
///
/// # Errors
/// As [`hold`].
pub fn post_now(new: NewTransfer, now: Timestamp, from: Side, to: Side) -> Result<Step, LedgerError> {
    admit(new.amount, from, to)?;
    let minor = new.amount.minor();
    let transfer = transfer(new, now, from, to, TransferState::Posted { amount: new.amount });
    Ok(Step {
        from: from.balance.moved(-minor, 0, 0)?,
        to: to.balance.moved(minor, 0, 0)?,
        entries: Some(entries(&transfer, minor)),
        transfer,
    })
}

/// Second phase: moves the held amount, or a part of it and frees the rest. A transfer is posted once.
///
/// # Errors
/// Already posted, voided, expired, more than held, or accounts that are not the transfer's.
pub fn post(held: Transfer, part: Option<Amount>, now: Timestamp, from: Side, to: Side) -> Result<Step, LedgerError> {
    must_be_pending(&held)?;
    if now >= held.expires_at {
        return Err(LedgerError::Expired);
    }
    let amount = part.unwrap_or(held.amount);
    if amount.currency() != held.amount.currency() {
        return Err(LedgerError::CurrencyMismatch);
    }
    if amount.minor() > held.amount.minor() {
        return Err(LedgerError::MoreThanHeld { held: held.amount });
    }
    let (whole, moved) = (held.amount.minor(), amount.minor());
    let step = settle(held, TransferState::Posted { amount }, from, to)?;
    Ok(Step {
        from: step.from.moved(-moved, -whole, 0)?,
        to: step.to.moved(moved, 0, -whole)?,
        entries: Some(entries(&held, moved)),
        ..step
    })
}

/// Frees a hold without moving money: by wish (`Voided`) or because its time is over (`Expired`).
///
/// # Errors
/// Already posted, voided or expired; `expired` before its time; accounts that are not the transfer's.
pub fn release(held: Transfer, expired: bool, now: Timestamp, from: Side, to: Side) -> Result<Step, LedgerError> {
    must_be_pending(&held)?;
    if expired && now < held.expires_at {
        return Err(LedgerError::NotExpired);
    }
    let whole = held.amount.minor();
    let step = settle(held, if expired { TransferState::Expired } else { TransferState::Voided }, from, to)?;
    Ok(Step { from: step.from.moved(0, -whole, 0)?, to: step.to.moved(0, 0, -whole)?, ..step })
}

fn admit(amount: Amount, from: Side, to: Side) -> Result<(), LedgerError> {
    if from.account.id == to.account.id {
        return Err(LedgerError::SelfTransfer);
    }
    if from.account.currency != amount.currency() || to.account.currency != amount.currency() {
        return Err(LedgerError::CurrencyMismatch);
    }
    from.balance.check_out(&from.account, amount)
}

fn must_be_pending(transfer: &Transfer) -> Result<(), LedgerError> {
    match transfer.state {
        TransferState::Pending => Ok(()),
        TransferState::Posted { .. } => Err(LedgerError::AlreadyPosted),
        TransferState::Voided => Err(LedgerError::Voided),
        TransferState::Expired => Err(LedgerError::Expired),
    }
}

/// The step that ends a pending transfer, balances still as they were.
fn settle(held: Transfer, state: TransferState, from: Side, to: Side) -> Result<Step, LedgerError> {
    if from.account.id != held.from || to.account.id != held.to {
        return Err(LedgerError::WrongAccounts);
    }
    Ok(Step { transfer: Transfer { state, ..held }, from: from.balance, to: to.balance, entries: None })
}

fn transfer(new: NewTransfer, now: Timestamp, from: Side, to: Side, state: TransferState) -> Transfer {
    let NewTransfer { id, amount, lasts } = new;
    Transfer { id, from: from.account.id, to: to.account.id, amount, expires_at: now.plus(lasts), state }
}

fn entries(transfer: &Transfer, minor: i64) -> [Entry; 2] {
    [Entry { account: transfer.from, minor: -minor }, Entry { account: transfer.to, minor }]
}
