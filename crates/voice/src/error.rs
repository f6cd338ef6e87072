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
    /// The network for this prompt was not loaded.
    #[error("prompts in this language, or of words, are not switched on")]
    NotLoaded,
    /// A prompt is scored against what another network heard.
    #[error("this prompt belongs to another network than the one that heard the sound")]
    OtherEar,
    /// A phrase that does not fit.
    #[error("the phrase is too long, or not of plain words")]
    TooManyWords,
    /// The tokenizer's file.
    #[error("the tokenizer cannot be read: {0}")]
    Tokenizer(String),
    /// The operator's own anti-spoofing network.
    #[error("the anti-spoofing network cannot be used ({0}): compare it with its description")]
    Living(String),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] NnError),
}
