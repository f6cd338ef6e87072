//! Paying by passphrase: the other way to pay, and the second factor after a step-up.

use base::{AuthenticationId, EventId, Method, ReceiptId, TransferId};
use decide::{Binding, Decision, PassphraseCase, decide_passphrase};
use store::{Authorisation, DeviceKey, Intent, Outcome, Refusal};

use crate::app::App;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::intent::{parse_id, view};
use crate::judge::{FAILED, reasons};
use crate::locks::lock_rule;
use crate::merchant::Viewer;
use crate::passphrase::Passphrase;
use crate::session::PayerSession;
use crate::view::IntentView;

impl App {
    /// Pays. A wrong passphrase counts against this device.
    ///
    /// # Errors
    /// A wrong passphrase, a paused device, too little money, a payment that is over.
    pub async fn confirm_by_passphrase(
        &self,
        payer: &PayerSession,
        device: &Device,
        intent: &str,
        client_secret: &str,
        passphrase: Passphrase,
    ) -> Result<IntentView> {
        let viewer = Viewer::ClientSecret(client_secret.to_owned());
        let intent = self.seen_intent(parse_id(intent)?, &viewer).await?;
        // A retry after a lost answer gets the same answer, not a second payment.
        if intent.payer == Some(payer.account) {
            return Ok(view(&intent));
        }
        intent.status.after(ledger::IntentEvent::Authorised).map_err(|e| state(&intent, e.to_string()))?;
        let key = self.device_key(device, payer.account);
        self.check_pause(key, payer.account).await?;
        let kept = self.store.payer(payer.account).await?.map(|p| p.passphrase_hash);
        let accepted = self.passphrases.verify(passphrase, kept).await?;
        let binding = Binding {
            intent: intent.id,
            amount: intent.amount.money(),
            payee: intent.merchant,
            account: payer.account,
            challenge: None,
        };
        let lock = self.lock_state(key, payer.account).await?;
        let now = self.now();
        let decision = decide_passphrase(&PassphraseCase { binding: binding.clone(), accepted, lock }, now);
        if decision.authorises(&binding, now).is_err() {
            self.refuse_passphrase(payer, &intent, &decision, key).await?;
            return Err(Error::ProofFailed);
        }
        let allow = Authorisation {
            authentication: AuthenticationId::from_uuid(self.uuid()?),
            challenge: None,
            intent: intent.id,
            account: payer.account,
            method: Method::Passphrase,
            terms: intent.terms(),
            reasons: reasons(&decision),
            decided_at: decision.made_at,
            device: Some(key),
            template: None,
            transfer: TransferId::from_uuid(self.uuid()?),
            receipt: ReceiptId::from_uuid(self.uuid()?),
            event: EventId::from_uuid(self.uuid()?),
        };
        Ok(view(&self.store.authorise_and_post(allow, self.now()).await?.intent))
    }

    async fn refuse_passphrase(
        &self,
        payer: &PayerSession,
        intent: &Intent,
        decision: &Decision,
        key: DeviceKey,
    ) -> Result<()> {
        let refusal = Refusal {
            authentication: AuthenticationId::from_uuid(self.uuid()?),
            challenge: None,
            intent: intent.id,
            account: payer.account,
            method: Method::Passphrase,
            terms: intent.terms(),
            outcome: Outcome::Deny,
            reasons: reasons(decision),
            decided_at: decision.made_at,
            device: Some(key),
            public_error: FAILED.to_owned(),
            event: EventId::from_uuid(self.uuid()?),
        };
        self.store.decline(refusal, lock_rule, self.now()).await?;
        Ok(())
    }
}

fn state(intent: &Intent, why: String) -> Error {
    Error::State { status: intent.status.as_str().to_owned(), why }
}
