use nn::NnError;

/// What went wrong with a sound or a network.
#[derive(Debug, thiserror::Error)]
pub enum VoiceError {
    /// Not a sound we read.
    #[error("the sound cannot be read ({0}): use 16-bit PCM, mono, 16 kHz")]
    Unreadable(String),
    /// Longer or larger than the limits.
    #[error("the sound is too long: at most {} seconds", crate::limits::MAX_SECONDS)]
    TooLong,
    /// Too short to measure anything.
    #[error("the sound is too short to measure")]
    TooShort,
    /// The network gave no usable vector.
    #[error("the network gave no usable speaker vector")]
    NoVector,
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] NnError),
}
