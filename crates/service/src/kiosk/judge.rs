//! From a kiosk's capture to a wallet, and on to the decision that every capture gets.

use base::{ChallengeId, Method};
use decide::kiosk::{Found, before_search, find, not_found};
use decide::{KioskSearch, Outcome, Signals};
use face::Template;
use ledger::Terms;
use liveness::Session;
use store::{Challenge, KioskAttempt};

use super::attempt::shadow;
use super::room::{Searched, Waiting, Who};
use crate::app::App;
use crate::capture::run::Ended;
use crate::capture::{CaptureOutcome, CaptureResult};
use crate::challenge::Plan;
use crate::enrol::features;
use crate::error::{Error, Result};
use crate::faces::matched;
use crate::judge::{FAILED, INCOMPLETE, STEP_UP, Seen, speaks};
use crate::limits::TRIES_PER_INTENT;
use crate::payer_faces::Near;
use crate::say;

impl App {
    /// Judges a capture. Always gives an answer; after an error nothing was paid.
    pub(super) async fn judge_at_kiosk(
        &self,
        attempt: KioskAttempt,
        terms: Terms,
        plan: Plan,
        ended: Ended<Session>,
        signals: Signals,
    ) -> CaptureResult {
        let done = match ended.session {
            Some(session) if speaks(ended.end) => {
                let eyes = ended.eyes.mean();
                let finishing = tokio::task::spawn_blocking(move || session.finish());
                match finishing.await {
                    Ok(capture) => {
                        let seen = Seen { capture, vectors: ended.vectors, eyes, signals };
                        self.look_at_kiosk(attempt, terms, plan, seen).await
                    }
                    Err(error) => Err(Error::internal(error)),
                }
            }
            _ => self.nobody(&attempt, Outcome::Retake, vec![ended.end.code()], say::broken_off(Method::Face)).await,
        };
        self.settled(Method::Face, done)
    }

    async fn look_at_kiosk(
        &self,
        attempt: KioskAttempt,
        terms: Terms,
        plan: Plan,
        seen: Seen,
    ) -> Result<CaptureResult> {
        let left = self.tries_left(&attempt).await?;
        // A picture of somebody must not even look for that person's wallet.
        if let Some(refused) = before_search(&seen.capture.evidence, plan.kind(), &self.policy, left) {
            return self.not_found(&attempt, refused).await;
        }
        if seen.capture.probe.is_empty() {
            return self.not_found(&attempt, not_found(decide::Reason::NoProbe, left)).await;
        }
        let probe = features(&Template::from_views(&seen.capture.probe).map_err(Error::internal)?, seen.eyes)?;
        let Some(Searched { near, of }) = self.search_at_kiosk(attempt.tag, &probe).await? else {
            return self.not_found(&attempt, not_found(decide::Reason::TooManyWallets, left)).await;
        };
        let frames = probe.views();
        let like = |near: &Near| matched(near.cosine, near.views, frames);
        let mut ranked = near.iter();
        let (best, second) = (ranked.next(), ranked.next());
        let found = find(&self.policy.face, of, best.and_then(like), second.and_then(like));
        match (found, best) {
            (Found::One, Some(best)) => self.known_at_kiosk(attempt, terms, plan, best, of, seen).await,
            (Found::Close, Some(_)) => self.either_at_kiosk(attempt, terms, &near, of, &seen).await,
            _ => self.not_found(&attempt, not_found(decide::Reason::NobodyFound, left)).await,
        }
    }

    /// It is this wallet: from here on an ordinary challenge of its payer.
    async fn known_at_kiosk(
        &self,
        attempt: KioskAttempt,
        terms: Terms,
        plan: Plan,
        best: &Near,
        of: u32,
        seen: Seen,
    ) -> Result<CaptureResult> {
        let plan = plan.found(self.kiosk_search(best, of, false).await?);
        let id = ChallengeId::from_uuid(self.uuid()?);
        let taken = self.store.know_at_kiosk(attempt.id, id, best.account, terms, self.now()).await?;
        let result = self.judge_seen(&taken, &plan, seen).await?;
        match result.outcome {
            CaptureOutcome::Paid => {
                self.count_success(self.kiosk_device(attempt.kiosk), shadow(attempt.kiosk)).await?;
            }
            CaptureOutcome::StepUp => self.wait_for_factor(attempt, terms, Who::Known(best.account)),
            _ => {}
        }
        Ok(result)
    }

