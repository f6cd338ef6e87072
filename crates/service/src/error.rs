//! Errors of the use cases: each says what the person can do, none says which factor failed.

use base::Timestamp;

/// Why a use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Same answer for an unknown address and a wrong passphrase.
    #[error("E-mail address and passphrase do not match an account.")]
    SignInFailed,
    #[error("An account with this e-mail address cannot be opened. Sign in, or use another address.")]
    EmailTaken,
    #[error("Sign in first.")]
    NotSignedIn,
    #[error("The X-CSRF-Token header is missing or wrong. Read it from GET /v1/me and send it again.")]
    Csrf,
    #[error("This key is not known. Send the merchant's secret key as `Authorization: Bearer sk_…`.")]
    UnknownKey,
    #[error("This key may not do that: it lacks the scope `{0}`. Make one that has it with POST /v1/api_keys.")]
    Scope(&'static str),
    #[error("This cannot be done with a {0} key. Use the shop's secret key, on its server.")]
    KeyKind(&'static str),
    #[error("This is the last secret key: without it nobody could act for the shop. Make another one first.")]
    LastKey,
    #[error("There is no such version of the API. Send one of {known} as Smilepay-Version, or leave it out.")]
    UnknownVersion { known: String },
    /// `wait`: seconds.
    #[error("This key has used up its requests. Try again after {}.", .until.rfc3339())]
    TooFast { until: Timestamp, wait: u64 },
    #[error("The proof was not accepted. Try again, or use another way.")]
    ProofFailed,
    #[error("Too many attempts from this device. Try again after {}, or use another way.", .until.rfc3339())]
    Paused { until: Timestamp },
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    #[error("{field}: {why}")]
    Invalid { field: &'static str, why: String },
    #[error("This idempotency key was used with another request. Use a new key for a new request.")]
    IdempotencyMismatch,
    #[error("A request with this idempotency key is being worked on. Ask again in a moment.")]
    IdempotencyInFlight,
    #[error("This idempotency key made something more than a day ago. Use a new key for a new request.")]
    IdempotencySpent,
    #[error("Send an Idempotency-Key header, so that a retry never pays twice.")]
    IdempotencyMissing,
    #[error("This capture has ended or its token has expired. Ask for a new one.")]
    CaptureToken,
    #[error("No more tries with this method for this payment. Pay another way.")]
    TriesExhausted,
    #[error("The payment is {status}: {why}")]
    State { status: String, why: String },
    #[error("There is not enough money in the wallet. Top it up, or pay another way.")]
    InsufficientFunds,
    #[error("That is more than the passphrase alone may move. Take a smaller amount.")]
    TooMuchAtOnce,
    #[error("The bank declined it. Nothing was moved; use another account, or ask the bank.")]
    RailDeclined,
    #[error("No bank is connected to this server: money can be moved inside it only.")]
    NoRail,
    #[error("No {0} is enrolled. Enrol one in the wallet, or pay another way.")]
    NotEnrolled(&'static str),
    #[error("Somebody under 14 needs a parent or guardian to agree. Send `guardian` and `born_on` with the consent.")]
    GuardianNeeded,
    #[error("You have withdrawn your consent for this. Give it again in the wallet, or choose another way.")]
    NoConsent,
    #[error("This is not open in this region. Choose another way.")]
    NotHere,
    #[error("Pinned challenge steps exist in test mode only.")]
    TestModeOnly,
    #[error("Confirm this payment in one more way: with your {}.", either(.needs))]
    StepUp { needs: Vec<base::Method> },
    #[error("Passkeys need this server to be opened by its host name.")]
    NoPasskeysHere,
    #[error("The server is busy. Try again in a moment, or pay another way.")]
    Busy,
    #[error("The server cannot do this now. Nothing was changed; try again later.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// The stable code of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SignInFailed => "sign_in_failed",
            Self::EmailTaken => "email_taken",
            Self::NotSignedIn => "not_signed_in",
            Self::Csrf => "csrf",
            Self::UnknownKey => "unknown_key",
            Self::Scope(_) => "scope_missing",
            Self::KeyKind(_) => "key_kind",
            Self::LastKey => "last_key",
            Self::UnknownVersion { .. } => "unknown_version",
            Self::TooFast { .. } => "too_many_requests",
            Self::ProofFailed => "proof_failed",
            Self::Paused { .. } => "paused",
            Self::NotFound(_) => "not_found",
            Self::Invalid { .. } => "invalid_request",
            Self::IdempotencyMismatch => "idempotency_mismatch",
            Self::IdempotencyInFlight => "idempotency_in_flight",
            Self::IdempotencySpent => "idempotency_key_spent",
            Self::IdempotencyMissing => "idempotency_key_missing",
            Self::CaptureToken => "capture_token",
            Self::TriesExhausted => "tries_exhausted",
            Self::State { .. } => "payment_state",
            Self::InsufficientFunds => "insufficient_funds",
            Self::TooMuchAtOnce => "amount_limit",
            Self::RailDeclined => "rail_declined",
            Self::NoRail => "no_rail",
            Self::NotEnrolled(_) => "not_enrolled",
            Self::GuardianNeeded => "guardian_needed",
            Self::NoConsent => "no_consent",
            Self::NotHere => "not_here",
            Self::TestModeOnly => "test_mode_only",
            Self::StepUp { .. } => "step_up_required",
            Self::NoPasskeysHere => "no_passkeys_here",
            Self::Busy => "busy",
            Self::Internal(_) => "internal",
        }
    }

    /// For the operator's own eyes: also what stands behind an internal error.
    pub fn reason(&self) -> String {
        match self {
            Self::Internal(source) => source.to_string(),
            other => other.to_string(),
        }
    }

    pub(crate) fn invalid(field: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid { field, why: why.into() }
    }

    pub(crate) fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}

/// Methods as a payer knows them: `passkey or passphrase`.
fn either(methods: &[base::Method]) -> String {
    let name = |m: &base::Method| match m {
        base::Method::Otp => "one-time code",
        other => other.as_str(),
    };
    methods.iter().map(name).collect::<Vec<_>>().join(" or ")
}

/// Result of a use case.
pub type Result<T> = std::result::Result<T, Error>;
