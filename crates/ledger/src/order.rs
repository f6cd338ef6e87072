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
    /// On its way.
    Shipped,
    Delivered,
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
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Canceled => "canceled",
            Self::Refunded => "refunded",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        use OrderStatus as S;
        [S::AwaitingPayment, S::Confirmed, S::Shipped, S::Delivered, S::Canceled, S::Refunded]
            .into_iter()
            .find(|s| s.as_str() == name)
    }

    /// The status after `event`; what has happened already changes nothing.
    ///
    /// # Errors
    /// Nothing is on its way: not paid yet, canceled, or paid back.
    pub const fn after(self, event: OrderEvent) -> Result<Self, OrderError> {
        use OrderEvent as E;
        match (self, event) {
            (Self::Confirmed | Self::Shipped, E::Shipped) => Ok(Self::Shipped),
            // An order can be handed over without ever being sent.
            (Self::Confirmed | Self::Shipped | Self::Delivered, E::Delivered) | (Self::Delivered, E::Shipped) => {
                Ok(Self::Delivered)
            }
            (Self::AwaitingPayment, _) => Err(OrderError::NotPaid),
            (Self::Canceled | Self::Refunded, _) => Err(OrderError::Over),
        }
    }

    /// Whether a promise runs: something is to be delivered, and was not.
    pub const fn is_awaited(self) -> bool {
        matches!(self, Self::Confirmed | Self::Shipped)
    }
}

/// What a shop says of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderEvent {
    Shipped,
    Delivered,
}

/// Why an order cannot be sent or handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    #[error("this order is not paid yet")]
    NotPaid,
    #[error("this order was canceled or paid back")]
    Over,
}

/// The end of the UTC day that was promised: from then on what was not delivered is late.
pub fn late_from(promised_at: Timestamp) -> Timestamp {
    const DAY: i64 = 86_400_000;
    let day = promised_at.as_millis().div_euclid(DAY).saturating_add(1);
    Timestamp::from_millis(day.saturating_mul(DAY))
}

/// The promised moment of delivery of an order made at `created`; its UTC date is what the payer is told.
pub fn promised_at(created: Timestamp, days: u16) -> Timestamp {
    created.plus(Span::days(i64::from(days.min(MAX_DELIVERY_DAYS))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_goes_one_way() {
        use OrderStatus as S;
        let (shipped, delivered) = (OrderEvent::Shipped, OrderEvent::Delivered);
        assert_eq!(S::Confirmed.after(shipped), Ok(S::Shipped));
        assert_eq!(S::Shipped.after(shipped), Ok(S::Shipped));
        assert_eq!(S::Confirmed.after(delivered), Ok(S::Delivered));
        assert_eq!(S::Delivered.after(shipped), Ok(S::Delivered), "never back");
        assert_eq!(S::AwaitingPayment.after(shipped), Err(OrderError::NotPaid));
        for over in [S::Canceled, S::Refunded] {
            assert_eq!(over.after(delivered), Err(OrderError::Over));
        }
    }

    #[test]
    fn a_promise_lasts_to_the_end_of_its_day() {
        let noon = Timestamp::from_millis(1_763_726_400_000);
        assert_eq!(late_from(noon).as_millis() % 86_400_000, 0);
        assert!(late_from(noon) > noon && late_from(noon).since(noon) <= Span::days(1));
        let midnight = late_from(noon);
        assert_eq!(late_from(midnight).since(midnight), Span::days(1), "midnight begins the next day");
    }
}
