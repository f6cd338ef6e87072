//! A payment's spoken answer: capture, measurement, decision.

use std::sync::Arc;
use std::time::Duration;

use base::Method;
use decide::{Cosine, Decision, PayerHistory, PromptMargin, VoiceCase, VoiceMatch, decide_voice};
use store::{Challenge, SealedRow};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::Instant;
use vault::{Comparison, Features};
use voice::{Digits, Embedding, Listener, MODEL_ID, fingerprint};

use super::probe::{Probe, probe};
use super::{ANSWER, PIECES_WAITING};
use crate::app::App;
use crate::capture::listen::{Listened, listen};
use crate::capture::queue::FrameQueue;
use crate::capture::{Capture, CaptureEvent, CaptureResult, CaptureSender, End};
use crate::challenge::Plan;
use crate::error::{Error, Result};
use crate::judge::{binding, speaks};
use crate::limits::{EVENTS_WAITING, RESULT_WAIT, TRIES_PER_INTENT};
use crate::say;

impl App {
    /// Starts the capture of a challenge that asks for digits.
    pub(crate) fn open_answer(
        self: &Arc<Self>,
        taken: Challenge,
        plan: Plan,
        digits: Digits,
        permit: OwnedSemaphorePermit,
    ) -> Capture {
        let queue = Arc::new(FrameQueue::new(PIECES_WAITING));
        let (events, receiver) = mpsc::channel(EVENTS_WAITING);
        let (app, pieces) = (Arc::clone(self), Arc::clone(&queue));
        tokio::spawn(async move {
            let result = app.hear_answer(&taken, &plan, digits, &pieces, &events).await;
            pieces.close(End::Gone);
            let _gone = events.send_timeout(CaptureEvent::Result(Box::new(result)), RESULT_WAIT).await;
            drop(permit);
        });
        Capture { sender: CaptureSender::new(queue), events: receiver }
    }

    async fn hear_answer(
        &self,
        taken: &Challenge,
        plan: &Plan,
        digits: Digits,
        pieces: &Arc<FrameQueue>,
        events: &mpsc::Sender<CaptureEvent>,
    ) -> CaptureResult {
        let heard = match self.voice_workers() {
            Ok(workers) => {
                let lasts = taken.expires_at.since(self.now()).as_millis().max(0).unsigned_abs();
                let deadline = Instant::now() + Duration::from_millis(lasts);
                let asked = CaptureEvent::Digits { digits: digits.to_string(), say: say::DIGITS, number: 1, of: 1 };
                let _slow = events.try_send(asked);
                listen(workers, Listener::new(ANSWER), pieces, events, deadline).await
            }
            Err(_) => Listened { end: End::Broken, listener: None },
        };
        tracing::debug!(end = heard.end.code(), "an answer ended");
        let _slow = events.try_send(CaptureEvent::Judging);
        let done = match heard.listener {
            Some(listener) if speaks(heard.end) => self.judge_answer(taken, plan, digits, listener).await,
            _ => self.broken_off(taken, heard.end).await,
        };
        self.settled(taken.method, done)
    }

    async fn judge_answer(
        &self,
        taken: &Challenge,
        plan: &Plan,
        digits: Digits,
        listener: Listener,
    ) -> Result<CaptureResult> {
        let measured = self.voice_workers()?.run(move |analyzer| probe(listener, Some(digits), analyzer)).await?;
        let probe = measured.map_err(Error::internal)?;
        let heard_before = self.heard_before(taken, &probe.words).await?;
        self.store.add_fingerprints(taken.account, Method::Voice, &fingerprint::pack(&probe.words), self.now()).await?;
        let row = self.usable_template(taken.account, Method::Voice).await?;
        let compared = self.compare_voice(&row, probe.embedding.as_ref()).await?;
        let decision = self.decide_answer(taken, plan, &row, &probe, compared, heard_before).await?;
        drop(probe);
        match decision.outcome {
            decide::Outcome::Allow => self.pay(taken, plan, decision, row.info.id).await,
            _ => self.refuse(taken, plan, decision).await,
        }
    }

    /// `None`: there was nothing to compare.
    async fn heard_before(&self, taken: &Challenge, words: &[u32]) -> Result<Option<f32>> {
        if words.is_empty() {
            return Ok(None);
        }
        let earlier = self.store.fingerprints(taken.account, Method::Voice).await?;
        let now = words.to_vec();
        let compare = move || {
            let earlier: Vec<Vec<u32>> = earlier.iter().map(|packed| fingerprint::unpack(packed)).collect();
            fingerprint::share_heard_before(&now, earlier.iter().map(Vec::as_slice))
        };
        tokio::task::spawn_blocking(compare).await.map(Some).map_err(Error::internal)
    }

    async fn compare_voice(&self, row: &SealedRow, probe: Option<&Embedding>) -> Result<Option<Comparison>> {
        let Some(probe) = probe else { return Ok(None) };
        let probe = features(probe, 1)?;
        self.compare_row(row, &probe).await.map(Some)
    }

    async fn decide_answer(
        &self,
        taken: &Challenge,
        plan: &Plan,
        row: &SealedRow,
        probe: &Probe,
        compared: Option<Comparison>,
        heard_before: Option<f32>,
    ) -> Result<Decision> {
        let now = self.now();
        let matched = compared.and_then(|c| Cosine::new(c.cosine).map(|score| VoiceMatch { score, clips: c.views }));
        let lock = match self.attempt_key(plan, Method::Voice) {
            Some(device) => self.lock_state(device, taken.account).await?,
            None => decide::LockState::CLEAR,
        };
        let intent = self.store.intent(taken.intent, now).await?.ok_or(Error::NotFound("payment"))?;
        let case = VoiceCase {
            binding: binding(taken),
            challenge: plan.kind(),
            sound: probe.sound,
            matched,
            prompt: probe.margin.map(PromptMargin),
            heard_before,
            history: PayerHistory {
                enrolled_at: row.info.created_at,
                paid_24h: self.paid_today(taken.account, Method::Voice, taken.terms.amount.currency()).await?,
            },
            lock,
            tries_left: TRIES_PER_INTENT.saturating_sub(u32::from(intent.tries)),
            earlier: self.proven_before(taken.intent, taken.account).await?,
        };
        Ok(decide_voice(&case, &self.policy, now))
    }
}

/// A template or probe in the vault's form.
pub(super) fn features(embedding: &Embedding, clips: u8) -> Result<Features> {
    let values = embedding.expose_values().to_vec();
    Features::new(values, clips, 0.0, MODEL_ID).map_err(Error::internal)
}
