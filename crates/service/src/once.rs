//! Requests under an `Idempotency-Key`: what was answered once is answered again, and done once.
//!
//! Operations of the books keep key and reply in their own commit (`…_once` of the store). For all others the server's
//! layer asks here: [`App::begin_once`], the work inside [`App::work_once`], [`App::finish_once`]. Work that names its reply
//! beforehand (`App::answering`) has it saved in the commit of its effect, so that no crash comes between the two.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use base::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use store::{Idempotency, Replied, SavedReply, StoreError};
use uuid::Uuid;

use crate::app::App;
use crate::error::{Error, Result};
use crate::intent::derived;
use crate::limits::{IDEMPOTENCY_KEY_BYTES, SAVED_REPLY_BYTES};

tokio::task_local! {
    static REPLAYED: std::cell::Cell<bool>;
}

/// A request that must take effect once.
pub struct KeyedRequest<'a> {
    /// Who asks: ids of merchant and account.
    pub owner: &'a str,
    /// The path, ids included.
    pub operation: &'a str,
    /// `Idempotency-Key`.
    pub key: &'a str,
    /// The body in one fixed form.
    pub body: &'a [u8],
}

/// A saved answer.
pub struct SavedAnswer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// What to do with a request under a key.
pub enum Begun {
    Answered(SavedAnswer),
    Work(Claim),
}

/// The right to work for a key; given back when dropped.
pub struct Claim {
    once: Idempotency,
    begun: Timestamp,
    _place: Place,
}

type Working = Arc<Mutex<HashMap<(String, String), [u8; 32]>>>;

/// Requests that are worked on. Memory only: a request ends with its process, its effect and reply are in one commit or not
/// there at all.
#[derive(Default)]
pub(crate) struct InFlight(Working);

struct Place {
    working: Working,
    name: (String, String),
}

impl Drop for Place {
    fn drop(&mut self) {
        self.working.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

impl InFlight {
    fn take(&self, once: &Idempotency) -> Result<Place> {
        let name = (once.scope.clone(), once.key.clone());
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name.clone()) {
            Entry::Occupied(other) if *other.get() == once.body_hash => Err(Error::IdempotencyInFlight),
            Entry::Occupied(_) => Err(Error::IdempotencyMismatch),
            Entry::Vacant(free) => {
                free.insert(once.body_hash);
                Ok(Place { working: Arc::clone(&self.0), name })
            }
        }
    }
}

impl App {
    /// Looks the key up and claims it.
    ///
    /// # Errors
    /// [`Error::IdempotencyMismatch`], [`Error::IdempotencyInFlight`], a key that cannot be.
    pub async fn begin_once(&self, request: KeyedRequest<'_>) -> Result<Begun> {
        check_key(request.key)?;
        let once = self.idempotency(&request);
        let place = self.in_flight.take(&once)?;
        let begun = self.now();
        match self.store.saved_reply(once.clone(), begun).await? {
            Some(saved) => Ok(Begun::Answered(self.open_reply(&once, &saved)?)),
            None => Ok(Begun::Work(Claim { once, begun, _place: place })),
        }
    }

    /// Does the work of a claimed request; the second answer says whether its reply is saved already.
    pub async fn work_once<F: Future>(&self, claim: &Claim, work: F) -> (F::Output, bool) {
        store::working_for(claim.once.clone(), claim.begun, work).await
    }

    /// Saves the answer to work that has succeeded.
    ///
    /// # Errors
    /// Database failures; an answer that is too long to be kept.
    pub async fn finish_once(&self, claim: Claim, status: u16, body: &[u8]) -> Result<()> {
        let reply = self.seal_reply(&claim.once, status, body)?;
        Ok(self.store.save_reply(claim.once.clone(), reply, claim.begun).await?)
    }

