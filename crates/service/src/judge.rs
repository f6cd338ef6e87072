//! From a finished capture to a decision, and from the decision to money or a clear answer. Features and scores end here.

use std::borrow::Cow;

use base::{AccountId, AuthenticationId, EventId, IntentId, Method, ReceiptId, Span, TemplateId};
use decide::{
    Binding, Circumstances, Cosine, Decision, EyeRatio, FaceCase, FaceMatch, MatchSize, PayerHistory, Policy, Signals,
    decide_face,
};
use face::{Embedding, Template};
use liveness::Session;
use money::Currency;
use store::{Authorisation, Challenge, Outcome, Refusal, SealedRow, StoreError};
use vault::{Comparison, Features, Label, SealedTemplate, VaultError};

use crate::app::App;
use crate::capture::run::Ended;
use crate::capture::{CaptureOutcome, CaptureResult, End, Vectors};
use crate::challenge::Plan;
use crate::config::Mode;
use crate::device::Place;
use crate::enrol::features;
use crate::error::{Error, Result};
use crate::intent::payment_transfer;
use crate::limits::{STEP_UP_LIFE, TRIES_PER_INTENT};
use crate::locks::lock_rule;
use crate::say;

/// What a merchant is told of a refusal; never which factor failed.
pub(crate) const FAILED: &str = "authentication_failed";
pub(crate) const INCOMPLETE: &str = "authentication_incomplete";
pub(crate) const STEP_UP: &str = "second_factor_required";
const NO_MONEY: &str = "insufficient_funds";

/// How long a payment counts towards the daily limit.
const DAY: Span = Span::hours(24);
/// Payments looked at for the daily limit.
const PAYMENTS_COUNTED: usize = 100;

/// What a capture showed.
pub(crate) struct Seen {
    pub(crate) capture: liveness::Capture,
    pub(crate) vectors: Vectors,
    /// Mean openness of the eyes; 0 where it was not measured.
    pub(crate) eyes: f32,
    pub(crate) signals: Signals,
}

impl App {
    /// Judges a capture. Always gives an answer; after an error nothing was paid.
    pub(crate) async fn judge(
        &self,
        taken: &Challenge,
        plan: &Plan,
        ended: Ended<Session>,
        signals: Signals,
    ) -> CaptureResult {
        let done = match ended.session {
            Some(session) if speaks(ended.end) => {
                self.judge_capture(taken, plan, session, ended.vectors, ended.eyes.mean(), signals).await
            }
            _ => self.broken_off(taken, ended.end).await,
        };
        self.settled(taken.method, done)
    }

    /// Always an answer; after an error nothing was paid.
    pub(crate) fn settled(&self, method: Method, done: Result<CaptureResult>) -> CaptureResult {
        done.unwrap_or_else(|error| {
            let gone =
                matches!(error, Error::State { .. } | Error::NotFound(_) | Error::NoConsent | Error::NotEnrolled(_));
            if !gone {
                tracing::error!(%error, "a capture could not be judged");
            }
            let say = if gone { say::GONE } else { say::broken_off(method) };
            CaptureResult::new(CaptureOutcome::Retake, say).because([error.code()])
        })
    }

    async fn judge_capture(
        &self,
        taken: &Challenge,
        plan: &Plan,
        session: Session,
        vectors: Vectors,
        eyes: f32,
        signals: Signals,
    ) -> Result<CaptureResult> {
        // Summing up tracks corners once more over the whole capture: too long for an async thread.
        let capture = tokio::task::spawn_blocking(move || session.finish()).await.map_err(Error::internal)?;
        self.judge_seen(taken, plan, Seen { capture, vectors, eyes, signals }).await
    }

