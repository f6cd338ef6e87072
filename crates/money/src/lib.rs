//! Money as integer minor units of an ISO 4217 currency, with checked arithmetic. Pure.

mod amount;
mod currency;
pub mod limits;
mod text;

pub use amount::{Amount, Money};
pub use currency::Currency;

/// Why an amount of money is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("unknown currency: use an ISO 4217 code in use, in capital letters, such as EUR")]
    UnknownCurrency,
    #[error("the two amounts are in different currencies")]
    CurrencyMismatch,
    #[error("the amount is too large to be counted")]
    Overflow,
    #[error("the amount must be larger than zero")]
    NotPositive,
    #[error("the amount is above the limit of {} minor units", limits::MAX_AMOUNT_MINOR)]
    AboveLimit,
    #[error("not an amount of money: write it like 20.00 EUR or 1,500 JPY")]
    Malformed,
}
