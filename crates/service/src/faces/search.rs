//! One face among the people of a collection; at a kiosk the last digits of a phone number narrow it.

use decide::faces::{Identified, identify};

use super::collections::collection_id;
use super::compare::{check_count, picture_view};
use super::indexes::{Candidate, read};
use super::keys::{FaceKey, Scope};
use super::views::{FoundView, SearchedView};
use crate::app::App;
use crate::error::{Error, Result};

impl App {
    /// Looks for the face of `pictures` (several of one person find better) in a collection.
    ///
    /// # Errors
    /// A key without the scope, not the merchant's collection, no face in the pictures.
    pub async fn search_faces(
        &self,
        key: &FaceKey,
        collection: &str,
        pictures: Vec<Vec<u8>>,
        last_digits: Option<&str>,
    ) -> Result<SearchedView> {
        key.allows(Scope::Search)?;
        let id = self.collection(key, collection_id(collection)?).await?.id;
        check_count("image", &pictures)?;
        let tag = last_digits.map(|d| self.checked_tag(id, d)).transpose()?;
        let (features, seen) = self.faces.recogniser.features(pictures).await?;
        let pictures = seen.iter().map(picture_view).collect();
        let nobody = |compared, pictures| SearchedView { found: None, second_factor_needed: false, compared, pictures };
        let Some(features) = features else { return Ok(nobody(0, pictures)) };
        let frames = features.views();
        let index = self.collection_index(id, &features).await?;
        // Up to some milliseconds for a million people: not on an async thread.
        let looking = tokio::task::spawn_blocking(move || read(&index, |i| i.nearest(&features, tag)));
        let (nearest, compared) = looking.await.map_err(Error::internal)??;
        let compared = u32::try_from(compared).unwrap_or(u32::MAX);
        let matched = |c: &Candidate| super::matched(c.cosine, c.views, frames);
        let mut ranked = nearest.iter();
        let (best, second) = (ranked.next(), ranked.next());
        let (same, close) = match identify(self.face_calibration(), best.and_then(matched), second.and_then(matched)) {
            Identified::Nobody => return Ok(nobody(compared, pictures)),
            Identified::One(same) => (same, false),
            Identified::Close(same) => (same, true),
        };
        let Some(best) = best else { return Ok(nobody(compared, pictures)) };
        let Some(person) = self.store.person(id, best.person).await? else { return Ok(nobody(compared, pictures)) };
        let found = FoundView {
            person: person.id.to_string(),
            reference: person.reference,
            same_person: self.same_person_view(same),
        };
        Ok(SearchedView { found: Some(found), second_factor_needed: close, compared, pictures })
    }
}
