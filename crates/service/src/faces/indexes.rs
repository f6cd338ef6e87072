//! The 1:N indexes in memory, one for each collection, made on first use from what the vault has sealed.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use base::{AccountId, CollectionId, Method, PersonId, TemplateId};
use hmac::{Hmac, KeyInit, Mac};
use search::{Hit, Index};
use sha2::Sha256;
use store::SealedPerson;
use tokio::sync::Mutex;
use vault::{Features, IndexRotation, Label, SealedTemplate, Vault};

use crate::app::App;
use crate::error::{Error, Result};

/// A collection's vectors, turned by the collection's own rotation.
pub(crate) struct CollectionIndex {
    rotation: IndexRotation,
    index: Index,
    /// Pictures behind each vector, and the tag of the digits that narrow a search to it.
    people: HashMap<PersonId, (u8, Option<[u8; 32]>)>,
}

/// Indexes by collection. The outer lock is held while one is made, so that it is made once.
#[derive(Default)]
pub(crate) struct Indexes(Mutex<HashMap<CollectionId, Arc<RwLock<CollectionIndex>>>>);

impl Indexes {
    /// A collection's index, if it was made already.
    pub(crate) async fn made(&self, id: CollectionId) -> Option<Arc<RwLock<CollectionIndex>>> {
        self.0.lock().await.get(&id).map(Arc::clone)
    }

    pub(crate) async fn forget(&self, id: CollectionId) {
        self.0.lock().await.remove(&id);
    }
}

/// A hit with the number of pictures behind it.
pub(crate) struct Candidate {
    pub(crate) person: PersonId,
    pub(crate) cosine: f32,
    pub(crate) views: u8,
}

impl CollectionIndex {
    fn new(vault: &Vault, id: CollectionId, length: usize) -> Result<Self> {
        let rotation = vault.index_rotation(&id.to_string(), length).map_err(Error::internal)?;
        let index = Index::new(rotation.dimensions()).map_err(Error::internal)?;
        Ok(Self { rotation, index, people: HashMap::new() })
    }

    /// Adds a person whose features are of the length this index was made for.
    pub(crate) fn add(&mut self, id: PersonId, features: &Features, tag: Option<[u8; 32]>) -> Result<()> {
        let turned = self.rotation.apply(features).map_err(Error::internal)?;
        self.index.insert(key(id), &turned).map_err(Error::internal)?;
        self.people.insert(id, (features.views(), tag));
        Ok(())
    }

    pub(crate) fn remove(&mut self, id: PersonId) {
        self.index.remove(key(id));
        self.people.remove(&id);
    }

    /// The two nearest people, and how many were compared; with a tag only those who have the same.
    pub(crate) fn nearest(&self, probe: &Features, tag: Option<[u8; 32]>) -> Result<(Vec<Candidate>, usize)> {
        const WANTED: usize = 2;
        let turned = self.rotation.apply(probe).map_err(Error::internal)?;
        let (hits, compared) = match tag {
            None => (self.index.search(&turned, WANTED, -1.0), self.index.len()),
            Some(tag) => {
                let keys: Vec<u128> =
                    self.people.iter().filter(|(_, (_, t))| *t == Some(tag)).map(|(id, _)| key(*id)).collect();
                (self.index.among(&keys, &turned, WANTED, -1.0), keys.len())
            }
        };
        let candidate = |hit: Hit| {
            let person = PersonId::from_uuid(uuid::Uuid::from_u128(hit.key));
            let views = self.people.get(&person).map_or(1, |(views, _)| *views);
            Candidate { person, cosine: hit.cosine, views }
        };
        Ok((hits.map_err(Error::internal)?.into_iter().map(candidate).collect(), compared))
    }
}

fn key(id: PersonId) -> u128 {
    id.as_uuid().as_u128()
}

/// Under what a person's features are sealed: the collection stands where an account stands for payers.
pub(super) fn label(collection: CollectionId, person: PersonId) -> Label {
    Label {
        account: AccountId::from_uuid(*collection.as_uuid()),
        method: Method::Face,
        template: TemplateId::from_uuid(*person.as_uuid()),
    }
}

impl App {
    /// A collection's index; made now when this is its first use since the start, for vectors like `features`.
    pub(super) async fn collection_index(
        &self,
        id: CollectionId,
        features: &Features,
    ) -> Result<Arc<RwLock<CollectionIndex>>> {
        let mut all = self.faces.indexes.0.lock().await;
        if let Some(index) = all.get(&id) {
            return Ok(Arc::clone(index));
        }
        let (mut made, mut left_out) = self.make_index(id, features).await?;
        if left_out > 0 {
            // A rotation of the keys may have exchanged sealed forms while they were read.
            (made, left_out) = self.make_index(id, features).await?;
        }
        if left_out > 0 {
            tracing::warn!(collection = %id, left_out, "people of a collection could not be put into its index");
        }
        let made = Arc::new(RwLock::new(made));
        all.insert(id, Arc::clone(&made));
        Ok(made)
    }

    async fn make_index(&self, id: CollectionId, features: &Features) -> Result<(CollectionIndex, usize)> {
        let sealed = self.store.sealed_persons(id).await?;
        let vault = Arc::clone(&self.vault);
        let (length, model) = (features.values().len(), features.model().to_owned());
        let making = tokio::task::spawn_blocking(move || make(&vault, id, length, &model, sealed));
        making.await.map_err(Error::internal)?
    }

    /// What is kept of the last digits of a phone number: a keyed hash, so that the database alone does not give them away.
    pub(super) fn digits_tag(&self, collection: CollectionId, digits: &str) -> Result<[u8; 32]> {
        let key = self.vault.derive_key("face service: last digits").map_err(Error::internal)?;
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.as_slice()).map_err(Error::internal)?;
        mac.update(collection.as_uuid().as_bytes());
        mac.update(digits.as_bytes());
        Ok(mac.finalize().into_bytes().into())
    }
}

/// People whose template does not open, or was made by another network, are left out and counted: they are enrolled again, one
/// by one.
fn make(
    vault: &Vault,
    id: CollectionId,
    length: usize,
    model: &str,
    sealed: Vec<SealedPerson>,
) -> Result<(CollectionIndex, usize)> {
    let mut made = CollectionIndex::new(vault, id, length)?;
    let mut left_out = 0_usize;
    for person in sealed {
        let opened = SealedTemplate::from_bytes(person.sealed).and_then(|s| {
            vault.with_template(&label(id, person.id), &s, |f| {
                if f.model() == model {
                    made.add(person.id, f, person.digits_tag)
                } else {
                    Err(Error::NotEnrolled("face"))
                }
            })
        });
        left_out += usize::from(!matches!(opened, Ok(Ok(()))));
    }
    Ok((made, left_out))
}

/// Reads an index even where a thread panicked while it held the lock: every change leaves it usable.
pub(super) fn read<R>(index: &RwLock<CollectionIndex>, look: impl FnOnce(&CollectionIndex) -> R) -> R {
    look(&index.read().unwrap_or_else(PoisonError::into_inner))
}

/// Changes an index; see [`read`].
pub(super) fn write<R>(index: &RwLock<CollectionIndex>, change: impl FnOnce(&mut CollectionIndex) -> R) -> R {
    change(&mut index.write().unwrap_or_else(PoisonError::into_inner))
}