    /// Judges what was seen of the payer of `taken`, and pays or refuses.
    pub(crate) async fn judge_seen(&self, taken: &Challenge, plan: &Plan, seen: Seen) -> Result<CaptureResult> {
        self.store.add_fingerprints(taken.account, Method::Face, &seen.capture.fingerprints, self.now()).await?;
        let row = self.usable_template(taken.account, Method::Face).await?;
        let compared = self.compare(&row, &seen.capture.probe, seen.eyes).await?;
        let decision = self.decide(taken, plan, &row, compared, &seen).await?;
        let Seen { capture, vectors, eyes, .. } = seen;
        let proven = decision.methods.clone();
        // Only a face that matched may change its template.
        let seen = proven.contains(&Method::Face);
        let fresh = seen.then(|| vectors.current(capture.probe)).and_then(|views| {
            let matched = compared.and_then(matched).filter(|_| row.info.model == self.model.as_str());
            self.fresh(taken.account, &views, matched, eyes)
        });
        match decision.outcome {
            decide::Outcome::Allow => {
                let result = self.pay(taken, plan, decision, row.info.id).await?;
                if result.outcome == CaptureOutcome::Paid {
                    self.renew(fresh, &proven).await;
                }
                Ok(result)
            }
            decide::Outcome::StepUp => {
                let result = self.refuse(taken, plan, decision).await?;
                self.keep_fresh(taken.intent, fresh);
                Ok(result)
            }
            _ => self.refuse(taken, plan, decision).await,
        }
    }

    /// `None`: no probe could be made.
    pub(crate) async fn compare(
        &self,
        row: &SealedRow,
        probe: &[(Embedding, f32)],
        eyes: f32,
    ) -> Result<Option<Comparison>> {
        if probe.is_empty() {
            return Ok(None);
        }
        let probe = features(&Template::from_views(probe).map_err(Error::internal)?, eyes)?;
        self.compare_row(row, &probe).await.map(Some)
    }

    /// The sealed form that took the place of this one since it was read.
    pub(crate) async fn renewed_form(&self, row: &SealedRow) -> Result<Vec<u8>> {
        let now = self.store.active_template(row.info.account, row.info.method).await?;
        let moved = now.filter(|now| now.info.id == row.info.id && now.sealed != row.sealed);
        moved.map(|now| now.sealed).ok_or_else(|| Error::internal(VaultError::Tampered))
    }

    /// A rotation may put new keys and a new sealed form in the place of those that were read a moment ago: then they are
    /// read once more.
    pub(crate) async fn compare_row(&self, row: &SealedRow, probe: &Features) -> Result<Comparison> {
        let info = &row.info;
        let label = Label { account: info.account, method: info.method, template: info.id };
        let look = |sealed: &[u8]| {
            let sealed = SealedTemplate::from_bytes(sealed.to_vec())?;
            self.vault.compare(&label, &sealed, probe)
        };
        match look(&row.sealed) {
            Err(VaultError::Tampered) => look(&self.renewed_form(row).await?).map_err(Error::internal),
            looked => looked.map_err(Error::internal),
        }
    }

    pub(crate) async fn decide(
        &self,
        taken: &Challenge,
        plan: &Plan,
        row: &SealedRow,
        compared: Option<Comparison>,
        seen: &Seen,
    ) -> Result<Decision> {
        let Seen { capture, eyes, signals, .. } = seen;
        let now = self.now();
        let matched = compared.and_then(matched);
        // A template is judged by the calibration of the recogniser that made it.
        let face = self.policy.face.for_model(&row.info.model).ok_or(Error::NotEnrolled("face"))?;
        let policy = match &face {
            Cow::Borrowed(_) => Cow::Borrowed(&self.policy),
            Cow::Owned(face) => Cow::Owned(Policy { face: face.clone(), ..self.policy.clone() }),
        };
        let lock = match self.attempt_key(plan, Method::Face) {
            Some(device) => self.lock_state(device, taken.account).await?,
            None => decide::LockState::CLEAR,
        };
        let intent = self.store.intent(taken.intent, now).await?.ok_or(Error::NotFound("payment"))?;
        let case = FaceCase {
            binding: binding(taken),
            challenge: plan.kind(),
            matched,
            eyes: compared.and_then(|c| EyeRatio::of(*eyes, c.enrolled_eye_openness).filter(|_| *eyes > 0.0)),
            evidence: &capture.evidence,
            signals: *signals,
            history: self.history(taken, plan, Method::Face, row.info.created_at).await?,
            lock,
            tries_left: TRIES_PER_INTENT.saturating_sub(u32::from(intent.tries)),
            earlier: self.proven_before(taken.intent, taken.account).await?,
            kiosk: plan.kiosk(),
        };
        Ok(decide_face(&case, &policy, now))
    }

