use money::{Amount, Money};
use serde::{Deserialize, Serialize};

/// Where a refund stands. Refunds out of a merchant's balance are booked at once, so most are born `Succeeded`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
}

impl RefundStatus {
    /// The name used in the API and the database; never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pending, Self::Succeeded, Self::Failed].into_iter().find(|s| s.as_str() == name)
    }
}

/// Why a refund is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundError {
    #[error("only a payment that has succeeded can be refunded")]
    NotCaptured,
    #[error("all of this payment is refunded already")]
    NothingLeft,
    #[error("only {left} of this payment can still be refunded")]
    MoreThanLeft { left: Money },
    #[error("a refund is made in the payment's currency")]
    CurrencyMismatch,
}

/// How much of a payment was captured, and how much of it went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundBook {
    pub captured: Amount,
    /// Minor units, pending refunds counted.
    pub refunded: i64,
}

impl RefundBook {
    /// Admits a refund of `asked` (all that is left when `None`); returns its amount and the book afterwards.
    ///
    /// # Errors
    /// Nothing left, more than left, another currency.
    pub fn admit(self, asked: Option<Amount>) -> Result<(Amount, Self), RefundError> {
        let currency = self.captured.currency();
        let left = self.captured.minor().saturating_sub(self.refunded);
        let rest = Amount::new(left, currency).map_err(|_| RefundError::NothingLeft)?;
        let amount = asked.unwrap_or(rest);
        if amount.currency() != currency {
            return Err(RefundError::CurrencyMismatch);
        }
        if amount.minor() > left {
            return Err(RefundError::MoreThanLeft { left: rest.money() });
        }
        Ok((amount, Self { refunded: self.refunded.saturating_add(amount.minor()), ..self }))
    }
}
