//! Whether another account pays with the same object already.

use std::sync::Arc;

use base::{AccountId, Method, ObjectKind};
use kungfu::ObjectTemplate;
use vault::{Label, SealedTemplate};

use super::look::score;
use crate::app::App;
use crate::error::{Error, Result};
use crate::limits::OBJECTS_COMPARED;

impl App {
    /// Compares a new template with those of other accounts, one open at a time. A plain scan over the newest
    /// [`OBJECTS_COMPARED`] of the kind: there is no index over local features here.
    pub(super) async fn is_anothers(
        &self,
        account: AccountId,
        kind: ObjectKind,
        new: &Arc<ObjectTemplate>,
    ) -> Result<bool> {
        let others = self.store.others_with(account, kind, OBJECTS_COMPARED).await?;
        if others.len() == OBJECTS_COMPARED {
            tracing::warn!(compared = OBJECTS_COMPARED, "older objects are not searched for duplicates");
        }
        for other in others {
            // None: withdrawn or erased meanwhile. What must not be used is not searched either.
            let Some(row) = self.store.active_template(other, Method::Kungfu).await? else { continue };
            if row.info.kind != Some(kind) {
                continue;
            }
            let label = Label { account: other, method: Method::Kungfu, template: row.info.id };
            let (vault, new) = (Arc::clone(&self.vault), Arc::clone(new));
            let compare = move || -> Result<_> {
                let sealed = SealedTemplate::from_bytes(row.sealed).map_err(Error::internal)?;
                let open = |bytes: &[u8]| ObjectTemplate::from_bytes(bytes).map(|theirs| theirs.same_object(&new));
                let likeness = vault.with_object(&label, &sealed, open).map_err(Error::internal)?;
                Ok(score(&likeness.map_err(Error::internal)?))
            };
            let likeness = tokio::task::spawn_blocking(compare).await.map_err(Error::internal)??;
            if likeness.is_some_and(|likeness| self.policy.kungfu.same_object(kind, likeness)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
