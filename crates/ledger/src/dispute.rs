use base::Timestamp;
use money::{Amount, Money};
use serde::{Deserialize, Serialize};

use crate::limits::DISPUTE_WINDOW;

/// Where a dispute stands. While it is open its money is held out of the merchant's balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// The merchant may send evidence until the deadline.
    NeedsResponse,
    /// Evidence was sent; the operator decides.
    UnderReview,
    /// The merchant keeps the money.
    Won,
    /// The money went back to the payer.
    Lost,
    /// The payer took it back; the merchant keeps the money.
    Withdrawn,
}

/// What happens to a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeEvent {
    EvidenceSent,
    /// The merchant gives in.
    Accepted,
    /// The deadline passed without evidence.
    Overdue,
    DecidedForMerchant,
    DecidedForPayer,
    Withdrawn,
}

/// Why a dispute is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisputeError {
    #[error("only a payment that has succeeded can be disputed")]
    NotCaptured,
    #[error("this payment was disputed already")]
    Again,
    #[error("this payment is too old to be disputed")]
    TooLate,
    #[error("only {left} of this payment can be disputed")]
    MoreThanLeft { left: Money },
    #[error("this dispute is over")]
    Over,
    #[error("this dispute is not ready for that step")]
    NotReady,
}

impl DisputeStatus {
    pub const ALL: [Self; 5] = [Self::NeedsResponse, Self::UnderReview, Self::Won, Self::Lost, Self::Withdrawn];

    /// The name used in the API and the database; never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeedsResponse => "needs_response",
            Self::UnderReview => "under_review",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }

    pub const fn is_over(self) -> bool {
        matches!(self, Self::Won | Self::Lost | Self::Withdrawn)
    }

    /// The status after `event`.
    ///
    /// # Errors
    /// It is over, or the event does not fit.
    pub const fn after(self, event: DisputeEvent) -> Result<Self, DisputeError> {
        use DisputeEvent as E;
        match (self, event) {
            (Self::Won | Self::Lost | Self::Withdrawn, _) => Err(DisputeError::Over),
            (Self::NeedsResponse, E::EvidenceSent) => Ok(Self::UnderReview),
            (Self::NeedsResponse, E::Overdue) | (_, E::Accepted) => Ok(Self::Lost),
            (Self::UnderReview, E::DecidedForMerchant) => Ok(Self::Won),
            (Self::UnderReview, E::DecidedForPayer) => Ok(Self::Lost),
            (_, E::Withdrawn) => Ok(Self::Withdrawn),
            (Self::UnderReview, E::EvidenceSent | E::Overdue)
            | (Self::NeedsResponse, E::DecidedForMerchant | E::DecidedForPayer) => Err(DisputeError::NotReady),
        }
    }
}

/// What of a payment may be disputed: all that was captured and did not go back, once, for a while.
///
/// # Errors
/// Too late, nothing left, more than left.
pub fn admit_dispute(
    captured: Amount,
    refunded: i64,
    paid_at: Timestamp,
    asked: Option<Amount>,
    now: Timestamp,
) -> Result<Amount, DisputeError> {
    if now.since(paid_at) >= DISPUTE_WINDOW {
        return Err(DisputeError::TooLate);
    }
    let left = captured.minor().saturating_sub(refunded);
    let told = Money::new(left, captured.currency());
    let rest = Amount::new(left, captured.currency()).map_err(|_| DisputeError::MoreThanLeft { left: told })?;
    let amount = asked.unwrap_or(rest);
    let fits = amount.currency() == rest.currency() && amount.minor() <= left;
    if fits { Ok(amount) } else { Err(DisputeError::MoreThanLeft { left: told }) }
}

#[cfg(test)]
mod tests {
    use base::Span;
    use money::Currency;

    use super::*;

    #[test]
    fn a_dispute_ends_once() {
        use DisputeEvent as E;
        let events =
            [E::EvidenceSent, E::Accepted, E::Overdue, E::DecidedForMerchant, E::DecidedForPayer, E::Withdrawn];
        for status in DisputeStatus::ALL {
            assert_eq!(DisputeStatus::from_name(status.as_str()), Some(status));
            for event in events {
                assert!(!(status.is_over() && status.after(event).is_ok()), "{status:?} on {event:?}");
            }
        }
        let reviewed = DisputeStatus::NeedsResponse.after(E::EvidenceSent).unwrap();
        assert_eq!(reviewed.after(E::Overdue), Err(DisputeError::NotReady), "evidence in time is not overdue");
        assert_eq!(DisputeStatus::NeedsResponse.after(E::DecidedForMerchant), Err(DisputeError::NotReady));
    }

    #[test]
    fn no_more_than_is_left_and_not_for_ever() {
        let eur = |minor| Amount::new(minor, Currency::EUR).unwrap();
        let (paid, now) = (Timestamp::from_millis(0), Timestamp::from_millis(1));
        assert_eq!(admit_dispute(eur(100), 30, paid, None, now), Ok(eur(70)));
        assert!(matches!(
            admit_dispute(eur(100), 30, paid, Some(eur(71)), now),
            Err(DisputeError::MoreThanLeft { .. })
        ));
        assert!(matches!(admit_dispute(eur(100), 100, paid, None, now), Err(DisputeError::MoreThanLeft { .. })));
        let late = paid.plus(Span::days(121));
        assert_eq!(admit_dispute(eur(100), 0, paid, None, late), Err(DisputeError::TooLate));
    }
}
