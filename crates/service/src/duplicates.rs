//! One face enrolled for several wallets: looked for among payers who agreed to it, when one of them adds a face or agrees.
//!
//! The index is in memory only, under a rotation of its own that no template and no other index shares.

use std::collections::HashMap;
use std::sync::Arc;

use base::{AccountId, FaceReviewId, Method, Purpose};
use decide::faces::suspects_duplicate;
use search::Index;
use store::SealedRow;
use tokio::sync::Mutex;
use vault::{Features, IndexRotation, Label, SealedTemplate, Vault};

use crate::app::App;
use crate::error::{Error, Result};
use crate::faces::matched;

/// Wallets that one face may be told about at once, besides its own.
const NEAREST: usize = 4;

/// Faces of payers who agreed, turned by the index's own rotation.
struct Faces {
    rotation: IndexRotation,
    index: Index,
    /// Views behind each vector.
    views: HashMap<AccountId, u8>,
}

/// `None` until somebody agrees. The lock is held while one face is looked for.
#[derive(Default)]
pub(crate) struct Duplicates(Mutex<Option<Faces>>);

impl Faces {
    fn new(vault: &Vault, length: usize) -> Result<Self> {
        let rotation = vault.index_rotation("payers: duplicates", length).map_err(Error::internal)?;
        let index = Index::new(rotation.dimensions()).map_err(Error::internal)?;
        Ok(Self { rotation, index, views: HashMap::new() })
    }

    /// Those of `rows` that `model` made; `None` where there are none.
    fn of(vault: &Vault, model: &str, rows: &[SealedRow]) -> Result<Option<Self>> {
        let mut made: Option<Self> = None;
        for row in rows.iter().filter(|r| r.info.model == model) {
            with_face(vault, row, |f| {
                let mut faces = made.take().map_or_else(|| Self::new(vault, f.values().len()), Ok)?;
                faces.add(row.info.account, f)?;
                made = Some(faces);
                Ok(())
            })?;
        }
        Ok(made)
    }

    fn add(&mut self, account: AccountId, features: &Features) -> Result<()> {
        self.remove(account);
        let turned = self.rotation.apply(features).map_err(Error::internal)?;
        self.index.insert(key(account), &turned).map_err(Error::internal)?;
        self.views.insert(account, features.views());
        Ok(())
    }

    fn remove(&mut self, account: AccountId) {
        self.index.remove(key(account));
        self.views.remove(&account);
    }

    /// Others who look the same, by the rule of `decide`.
    fn alike(
        &self,
        account: AccountId,
        features: &Features,
        calibration: &decide::Calibration,
    ) -> Result<Vec<AccountId>> {
        let turned = self.rotation.apply(features).map_err(Error::internal)?;
        let hits = self.index.search(&turned, NEAREST + 1, -1.0).map_err(Error::internal)?;
        let others = hits.into_iter().map(|h| (AccountId::from_uuid(uuid::Uuid::from_u128(h.key)), h.cosine));
        let same = |(other, cosine): &(AccountId, f32)| {
            let views = self.views.get(other).copied().unwrap_or(1);
            *other != account
                && matched(*cosine, views, features.views()).is_some_and(|m| suspects_duplicate(calibration, m))
        };
        Ok(others.filter(same).map(|(other, _)| other).collect())
    }
}

fn key(account: AccountId) -> u128 {
    account.as_uuid().as_u128()
}

fn with_face<R>(vault: &Vault, row: &SealedRow, use_it: impl FnOnce(&Features) -> Result<R>) -> Result<R> {
    let label = Label { account: row.info.account, method: Method::Face, template: row.info.id };
    let sealed = SealedTemplate::from_bytes(row.sealed.clone()).map_err(Error::internal)?;
    vault.with_template(&label, &sealed, use_it).map_err(Error::internal)?
}

impl App {
    /// Looks for other wallets with this payer's face, where the payer agreed to that. The enrolment stands whatever comes of it.
    pub(crate) async fn look_for_duplicates(&self, account: AccountId) {
        if let Err(error) = self.try_look_for_duplicates(account).await {
            tracing::warn!(%error, "duplicates could not be looked for");
        }
    }

    async fn try_look_for_duplicates(&self, account: AccountId) -> Result<()> {
        if !self.store.has_consent(account, Purpose::DuplicateSearch, Method::Face).await? {
            return Ok(());
        }
        let Some(own) = self.store.active_template(account, Method::Face).await? else { return Ok(()) };
        if own.info.model != self.model.as_str() {
            return Ok(());
        }
        let mut faces = self.duplicates.0.lock().await;
        if faces.is_none() {
            let known = self.store.searchable_faces().await?;
            let (vault, model) = (Arc::clone(&self.vault), self.model.clone());
            let making = tokio::task::spawn_blocking(move || Faces::of(&vault, model.as_str(), &known));
            *faces = making.await.map_err(Error::internal)??;
        }
        let Some(made) = faces.as_mut() else { return Ok(()) };
        let alike = with_face(&self.vault, &own, |f| {
            made.add(account, f)?;
            made.alike(account, f, self.face_calibration())
        })?;
        drop(faces);
        for other in alike {
            let id = FaceReviewId::from_uuid(self.uuid()?);
            self.store.add_duplicate(id, account, other, self.now()).await?;
        }
        Ok(())
    }

    /// The payer's face is not searched any more from now on.
    pub(crate) async fn forget_in_duplicates(&self, account: AccountId) {
        if let Some(faces) = self.duplicates.0.lock().await.as_mut() {
            faces.remove(account);
        }
    }
}
