use base::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::limits::MAX_DELIVERY_DAYS;

/// Where a shop's order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    AwaitingPayment,
    /// Paid; the promise runs.
    Confirmed,
    Canceled,
    /// All of the money went back.
    Refunded,
}

impl OrderStatus {
    /// The name used in the API and the database; never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingPayment => "awaiting_payment",
            Self::Confirmed => "confirmed",
            Self::Canceled => "canceled",
            Self::Refunded => "refunded",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::AwaitingPayment, Self::Confirmed, Self::Canceled, Self::Refunded]
            .into_iter()
            .find(|s| s.as_str() == name)
    }
}

/// The promised moment of delivery of an order made at `created`; its UTC date is what the payer is told.
pub fn promised_at(created: Timestamp, days: u16) -> Timestamp {
    created.plus(Span::days(i64::from(days.min(MAX_DELIVERY_DAYS))))
}
