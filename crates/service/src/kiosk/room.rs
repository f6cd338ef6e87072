//! What kiosks hold in memory: faces that were looked for, and captures that wait for a second factor.

use std::collections::HashMap;
use std::sync::{Mutex as Lock, PoisonError};

use base::{AccountId, ApiKeyId, KioskAttemptId, Timestamp};
use decide::Decision;
use sha2::{Digest, Sha256};
use store::{PhoneTag, SealedRow};
use tokio::sync::Mutex;
use vault::Features;

use crate::app::App;
use crate::challenge::Plan;
use crate::error::{Error, Result};
use crate::limits::{KIOSKS_WAITING, STEP_UP_LIFE};
use crate::payer_faces::{Near, PayerFaces, with_face};

/// The rotation of the index.
const PURPOSE: &str = "payers: kiosks";
/// The best, and the one that must not come close.
const WANTED: usize = 2;

/// See the module.
#[derive(Default)]
pub(crate) struct Kiosks {
    /// `None` until somebody is looked for. Held from reading who may be found until the search is over, so that whoever is
    /// forgotten after a commit is not put back by a search that began before it.
    faces: Mutex<Option<Faces>>,
    waiting: Lock<HashMap<KioskAttemptId, Waiting>>,
}

struct Faces {
    index: PayerFaces,
    /// SHA-256 of the sealed form that each vector came from.
    forms: HashMap<AccountId, [u8; 32]>,
}

/// A capture whose payer must give a second factor.
pub(super) struct Waiting {
    pub(super) kiosk: ApiKeyId,
    pub(super) attempt: store::KioskAttempt,
    pub(super) terms: ledger::Terms,
    pub(super) who: Who,
    pub(super) at: Timestamp,
}

/// Who it may be.
pub(super) enum Who {
    /// Known, and written down as a step-up already.
    Known(AccountId),
    /// One of two. Each with what would be decided if it is that one.
    Either(Vec<(AccountId, Decision, Plan)>),
}

impl Kiosks {
    /// This payer's face is not held any more.
    pub(crate) async fn forget(&self, account: AccountId) {
        if let Some(faces) = self.faces.lock().await.as_mut() {
            faces.index.remove(account);
            faces.forms.remove(&account);
        }
    }

    /// No face is held any more; those that may be found come back as they are looked for.
    pub(crate) async fn forget_all(&self) {
        self.faces.lock().await.take();
    }

    pub(super) fn wait(&self, waiting: Waiting, now: Timestamp) {
        let mut all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, w| now.since(w.at) < STEP_UP_LIFE);
        if all.len() < KIOSKS_WAITING {
            all.insert(waiting.attempt.id, waiting);
        }
    }

    /// Takes what waits for this kiosk's own proof; it has to be put back if the proof was wrong.
    pub(super) fn take(&self, id: KioskAttemptId, kiosk: ApiKeyId, now: Timestamp) -> Result<Waiting> {
        let mut all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.get(&id).is_some_and(|w| w.kiosk == kiosk && now.since(w.at) < STEP_UP_LIFE);
        if own { all.remove(&id) } else { None }.ok_or(Error::NotFound("payment"))
    }
}

/// The nearest among the wallets of some digits.
pub(super) struct Searched {
    /// Nearest first, two at most.
    pub(super) near: Vec<Near>,
    /// Wallets that were compared.
    pub(super) of: u32,
}

impl App {
    /// `None`: more wallets end in these digits than one face may be compared with.
    pub(super) async fn search_at_kiosk(&self, tag: PhoneTag, probe: &Features) -> Result<Option<Searched>> {
        let most = self.policy.kiosk.most_searched;
        let mut held = self.kiosk.faces.lock().await;
        let rows = self.store.kiosk_faces(tag, most.saturating_add(1)).await?;
        // A face of a former recogniser is not found until its payer was seen by the one in use.
        let rows: Vec<&SealedRow> = rows.iter().filter(|row| row.info.model == self.model.as_str()).collect();
        let of = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        if of > most {
            return Ok(None);
        }
        if held.is_none() {
            let index = PayerFaces::new(&self.vault, PURPOSE, probe.values().len())?;
            *held = Some(Faces { index, forms: HashMap::new() });
        }
        let Some(faces) = held.as_mut() else { return Ok(None) };
        for row in &rows {
            self.bring(faces, row).await?;
        }
        let accounts: Vec<AccountId> = rows.iter().map(|row| row.info.account).collect();
        Ok(Some(Searched { near: faces.index.among(&accounts, probe, WANTED)?, of }))
    }

    /// Brings one face into the index, unless it is there as it is kept now.
    async fn bring(&self, faces: &mut Faces, row: &SealedRow) -> Result<()> {
        let (account, form) = (row.info.account, <[u8; 32]>::from(Sha256::digest(&row.sealed)));
        if faces.forms.get(&account) == Some(&form) {
            return Ok(());
        }
        faces.index.remove(account);
        faces.forms.remove(&account);
        match with_face(&self.vault, row, |f| faces.index.add(account, f)) {
            Ok(()) => {
                faces.forms.insert(account, form);
            }
            // Erased or renewed since the row was read: not found this time.
            Err(error) => tracing::warn!(cause = %error.reason(), "a face could not be brought into the kiosks' index"),
        }
        Ok(())
    }
}
