//! One face enrolled for several wallets: looked for among payers who agreed to it, when one of them adds a face or agrees.
//!
//! The index is in memory only, under a rotation of its own that no template and no other index shares.

use std::sync::Arc;

use base::{AccountId, FaceReviewId, Method, Purpose};
use decide::faces::suspects_duplicate;
use tokio::sync::Mutex;
use vault::Features;

use crate::app::App;
use crate::error::{Error, Result};
use crate::faces::matched;
use crate::payer_faces::{Near, PayerFaces, with_face};

/// Wallets that one face may be told about at once, besides its own.
const NEAREST: usize = 4;

/// The rotation of the index.
const PURPOSE: &str = "payers: duplicates";

/// `None` until somebody agrees. The lock is held while one face is looked for.
#[derive(Default)]
pub(crate) struct Duplicates(Mutex<Option<PayerFaces>>);

/// Others who look the same, by the rule of `decide`.
fn alike(
    faces: &PayerFaces,
    account: AccountId,
    features: &Features,
    calibration: &decide::Calibration,
) -> Result<Vec<AccountId>> {
    let same = |near: &Near| {
        near.account != account
            && matched(near.cosine, near.views, features.views()).is_some_and(|m| suspects_duplicate(calibration, m))
    };
    Ok(faces.nearest(features, NEAREST + 1)?.into_iter().filter(same).map(|near| near.account).collect())
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
            let making = tokio::task::spawn_blocking(move || PayerFaces::of(&vault, PURPOSE, model.as_str(), &known));
            *faces = making.await.map_err(Error::internal)??;
        }
        let Some(made) = faces.as_mut() else { return Ok(()) };
        let alike = with_face(&self.vault, &own, |f| {
            made.add(account, f)?;
            alike(made, account, f, self.face_calibration())
        })?;
        drop(faces);
        for other in alike {
            let id = FaceReviewId::from_uuid(self.uuid()?);
            self.store.add_duplicate(id, account, other, self.now()).await?;
        }
        Ok(())
    }

    /// The payer's face is not searched any more from now on, neither for duplicates nor at kiosks.
    pub(crate) async fn forget_in_searches(&self, account: AccountId) {
        if let Some(faces) = self.duplicates.0.lock().await.as_mut() {
            faces.remove(account);
        }
        self.kiosk.forget(account).await;
    }
}
