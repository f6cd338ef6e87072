use base::LedgerAccountId;
use money::{Amount, Currency, Money};

use crate::LedgerError;

/// What an account is for; decides its limit rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccountKind {
    /// A payer's money.
    Wallet,
    /// What a merchant has earned and may be paid out.
    MerchantAvailable,
    /// The outside world money comes from; owes what all wallets own, so it goes below zero.
    Funding,
    /// The operator's earnings.
    Fees,
}

/// How far an account may be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitRule {
    /// Available (posted less outgoing holds) never goes below zero.
    NotBelowZero,
    Unlimited,
}

impl AccountKind {
    /// The name kept in the database; never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wallet => "wallet",
            Self::MerchantAvailable => "merchant_available",
            Self::Funding => "funding",
            Self::Fees => "fees",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Wallet, Self::MerchantAvailable, Self::Funding, Self::Fees].into_iter().find(|k| k.as_str() == name)
    }

    pub const fn limit(self) -> LimitRule {
        match self {
            Self::Funding => LimitRule::Unlimited,
            Self::Wallet | Self::MerchantAvailable | Self::Fees => LimitRule::NotBelowZero,
        }
    }
}

/// An account in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: LedgerAccountId,
    pub kind: AccountKind,
    pub currency: Currency,
}

/// What stands on an account, in minor units of its currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Sum of all entries.
    pub posted: i64,
    /// Held by transfers out of this account, never negative.
    pub pending_out: i64,
    /// Held by transfers into this account, never negative; cannot be spent.
    pub pending_in: i64,
}

impl Balance {
    /// What may be spent: posted less outgoing holds.
    pub const fn available(self) -> i64 {
        self.posted.saturating_sub(self.pending_out)
    }

    pub const fn available_money(self, currency: Currency) -> Money {
        Money::new(self.available(), currency)
    }

    /// Makes sure `amount` may leave.
    pub(crate) fn check_out(self, account: &Account, amount: Amount) -> Result<(), LedgerError> {
        match account.kind.limit() {
            LimitRule::NotBelowZero if self.available() < amount.minor() => {
                Err(LedgerError::InsufficientFunds { available: self.available_money(account.currency) })
            }
            LimitRule::NotBelowZero | LimitRule::Unlimited => Ok(()),
        }
    }

    /// Each part moved by a signed number of minor units.
    pub(crate) fn moved(self, posted: i64, pending_out: i64, pending_in: i64) -> Result<Self, LedgerError> {
        let moved = Self {
            posted: self.posted.checked_add(posted).ok_or(LedgerError::Overflow)?,
            pending_out: self.pending_out.checked_add(pending_out).ok_or(LedgerError::Overflow)?,
            pending_in: self.pending_in.checked_add(pending_in).ok_or(LedgerError::Overflow)?,
        };
        // `available` must stay countable too, on accounts without a limit as well.
        let countable = moved.posted.checked_sub(moved.pending_out).is_some();
        let holds_exist = moved.pending_out >= 0 && moved.pending_in >= 0;
        if countable && holds_exist { Ok(moved) } else { Err(LedgerError::Overflow) }
    }
}
