//! Disputes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Expandable;

/// Why a payment is disputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisputeReason {
    /// It did not arrive.
    NotReceived,
    /// It is not what was promised.
    NotAsDescribed,
    /// The payer did not make this payment.
    NotMine,
    /// It was paid twice.
    Duplicate,
    Other,
}

impl DisputeReason {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::NotReceived => "not_received",
            Self::NotAsDescribed => "not_as_described",
            Self::NotMine => "not_mine",
            Self::Duplicate => "duplicate",
            Self::Other => "other",
        }
    }
}

/// A disputed payment.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DisputeView {
    pub id: String,
    /// With `expand[]=payment_intent` the payment.
    #[schema(value_type = Expandable)]
    pub payment_intent: String,
    pub amount: i64,
    pub currency: String,
    pub reason: String,
    /// `needs_response`, `under_review`, `won`, `lost` or `withdrawn`.
    pub status: String,
    pub evidence: Option<String>,
    pub evidence_due_by: String,
    pub created_at: String,
    /// What the server itself can say; with a single dispute only.
    #[serde(default)]
    pub facts: Option<DisputeFactsView>,
}

/// What is on record about a disputed payment. Never a face, a score or who the payer is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DisputeFactsView {
    pub paid_at: String,
    /// What proved the payer.
    pub methods: Vec<String>,
    /// The payer saw amount and payee, and the proof was for these only.
    pub bound_to_amount_and_payee: bool,
    pub ship_to: String,
    /// Calendar date (UTC).
    pub promised: Option<String>,
    pub refunded: i64,
}
