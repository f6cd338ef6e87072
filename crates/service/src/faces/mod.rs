//! The face service: who is in a picture and is it the same person, for shops and kiosks, without payments.
//!
//! ```text
//! restricted key ─▶ FaceKey (scopes, rate) ─▶ Recogniser: pictures → Seen ─▶ decide::faces ─▶ yes / no + hints
//!                                                              └─▶ vault (sealed) + search::Index (rotated, in memory)
//! ```
//! An answer is yes or no at a false match rate and what to do about the picture: never a score, never a vector.

mod collections;
mod compare;
mod indexes;
mod keys;
mod local;
mod recogniser;
mod reviews;
mod search;
mod views;

pub use collections::NewPersonRequest;
pub use keys::{FaceKey, Scope};
pub use recogniser::{Look, LookError, Recogniser, Seen, SeenFace};
pub use reviews::Resolution;
pub use views::{
    BoxView, ClaimsView, CollectionView, ComparedView, DetectedView, FaceView, FoundView, PersonView, PictureView,
    ReviewView, SamePersonView, SearchedView,
};

pub(crate) use local::LocalRecogniser;

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use vault::Features;

use indexes::Indexes;

use crate::app::App;
use crate::error::{Error, Result};
use crate::limits::FACES_AT_ONCE;

/// What the face service holds.
pub(crate) struct FaceRoom {
    pub(crate) recogniser: Arc<dyn Recogniser>,
    pub(crate) indexes: Indexes,
    places: Arc<Semaphore>,
}

/// A place among the requests whose pictures are held in memory; given back when dropped.
pub struct FacePlace(#[expect(dead_code, reason = "held")] OwnedSemaphorePermit);

impl FaceRoom {
    pub(crate) fn new(recogniser: Arc<dyn Recogniser>) -> Self {
        let places = Arc::new(Semaphore::new(FACES_AT_ONCE));
        Self { recogniser, indexes: Indexes::default(), places }
    }
}

impl App {
    /// A place for one request's pictures; take it before reading them.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn face_place(&self) -> Result<FacePlace> {
        Arc::clone(&self.faces.places).try_acquire_owned().map(FacePlace).map_err(|_| Error::Busy)
    }
}

impl App {
    /// The one calibration, which payments use as well.
    pub(crate) const fn face_calibration(&self) -> &decide::Calibration {
        &self.policy.face.calibration
    }

    pub(crate) fn same_person_view(&self, same: decide::faces::SamePerson) -> SamePersonView {
        SamePersonView::new(same, decide::faces::claims(self.face_calibration()))
    }
}

/// The comparison of two joined sets of pictures of the same network.
pub(crate) fn matched(cosine: f32, views: u8, frames: u8) -> Option<decide::FaceMatch> {
    let size = decide::MatchSize { views, frames };
    decide::Cosine::new(cosine).map(|score| decide::FaceMatch { score, size })
}

/// As [`matched`]; `None` for features of two networks.
pub(crate) fn compare(a: &Features, b: &Features) -> Option<decide::FaceMatch> {
    let cosine = a.cosine(b.values()).filter(|_| a.model() == b.model())?;
    matched(cosine, a.views(), b.views())
}
