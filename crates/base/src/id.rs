use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a text is not the id it should be.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a valid {kind} id (expected {prefix}_ followed by 32 hexadecimal digits)")]
pub struct IdError {
    kind: &'static str,
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// The text in front of the underscore.
            pub const PREFIX: &'static str = $prefix;

            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let error = IdError { kind: stringify!($name), prefix: $prefix };
                let digits = text.strip_prefix(concat!($prefix, "_")).filter(|d| d.len() == 32);
                digits.and_then(|d| Uuid::try_parse(d).ok()).map(Self).ok_or(error)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    )*};
}

ids! {
    /// A payer's wallet.
    AccountId = "acct";
    /// A shop that is paid.
    MerchantId = "mer";
    /// A payment intent.
    IntentId = "pi";
    /// One attempt to prove the payer.
    AuthenticationId = "auth";
    /// A server-drawn, one-time challenge.
    ChallengeId = "ch";
    /// Enrolled features of one method.
    TemplateId = "tpl";
    /// A guided enrolment in progress.
    EnrolmentId = "enr";
    /// A recorded consent.
    ConsentId = "cons";
    /// A signed-in payer's session record (not its secret).
    SessionId = "ses";
    /// An account in the double-entry ledger.
    LedgerAccountId = "la";
    /// A transfer in the ledger.
    TransferId = "tr";
    /// A refund.
    RefundId = "re";
    /// A disputed payment.
    DisputeId = "dp";
    /// Money into or out of a wallet, between wallets, or out of a merchant's balance.
    MovementId = "mv";
    /// A shop's order.
    OrderId = "ord";
    /// A receipt.
    ReceiptId = "rcpt";
    /// An event in the outbox.
    EventId = "evt";
    /// A place where events are delivered.
    WebhookEndpointId = "we";
    /// A key that may do only some things.
    ApiKeyId = "key";
    /// Somebody who runs the installation.
    OperatorId = "op";
    /// People whose faces a merchant keeps for one purpose.
    CollectionId = "col";
    /// A person of a collection.
    PersonId = "per";
    /// Two people of a collection who may be one.
    FaceReviewId = "frv";
    /// A capture at a shop's kiosk whose payer is not known yet.
    KioskAttemptId = "kat";
    /// The public half of a capture token's record.
    CaptureToken = "cap";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_and_refuses_others() {
        let id = IntentId::from_uuid(Uuid::from_u128(7));
        assert_eq!(id.to_string(), "pi_00000000000000000000000000000007");
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in ["", "pi_", "pi_7", "acct_00000000000000000000000000000007", "pi_0000000-0000000000000000000000007"]
        {
            assert!(bad.parse::<IntentId>().is_err(), "{bad}");
        }
    }
}
