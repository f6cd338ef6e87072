//! Consent as a use case: shown, given, withdrawn, each for one purpose and method.

mod guardian;
mod texts;

use base::{AccountId, ConsentId, Method, Purpose};
use store::{Consent, NewConsent, SealedRow, TemplateState};

pub use guardian::Minor;
pub use texts::ConsentText;

use crate::app::App;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::passphrase::Passphrase;
use crate::session::PayerSession;
use crate::view::{ConsentTextView, ConsentView};

/// What a payer agrees to, beside enrolling.
pub struct GiveConsent {
    pub purpose: Purpose,
    pub method: Method,
    /// Version of the text that was shown.
    pub text_version: String,
    /// Language in which it was shown, BCP 47.
    pub locale: String,
    pub accepted: bool,
    /// The fresh proof: agreeing makes an enrolled method usable.
    pub passphrase: Passphrase,
    pub minor: Option<Minor>,
}

impl App {
    /// The texts that are asked for now.
    pub fn consent_texts(&self) -> Vec<ConsentTextView> {
        ConsentText::all().iter().filter(|t| self.region().asks_for(t.purpose)).map(text_view).collect()
    }

    /// Agrees to one more purpose, or again to one that was withdrawn.
    ///
    /// # Errors
    /// Not accepted; an older text; nothing enrolled; a wrong passphrase; a payer under 14 without a guardian.
    pub async fn give_consent(&self, payer: &PayerSession, device: &Device, give: GiveConsent) -> Result<ConsentView> {
        if !give.accepted {
            return Err(Error::invalid("accepted", "nothing is used without your consent"));
        }
        if !self.region().asks_for(give.purpose) {
            return Err(Error::NotHere);
        }
        let text = ConsentText::shown(give.purpose, give.method, &give.text_version, &give.locale)?;
        let enrolled = self.store.templates(payer.account).await?;
        let active = |t: &store::TemplateInfo| t.method == give.method && t.state == TemplateState::Active;
        if !enrolled.iter().any(active) {
            return Err(Error::NotEnrolled(give.method.as_str()));
        }
        self.prove(payer, device, give.passphrase).await?;
        let new = self.new_consent(payer, device, text, give.minor).await?;
        let id = new.id;
        self.store.give_consent(payer.account, give.method, new, self.now()).await?;
        if give.purpose == Purpose::DuplicateSearch {
            self.look_for_duplicates(payer.account).await;
        }
        let given = self.store.consents(payer.account).await?.into_iter().find(|c| c.id == id);
        given.map(|c| consent_view(&c)).ok_or(Error::NotFound("consent"))
    }

    /// Takes a consent back; the payer's own, or one given as a guardian. Nothing uses it from now on. Withdrawing is as
    /// easy as it can be: the session is enough.
    ///
    /// # Errors
    /// No such consent of this payer.
    pub async fn withdraw_consent(&self, payer: &PayerSession, id: &str) -> Result<ConsentView> {
        let id: ConsentId = id.parse().map_err(|_| Error::NotFound("consent"))?;
        let withdrawn = self.store.withdraw_consent(payer.account, id, self.now()).await?;
        if withdrawn.method == Method::Face {
            self.forget_in_searches(withdrawn.account).await;
        }
        Ok(consent_view(&withdrawn))
    }

    /// The template that this payer lets us compare when they pay.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`] (also for a face of a recogniser that is not loaded any more), or [`Error::NoConsent`] when it is
    /// there and the consent is withdrawn.
    pub(crate) async fn usable_template(&self, account: AccountId, method: Method) -> Result<SealedRow> {
        if let Some(row) = self.store.active_template(account, method).await? {
            let judged = method != Method::Face || self.policy.face.for_model(&row.info.model).is_some();
            return if judged { Ok(row) } else { Err(Error::NotEnrolled(method.as_str())) };
        }
        let kept = self.store.templates(account).await?;
        let withdrawn = kept.iter().any(|t| t.method == method && t.state == TemplateState::Active);
        Err(if withdrawn { Error::NoConsent } else { Error::NotEnrolled(method.as_str()) })
    }

    /// The row of a consent to `text`, with its guardian where one is needed.
    pub(crate) async fn new_consent(
        &self,
        payer: &PayerSession,
        device: &Device,
        text: &ConsentText,
        minor: Option<Minor>,
    ) -> Result<NewConsent> {
        Ok(NewConsent {
            id: ConsentId::from_uuid(self.uuid()?),
            purpose: text.purpose,
            text_version: text.version.to_owned(),
            text_digest: text.digest(),
            locale: text.locale.to_owned(),
            guardian: self.guardian_of(payer, device, minor).await?,
        })
    }
}

fn text_view(t: &ConsentText) -> ConsentTextView {
    ConsentTextView {
        purpose: t.purpose.as_str().to_owned(),
        method: t.method.as_str().to_owned(),
        version: t.version.to_owned(),
        locale: t.locale.to_owned(),
        text: t.body.to_owned(),
        sha256: hex::encode(t.digest()),
    }
}

pub(crate) fn consent_view(c: &Consent) -> ConsentView {
    ConsentView {
        id: c.id.to_string(),
        purpose: c.purpose.as_str().to_owned(),
        method: c.method.as_str().to_owned(),
        text_version: c.text_version.clone(),
        by_guardian: c.guardian.is_some(),
        given_at: c.given_at.rfc3339(),
        withdrawn_at: c.withdrawn_at.map(base::Timestamp::rfc3339),
        replaced_at: c.replaced_at.map(base::Timestamp::rfc3339),
    }
}
