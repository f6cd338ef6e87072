//! Intents, challenges, refunds.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is bought and where it goes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OrderDraft {
    pub item: String,
    pub ship_to: String,
    /// Days until delivery, 0–365.
    pub delivery_days: u16,
}

/// When an allowed payment's money moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaptureMethod {
    /// At once.
    #[default]
    Automatic,
    /// It is held for seven days; capture it, all or a part, or cancel.
    Manual,
}

impl From<CaptureMethod> for ledger::CaptureMethod {
    fn from(method: CaptureMethod) -> Self {
        match method {
            CaptureMethod::Automatic => Self::Automatic,
            CaptureMethod::Manual => Self::Manual,
        }
    }
}

impl From<ledger::CaptureMethod> for CaptureMethod {
    fn from(method: ledger::CaptureMethod) -> Self {
        match method {
            ledger::CaptureMethod::Automatic => Self::Automatic,
            ledger::CaptureMethod::Manual => Self::Manual,
        }
    }
}

/// The id of an object, or with `expand[]` the object itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Expandable {
    Id(String),
    #[schema(value_type = Object)]
    Object(serde_json::Value),
}

/// A payment intent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct IntentView {
    pub id: String,
    /// `requires_confirmation`, `requires_action`, `processing`, `requires_capture`, `succeeded`, `canceled` or `expired`.
    pub status: String,
    pub amount: i64,
    pub currency: String,
    pub payee: String,
    pub description: String,
    pub order: OrderDraft,
    /// Id of the receipt once it is paid; with `expand[]=receipt` the receipt.
    #[schema(value_type = Option<Expandable>)]
    pub receipt: Option<String>,
    /// Id of the order once it is paid; with `expand[]=order_id` the order.
    #[schema(value_type = Option<Expandable>)]
    pub order_id: Option<String>,
    pub last_error: Option<String>,
    pub success_url: Option<String>,
    pub created_at: String,
    /// Until then it can be paid, or captured once it is authorised.
    pub expires_at: String,
    pub refunded: i64,
    pub capture_method: CaptureMethod,
    /// What the merchant took.
    pub amount_captured: i64,
    /// What the payer disputes, or got back by a dispute.
    pub disputed: i64,
}

/// A new intent, with the secrets that are shown once.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CreatedIntentView {
    pub id: String,
    pub status: String,
    pub amount: i64,
    pub currency: String,
    pub payee: String,
    pub client_secret: String,
    pub checkout_url: String,
    pub expires_at: String,
}

/// A capture that may begin now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaptureGrantView {
    pub id: String,
    pub capture_token: String,
    /// Path of the WebSocket, token included.
    pub capture_url: String,
    pub expires_at: String,
}

/// A challenge: a capture that is bound to one payment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChallengeView {
    pub id: String,
    pub capture_token: String,
    pub capture_url: String,
    pub expires_at: String,
    pub amount: i64,
    pub currency: String,
    pub payee: String,
    /// By voice: the camera is asked for as well; send its pictures on the same socket.
    pub camera: bool,
}

/// A refund.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RefundView {
    pub id: String,
    /// With `expand[]=payment_intent` the payment.
    #[schema(value_type = Expandable)]
    pub payment_intent: String,
    pub amount: i64,
    pub currency: String,
    pub status: String,
    pub created_at: String,
}

/// A payer of test mode, by what happens when it pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MagicPayer {
    /// Pays.
    Ok,
    /// Has no money.
    InsufficientFunds,
    /// Does not prove to be who it is.
    AuthenticationFailed,
}

impl MagicPayer {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::InsufficientFunds => "insufficient_funds",
            Self::AuthenticationFailed => "authentication_failed",
        }
    }
}
