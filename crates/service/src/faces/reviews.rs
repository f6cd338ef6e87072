//! The review queue: one face enrolled twice. A person decides; the program only points.

use serde::Deserialize;
use utoipa::ToSchema;

use super::collections::collection_id;
use super::keys::{FaceKey, Scope};
use super::views::ReviewView;
use crate::app::App;
use crate::error::{Error, Result};

/// What a person found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// One person, enrolled twice: erase one of the two next.
    SamePerson,
    /// Two people who look alike.
    TwoPeople,
}

impl App {
    /// Pairs of people of a collection that nobody has looked at yet.
    ///
    /// # Errors
    /// A key without the scope, not the merchant's collection.
    pub async fn face_reviews(&self, key: &FaceKey, collection: &str) -> Result<Vec<ReviewView>> {
        key.allows(Scope::Manage)?;
        let id = self.collection(key, collection_id(collection)?).await?.id;
        let view = |r: store::FaceReview| ReviewView {
            id: r.id.to_string(),
            person: r.person.to_string(),
            other: r.other.to_string(),
            found_at: r.found_at.rfc3339(),
        };
        Ok(self.store.face_reviews(id).await?.into_iter().map(view).collect())
    }

    /// Ends a review.
    ///
    /// # Errors
    /// No such open review.
    pub async fn resolve_face_review(
        &self,
        key: &FaceKey,
        collection: &str,
        review: &str,
        resolution: Resolution,
    ) -> Result<()> {
        key.allows(Scope::Manage)?;
        let id = self.collection(key, collection_id(collection)?).await?.id;
        let review = review.parse().map_err(|_| Error::NotFound("review"))?;
        let word = match resolution {
            Resolution::SamePerson => "same_person",
            Resolution::TwoPeople => "two_people",
        };
        let work = self.store.resolve_face_review(id, review, word, self.now());
        Ok(self.answering(204, |(): &()| (), work).await?)
    }
}
