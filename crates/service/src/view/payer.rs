//! A wallet as its owner sees it.

use serde::Serialize;
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
    /// Since when the last digits of a phone number are kept, by which a kiosk finds the wallet.
    pub phone_since: Option<String>,
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
    /// `payment`, `controlled_ageing`, `duplicate_search` or `kiosk`.
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