    /// Two wallets' faces are alike: the second factor tells which one it is.
    async fn either_at_kiosk(
        &self,
        attempt: KioskAttempt,
        terms: Terms,
        near: &[Near],
        of: u32,
        seen: &Seen,
    ) -> Result<CaptureResult> {
        let mut who = Vec::new();
        let (mut needs, mut reasons) = (Vec::new(), Vec::new());
        for one in near {
            let plan: Plan = serde_json::from_str(&attempt.steps).map_err(Error::internal)?;
            let plan = plan.found(self.kiosk_search(one, of, true).await?);
            let id = ChallengeId::from_uuid(self.uuid()?);
            let KioskAttempt { intent, steps, expires_at, .. } = attempt.clone();
            let as_if = Challenge { id, intent, account: one.account, method: Method::Face, terms, steps, expires_at };
            let row = self.usable_template(one.account, Method::Face).await?;
            let compared = self.compare(&row, &seen.capture.probe, seen.eyes).await?;
            let decision = self.decide(&as_if, &plan, &row, compared, seen).await?;
            if decision.outcome == Outcome::StepUp && decision.methods == [Method::Face] {
                if needs.is_empty() {
                    (needs, reasons) = (decision.needs.clone(), self.shown(&decision));
                    let written = crate::judge::reasons(&decision);
                    self.store.note_kiosk_step_up(attempt.id, written, STEP_UP, self.now()).await?;
                }
                who.push((one.account, decision, plan));
            }
        }
        if who.is_empty() {
            let left = self.tries_left(&attempt).await?;
            return self.not_found(&attempt, not_found(decide::Reason::NobodyFound, left)).await;
        }
        let left = self.tries_left(&attempt).await?;
        self.wait_for_factor(attempt, terms, Who::Either(who));
        let mut result = CaptureResult::new(CaptureOutcome::StepUp, say::ended(Method::Face, Outcome::StepUp));
        (result.needs, result.reasons, result.tries_left) = (needs, reasons, Some(left));
        Ok(result)
    }

    async fn kiosk_search(&self, near: &Near, of: u32, close: bool) -> Result<KioskSearch> {
        let payments_24h = self.paid_times_today(near.account, Method::Face).await?;
        Ok(KioskSearch { searched: of, close, payments_24h })
    }

    fn wait_for_factor(&self, attempt: KioskAttempt, terms: Terms, who: Who) {
        let now = self.now();
        self.kiosk.wait(Waiting { kiosk: attempt.kiosk, attempt, terms, who, at: now }, now);
    }

    async fn tries_left(&self, attempt: &KioskAttempt) -> Result<u32> {
        let intent = self.store.intent(attempt.intent, self.now()).await?.ok_or(Error::NotFound("payment"))?;
        Ok(TRIES_PER_INTENT.saturating_sub(u32::from(intent.tries)))
    }

    /// Nobody was found, for whatever reason; it counts against the kiosk.
    async fn not_found(
        &self,
        attempt: &KioskAttempt,
        refused: (Outcome, Vec<decide::Reason>),
    ) -> Result<CaptureResult> {
        let (outcome, reasons) = refused;
        let retry = reasons.iter().all(|r| r.outcome() == Outcome::Retake && *r != decide::Reason::NobodyFound);
        if !retry {
            self.count_failure(self.kiosk_device(attempt.kiosk), shadow(attempt.kiosk)).await?;
        }
        let nobody = reasons.contains(&decide::Reason::NobodyFound) && outcome == Outcome::Retake;
        let say = if nobody { say::NOBODY_FOUND } else { say::ended(Method::Face, outcome) };
        self.nobody(attempt, outcome, reasons.iter().map(|r| r.as_str()).collect(), say).await
    }

    async fn nobody(
        &self,
        attempt: &KioskAttempt,
        outcome: Outcome,
        reasons: Vec<&'static str>,
        say: &'static str,
    ) -> Result<CaptureResult> {
        let (shown, public) = match outcome {
            Outcome::Retake => (CaptureOutcome::Retake, INCOMPLETE),
            _ => (CaptureOutcome::Refused, FAILED),
        };
        let written = reasons.iter().map(|r| (*r).to_owned()).collect();
        let tries = self.store.end_kiosk_attempt(attempt.id, written, public, self.now()).await?;
        let mut result = CaptureResult::new(shown, say);
        if self.is_test_mode() {
            result = result.because(reasons);
        }
        result.tries_left = Some(TRIES_PER_INTENT.saturating_sub(u32::from(tries)));
        Ok(result)
    }
}
