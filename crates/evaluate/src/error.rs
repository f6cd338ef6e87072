use std::path::PathBuf;

/// Why an evaluation cannot be made, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    #[error("cannot read {} ({source}): give the folder that holds it with --data", path.display())]
    NoList { path: PathBuf, source: std::io::Error },
    #[error("{} is too large for a list of pictures", path.display())]
    ListTooLarge { path: PathBuf },
    #[error("{} line {line}: {reason}", path.display())]
    BadList { path: PathBuf, line: usize, reason: String },
    #[error("{} line {line}: {reason}; expected the columns path,person,set,group", path.display())]
    BadPeople { path: PathBuf, line: usize, reason: String },
    #[error("{} holds no pictures", path.display())]
    Empty { path: PathBuf },
    #[error("{} has no column called {name}", path.display())]
    NoColumn { path: PathBuf, name: String },
    #[error("{} cannot hold captures ({source}): choose another --captures file", path.display())]
    Keep { path: PathBuf, source: std::io::Error },
    #[error("there is no portrait to make attacks of: run `smilepay models fetch`")]
    NoPortrait,
    #[error(transparent)]
    Puppet(#[from] puppet::PuppetError),
    #[error(transparent)]
    Face(#[from] face::FaceError),
    #[error("cannot read {} ({source}): it is in the list", path.display())]
    NoClip { path: PathBuf, source: std::io::Error },
    #[error("{}: {source}", path.display())]
    BadClip { path: PathBuf, source: voice::VoiceError },
    #[error("{}: {source}", path.display())]
    BadPicture { path: PathBuf, source: face::DecodeError },
    #[error(transparent)]
    Kungfu(#[from] ::kungfu::KungfuError),
    #[error(transparent)]
    Voice(#[from] voice::VoiceError),
    #[error("--enrol and --probe must be 1..={max} and --draws 1..={max_draws}")]
    Protocol { max: usize, max_draws: u32 },
    #[error("no set has two people with {needed} pictures that show a face")]
    TooFewPictures { needed: usize },
    #[error("a vector could not be protected: it has another length than the templates")]
    NotProtected,
    #[error("the two were not run on the same list of pictures")]
    OtherLists,
    #[error("half of the people are too few to calibrate: {reason}")]
    TooFewPeople { reason: String },
    #[error(transparent)]
    Calibration(#[from] decide::CalibrationError),
    #[error("a worker thread stopped: run again with --threads 1")]
    Worker,
    #[error("the 720p test picture could not be made ({reason})")]
    TestPicture { reason: String },
}
