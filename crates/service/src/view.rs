//! What the outside sees: the JSON of the API and the data of the pages. Never a score, an embedding or a frame.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A payer's wallet and everything about it that its owner may see.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    pub account: String,
    pub name: String,
    pub email: String,
    /// Goes back in `X-CSRF-Token` on every unsafe request.
    pub csrf_token: String,
    pub balances: Vec<Balance>,
    pub methods: Vec<MethodView>,
    /// Erased, with a receipt.
    pub erased: Vec<ErasedView>,
    pub consents: Vec<ConsentView>,
    /// Given for somebody under 14.
    pub wards: Vec<WardConsentView>,
    pub payments: Vec<PaymentView>,
    pub notices: Vec<NoticeView>,
    pub passkeys: Vec<PasskeyView>,
    /// An authenticator app is set up.
    pub otp: bool,
    pub abilities: AbilitiesView,
}

/// What the camera may ask the payer for.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct AbilitiesView {
    pub smiles: bool,
    /// Without turns each payment by face asks for another factor: nothing else shows depth.
    pub turns: bool,
    /// Colours on the screen.
    pub colours: bool,
}

/// Money that can be spent now, holds already taken off. Minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Balance {
    pub amount: i64,
    pub currency: String,
    pub available: i64,
}

/// An enrolled way to prove the payer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MethodView {
    pub id: String,
    pub method: String,
    /// `tattoo` or `pet`, by `kungfu`.
    pub kind: Option<String>,
    pub created_at: String,
    pub last_used_at: Option<String>,
    pub views: u32,
    /// Until then only small amounts are paid with it.
    pub small_amounts_until: Option<String>,
    /// Then it is erased, unless it is used before.
    pub kept_until: Option<String>,
    /// A voice: the payer's own key phrase is asked for as well.
    pub key_phrase: bool,
}

/// A registered device.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PasskeyView {
    /// The credential's id, base64url.
    pub id: String,
    pub name: String,
    pub created_at: String,
    pub last_used_at: Option<String>,
}

/// A challenge that a device signs: the hash of what is paid.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PasskeyChallengeView {
    pub id: String,
    /// For `navigator.credentials.get`.
    #[schema(value_type = Object)]
    pub passkey: serde_json::Value,
    /// `{data, total}` for `new PaymentRequest`, method `secure-payment-confirmation`.
    #[schema(value_type = Object)]
    pub payment: serde_json::Value,
    pub expires_at: String,
    pub amount: i64,
    pub currency: String,
    pub payee: String,
}

/// The secret of an authenticator app, shown once.
#[derive(Clone, Serialize, ToSchema)]
pub struct OtpSetupView {
    /// Base32, to be typed.
    pub secret: String,
    /// `otpauth://…`, to be scanned.
    pub uri: String,
}

/// A recorded consent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConsentView {
    pub id: String,
    /// `payment`, `controlled_ageing` or `duplicate_search`.
    pub purpose: String,
    pub method: String,
    pub text_version: String,
    /// A guardian agreed for somebody under 14.
    pub by_guardian: bool,
    pub given_at: String,
    pub withdrawn_at: Option<String>,
    /// A newer consent for the same purpose and method took its place.
    pub replaced_at: Option<String>,
}

/// A consent that a guardian gave.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WardConsentView {
    /// Name of who is under 14.
    pub name: String,
    pub consent: ConsentView,
}

/// A text that a consent is about, word by word.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConsentTextView {
    pub purpose: String,
    pub method: String,
    pub version: String,
    pub locale: String,
    pub text: String,
    /// Of the text's UTF-8, in hexadecimal digits; each consent keeps it.
    pub sha256: String,
}

/// One payment in the wallet's list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentView {
    pub intent: String,
    pub receipt: Option<String>,
    pub amount: i64,
    pub currency: String,
    pub payee: String,
    pub description: String,
    pub paid_at: String,
    pub refunded: i64,
}

/// Something the payer should know (a face was enrolled, a method erased).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoticeView {
    pub at: String,
    /// Stable, for programs: `notice.face_enrolled`.
    pub key: &'static str,
    /// In the payer's language (the server fills it in).
    pub text: String,
}

/// Answer to sign-up and sign-in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignedInView {
    pub account: String,
    pub csrf_token: String,
}

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

/// What was paid, by which methods, and what was promised. No scores.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReceiptView {
    pub id: String,
    pub payment_intent: String,
    pub order_id: String,
    pub amount: i64,
    pub currency: String,
    /// `paid`; `authorised` while the money is only held; `released` when the hold was given back.
    pub status: String,
    /// What the merchant took.
    pub amount_captured: i64,
    pub refunded: i64,
    pub payee: String,
    pub description: String,
    pub payer: String,
    pub methods: Vec<String>,
    pub paid_at: String,
    pub delivery: DeliveryView,
}

