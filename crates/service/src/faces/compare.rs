//! Detect, quality, compare: pictures in, nothing kept.

use decide::faces::{PictureHint, PictureReading, picture_hints, same_person};

use super::keys::{FaceKey, Scope};
use super::recogniser::{LookError, Seen};
use super::views::{BoxView, ComparedView, DetectedView, FaceView, PictureView};
use crate::app::App;
use crate::error::{Error, Result};
use crate::limits::PICTURES_PER_SIDE;

impl App {
    /// The faces of a picture and what to do about each.
    ///
    /// # Errors
    /// A key without the scope, an unreadable picture.
    pub async fn detect_faces(&self, key: &FaceKey, picture: Vec<u8>) -> Result<DetectedView> {
        key.allows(Scope::Detect)?;
        let Seen { width, height, faces } = self.faces.recogniser.look(picture).await?;
        let view = |face: super::SeenFace| FaceView {
            place: BoxView { x: face.bbox.x, y: face.bbox.y, width: face.bbox.w, height: face.bbox.h },
            hints: names(picture_hints(Some(PictureReading { faces: 1, ..face.reading }))),
        };
        Ok(DetectedView { width, height, faces: faces.into_iter().map(view).collect() })
    }

    /// How usable a picture is.
    ///
    /// # Errors
    /// As [`App::detect_faces`].
    pub async fn picture_quality(&self, key: &FaceKey, picture: Vec<u8>) -> Result<PictureView> {
        key.allows(Scope::Detect)?;
        Ok(picture_view(&self.faces.recogniser.look(picture).await?))
    }

    /// Whether two sets of pictures show one person. Nothing is kept.
    ///
    /// # Errors
    /// As [`App::detect_faces`]; no or too many pictures on a side.
    pub async fn compare_faces(
        &self,
        key: &FaceKey,
        first: Vec<Vec<u8>>,
        second: Vec<Vec<u8>>,
    ) -> Result<ComparedView> {
        key.allows(Scope::Compare)?;
        self.compare_pictures(first, second).await
    }

    /// As [`App::compare_faces`], for our own page.
    ///
    /// # Errors
    /// As [`App::compare_faces`].
    pub async fn compare_pictures(&self, first: Vec<Vec<u8>>, second: Vec<Vec<u8>>) -> Result<ComparedView> {
        check_count("first", &first)?;
        check_count("second", &second)?;
        let (a, seen_a) = self.faces.recogniser.features(first).await?;
        let (b, seen_b) = self.faces.recogniser.features(second).await?;
        let matched = a.zip(b).and_then(|(a, b)| super::compare(&a, &b));
        Ok(ComparedView {
            same_person: matched.map(|m| self.same_person_view(same_person(self.face_calibration(), m))),
            first: seen_a.iter().map(picture_view).collect(),
            second: seen_b.iter().map(picture_view).collect(),
        })
    }
}

pub(super) fn check_count(field: &'static str, pictures: &[Vec<u8>]) -> Result<()> {
    match pictures.len() {
        0 => Err(Error::invalid(field, "send at least one picture")),
        n if n > PICTURES_PER_SIDE => Err(Error::invalid(field, format!("at most {PICTURES_PER_SIDE} pictures"))),
        _ => Ok(()),
    }
}

pub(super) fn picture_view(seen: &Seen) -> PictureView {
    let hints = names(picture_hints(seen.main()));
    PictureView { good: hints.is_empty(), hints }
}

const fn name(hint: PictureHint) -> &'static str {
    match hint {
        PictureHint::NoFace => "no_face",
        PictureHint::SeveralFaces => "several_faces",
        PictureHint::ComeCloser => "come_closer",
        PictureHint::HoldStill => "hold_still",
        PictureHint::MoreLight => "more_light",
        PictureHint::LessLight => "less_light",
        PictureHint::LookAtCamera => "look_at_camera",
    }
}

fn names(hints: Vec<PictureHint>) -> Vec<String> {
    hints.into_iter().map(|h| name(h).to_owned()).collect()
}

impl From<LookError> for Error {
    fn from(error: LookError) -> Self {
        match error {
            LookError::Picture(why) => Self::Invalid { field: "image", why },
            LookError::Busy => Self::Busy,
            LookError::Failed(_) => Self::internal(error),
        }
    }
}
