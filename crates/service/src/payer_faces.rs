//! Payers' faces in memory for a search: turned by a rotation that no template and no other index shares.

use std::collections::HashMap;

use base::{AccountId, Method};
use search::Index;
use store::SealedRow;
use vault::{Features, IndexRotation, Label, SealedTemplate, Vault};

use crate::error::{Error, Result};

/// Faces of payers who agreed to one kind of search.
pub(crate) struct PayerFaces {
    rotation: IndexRotation,
    index: Index,
    /// Views behind each vector.
    views: HashMap<AccountId, u8>,
}

/// One that is near. Not printable: a cosine never leaves the process.
pub(crate) struct Near {
    pub(crate) account: AccountId,
    pub(crate) cosine: f32,
    pub(crate) views: u8,
}

impl PayerFaces {
    pub(crate) fn new(vault: &Vault, purpose: &str, length: usize) -> Result<Self> {
        let rotation = vault.index_rotation(purpose, length).map_err(Error::internal)?;
        let index = Index::new(rotation.dimensions()).map_err(Error::internal)?;
        Ok(Self { rotation, index, views: HashMap::new() })
    }

    /// Those of `rows` that `model` made; `None` where there are none. `purpose` names the rotation.
    pub(crate) fn of(vault: &Vault, purpose: &str, model: &str, rows: &[SealedRow]) -> Result<Option<Self>> {
        let mut made: Option<Self> = None;
        for row in rows.iter().filter(|r| r.info.model == model) {
            with_face(vault, row, |f| {
                let mut faces = made.take().map_or_else(|| Self::new(vault, purpose, f.values().len()), Ok)?;
                faces.add(row.info.account, f)?;
                made = Some(faces);
                Ok(())
            })?;
        }
        Ok(made)
    }

    /// Adds a face, or takes it in the place of the one that is there.
    pub(crate) fn add(&mut self, account: AccountId, features: &Features) -> Result<()> {
        self.remove(account);
        let turned = self.rotation.apply(features).map_err(Error::internal)?;
        self.index.insert(key(account), &turned).map_err(Error::internal)?;
        self.views.insert(account, features.views());
        Ok(())
    }

    pub(crate) fn remove(&mut self, account: AccountId) {
        self.index.remove(key(account));
        self.views.remove(&account);
    }

    /// The nearest of all, the nearest first.
    pub(crate) fn nearest(&self, features: &Features, wanted: usize) -> Result<Vec<Near>> {
        let turned = self.rotation.apply(features).map_err(Error::internal)?;
        Ok(self.named(self.index.search(&turned, wanted, -1.0).map_err(Error::internal)?))
    }

    /// The nearest of `accounts`, the nearest first.
    pub(crate) fn among(&self, accounts: &[AccountId], features: &Features, wanted: usize) -> Result<Vec<Near>> {
        let turned = self.rotation.apply(features).map_err(Error::internal)?;
        let keys: Vec<u128> = accounts.iter().map(|a| key(*a)).collect();
        Ok(self.named(self.index.among(&keys, &turned, wanted, -1.0).map_err(Error::internal)?))
    }

    fn named(&self, hits: Vec<search::Hit>) -> Vec<Near> {
        let near = |hit: search::Hit| {
            let account = AccountId::from_uuid(uuid::Uuid::from_u128(hit.key));
            Near { account, cosine: hit.cosine, views: self.views.get(&account).copied().unwrap_or(1) }
        };
        hits.into_iter().map(near).collect()
    }
}

fn key(account: AccountId) -> u128 {
    account.as_uuid().as_u128()
}

pub(crate) fn with_face<R>(vault: &Vault, row: &SealedRow, use_it: impl FnOnce(&Features) -> Result<R>) -> Result<R> {
    let label = Label { account: row.info.account, method: Method::Face, template: row.info.id };
    let sealed = SealedTemplate::from_bytes(row.sealed.clone()).map_err(Error::internal)?;
    vault.with_template(&label, &sealed, use_it).map_err(Error::internal)?
}