    /// Runs `work`, whose first write that gives a `T` is answered with `status` and `show`'s view. Under a key that answer is
    /// saved in the write's own commit.
    pub(crate) async fn answering<T, V, F>(
        &self,
        status: u16,
        show: impl FnOnce(&T) -> V + Send + 'static,
        work: F,
    ) -> F::Output
    where
        T: 'static,
        V: Serialize,
        F: Future,
    {
        let vault = Arc::clone(&self.vault);
        let render = move |once: &Idempotency, outcome: &T| {
            let body = match status {
                204 => Vec::new(),
                _ => serde_json::to_vec(&show(outcome)).map_err(|e| StoreError::Internal(e.to_string()))?,
            };
            sealed(&vault, once, status, &body).map_err(|e| StoreError::Internal(e.reason()))
        };
        store::answering(render, work).await
    }

    /// A new id; under a key one that follows from it, so that the key can make one thing only, even after it was forgotten.
    pub(crate) fn uuid_for(&self, what: &str) -> Result<Uuid> {
        match store::current_request() {
            Some(once) => Ok(derived(&once, what)),
            None => self.uuid(),
        }
    }

    fn idempotency(&self, request: &KeyedRequest<'_>) -> Idempotency {
        // A MAC, not a plain hash: bodies hold passphrases, and short ones could be guessed.
        let digest = hex::encode(Sha256::digest(request.body));
        let path = hex::encode(Sha256::digest(request.operation));
        Idempotency {
            scope: format!("{} POST {path}", request.owner),
            key: request.key.to_owned(),
            body_hash: self.tokens.mac("idempotent request", &digest),
        }
    }

    fn seal_reply(&self, once: &Idempotency, status: u16, body: &[u8]) -> Result<SavedReply> {
        sealed(&self.vault, once, status, body)
    }

    fn open_reply(&self, once: &Idempotency, saved: &SavedReply) -> Result<SavedAnswer> {
        let bytes = STANDARD_NO_PAD.decode(&saved.body).map_err(Error::internal)?;
        let body = self.vault.open_secret(&purpose(once), &bytes).map_err(Error::internal)?;
        Ok(SavedAnswer { status: saved.status, body: body.to_vec() })
    }
}

/// Answers hold secrets that are shown once, so what is kept of them is sealed.
fn sealed(vault: &vault::Vault, once: &Idempotency, status: u16, body: &[u8]) -> Result<SavedReply> {
    if body.len() > SAVED_REPLY_BYTES {
        return Err(Error::internal("the answer is too long to be kept"));
    }
    let bytes = vault.seal_secret(&purpose(once), body).map_err(Error::internal)?;
    Ok(SavedReply { status, body: STANDARD_NO_PAD.encode(bytes) })
}

fn purpose(once: &Idempotency) -> String {
    format!("reply {} {}", once.scope, once.key)
}

/// # Errors
/// Empty, too long, or with characters that a header cannot have.
pub(crate) fn check_key(key: &str) -> Result<()> {
    let printable = key.bytes().all(|b| b.is_ascii_graphic());
    if key.is_empty() || key.len() > IDEMPOTENCY_KEY_BYTES || !printable {
        return Err(Error::invalid("Idempotency-Key", format!("1 to {IDEMPOTENCY_KEY_BYTES} printable characters")));
    }
    Ok(())
}

/// Runs `work` and says whether its answer was one that had been saved before.
pub async fn noting_replays<F: Future>(work: F) -> (F::Output, bool) {
    REPLAYED
        .scope(std::cell::Cell::new(false), async {
            let done = work.await;
            (done, REPLAYED.with(std::cell::Cell::get))
        })
        .await
}

/// The view in a reply of the store's own `…_once` operations.
pub(crate) fn replied<V: DeserializeOwned>(replied: Replied) -> Result<V> {
    if replied.replayed {
        // Outside of a request nobody wants to know.
        let _ = REPLAYED.try_with(|noted| noted.set(true));
    }
    serde_json::from_str(&replied.reply.body).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn once(body: u8) -> Idempotency {
        Idempotency { scope: "s".into(), key: "k".into(), body_hash: [body; 32] }
    }

    #[test]
    fn a_key_is_worked_on_once_at_a_time() {
        let working = InFlight::default();
        let first = working.take(&once(1)).unwrap();
        assert!(matches!(working.take(&once(1)), Err(Error::IdempotencyInFlight)));
        assert!(matches!(working.take(&once(2)), Err(Error::IdempotencyMismatch)));
        drop(first);
        assert!(working.take(&once(2)).is_ok());
    }
}
