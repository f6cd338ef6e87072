use base::{CollectionId, FaceReviewId, MerchantId, PersonId, Timestamp};
use serde::Serialize;

use crate::key::{Columns, Key, check_name};
use crate::limits::{MAX_COLLECTIONS, MAX_LIST, MAX_NAME, MAX_PERSONS, MAX_SEALED, MAX_TEXT};
use crate::sql::{Row, params};
use crate::tx::{Tx, all, one};
use crate::{Store, StoreError};

/// People that a merchant keeps for one purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Collection {
    pub id: CollectionId,
    pub name: String,
    /// What the people were told and agreed to.
    pub purpose: String,
    pub created_at: Timestamp,
    pub people: u32,
}

/// A person to be kept, sealed by the vault.
pub struct NewPerson {
    pub id: PersonId,
    pub collection: CollectionId,
    /// The merchant's own name for them.
    pub reference: String,
    /// Keyed hash of the last digits of a phone number.
    pub digits_tag: Option<[u8; 32]>,
    pub consent_text_version: String,
    pub model: String,
    pub views: u8,
    pub sealed: Vec<u8>,
}

/// What may be shown of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    pub id: PersonId,
    pub reference: String,
    pub consent_text_version: String,
    pub created_at: Timestamp,
}

/// A person with the sealed template; no `Debug`, `Clone` or `Serialize`.
pub struct SealedPerson {
    pub id: PersonId,
    pub digits_tag: Option<[u8; 32]>,
    pub model: String,
    pub sealed: Vec<u8>,
}

/// Two people of a collection who may be one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaceReview {
    pub id: FaceReviewId,
    pub person: PersonId,
    pub other: PersonId,
    pub found_at: Timestamp,
}

impl Store {
    /// # Errors
    /// Too many collections; a text too long or empty.
    pub async fn create_collection(
        &self,
        merchant: MerchantId,
        id: CollectionId,
        name: String,
        purpose: String,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        check_name("name", &name, MAX_NAME)?;
        check_name("purpose", &purpose, MAX_TEXT)?;
        self.write(move |tx| {
            let sql = "SELECT count(*) FROM collections WHERE merchant = ?1 AND deleted_at IS NULL";
            at_most(tx, sql, merchant.key(), MAX_COLLECTIONS, "collections")?;
            let sql = "INSERT INTO collections (id, merchant, name, purpose, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
            tx.insert("collection", sql, params![id.key(), merchant.key(), name, purpose, now.as_millis()])?;
            let detail = serde_json::json!({"collection": id, "merchant": merchant}).to_string();
            tx.audit_of(&id, now, "collection.created", &[], &detail)
        })
        .await
    }

