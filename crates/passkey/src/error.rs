/// Why a passkey was not taken. What the payer is told is the service's part; it never says which check failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    #[error("passkeys need a host name: open this server by its name, not by its address")]
    NoHostName,
    #[error("the answer is not a WebAuthn answer")]
    Malformed,
    #[error("the answer belongs to another kind of ceremony")]
    WrongKind,
    #[error("another challenge was answered: the payment differs, or the answer is an old one")]
    WrongChallenge,
    #[error("the answer was given on another site")]
    WrongOrigin,
    #[error("the answer was given for another relying party")]
    WrongRelyingParty,
    #[error("nobody touched the device")]
    NotPresent,
    #[error("the device did not verify its user")]
    NotVerified,
    #[error("the device showed another payment")]
    WrongPayment,
    #[error("the signature does not fit")]
    BadSignature,
    #[error("the registration was refused")]
    Registration,
    #[error("attestation needs 1 to 16 root certificates as PEM, and at most 256 models")]
    Attestation,
}
