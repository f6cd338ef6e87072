//! Taking a method back: its keys are destroyed, the proof stays.

use std::sync::Arc;

use base::{AccountId, Method, TemplateId, Timestamp};
use serde_json::Value;
use store::{ErasedBecause as Why, Store, TemplateState};
use vault::{ErasureProof, Vault};

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
            self.erase_for_good(payer.account, id, found.method).await?;
        }
        let erased = self.store.template(payer.account, id).await?.ok_or(Error::NotFound("method"))?;
        let at = erased.erased_at.unwrap_or(found.created_at);
        let receipt = erased.receipt.as_deref().map(serde_json::from_str).transpose().map_err(Error::internal)?;
        Ok(ErasureView { erased_at: at.rfc3339(), proof: erased.proof.unwrap_or_default(), receipt })
    }

    /// The receipt of an erasure, as often as the payer wants it.
    ///
    /// # Errors
    /// No erased template of this payer.
    pub async fn erasure_receipt(&self, payer: &PayerSession, id: &str) -> Result<Value> {
        let id: TemplateId = id.parse().map_err(|_| Error::NotFound("receipt"))?;
        let found = self.store.template(payer.account, id).await?.and_then(|t| t.receipt);
        serde_json::from_str(&found.ok_or(Error::NotFound("receipt"))?).map_err(Error::internal)
    }

    /// The public key that receipts of this installation are checked with, in hexadecimal digits.
    ///
    /// # Errors
    /// None in practice.
    pub fn erasure_key(&self) -> Result<String> {
        self.vault.receipt_key().map(hex::encode).map_err(Error::internal)
    }

    /// Keys first, then the row, then the database's log: whatever stops in between, the keys are gone, and the next
    /// start finishes the rest.
    pub(crate) async fn erase_for_good(&self, account: AccountId, id: TemplateId, method: Method) -> Result<()> {
        if method == Method::Face {
            self.forget_in_searches(account).await;
        }
        let proof = self.destroy_keys(id).await?;
        finish_erasure(&self.store, &self.vault, account, &proof, method, self.now(), Why::Asked).await?;
        // A search that began before may have put it back.
        self.kiosk.forget(account).await;
        Ok(self.store.scrub().await?)
    }

    pub(crate) async fn destroy_keys(&self, id: TemplateId) -> Result<ErasureProof> {
        let (vault, now) = (Arc::clone(&self.vault), self.now());
        let erasing = tokio::task::spawn_blocking(move || vault.erase(id, now));
        erasing.await.map_err(Error::internal)?.map_err(Error::internal)
    }
}

pub(crate) async fn finish_erasure(
    store: &Store,
    vault: &Vault,
    account: AccountId,
    proof: &ErasureProof,
    method: Method,
    now: Timestamp,
    why: Why,
) -> Result<()> {
    let receipt = vault.receipt(proof, method).map_err(Error::internal)?;
    let text = serde_json::to_string(proof).map_err(Error::internal)?;
    let receipt = serde_json::to_string(&receipt).map_err(Error::internal)?;
    store.erase_template(account, proof.template, text, receipt, why, now).await?;
    Ok(())
}

/// Brings key store and database to the same state after a restore of either, or a crash between the two: what one says
/// was erased, the other erases too. Answers how many were brought along.
///
/// # Errors
/// A proof in the database that is none of this key store's; I/O.
pub async fn replay_erasures(store: &Store, vault: &Vault, now: Timestamp) -> Result<usize> {
    let texts = store.erasure_proofs().await?;
    let proofs = texts.iter().map(|text| serde_json::from_str(text)).collect::<std::result::Result<Vec<_>, _>>();
    let mut erased = vault.replay_erasures(&proofs.map_err(Error::internal)?).map_err(Error::internal)?;
    for (account, template, method) in store.kept_templates().await? {
        if let Some(proof) = vault.erasure_of(template) {
            finish_erasure(store, vault, account, &proof, method, now, Why::Asked).await?;
            erased += 1;
        }
    }
    if erased > 0 {
        store.scrub().await?;
    }
    Ok(erased)
}
