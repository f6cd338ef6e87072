//! What the face service asks of whoever looks at pictures: our own networks, or a provider elsewhere.

use std::future::Future;
use std::pin::Pin;

use decide::faces::PictureReading;
use face::FaceBox;
use vault::Features;

/// An answer that takes a while.
pub type Look<'a, T> = Pin<Box<dyn Future<Output = Result<T, LookError>> + Send + 'a>>;

/// Looks at encoded pictures (JPEG, PNG, WebP) that strangers send.
///
/// A provider elsewhere implements the same two questions. What it gives as features must be unit vectors of one network,
/// named by its id; collections are searched here, whoever made the vectors.
pub trait Recogniser: Send + Sync {
    /// The picture's faces, the surest first.
    fn look(&self, picture: Vec<u8>) -> Look<'_, Seen>;

    /// The features of the main face of each picture, joined. Also what was seen of each picture, in order; a picture without
    /// a face gives none and is left out of the features.
    fn features(&self, pictures: Vec<Vec<u8>>) -> Look<'_, (Option<Features>, Vec<Seen>)>;
}

/// What was seen in a picture.
#[derive(Clone, Debug)]
pub struct Seen {
    pub width: u32,
    pub height: u32,
    pub faces: Vec<SeenFace>,
}

/// One face of a picture, and how good the picture of it is.
#[derive(Clone, Debug)]
pub struct SeenFace {
    pub bbox: FaceBox,
    pub reading: PictureReading,
}

impl Seen {
    /// What was measured of the face that the picture is about.
    pub fn main(&self) -> Option<PictureReading> {
        self.faces.first().map(|face| face.reading)
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The sender's fault: what is wrong with the picture.
    #[error("{0}")]
    Picture(String),
    #[error("too many pictures are being looked at: try again in a moment")]
    Busy,
    #[error("the picture could not be looked at: {0}")]
    Failed(String),
}