    /// The merchant's collections, oldest first.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn collections(&self, merchant: MerchantId) -> Result<Vec<Collection>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT c.*, (SELECT count(*) FROM persons p WHERE p.collection = c.id AND p.erased_at IS NULL) \
                       AS people FROM collections c WHERE merchant = ?1 AND deleted_at IS NULL ORDER BY created_at, id";
            all(conn, sql, [merchant.key()], collection)
        })
        .await
    }

    /// One of the merchant's collections.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn collection(&self, merchant: MerchantId, id: CollectionId) -> Result<Option<Collection>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT c.*, (SELECT count(*) FROM persons p WHERE p.collection = c.id AND p.erased_at IS NULL) \
                       AS people FROM collections c WHERE id = ?1 AND merchant = ?2 AND deleted_at IS NULL";
            one(conn, sql, params![id.key(), merchant.key()], collection)
        })
        .await
    }

    /// Ends a collection that holds nobody any more.
    ///
    /// # Errors
    /// No such collection of this merchant; somebody is still in it.
    pub async fn delete_collection(
        &self,
        merchant: MerchantId,
        id: CollectionId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            owned(tx, merchant, id)?;
            let sql = "SELECT count(*) FROM persons WHERE collection = ?1 AND erased_at IS NULL";
            at_most(tx, sql, id.key(), 1, "people in a collection that is deleted: erase them first")?;
            tx.run("UPDATE collections SET deleted_at = ?2 WHERE id = ?1", params![id.key(), now.as_millis()])?;
            tx.audit_of(&id, now, "collection.deleted", &[], &serde_json::json!({"collection": id}).to_string())
        })
        .await
    }

    /// Keeps a person, and the reviews that their face gives rise to.
    ///
    /// # Errors
    /// No such collection of this merchant; full; a text too long or empty.
    pub async fn add_person(
        &self,
        merchant: MerchantId,
        new: NewPerson,
        reviews: Vec<(FaceReviewId, PersonId)>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        check_name("reference", &new.reference, MAX_NAME)?;
        check_name("consent text version", &new.consent_text_version, MAX_NAME)?;
        check_name("model", &new.model, MAX_NAME)?;
        if new.sealed.is_empty() || new.sealed.len() > MAX_SEALED {
            return Err(StoreError::TooLong { what: "sealed template", limit: MAX_SEALED });
        }
        self.write(move |tx| {
            owned(tx, merchant, new.collection)?;
            let sql = "SELECT count(*) FROM persons WHERE collection = ?1 AND erased_at IS NULL";
            at_most(tx, sql, new.collection.key(), MAX_PERSONS, "people in a collection")?;
            let sql = "INSERT INTO persons (id, collection, reference, digits_tag, consent_text_version, model, views, \
                       sealed, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
            let (id, collection, version) = (new.id.key(), new.collection.key(), &new.consent_text_version);
            let (tag, at) = (new.digits_tag, now.as_millis());
            let row = params![id, collection, new.reference, tag, version, new.model, new.views, new.sealed, at];
            tx.insert("person", sql, row)?;
            for (review, other) in &reviews {
                let sql =
                    "INSERT INTO face_reviews (id, collection, person, other, found_at) VALUES (?1, ?2, ?3, ?4, ?5)";
                tx.insert("review", sql, params![review.key(), collection, id, other.key(), at])?;
            }
            let detail = serde_json::json!({"collection": new.collection, "person": new.id, "model": new.model,
                "consent": version, "reviews": reviews.len()});
            tx.audit_of(&new.collection, now, "person.enrolled", &[], &detail.to_string())
        })
        .await
    }

    /// People of a collection after `after`, by id; at most [`MAX_LIST`].
    ///
    /// # Errors
    /// Database failures only.
    pub async fn persons(&self, id: CollectionId, after: Option<PersonId>) -> Result<Vec<Person>, StoreError> {
        self.read(move |conn| {
            let sql =
                "SELECT * FROM persons WHERE collection = ?1 AND erased_at IS NULL AND id > ?2 ORDER BY id LIMIT ?3";
            let after = after.map_or([0; 16], |p| p.key());
            all(conn, sql, params![id.key(), after, MAX_LIST as i64], person)
        })
        .await
    }

    /// One person of a collection who was not erased.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn person(&self, collection: CollectionId, id: PersonId) -> Result<Option<Person>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT * FROM persons WHERE id = ?1 AND collection = ?2 AND erased_at IS NULL";
            one(conn, sql, params![id.key(), collection.key()], person)
        })
        .await
    }

    /// Everybody of a collection, sealed, for making its index.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn sealed_persons(&self, id: CollectionId) -> Result<Vec<SealedPerson>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT * FROM persons WHERE collection = ?1 AND erased_at IS NULL";
            all(conn, sql, [id.key()], |row| {
                Ok(SealedPerson {
                    id: row.id("id")?,
                    digits_tag: row.value("digits_tag")?,
                    model: row.value("model")?,
                    sealed: row.value("sealed")?,
                })
            })
        })
        .await
    }

    /// Drops the sealed bytes and the reference, keeps tombstone and proof, and ends the person's reviews.
    ///
    /// # Errors
    /// No such person of this collection.
    pub async fn erase_person(
        &self,
        collection: CollectionId,
        id: PersonId,
        proof: String,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        check_name("proof", &proof, MAX_TEXT)?;
        self.write(move |tx| {
            let sql = "UPDATE persons SET sealed = NULL, reference = NULL, digits_tag = NULL, erased_at = ?3, proof = ?4 \
                       WHERE id = ?1 AND collection = ?2 AND erased_at IS NULL";
            if tx.run(sql, params![id.key(), collection.key(), now.as_millis(), proof])? != 1 {
                return Err(StoreError::NotFound("person"));
            }
            let sql = "UPDATE face_reviews SET resolved_at = ?2, resolution = 'erased' \
                       WHERE (person = ?1 OR other = ?1) AND resolved_at IS NULL";
            tx.run(sql, params![id.key(), now.as_millis()])?;
            let detail = serde_json::json!({"collection": collection, "person": id, "proof": proof});
            tx.audit_of(&collection, now, "person.erased", &[], &detail.to_string())
        })
        .await
    }

    /// A collection's open reviews, oldest first.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn face_reviews(&self, id: CollectionId) -> Result<Vec<FaceReview>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT * FROM face_reviews WHERE collection = ?1 AND resolved_at IS NULL \
                       ORDER BY found_at, id LIMIT ?2";
            all(conn, sql, params![id.key(), MAX_LIST as i64], |row| {
                Ok(FaceReview {
                    id: row.id("id")?,
                    person: row.id("person")?,
                    other: row.id("other")?,
                    found_at: row.time("found_at")?,
                })
            })
        })
        .await
    }

    /// Ends a review; `resolution` is one word of the caller.
    ///
    /// # Errors
    /// No such open review of this collection.
    pub async fn resolve_face_review(
        &self,
        collection: CollectionId,
        id: FaceReviewId,
        resolution: &'static str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "UPDATE face_reviews SET resolved_at = ?3, resolution = ?4 \
                       WHERE id = ?1 AND collection = ?2 AND resolved_at IS NULL";
            if tx.run(sql, params![id.key(), collection.key(), now.as_millis(), resolution])? != 1 {
                return Err(StoreError::NotFound("review"));
            }
            let detail = serde_json::json!({"review": id, "resolution": resolution}).to_string();
            tx.audit_of(&collection, now, "face_review.resolved", &[], &detail)
        })
        .await
    }
}

