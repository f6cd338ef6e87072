//! Taking a method back: its keys are destroyed, the proof stays.

use std::sync::Arc;

use base::TemplateId;
use store::TemplateState;
use vault::ErasureProof;

use crate::app::App;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::passphrase::Passphrase;
use crate::session::PayerSession;
use crate::view::ErasureView;

impl App {
    /// Erases a template of this payer and withdraws its consent.
    ///
    /// # Errors
    /// A wrong passphrase; no such template of this payer.
    pub async fn erase_method(
        &self,
        payer: &PayerSession,
        device: &Device,
        id: &str,
        passphrase: Passphrase,
    ) -> Result<ErasureView> {
        let id: TemplateId = id.parse().map_err(|_| Error::NotFound("method"))?;
        let found = self.store.template(payer.account, id).await?.ok_or(Error::NotFound("method"))?;
        self.prove(payer, device, passphrase).await?;
        if found.state != TemplateState::Erased {
            let proof = self.destroy_keys(id).await?;
            self.store.erase_template(payer.account, id, proof_text(&proof)?, self.now()).await?;
        }
        let erased = self.store.template(payer.account, id).await?.ok_or(Error::NotFound("method"))?;
        let at = erased.erased_at.unwrap_or(found.created_at);
        Ok(ErasureView { erased_at: at.rfc3339(), proof: erased.proof.unwrap_or_default() })
    }

    pub(crate) async fn destroy_keys(&self, id: TemplateId) -> Result<ErasureProof> {
        let (vault, now) = (Arc::clone(&self.vault), self.now());
        let erasing = tokio::task::spawn_blocking(move || vault.erase(id, now));
        erasing.await.map_err(Error::internal)?.map_err(Error::internal)
    }
}

fn proof_text(proof: &ErasureProof) -> Result<String> {
    serde_json::to_string(proof).map_err(Error::internal)
}
