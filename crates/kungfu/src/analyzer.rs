use face::Picture;
use nn::Session;

use crate::canvas::{Rect, View};
use crate::error::KungfuError;
use crate::limits::MAX_FEATURES;
use crate::quality::PhotoQuality;
use crate::seen::{Kind, Object, Seen};
use crate::{pet, quality, sift, xfeat};

/// Looks at photos: one per worker thread.
pub struct Analyzer {
    /// One for each shape of canvas.
    local: Vec<Session>,
    pet: Session,
    faces: Option<face::Analyzer>,
}

/// Share of a view's shorter side that a face must have to count: a passer-by in the background is no matter.
const LARGE: f32 = 0.2;

impl Analyzer {
    pub(crate) const fn new(local: Vec<Session>, pet: Session) -> Self {
        Self { local, pet, faces: None }
    }

    /// Looks for faces in photos of tattoos as well, so that nobody enrols a face as an object ([`PhotoQuality::face`]).
    ///
    /// [`PhotoQuality::face`]: crate::PhotoQuality::face
    #[must_use]
    pub fn with_faces(self, faces: face::Analyzer) -> Self {
        Self { faces: Some(faces), ..self }
    }

    /// The detector's score of the surest large face, 0..=1.
    fn face(&mut self, picture: &Picture) -> Result<f32, KungfuError> {
        let Some(faces) = &mut self.faces else { return Ok(0.0) };
        let large = LARGE * picture.width().min(picture.height()) as f32;
        let found = faces.detect(picture)?;
        Ok(found.iter().filter(|f| f.bbox.side() >= large).map(|f| f.bbox.score).fold(0.0, f32::max))
    }

    /// What `picture` shows of an object; only what `frame` (picture pixels) encloses, where there is one.
    ///
    /// # Errors
    /// The framed part is too small, or the engine fails. A photo that shows nothing is no error: its quality tells.
    pub fn look(&mut self, picture: &Picture, kind: Kind, frame: Option<Rect>) -> Result<Seen, KungfuError> {
        let view = View::of(picture, frame)?;
        let (features, pet) = match kind {
            Kind::Tattoo => (sift::look(&view, MAX_FEATURES)?, None),
            Kind::Pet => {
                let session = self.local.get_mut(view.shape).ok_or(KungfuError::TooSmall)?;
                let features = xfeat::look(session, &view, MAX_FEATURES)?;
                (features, Some(pet::look(&mut self.pet, &view.picture)?))
            }
        };
        let (embedding, odds) = pet.unzip();
        let face = if kind == Kind::Tattoo { self.face(&view.picture)? } else { 0.0 };
        let quality =
            PhotoQuality { face, ..quality::measure(&view.picture, &view.grey, (&features, view.origin), odds) };
        let fingerprint = liveness::fingerprint(&view.grey);
        let extent = [view.picture.width() as f32, view.picture.height() as f32];
        Ok(Seen { kind, object: Object { features, embedding }, quality, fingerprint, extent })
    }
}