fn owned(tx: &Tx<'_>, merchant: MerchantId, id: CollectionId) -> Result<(), StoreError> {
    let sql = "SELECT 1 FROM collections WHERE id = ?1 AND merchant = ?2 AND deleted_at IS NULL";
    tx.one(sql, params![id.key(), merchant.key()], |_| Ok(()))?.ok_or(StoreError::NotFound("collection"))
}

/// Fewer than `limit` so far.
fn at_most(tx: &Tx<'_>, count: &str, key: [u8; 16], limit: usize, what: &'static str) -> Result<(), StoreError> {
    let count: i64 = tx.one(count, [key], |row| row.get(0))?.unwrap_or(0);
    if usize::try_from(count).is_ok_and(|c| c >= limit) { Err(StoreError::TooMany { what, limit }) } else { Ok(()) }
}

fn collection(row: &Row<'_>) -> Result<Collection, StoreError> {
    Ok(Collection {
        id: row.id("id")?,
        name: row.value("name")?,
        purpose: row.value("purpose")?,
        created_at: row.time("created_at")?,
        people: row.value("people")?,
    })
}

fn person(row: &Row<'_>) -> Result<Person, StoreError> {
    Ok(Person {
        id: row.id("id")?,
        reference: row.value("reference")?,
        consent_text_version: row.value("consent_text_version")?,
        created_at: row.time("created_at")?,
    })
}
