use face::{DecodeError, FaceError};
use nn::NnError;

/// What went wrong with a photo, a template or a network.
#[derive(Debug, thiserror::Error)]
pub enum KungfuError {
    /// The framed part lies outside the picture or is too small.
    #[error("the framed part is too small to show anything: at least {} pixels each way", crate::limits::MIN_SIDE)]
    TooSmall,
    /// A template needs more photos.
    #[error("a template needs {} to {} photos", crate::limits::MIN_PHOTOS, crate::limits::MAX_PHOTOS)]
    PhotoCount,
    /// Photos of a tattoo and of a pet do not go together.
    #[error("the photos are of different kinds of objects")]
    MixedKinds,
    /// The bytes are no template.
    #[error("the stored template cannot be read: enrol the object again")]
    BadTemplate,
    /// The network gave no usable vector.
    #[error("the network gave no usable vector")]
    NoVector,
    /// The picture cannot be used.
    #[error(transparent)]
    Picture(#[from] DecodeError),
    /// The picture cannot be resized, or the face detector failed.
    #[error(transparent)]
    Face(#[from] FaceError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] NnError),
}
