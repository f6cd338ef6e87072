//! Collections of people: made for a purpose, filled with consent, emptied with proof.

use std::sync::Arc;

use base::{CollectionId, FaceReviewId, PersonId, TemplateId};
use decide::faces::suspects_duplicate;
use store::NewPerson;
use vault::Features;

use super::compare::{check_count, picture_view};
use super::indexes::{label, read, write};
use super::keys::{FaceKey, Scope};
use super::views::{CollectionView, PersonView};
use crate::app::App;
use crate::error::{Error, Result};
use crate::limits::LAST_DIGITS;
use crate::view::ErasureView;

/// A person to be enrolled.
pub struct NewPersonRequest {
    /// The merchant's own name for them.
    pub reference: String,
    /// Version of the consent text that the person was shown.
    pub consent_text_version: String,
    pub consent_given: bool,
    /// Last digits of their phone number, for a kiosk.
    pub last_digits: Option<String>,
    pub pictures: Vec<Vec<u8>>,
}

impl App {
    /// # Errors
    /// A key without the scope; too many collections; a text too long or empty.
    pub async fn create_collection(&self, key: &FaceKey, name: String, purpose: String) -> Result<CollectionView> {
        key.allows(Scope::Manage)?;
        let (id, now) = (CollectionId::from_uuid(self.uuid_for("collection")?), self.now());
        let (n, p) = (name.clone(), purpose.clone());
        let view =
            move |(): &()| collection_view(store::Collection { id, name: n, purpose: p, created_at: now, people: 0 });
        self.answering(201, view, self.store.create_collection(key.merchant, id, name, purpose, now)).await?;
        self.collection(key, id).await.map(collection_view)
    }

    /// The merchant's collections.
    ///
    /// # Errors
    /// A key without the scope.
    pub async fn collections(&self, key: &FaceKey) -> Result<Vec<CollectionView>> {
        key.allows(Scope::Manage)?;
        Ok(self.store.collections(key.merchant).await?.into_iter().map(collection_view).collect())
    }

    /// Ends a collection that holds nobody any more.
    ///
    /// # Errors
    /// Not the merchant's; somebody is in it.
    pub async fn delete_collection(&self, key: &FaceKey, id: &str) -> Result<()> {
        key.allows(Scope::Manage)?;
        let id = collection_id(id)?;
        self.store.delete_collection(key.merchant, id, self.now()).await?;
        self.faces.indexes.forget(id).await;
        Ok(())
    }

    /// Enrols a person with their consent; a face that is there already gives rise to a review.
    ///
    /// # Errors
    /// No consent, no face in any picture, a full collection.
    pub async fn enrol_person(&self, key: &FaceKey, id: &str, new: NewPersonRequest) -> Result<PersonView> {
        key.allows(Scope::Manage)?;
        let collection = self.collection(key, collection_id(id)?).await?.id;
        if !new.consent_given {
            return Err(Error::invalid("consent_given", "nothing is kept without the person's consent"));
        }
        check_count("image", &new.pictures)?;
        let tag = new.last_digits.as_deref().map(|d| self.checked_tag(collection, d)).transpose()?;
        let (features, seen) = self.faces.recogniser.features(new.pictures).await?;
        let pictures = seen.iter().map(picture_view).collect();
        let features = features.ok_or_else(|| Error::invalid("image", "there is no face in any of the pictures"))?;
        let index = self.collection_index(collection, &features).await?;
        let person = PersonId::from_uuid(self.uuid_for("person")?);
        let reviews = self.look_alikes(&features, &read(&index, |i| i.nearest(&features, None))?.0)?;
        let duplicate = !reviews.is_empty();
        let (features, sealed) = self.seal_person(collection, person, features).await?;
        let row = NewPerson {
            id: person,
            collection,
            reference: new.reference.clone(),
            digits_tag: tag,
            consent_text_version: new.consent_text_version.clone(),
            model: features.model().to_owned(),
            views: features.views(),
            sealed,
        };
        let now = self.now();
        let view = PersonView {
            id: person.to_string(),
            reference: new.reference,
            consent_text_version: new.consent_text_version,
            created_at: now.rfc3339(),
            duplicate_suspected: Some(duplicate),
            pictures,
        };
        let shown = view.clone();
        self.answering(201, move |(): &()| shown, self.store.add_person(key.merchant, row, reviews, now)).await?;
        write(&index, |i| i.add(person, &features, tag))?;
        Ok(view)
    }

