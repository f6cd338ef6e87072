use serde::{Deserialize, Serialize};

/// A way to prove who the payer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Face,
    Voice,
    Kungfu,
    Passkey,
    Passphrase,
    /// A one-time code of an authenticator app.
    Otp,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 6] = [Self::Face, Self::Voice, Self::Kungfu, Self::Passkey, Self::Passphrase, Self::Otp];

    /// The name used in the API, the database and associated data of ciphertexts; never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Face => "face",
            Self::Voice => "voice",
            Self::Kungfu => "kungfu",
            Self::Passkey => "passkey",
            Self::Passphrase => "passphrase",
            Self::Otp => "otp",
        }
    }
}
