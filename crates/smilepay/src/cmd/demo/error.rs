use std::path::PathBuf;

use crate::boot::BootError;
use crate::casting::CastingError;

/// Why the scene could not be played to an end.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error(transparent)]
    Boot(#[from] BootError),
    #[error(transparent)]
    Casting(#[from] CastingError),
    #[error(transparent)]
    Puppet(#[from] puppet::PuppetError),
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("there are no JPEG frames in {}; give a folder of .jpg files, sorted by name", .0.display())]
    NoFrames(PathBuf),
    #[error("the system gives no runtime or temporary folder: {0}")]
    System(#[source] std::io::Error),
    #[error("the server did not answer: {0}")]
    Http(#[from] reqwest::Error),
    #[error("the camera connection broke off: {0}")]
    Socket(#[source] Box<tokio_tungstenite::tungstenite::Error>),
    #[error("the server refused to {doing}: {detail} ({code})")]
    Problem { doing: &'static str, code: String, detail: String },
    #[error("the server's answer holds no {0}")]
    Missing(&'static str),
    #[error("the camera stopped delivering frames")]
    CameraGone,
    #[error("this attack or recording belongs to the other --method")]
    NotForMethod,
    #[error(
        "no two pets with six photographs each in {}; give --pets a folder of pictures called PET_NUMBER.jpg (tattoos need none: \
         they are drawn)", .0.display()
    )]
    NoPets(PathBuf),
    #[error(transparent)]
    Voice(#[from] voice::VoiceError),
    #[error(
        "the demo speaks with recordings and {} holds none: give a folder with --voices that has several of each digit by two or \
         more people, called DIGIT_SPEAKER_TAKE.wav as in the Free Spoken Digit Dataset (no package carries such recordings, and \
         one said twice would be refused as a replay)",
        .0.display()
    )]
    NoVoices(PathBuf),
}

impl From<tokio_tungstenite::tungstenite::Error> for DemoError {
    fn from(error: tokio_tungstenite::tungstenite::Error) -> Self {
        Self::Socket(Box::new(error))
    }
}