    fn look_alikes(
        &self,
        features: &Features,
        nearest: &[super::indexes::Candidate],
    ) -> Result<Vec<(FaceReviewId, PersonId)>> {
        let alike = nearest.iter().filter(|c| {
            let matched = super::matched(c.cosine, c.views, features.views());
            matched.is_some_and(|m| suspects_duplicate(self.face_calibration(), m))
        });
        alike.map(|c| Ok((FaceReviewId::from_uuid(self.uuid()?), c.person))).collect()
    }

    async fn seal_person(
        &self,
        collection: CollectionId,
        person: PersonId,
        features: Features,
    ) -> Result<(Features, Vec<u8>)> {
        let vault = Arc::clone(&self.vault);
        let sealing = tokio::task::spawn_blocking(move || {
            let sealed = vault.seal(&label(collection, person), &features);
            sealed.map(|s| (features, s.as_bytes().to_vec()))
        });
        sealing.await.map_err(Error::internal)?.map_err(Error::internal)
    }

    /// People of a collection, a hundred at a time.
    ///
    /// # Errors
    /// Not the merchant's; `after` is no person's id.
    pub async fn persons(&self, key: &FaceKey, id: &str, after: Option<&str>) -> Result<Vec<PersonView>> {
        key.allows(Scope::Manage)?;
        let collection = self.collection(key, collection_id(id)?).await?.id;
        let after = after.map(|a| a.parse().map_err(|_| Error::invalid("after", "not a person's id"))).transpose()?;
        let view = |p: store::Person| PersonView {
            id: p.id.to_string(),
            reference: p.reference,
            consent_text_version: p.consent_text_version,
            created_at: p.created_at.rfc3339(),
            duplicate_suspected: None,
            pictures: Vec::new(),
        };
        Ok(self.store.persons(collection, after).await?.into_iter().map(view).collect())
    }

    /// Erases a person: the keys are destroyed, the proof stays.
    ///
    /// # Errors
    /// No such person of the merchant.
    pub async fn erase_person(&self, key: &FaceKey, id: &str, person: &str) -> Result<ErasureView> {
        key.allows(Scope::Manage)?;
        let collection = self.collection(key, collection_id(id)?).await?.id;
        let person: PersonId = person.parse().map_err(|_| Error::NotFound("person"))?;
        self.store.person(collection, person).await?.ok_or(Error::NotFound("person"))?;
        let proof = self.destroy_keys(TemplateId::from_uuid(*person.as_uuid())).await?;
        let receipt = self.vault.receipt(&proof, base::Method::Face).map_err(Error::internal)?;
        let receipt = serde_json::to_value(&receipt).map_err(Error::internal)?;
        let (proof, now) = (serde_json::to_string(&proof).map_err(Error::internal)?, self.now());
        // Out of memory first: a failed commit below leaves a person without keys, never one who is still found.
        if let Some(index) = self.faces.indexes.made(collection).await {
            write(&index, |i| i.remove(person));
        }
        self.store.erase_person(collection, person, proof.clone(), now).await?;
        self.store.scrub().await?;
        Ok(ErasureView { erased_at: now.rfc3339(), proof, receipt: Some(receipt) })
    }

    pub(super) async fn collection(&self, key: &FaceKey, id: CollectionId) -> Result<store::Collection> {
        self.store.collection(key.merchant, id).await?.ok_or(Error::NotFound("collection"))
    }

    pub(super) fn checked_tag(&self, collection: CollectionId, digits: &str) -> Result<[u8; 32]> {
        if !LAST_DIGITS.contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            let (low, high) = (LAST_DIGITS.start(), LAST_DIGITS.end());
            return Err(Error::invalid("last_digits", format!("{low} to {high} digits")));
        }
        self.digits_tag(collection, digits)
    }
}

pub(super) fn collection_id(text: &str) -> Result<CollectionId> {
    text.parse().map_err(|_| Error::NotFound("collection"))
}

fn collection_view(c: store::Collection) -> CollectionView {
    CollectionView {
        id: c.id.to_string(),
        name: c.name,
        purpose: c.purpose,
        created_at: c.created_at.rfc3339(),
        people: c.people,
    }
}
