//! The payer's own key phrase: words that only they know, said after the fresh prompt. It makes a stolen voice need the phrase, too.
//! It is the same each time, so it never stands in for the prompt, which is what says that somebody speaks *now*.

use base::{Method, TemplateId};
use decide::{Extra, PromptMargin};
use voice::{Listener, Phrase, Prompt};

use super::probe::{Probe, probe};
use crate::app::App;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::passphrase::Passphrase;
use crate::session::PayerSession;

impl App {
    /// Sets the key phrase of an enrolled voice: three to eight English words.
    ///
    /// # Errors
    /// A wrong passphrase; phrases are switched off; no such voice of this payer; not such words.
    pub async fn set_key_phrase(
        &self,
        payer: &PayerSession,
        device: &Device,
        id: &str,
        phrase: &str,
        passphrase: Passphrase,
    ) -> Result<()> {
        let id = self.own_voice(payer, id).await?;
        if !self.has_phrases() {
            return Err(Error::invalid("phrase", "phrases are switched off here"));
        }
        let phrase = Phrase::parse(phrase)
            .ok_or_else(|| Error::invalid("phrase", "take three to eight English words, letters only"))?;
        self.prove(payer, device, passphrase).await?;
        let words = zeroize::Zeroizing::new(phrase.to_string());
        let sealed = self.vault.seal_secret(&purpose(id), words.as_bytes()).map_err(Error::internal)?;
        Ok(self.store.set_key_phrase(payer.account, id, Some(sealed), self.now()).await?)
    }

    /// Takes it away.
    ///
    /// # Errors
    /// A wrong passphrase; no such voice of this payer.
    pub async fn remove_key_phrase(
        &self,
        payer: &PayerSession,
        device: &Device,
        id: &str,
        passphrase: Passphrase,
    ) -> Result<()> {
        let id = self.own_voice(payer, id).await?;
        self.prove(payer, device, passphrase).await?;
        Ok(self.store.set_key_phrase(payer.account, id, None, self.now()).await?)
    }

    async fn own_voice(&self, payer: &PayerSession, id: &str) -> Result<TemplateId> {
        let id: TemplateId = id.parse().map_err(|_| Error::NotFound("method"))?;
        let found = self.store.template(payer.account, id).await?;
        found.filter(|t| t.method == Method::Voice).map(|t| t.id).ok_or(Error::NotFound("method"))
    }

    /// The key phrase to be said, where one is set.
    pub(super) async fn key_phrase(&self, account: base::AccountId, id: TemplateId) -> Result<Option<Prompt>> {
        let Some(sealed) = self.store.key_phrase(account, id).await? else { return Ok(None) };
        let words = self.vault.open_secret(&purpose(id), &sealed).map_err(Error::internal)?;
        let text = std::str::from_utf8(&words).map_err(Error::internal)?;
        Phrase::parse(text).map(Prompt::Phrase).map(Some).ok_or_else(|| Error::internal("a kept key phrase is none"))
    }

    /// Measures the second utterance.
    pub(super) async fn key_phrase_probe(&self, listener: Listener, phrase: Prompt) -> Result<Probe> {
        if !self.has_phrases() {
            // Set while phrases were on. Without the network nothing can be told of it, which never counts as said.
            let measured = self.voice_workers()?.run(move |analyzer| probe(listener, None, analyzer)).await?;
            return measured.map_err(Error::internal);
        }
        let measured = self.voice_workers()?.run(move |analyzer| probe(listener, Some(&phrase), analyzer)).await?;
        measured.map_err(Error::internal)
    }
}

/// What the second utterance says of the key phrase.
pub(super) const fn reading(probe: &Probe) -> Extra {
    match probe.margin {
        Some(PromptMargin::Words(value)) => Extra::Measured(value),
        _ => Extra::Unmeasured,
    }
}

fn purpose(id: TemplateId) -> String {
    format!("voice-key-phrase/{id}")
}
