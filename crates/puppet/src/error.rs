/// Why a puppet cannot be made or shown.
#[derive(Debug, thiserror::Error)]
pub enum PuppetError {
    #[error("a face mesh has 468 points, this one has {got}")]
    MeshLength { got: usize },
    #[error("the face mesh holds a value that is not a number; use another portrait")]
    MeshNotFinite,
    #[error(
        "the face is too small ({eyes_px:.0} px between the eyes, at least {least:.0} needed); use a larger portrait"
    )]
    FaceTooSmall { eyes_px: f32, least: f32 },
    #[error("the portrait has no pixels or the wrong number of them")]
    NotAPicture,
    #[error("there is no frame to replay")]
    NothingToReplay,
    #[error("a frame could not be encoded as JPEG")]
    Encode(#[source] image::ImageError),
    #[error("the video could not be written; is the disk full?")]
    Write(#[source] std::io::Error),
}
