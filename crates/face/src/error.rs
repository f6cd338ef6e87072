/// Why bytes are not a usable picture, and what the person can do.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DecodeError {
    #[error("the picture is empty: take it again")]
    Empty,
    #[error("the picture has {got} bytes, more than the {max} allowed: send a smaller one")]
    TooManyBytes { got: usize, max: usize },
    #[error("the picture is {width}×{height} pixels, more than allowed: send a smaller one")]
    TooManyPixels { width: u32, height: u32 },
    #[error("the picture is {width}×{height} pixels, too small to hold a face: come closer or use a better camera")]
    TooSmall { width: u32, height: u32 },
    #[error("this is not a picture in JPEG, PNG or WebP format")]
    UnknownFormat,
    #[error("the picture is cut off: send the whole file")]
    Truncated,
    #[error("the picture is damaged ({reason}): take it again")]
    Damaged { reason: String },
    #[error("{got} bytes are not {width}×{height} pixels")]
    WrongLength { width: u32, height: u32, got: usize },
}

/// Why a face operation failed.
#[derive(Debug, thiserror::Error)]
pub enum FaceError {
    #[error(transparent)]
    Engine(#[from] nn::NnError),
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error("the picture could not be resized ({0})")]
    Resize(String),
    #[error("the facial points do not form a face: look straight at the camera")]
    DegeneratePoints,
    #[error("the network gave no usable vector for this face: take the picture again")]
    NoVector,
    #[error(
        "the recogniser {model} gives vectors of length {length:.2} although its manifest says that they have length 1: write \"normalised\": false"
    )]
    NotUnit { model: String, length: f32 },
    #[error("templates are of the recogniser {wanted}, which was not loaded: name its manifest with --former-model")]
    ModelNotLoaded { wanted: String },
    #[error("at most {max} recognisers may stand beside the first one, each with an id of its own", max = crate::limits::MAX_FORMER)]
    Former,
    #[error("a template needs 1 to {max} views with positive weights, not {got}", max = crate::limits::MAX_VIEWS)]
    Views { got: usize },
    #[error("the template was made by another network ({found}): enrol again")]
    OtherModel { found: String },
    #[error("the stored template is damaged: enrol again")]
    DamagedTemplate,
}
