use std::path::PathBuf;

/// Why an evaluation cannot be made, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    #[error("cannot read {} ({source}): give the folder that holds it with --data", path.display())]
    NoList { path: PathBuf, source: std::io::Error },
    #[error("{} is too large for a list of pairs", path.display())]
    ListTooLarge { path: PathBuf },
    #[error("{} line {line}: {reason}", path.display())]
    BadList { path: PathBuf, line: usize, reason: String },
    #[error("{} holds no pairs", path.display())]
    Empty { path: PathBuf },
    #[error(transparent)]
    Face(#[from] face::FaceError),
    #[error("cannot read {} ({source}): it is in the list", path.display())]
    NoClip { path: PathBuf, source: std::io::Error },
    #[error("{}: {source}", path.display())]
    BadClip { path: PathBuf, source: voice::VoiceError },
    #[error(transparent)]
    Voice(#[from] voice::VoiceError),
    #[error("a worker thread stopped: run again with --threads 1")]
    Worker,
    #[error("the 720p test picture could not be made ({reason})")]
    TestPicture { reason: String },
}
