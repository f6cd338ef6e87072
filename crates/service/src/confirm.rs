//! Paying by a proof that is right or wrong: the other ways to pay, and the second factor after a step-up.

use base::{AuthenticationId, EventId, Method, ReceiptId};
use decide::{Binding, Circumstances, Decision, FactorCase, decide_factor};
use store::{Authorisation, DeviceKey, Intent, Outcome, Refusal};

use crate::app::App;
use crate::device::{Device, Place};
use crate::error::{Error, Result};
use crate::intent::{parse_id, payment_transfer, view};
use crate::judge::{FAILED, STEP_UP, reasons};
use crate::locks::lock_rule;
use crate::merchant::Viewer;
use crate::passphrase::Passphrase;
use crate::session::PayerSession;
use crate::view::IntentView;

/// A proof given for one payment, already checked against the account.
pub(crate) struct Checked {
    pub method: Method,
    pub accepted: bool,
    /// The challenge it answered, if its method has one.
    pub challenge: Option<base::ChallengeId>,
    /// Where it came from; `None`: a magic payer, who is nowhere.
    pub place: Option<Place>,
}

impl App {
    /// Pays by passphrase. A wrong one counts against this device.
    ///
    /// # Errors
    /// A wrong passphrase, a paused device, a step-up, too little money, a payment that is over.
    pub async fn confirm_by_passphrase(
        &self,
        payer: &PayerSession,
        device: &Device,
        intent: &str,
        client_secret: &str,
        passphrase: Passphrase,
    ) -> Result<IntentView> {
        let (intent, key) = match self.payable(payer, device, intent, client_secret, Method::Passphrase).await? {
            Payable::Paid(view) => return Ok(*view),
            Payable::Open(intent, key) => (intent, key),
        };
        let kept = self.store.payer(payer.account).await?.map(|p| p.passphrase_hash);
        let accepted = self.passphrases.verify(passphrase, kept).await?;
        let proof = Checked {
            method: Method::Passphrase,
            accepted,
            challenge: None,
            place: Some(self.place(device, payer.account)),
        };
        self.confirm(payer, &intent, key, proof).await
    }

    /// The payment and the device's counter; refuses one that is over, and a paused device.
    pub(crate) async fn payable(
        &self,
        payer: &PayerSession,
        device: &Device,
        intent: &str,
        client_secret: &str,
        method: Method,
    ) -> Result<Payable> {
        let viewer = Viewer::ClientSecret(client_secret.to_owned());
        let intent = self.seen_intent(parse_id(intent)?, &viewer).await?;
        // A retry after a lost answer gets the same answer, not a second payment.
        if intent.payer == Some(payer.account) {
            return Ok(Payable::Paid(Box::new(view(&intent))));
        }
        intent.status.after(ledger::IntentEvent::Authorised).map_err(|e| state(&intent, e.to_string()))?;
        let key = self.device_key(device, payer.account);
        self.check_pause(self.method_key(key, method), payer.account).await?;
        Ok(Payable::Open(Box::new(intent), key))
    }

    /// Decides about a checked proof together with what was proven before, and pays, asks for more or refuses.
    pub(crate) async fn confirm(
        &self,
        payer: &PayerSession,
        intent: &Intent,
        device: DeviceKey,
        proof: Checked,
    ) -> Result<IntentView> {
        let key = self.method_key(device, proof.method);
        let binding = Binding {
            intent: intent.id,
            amount: intent.amount.money(),
            payee: intent.merchant,
            account: payer.account,
            challenge: proof.challenge,
        };
        let now = self.now();
        let case = FactorCase {
            binding: binding.clone(),
            method: proof.method,
            accepted: proof.accepted,
            lock: self.lock_state(key, payer.account).await?,
            earlier: self.proven_before(intent.id, payer.account).await?,
            paid_24h: self.paid_today(payer.account, proof.method, intent.amount.currency()).await?,
            circumstances: match proof.place {
                Some(place) => self.circumstances(payer.account, place).await?,
                None => Circumstances::QUIET,
            },
        };
        let decision = decide_factor(&case, &self.policy, now);
        if decision.authorises(&binding, now).is_err() {
            return Err(self.refuse_proof(payer, intent, &decision, key, &proof).await?);
        }
        let allow = Authorisation {
            authentication: AuthenticationId::from_uuid(self.uuid()?),
            challenge: proof.challenge,
            intent: intent.id,
            account: payer.account,
            method: proof.method,
            proven: decision.methods.clone(),
            terms: intent.terms(),
            reasons: reasons(&decision),
            decided_at: decision.made_at,
            device: Some(key),
            template: None,
            transfer: payment_transfer(intent.id),
            receipt: ReceiptId::from_uuid(self.uuid()?),
            event: EventId::from_uuid(self.uuid()?),
        };
        let paid = self.store.authorise_and_post(allow, self.now()).await?;
        self.unlock(device, payer.account).await?;
        self.renew_after_factor(intent.id, payer.account, &decision.methods).await;
        Ok(view(&paid.intent))
    }

    /// Records the refusal and gives what the payer is told.
    async fn refuse_proof(
        &self,
        payer: &PayerSession,
        intent: &Intent,
        decision: &Decision,
        key: DeviceKey,
        proof: &Checked,
    ) -> Result<Error> {
        let steps_up = decision.outcome == decide::Outcome::StepUp;
        let refusal = Refusal {
            authentication: AuthenticationId::from_uuid(self.uuid()?),
            challenge: proof.challenge,
            intent: intent.id,
            account: payer.account,
            method: proof.method,
            proven: decision.methods.clone(),
            terms: intent.terms(),
            outcome: if steps_up { Outcome::StepUp } else { Outcome::Deny },
            reasons: reasons(decision),
            decided_at: decision.made_at,
            device: Some(key),
            public_error: if steps_up { STEP_UP } else { FAILED }.to_owned(),
            event: EventId::from_uuid(self.uuid()?),
        };
        self.store.decline(refusal, lock_rule, self.now()).await?;
        Ok(if steps_up { Error::StepUp { needs: decision.needs.clone() } } else { Error::ProofFailed })
    }
}

/// Whether there is something to pay.
pub(crate) enum Payable {
    /// This payer paid it already.
    Paid(Box<IntentView>),
    Open(Box<Intent>, DeviceKey),
}

fn state(intent: &Intent, why: String) -> Error {
    Error::State { status: intent.status.as_str().to_owned(), why }
}
