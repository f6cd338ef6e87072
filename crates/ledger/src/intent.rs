use base::MerchantId;
use money::Amount;
use serde::{Deserialize, Serialize};

/// Where a payment intent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentStatus {
    /// Waits for the payer to choose a way to pay.
    RequiresConfirmation,
    /// A challenge is open.
    RequiresAction,
    /// Allowed, money is being moved.
    Processing,
    /// Allowed and held; the merchant captures or cancels it before the hold expires.
    RequiresCapture,
    Succeeded,
    Canceled,
    Expired,
}

/// When the money of an allowed payment moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureMethod {
    /// At once.
    #[default]
    Automatic,
    /// It is held; the merchant captures it, all or a part.
    Manual,
}

impl CaptureMethod {
    /// The name used in the API and the database; never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Manual => "manual",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Automatic, Self::Manual].into_iter().find(|m| m.as_str() == name)
    }
}

/// What happens to an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntentEvent {
    ChallengeIssued,
    /// Refused, to be retaken, or stepped up: the payer may try again or choose another way.
    Declined,
    /// A decision allowed it.
    Authorised,
    /// The money moved.
    Posted,
    /// The money is held for the merchant to capture.
    Held,
    /// The merchant takes the held money, or a part of it.
    Captured,
    Cancel,
    Expire,
}

/// Why an intent does not follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntentError {
    #[error("this payment has already succeeded")]
    AlreadySucceeded,
    #[error("this payment was canceled")]
    Canceled,
    #[error("this payment has expired: ask the shop for a new one")]
    Expired,
    #[error("this payment is being processed")]
    Processing,
    #[error("this payment is authorised already and waits to be captured")]
    AlreadyAuthorised,
    #[error("this payment is not ready for that step")]
    NotReady,
    #[error("amount, currency or payee are not those the payer agreed to")]
    TermsChanged,
}

impl IntentStatus {
    pub const ALL: [Self; 7] = [
        Self::RequiresConfirmation,
        Self::RequiresAction,
        Self::Processing,
        Self::RequiresCapture,
        Self::Succeeded,
        Self::Canceled,
        Self::Expired,
    ];

    /// The name used in the API and the database; never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::RequiresCapture => "requires_capture",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }

    /// Nothing can happen to it any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Canceled | Self::Expired)
    }

    /// The status after `event`.
    ///
    /// # Errors
    /// The event does not fit the status; says which status stands in the way.
    pub const fn after(self, event: IntentEvent) -> Result<Self, IntentError> {
        use IntentEvent as E;
        match (self, event) {
            (Self::RequiresConfirmation | Self::RequiresAction, E::ChallengeIssued) => Ok(Self::RequiresAction),
            (Self::RequiresConfirmation | Self::RequiresAction | Self::Processing, E::Declined) => {
                Ok(Self::RequiresConfirmation)
            }
            (Self::RequiresConfirmation | Self::RequiresAction, E::Authorised) => Ok(Self::Processing),
            (Self::Processing, E::Posted) | (Self::RequiresCapture, E::Captured) => Ok(Self::Succeeded),
            (Self::Processing, E::Held) => Ok(Self::RequiresCapture),
            (Self::RequiresConfirmation | Self::RequiresAction | Self::RequiresCapture, E::Cancel) => {
                Ok(Self::Canceled)
            }
            (Self::RequiresConfirmation | Self::RequiresAction | Self::RequiresCapture, E::Expire) => Ok(Self::Expired),
            (Self::Succeeded, _) => Err(IntentError::AlreadySucceeded),
            (Self::Canceled, _) => Err(IntentError::Canceled),
            (Self::Expired, _) => Err(IntentError::Expired),
            (Self::Processing, _) => Err(IntentError::Processing),
            (Self::RequiresCapture, _) => Err(IntentError::AlreadyAuthorised),
            (Self::RequiresConfirmation | Self::RequiresAction, E::Posted | E::Held | E::Captured) => {
                Err(IntentError::NotReady)
            }
        }
    }

    /// Amount and payee may still be changed: only before the payer has seen a challenge for them.
    pub const fn terms_may_change(self, challenges_issued: u32) -> bool {
        matches!(self, Self::RequiresConfirmation) && challenges_issued == 0
    }
}

/// What a payer agrees to; a decision is worth nothing for other terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub amount: Amount,
    pub payee: MerchantId,
}

impl Terms {
    /// # Errors
    /// [`IntentError::TermsChanged`] if anything differs.
    pub fn must_equal(&self, agreed: &Self) -> Result<(), IntentError> {
        if self == agreed { Ok(()) } else { Err(IntentError::TermsChanged) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_states_answer_why_and_never_move() {
        let events = [
            IntentEvent::ChallengeIssued,
            IntentEvent::Declined,
            IntentEvent::Authorised,
            IntentEvent::Posted,
            IntentEvent::Held,
            IntentEvent::Captured,
            IntentEvent::Cancel,
            IntentEvent::Expire,
        ];
        for status in IntentStatus::ALL {
            assert_eq!(IntentStatus::from_name(status.as_str()), Some(status));
            for event in events {
                let moved = status.after(event).is_ok();
                assert!(!(status.is_final() && moved), "{status:?} on {event:?}");
            }
        }
        assert_eq!(IntentStatus::Canceled.after(IntentEvent::Authorised), Err(IntentError::Canceled));
        assert_eq!(IntentStatus::Processing.after(IntentEvent::Cancel), Err(IntentError::Processing));
    }

    #[test]
    fn money_moves_only_after_authorisation_and_a_decline_returns() {
        let asked = IntentStatus::RequiresConfirmation.after(IntentEvent::ChallengeIssued);
        assert_eq!(asked, Ok(IntentStatus::RequiresAction));
        assert_eq!(IntentStatus::RequiresAction.after(IntentEvent::Posted), Err(IntentError::NotReady));
        assert_eq!(IntentStatus::RequiresAction.after(IntentEvent::Declined), Ok(IntentStatus::RequiresConfirmation));
        assert_eq!(IntentStatus::RequiresAction.after(IntentEvent::Authorised), Ok(IntentStatus::Processing));
        assert_eq!(IntentStatus::Processing.after(IntentEvent::Posted), Ok(IntentStatus::Succeeded));
        assert_eq!(IntentStatus::Processing.after(IntentEvent::Held), Ok(IntentStatus::RequiresCapture));
        assert_eq!(IntentStatus::RequiresCapture.after(IntentEvent::Captured), Ok(IntentStatus::Succeeded));
        assert_eq!(IntentStatus::RequiresAction.after(IntentEvent::Captured), Err(IntentError::NotReady));
        assert_eq!(
            IntentStatus::RequiresCapture.after(IntentEvent::Authorised),
            Err(IntentError::AlreadyAuthorised),
            "a second confirm makes no second hold"
        );
        assert!(IntentStatus::RequiresConfirmation.terms_may_change(0));
        assert!(!IntentStatus::RequiresConfirmation.terms_may_change(1));
    }
}
