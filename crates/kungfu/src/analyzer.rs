use face::Picture;
use nn::Session;

use crate::canvas::{Rect, View};
use crate::error::KungfuError;
use crate::lattice::Lattice;
use crate::limits::MAX_FEATURES;
use crate::seen::{Kind, Object, Seen};
use crate::{pet, quality, sift, xfeat};

/// Looks at photos: one per worker thread.
pub struct Analyzer {
    /// One for each shape of canvas.
    local: Vec<Session>,
    pet: Session,
    lattice: Lattice,
}

impl Analyzer {
    pub(crate) fn new(local: Vec<Session>, pet: Session) -> Self {
        Self { local, pet, lattice: Lattice::new() }
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
        let mut quality = quality::measure(&view.picture, &view.grey, (&features, view.origin), odds);
        quality.lattice = self.lattice.peak(&view.picture);
        let fingerprint = liveness::fingerprint(&view.grey);
        let extent = [view.picture.width() as f32, view.picture.height() as f32];
        Ok(Seen { kind, object: Object { features, embedding }, quality, fingerprint, extent })
    }
}
