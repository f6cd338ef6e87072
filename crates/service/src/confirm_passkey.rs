//! Paying with a device: the challenge is the hash of what is paid (dynamic linking), answered once.

use base::{ChallengeId, Method};
use passkey::{Assertion, Expected, Terms};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Challenge, Intent, NewChallenge};

use crate::app::App;
use crate::confirm::{Checked, Payable};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::limits::{CHALLENGE_LIFE, TRIES_PER_INTENT};
use crate::secret;
use crate::session::PayerSession;
use crate::view::{IntentView, PasskeyChallengeView};

/// What is kept with a passkey's challenge beside its binding.
#[derive(Serialize, Deserialize)]
struct Plan {
    nonce: String,
}

/// Shown by the browser beside the amount in its own payment dialogue.
const ICON: &str = "/assets/mark.svg";

impl App {
    /// A challenge that only this payment, to this payee, by this payer can answer; with the request of the browser's
    /// own payment dialogue beside it.
    ///
    /// # Errors
    /// No passkey; paid, canceled or expired; this device is paused; a server that is called by its address.
    pub async fn start_passkey_challenge(
        &self,
        payer: &PayerSession,
        device: &Device,
        intent: &str,
        client_secret: &str,
    ) -> Result<PasskeyChallengeView> {
        let party = self.relying_party()?;
        let intent = match self.payable(payer, device, intent, client_secret, Method::Passkey).await? {
            Payable::Open(intent, _) => intent,
            Payable::Paid(_) => {
                return Err(Error::State { status: "succeeded".into(), why: "it is paid already".into() });
            }
        };
        let allowed: Vec<Vec<u8>> = self.store.passkeys(payer.account).await?.into_iter().map(|p| p.id).collect();
        if allowed.is_empty() {
            return Err(Error::NotEnrolled("passkey"));
        }
        let (nonce, now) = (self.random::<32>()?, self.now());
        let id = ChallengeId::from_uuid(self.uuid()?);
        let expires_at = now.plus(CHALLENGE_LIFE);
        let plan = Plan { nonce: hex::encode(nonce) };
        let new = NewChallenge {
            id,
            intent: intent.id,
            account: payer.account,
            method: Method::Passkey,
            terms: intent.terms(),
            token_hash: secret::hash(&plan.nonce),
            steps: serde_json::to_string(&plan).map_err(Error::internal)?,
            expires_at,
            max_tries: u8::try_from(TRIES_PER_INTENT).unwrap_or(u8::MAX),
        };
        self.store.create_challenge(new, now).await?;
        let terms = terms(&intent, payer, id, nonce);
        Ok(PasskeyChallengeView {
            id: id.to_string(),
            passkey: party.request(&terms.challenge(), &allowed),
            payment: party.payment_request(&terms, ICON, &allowed),
            expires_at: expires_at.rfc3339(),
            amount: intent.amount.minor(),
            currency: intent.amount.currency().code().to_owned(),
            payee: intent.payee.clone(),
        })
    }

    /// Pays with a device's signature. The challenge is used up, whatever comes of it.
    ///
    /// # Errors
    /// An answer that is not accepted (which check failed is not said), a paused device, a step-up, too little money,
    /// a payment that is over.
    pub async fn confirm_by_passkey(
        &self,
        payer: &PayerSession,
        device: &Device,
        intent: &str,
        client_secret: &str,
        challenge: &str,
        answer: &Value,
    ) -> Result<IntentView> {
        let party = self.relying_party()?;
        let (intent, key) = match self.payable(payer, device, intent, client_secret, Method::Passkey).await? {
            Payable::Paid(view) => return Ok(*view),
            Payable::Open(intent, key) => (intent, key),
        };
        let (taken, nonce) = self.take_passkey_challenge(payer, &intent, challenge).await?;
        let accepted = match Assertion::parse(answer) {
            Ok(assertion) => {
                let kept = self.store.passkey(assertion.credential().to_vec()).await?;
                // The terms are the intent's of now, not the challenge's: what changed since makes another hash.
                let terms = terms(&intent, payer, taken.id, nonce);
                match kept.filter(|k| k.account == payer.account) {
                    Some(kept) => {
                        self.check_assertion(&party, &kept, &assertion, Expected::Payment { terms: &terms }).await?
                    }
                    None => false,
                }
            }
            Err(_) => false,
        };
        let proof = Checked {
            method: Method::Passkey,
            accepted,
            challenge: Some(taken.id),
            place: Some(self.place(device, payer.account)),
        };
        self.confirm(payer, &intent, key, proof).await
    }

    async fn take_passkey_challenge(
        &self,
        payer: &PayerSession,
        intent: &Intent,
        challenge: &str,
    ) -> Result<(Challenge, [u8; 32])> {
        let id: ChallengeId = challenge.parse().map_err(|_| Error::CaptureToken)?;
        let kept = self.store.challenge(id).await?.ok_or(Error::CaptureToken)?;
        if kept.method != Method::Passkey || kept.account != payer.account || kept.intent != intent.id {
            return Err(Error::CaptureToken);
        }
        let plan: Plan = serde_json::from_str(&kept.steps).map_err(Error::internal)?;
        let taken = self.store.take_challenge(id, secret::hash(&plan.nonce), self.now()).await;
        let taken = taken.map_err(crate::enrol::as_token_error)?;
        let nonce: Option<[u8; 32]> = hex::decode(&plan.nonce).ok().and_then(|n| n.try_into().ok());
        Ok((taken, nonce.ok_or(Error::CaptureToken)?))
    }
}

fn terms<'a>(intent: &'a Intent, payer: &PayerSession, challenge: ChallengeId, nonce: [u8; 32]) -> Terms<'a> {
    Terms {
        intent: intent.id,
        amount: intent.amount.money(),
        payee: intent.merchant,
        payee_name: &intent.payee,
        account: payer.account,
        challenge,
        nonce,
    }
}