    /// What is known of the payer beside the capture itself.
    pub(crate) async fn history(
        &self,
        taken: &Challenge,
        plan: &Plan,
        method: Method,
        enrolled_at: base::Timestamp,
    ) -> Result<PayerHistory> {
        Ok(PayerHistory {
            enrolled_at,
            paid_24h: self.paid_today(taken.account, method, taken.terms.amount.currency()).await?,
            circumstances: self.circumstances(taken.account, plan.place()).await?,
        })
    }

    /// How many payments there were lately, and where this one comes from.
    pub(crate) async fn circumstances(&self, account: AccountId, place: Place) -> Result<Circumstances> {
        let now = self.now();
        let all = self.store.payments(account, None, PAYMENTS_COUNTED).await?;
        let within = |span: Span| all.iter().filter(|p| now.since(p.paid_at) < span).count();
        let count = |span| u32::try_from(within(span)).unwrap_or(u32::MAX);
        let Place { known, country } = place;
        let (payments_hour, payments_day) = (count(Span::hours(1)), count(DAY));
        Ok(Circumstances { payments_hour, payments_day, known_device: known, country })
    }

    /// Minor units paid by `method` alone in the last 24 hours in `currency`.
    pub(crate) async fn paid_today(&self, account: AccountId, method: Method, currency: Currency) -> Result<i64> {
        let paid = self.today(account, method).await?;
        let counted = paid.iter().filter(|p| p.amount.currency() == currency);
        Ok(counted.fold(0, |sum: i64, p| sum.saturating_add(p.amount.minor())))
    }

    /// Payments by `method` alone in the last 24 hours.
    pub(crate) async fn paid_times_today(&self, account: AccountId, method: Method) -> Result<u32> {
        Ok(u32::try_from(self.today(account, method).await?.len()).unwrap_or(u32::MAX))
    }

    async fn today(&self, account: AccountId, method: Method) -> Result<Vec<store::PaymentSummary>> {
        let now = self.now();
        let mut all = self.store.payments(account, None, PAYMENTS_COUNTED).await?;
        all.retain(|p| p.methods == [method] && now.since(p.paid_at) < DAY);
        Ok(all)
    }

    /// Methods that this payer proved for this payment and that still count.
    pub(crate) async fn proven_before(&self, intent: IntentId, account: AccountId) -> Result<Vec<Method>> {
        let since = base::Timestamp::from_millis(self.now().as_millis() - STEP_UP_LIFE.as_millis());
        Ok(self.store.proven_before(intent, account, since).await?)
    }

