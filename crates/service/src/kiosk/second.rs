//! The second factor at a kiosk: for more than a face alone may pay there, and where two faces are alike.

use base::{AccountId, KioskAttemptId, Method, Purpose};

use super::attempt::shadow;
use super::room::{Waiting, Who};
use crate::app::App;
use crate::confirm::Checked;
use crate::device::Place;
use crate::error::{Error, Result};
use crate::faces::{FaceKey, Scope};
use crate::passphrase::Passphrase;
use crate::session::PayerSession;
use crate::view::IntentView;

/// What can be given at a shop's device. A passkey is on the payer's own: there the checkout takes it.
pub enum KioskProof {
    /// A one-time code is worth nothing a minute later, so it is what a shop's device should ask for first.
    Otp(String),
    Passphrase(Passphrase),
}

impl KioskProof {
    const fn method(&self) -> Method {
        match self {
            Self::Otp(_) => Method::Otp,
            Self::Passphrase(_) => Method::Passphrase,
        }
    }
}

impl App {
    /// Pays what the face alone could not.
    ///
    /// # Errors
    /// A key without the scope; nothing of this kiosk waits under that id; a wrong proof; a paused kiosk or payer; too little
    /// money; a payment that is over.
    pub async fn confirm_at_kiosk(&self, key: &FaceKey, id: &str, proof: KioskProof) -> Result<IntentView> {
        key.allows(Scope::Kiosk)?;
        let id: KioskAttemptId = id.parse().map_err(|_| Error::NotFound("payment"))?;
        let (device, now) = (self.kiosk_device(key.id), self.now());
        self.check_pause(device, shadow(key.id)).await?;
        let waiting = self.kiosk.take(id, key.id, now)?;
        let done = self.confirm_waiting(&waiting, &proof).await;
        match &done {
            Ok(_) => self.count_success(device, shadow(key.id)).await?,
            Err(Error::ProofFailed) => {
                self.count_failure(device, shadow(key.id)).await?;
                self.kiosk.wait(waiting, now);
            }
            Err(_) => self.kiosk.wait(waiting, now),
        }
        done
    }

    async fn confirm_waiting(&self, waiting: &Waiting, proof: &KioskProof) -> Result<IntentView> {
        let (attempt, device) = (&waiting.attempt, self.kiosk_device(waiting.kiosk));
        let method = proof.method();
        let key = self.method_key(device, method);
        let intent = self.store.intent(attempt.intent, self.now()).await?.ok_or(Error::NotFound("payment"))?;
        let account = match &waiting.who {
            Who::Known(account) => *account,
            Who::Either(two) => {
                let mut right = None;
                for (account, ..) in two {
                    self.check_pause(key, *account).await?;
                    // Both are tried whichever is right, so that time does not tell which.
                    if self.is_right(*account, proof).await? && right.is_none() {
                        right = Some(*account);
                    }
                }
                let Some(account) = right else {
                    for (account, ..) in two {
                        self.count_failure(key, *account).await?;
                    }
                    return Err(Error::ProofFailed);
                };
                let found = two.iter().find(|(a, ..)| *a == account);
                let (_, decision, plan) = found.ok_or(Error::ProofFailed)?;
                let challenge = decision.binding.challenge.ok_or(Error::ProofFailed)?;
                let known = self.store.know_at_kiosk(attempt.id, challenge, account, waiting.terms, self.now()).await?;
                self.refuse(&known, plan, decision.clone()).await?;
                return self.pay_known(account, &intent, device, method, true).await;
            }
        };
        self.check_pause(key, account).await?;
        let accepted = self.is_right(account, proof).await?;
        self.pay_known(account, &intent, device, method, accepted).await
    }

    async fn pay_known(
        &self,
        account: AccountId,
        intent: &store::Intent,
        device: store::DeviceKey,
        method: Method,
        accepted: bool,
    ) -> Result<IntentView> {
        if !self.store.has_consent(account, Purpose::Kiosk, Method::Face).await? {
            return Err(Error::NoConsent);
        }
        let payer = PayerSession::without_token(account, "", "");
        self.confirm(&payer, intent, device, Checked { method, accepted, challenge: None, place: Some(Place::KIOSK) })
            .await
    }

    async fn is_right(&self, account: AccountId, proof: &KioskProof) -> Result<bool> {
        match proof {
            KioskProof::Otp(code) => self.code_is_right(account, code, true).await,
            KioskProof::Passphrase(passphrase) => {
                let kept = self.store.payer(account).await?.map(|p| p.passphrase_hash);
                self.passphrases.verify(passphrase.clone(), kept).await
            }
        }
    }
}