/// An order and its delivery promise.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderView {
    pub id: String,
    pub payment_intent: String,
    pub receipt: Option<String>,
    pub item: String,
    pub payee: String,
    pub amount: i64,
    pub currency: String,
    pub status: String,
    pub created_at: String,
    pub delivery: DeliveryView,
}

/// Where it goes and when.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    pub to: String,
    /// Calendar date (UTC), such as `2026-11-27`.
    pub promised: String,
    /// `awaiting_payment`, `promised`, `shipped`, `delivered`, `late` (the promised day is over and nothing arrived),
    /// `canceled` or `refunded`.
    pub status: String,
    /// The promise was broken, even if it arrived since.
    pub late: bool,
    pub shipped_at: Option<String>,
    pub delivered_at: Option<String>,
    /// What the carrier calls it.
    pub tracking: Option<String>,
}

/// Proof that a template can no longer be opened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ErasureView {
    pub erased_at: String,
    pub proof: String,
    /// To keep: signed by this installation; `smilepay erasure verify` checks it.
    #[schema(value_type = Option<Object>)]
    pub receipt: Option<serde_json::Value>,
}

/// A method that was erased, with its receipt at `/v1/me/erasures/{id}`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ErasedView {
    pub id: String,
    pub method: String,
    pub erased_at: String,
}

/// The public half of the key that signs erasure receipts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ErasureKeyView {
    /// Ed25519, 64 hexadecimal digits.
    pub public_key: String,
}

/// A part of a list, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListView<T> {
    pub data: Vec<T>,
    /// There are more in the direction that was asked for.
    pub has_more: bool,
}

/// Money into, out of or between wallets, or out of a merchant's balance.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MovementView {
    pub id: String,
    /// `top_up`, `withdrawal`, `transfer` or `payout`.
    pub kind: String,
    pub amount: i64,
    pub currency: String,
    /// `pending`, `succeeded` or `failed`.
    pub status: String,
    /// Account at the bank, or `ledger`.
    pub bank: String,
    /// The recipient of a transfer.
    pub to: Option<String>,
    pub note: String,
    /// Why the bank gave it back.
    pub failure: Option<String>,
    pub created_at: String,
    /// When the bank answers, or answered.
    pub settles_at: String,
}

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

/// Something that happened, as it is delivered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventView {
    pub id: String,
    /// Such as `payment_intent.succeeded`.
    #[serde(rename = "type")]
    pub kind: String,
    pub created_at: String,
    pub data: EventData,
}

/// What it happened to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventData {
    /// The object as it stood then.
    #[schema(value_type = Object)]
    pub object: serde_json::Value,
}

/// What a merchant has.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MerchantBalanceView {
    pub balances: Vec<MerchantBalanceLine>,
}

/// What a merchant has in one currency. Minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MerchantBalanceLine {
    pub currency: String,
    /// May be paid out.
    pub available: i64,
    /// Held out of it, by disputes and payouts under way.
    pub held: i64,
    /// Held for it, by payments to be captured.
    pub incoming: i64,
}

/// What stood on an account at a time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BalanceAtView {
    /// Seconds since 1970, that second included.
    pub at: i64,
    pub currency: String,
    /// Minor units, holds not taken off.
    pub posted: i64,
}

/// One line of an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BalanceTransactionView {
    pub id: String,
    /// `payment`, `refund`, `top_up`, `withdrawal`, `transfer`, `payout`, `dispute`, `dispute_cover` or `other`.
    pub kind: String,
    /// Minor units; below zero when money left.
    pub amount: i64,
    pub currency: String,
    /// Id of the payment, refund, dispute or movement.
    pub source: Option<String>,
    pub created_at: String,
}

/// What one day brought.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SettlementView {
    /// Calendar date (UTC).
    pub day: String,
    pub lines: Vec<SettlementLineView>,
}

/// All bookings of one kind in one currency on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SettlementLineView {
    pub currency: String,
    pub kind: String,
    pub count: i64,
    /// Minor units; below zero when money left.
    pub amount: i64,
}

/// All accounts by kind and currency.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrialBalanceView {
    /// Seconds since 1970, that second included; absent: now.
    pub at: Option<i64>,
    /// Every currency sums to zero.
    pub balanced: bool,
    pub lines: Vec<TrialLineView>,
}

/// All accounts of one kind in one currency. Minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrialLineView {
    pub kind: String,
    pub currency: String,
    pub accounts: i64,
    /// Everything that left these accounts.
    pub debits: i64,
    /// Everything that came in.
    pub credits: i64,
    pub balance: i64,
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