    pub(crate) async fn pay(
        &self,
        taken: &Challenge,
        plan: &Plan,
        decision: Decision,
        template: TemplateId,
    ) -> Result<CaptureResult> {
        let now = self.now();
        decision.authorises(&binding(taken), now).map_err(Error::internal)?;
        let allow = Authorisation {
            authentication: AuthenticationId::from_uuid(self.uuid()?),
            challenge: Some(taken.id),
            intent: taken.intent,
            account: taken.account,
            method: taken.method,
            proven: decision.methods.clone(),
            terms: taken.terms,
            reasons: reasons(&decision),
            decided_at: decision.made_at,
            device: self.attempt_key(plan, taken.method),
            template: Some(template),
            transfer: payment_transfer(taken.intent),
            receipt: ReceiptId::from_uuid(self.uuid()?),
            event: EventId::from_uuid(self.uuid()?),
        };
        match self.store.authorise_and_post(allow, now).await {
            Ok(paid) => {
                if let Some(device) = plan.device() {
                    self.unlock(device, taken.account).await?;
                }
                let mut result =
                    CaptureResult::new(CaptureOutcome::Paid, say::ended(taken.method, decide::Outcome::Allow));
                result.reasons = self.shown(&decision);
                result.receipt_url = Some(format!("/receipt/{}", paid.receipt.id));
                result.receipt = Some(paid.receipt.id.to_string());
                Ok(result)
            }
            Err(StoreError::Ledger(ledger::LedgerError::InsufficientFunds { .. })) => {
                let refusal = self.refusal(taken, Outcome::Retake, vec![NO_MONEY.to_owned()], NO_MONEY)?;
                self.store.decline(refusal, lock_rule, now).await?;
                Ok(CaptureResult::new(CaptureOutcome::Refused, say::NO_MONEY).because([NO_MONEY]))
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn refuse(&self, taken: &Challenge, plan: &Plan, decision: Decision) -> Result<CaptureResult> {
        let (outcome, shown, public) = match decision.outcome {
            decide::Outcome::StepUp => (Outcome::StepUp, CaptureOutcome::StepUp, STEP_UP),
            decide::Outcome::Retake => (Outcome::Retake, CaptureOutcome::Retake, INCOMPLETE),
            decide::Outcome::Deny | decide::Outcome::Allow => (Outcome::Deny, CaptureOutcome::Refused, FAILED),
        };
        let mut refusal = self.refusal(taken, outcome, reasons(&decision), public)?;
        refusal.decided_at = decision.made_at;
        refusal.device = self.attempt_key(plan, taken.method);
        refusal.proven = decision.methods.clone();
        let refused = self.store.decline(refusal, lock_rule, self.now()).await?;
        let mut result = CaptureResult::new(shown, say::ended(taken.method, decision.outcome));
        result.reasons = self.shown(&decision);
        result.needs = decision.needs.clone();
        result.tries_left = Some(TRIES_PER_INTENT.saturating_sub(u32::from(refused.intent.tries)));
        Ok(result)
    }

    /// Nothing was judged: the challenge is used up, the intent waits again.
    pub(crate) async fn broken_off(&self, taken: &Challenge, end: End) -> Result<CaptureResult> {
        let refusal = self.refusal(taken, Outcome::Retake, vec![end.code().to_owned()], INCOMPLETE)?;
        let refused = self.store.decline(refusal, lock_rule, self.now()).await?;
        let mut result =
            CaptureResult::new(CaptureOutcome::Retake, say::broken_off(taken.method)).because([end.code()]);
        result.tries_left = Some(TRIES_PER_INTENT.saturating_sub(u32::from(refused.intent.tries)));
        Ok(result)
    }

    fn refusal(&self, taken: &Challenge, outcome: Outcome, reasons: Vec<String>, public: &str) -> Result<Refusal> {
        Ok(Refusal {
            authentication: AuthenticationId::from_uuid(self.uuid()?),
            challenge: Some(taken.id),
            intent: taken.intent,
            account: taken.account,
            method: taken.method,
            proven: Vec::new(),
            terms: taken.terms,
            outcome,
            reasons,
            decided_at: self.now(),
            device: None,
            public_error: public.to_owned(),
            event: EventId::from_uuid(self.uuid()?),
        })
    }

    /// What failures of this method on the asking device are counted under.
    pub(crate) fn attempt_key(&self, plan: &Plan, method: Method) -> Option<store::DeviceKey> {
        plan.device().map(|device| self.method_key(device, method))
    }

    /// In test mode a developer sees the operator's reason codes; a payer in live mode only learns what to do next.
    pub(crate) fn shown(&self, decision: &Decision) -> Vec<String> {
        if self.mode() == Mode::Test { codes(decision) } else { Vec::new() }
    }
}

fn matched(c: Comparison) -> Option<FaceMatch> {
    let size = MatchSize { views: c.views, frames: c.frames };
    Cosine::new(c.cosine).map(|score| FaceMatch { score, size })
}

/// Whether the frames that came can be judged. A client that went away is not judged: it may try again.
pub(crate) const fn speaks(end: End) -> bool {
    matches!(end, End::Finished | End::Failed(_) | End::TimedOut | End::Silent)
}

/// For the audit chain: the rule that was looked up, then the reason codes.
pub(crate) fn reasons(decision: &Decision) -> Vec<String> {
    let mut all = vec![format!("rule:{}", decision.rule)];
    all.extend(codes(decision));
    all.truncate(store::limits::MAX_REASONS);
    all
}

fn codes(decision: &Decision) -> Vec<String> {
    decision.reasons.iter().take(store::limits::MAX_REASONS).map(|r| r.as_str().to_owned()).collect()
}

pub(crate) fn binding(taken: &Challenge) -> Binding {
    Binding {
        intent: taken.intent,
        amount: taken.terms.amount.money(),
        payee: taken.terms.payee,
        account: taken.account,
        challenge: Some(taken.id),
    }
}
