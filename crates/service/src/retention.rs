//! The retention clock: what nobody used for as long as was promised is erased, with a receipt like any other erasure.

use std::sync::Arc;

use base::{AccountId, Method, TemplateId, Timestamp};
use decide::RetentionPolicy;
use store::{ErasedBecause as Why, Store, TemplateInfo};
use vault::{Vault, VaultError};

use crate::app::App;
use crate::erase::finish_erasure;
use crate::error::{Error, Result};

/// Erased in one go; what is left is taken at once afterwards.
const BATCH: usize = 100;

/// When the template is erased unless it is used before.
pub(crate) fn expires_at(policy: &RetentionPolicy, template: &TemplateInfo) -> Option<Timestamp> {
    let last = template.last_used_at.unwrap_or(template.created_at);
    policy.unused(template.method).map(|span| last.plus(span))
}

/// Erases every template that is past its time at `now`; answers how many.
///
/// # Errors
/// The key store or the database fails; what is erased stays erased.
pub async fn sweep_unused(
    store: &Store,
    vault: &Arc<Vault>,
    policy: &RetentionPolicy,
    now: Timestamp,
) -> Result<usize> {
    let mut erased = 0;
    for method in [Method::Face, Method::Voice, Method::Kungfu] {
        let Some(span) = policy.unused(method) else { continue };
        let before = Timestamp::from_millis(now.as_millis() - span.as_millis());
        loop {
            let due = store.unused_templates(method, before, BATCH).await?;
            let (full, mut gone) = (due.len() == BATCH, 0);
            for (account, id) in due {
                gone += usize::from(erase_unused(store, vault, account, id, method, now).await?);
            }
            erased += gone;
            if !full || gone == 0 {
                break;
            }
        }
    }
    if erased > 0 {
        store.scrub().await?;
    }
    Ok(erased)
}

/// `false`: it has no keys here, so nobody can use it and no receipt can say that they were destroyed.
async fn erase_unused(
    store: &Store,
    vault: &Arc<Vault>,
    account: AccountId,
    id: TemplateId,
    method: Method,
    now: Timestamp,
) -> Result<bool> {
    let keys = Arc::clone(vault);
    let erasing = tokio::task::spawn_blocking(move || keys.erase(id, now));
    let proof = match erasing.await.map_err(Error::internal)? {
        Ok(proof) => proof,
        Err(VaultError::UnknownTemplate(_)) => {
            tracing::warn!(template = %id, "unused, and without keys in this key store");
            return Ok(false);
        }
        Err(other) => return Err(Error::internal(other)),
    };
    finish_erasure(store, vault, account, &proof, method, now, Why::Unused).await?;
    Ok(true)
}

impl App {
    /// Erases what nobody used for as long as the policy says.
    ///
    /// # Errors
    /// See [`sweep_unused`].
    pub async fn sweep(&self) -> Result<usize> {
        let erased = sweep_unused(&self.store, &self.vault, &self.policy.retention, self.now()).await?;
        if erased > 0 {
            self.kiosk.forget_all().await;
        }
        Ok(erased)
    }
}
