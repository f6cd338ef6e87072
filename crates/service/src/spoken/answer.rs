//! A payment's spoken answer: capture, measurement, decision.

use std::sync::Arc;
use std::time::Duration;

use base::Method;
use decide::{Cosine, Decision, Extra, VoiceCase, VoiceMatch, decide_voice};
use liveness::Moment;
use store::{Challenge, SealedRow};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::Instant;
use vault::{Comparison, Features};
use voice::{Embedding, Listener, MODEL_ID, Prompt, fingerprint};

use super::lips::{Watching, lips};
use super::probe::{Probe, probe};
use super::{ANSWER, PIECES_WAITING, ask, key_phrase};
use crate::app::App;
use crate::capture::listen::{Listened, listen};
use crate::capture::queue::FrameQueue;
use crate::capture::{Capture, CaptureEvent, CaptureResult, CaptureSender, End};
use crate::challenge::Plan;
use crate::error::{Error, Result};
use crate::judge::{binding, speaks};
use crate::limits::{EVENTS_WAITING, RESULT_WAIT, TRIES_PER_INTENT};
use crate::say;

/// What was asked, and what the camera saw meanwhile.
struct Answer {
    prompt: Prompt,
    /// `None`: the camera was not asked for.
    seen: Option<Vec<Moment>>,
    began_ms: Option<f64>,
    /// The payer's key phrase and what was said for it; `None`: none is set.
    key_phrase: Option<(Prompt, Listener)>,
}

/// What was found besides the probe.
struct Heard {
    compared: Option<Comparison>,
    heard_before: Option<f32>,
    lips: Extra,
    key_phrase: Extra,
}

impl App {
    /// Starts the capture of a challenge that asks for something to say.
    pub(crate) fn open_answer(
        self: &Arc<Self>,
        taken: Challenge,
        plan: Plan,
        prompt: Prompt,
        permit: OwnedSemaphorePermit,
    ) -> Capture {
        let queue = Arc::new(FrameQueue::new(PIECES_WAITING));
        let (events, receiver) = mpsc::channel(EVENTS_WAITING);
        let watching = self.policy.voice.with_camera.then(|| Watching::start(&self.workers));
        let sender = match &watching {
            Some(watching) => watching.sender(Arc::clone(&queue)),
            None => CaptureSender::new(Arc::clone(&queue)),
        };
        let (app, pieces) = (Arc::clone(self), queue);
        tokio::spawn(async move {
            let result = app.hear_answer(&taken, &plan, prompt, (&pieces, watching), &events).await;
            pieces.close(End::Gone);
            let _gone = events.send_timeout(CaptureEvent::Result(Box::new(result)), RESULT_WAIT).await;
            drop(permit);
        });
        Capture { sender, events: receiver }
    }

    async fn hear_answer(
        &self,
        taken: &Challenge,
        plan: &Plan,
        prompt: Prompt,
        (pieces, watching): (&Arc<FrameQueue>, Option<Watching>),
        events: &mpsc::Sender<CaptureEvent>,
    ) -> CaptureResult {
        let secret = match self.secret_of(taken).await {
            Ok(secret) => secret,
            Err(error) => return self.settled(taken.method, Err(error)),
        };
        let lasts = taken.expires_at.since(self.now()).as_millis().max(0).unsigned_abs();
        let deadline = Instant::now() + Duration::from_millis(lasts);
        let of = 1 + usize::from(secret.is_some());
        let mut heard = self.utterance(ask::event(&prompt, 1, of), pieces, events, deadline).await;
        let mut key_phrase = None;
        if let (Some(secret), End::Finished) = (secret, heard.end) {
            let asked = CaptureEvent::KeyPhrase { say: say::KEY_PHRASE, number: 2, of };
            let second = self.utterance(asked, pieces, events, deadline).await;
            heard.end = second.end;
            key_phrase = second.listener.map(|listener| (secret, listener));
            if key_phrase.is_none() {
                heard.listener = None;
            }
        }
        tracing::debug!(end = heard.end.code(), "an answer ended");
        let _slow = events.try_send(CaptureEvent::Judging);
        let seen = match watching {
            Some(watching) => Some(watching.finish().await),
            None => None,
        };
        let answer = Answer { prompt, seen, began_ms: heard.began_ms, key_phrase };
        let done = match heard.listener {
            Some(listener) if speaks(heard.end) => self.judge_answer(taken, plan, answer, listener).await,
            _ => self.broken_off(taken, heard.end).await,
        };
        self.settled(taken.method, done)
    }

    /// The key phrase of the voice that this challenge is answered with.
    async fn secret_of(&self, taken: &Challenge) -> Result<Option<Prompt>> {
        let row = self.usable_template(taken.account, Method::Voice).await?;
        self.key_phrase(taken.account, row.info.id).await
    }

    async fn utterance(
        &self,
        asked: CaptureEvent,
        pieces: &Arc<FrameQueue>,
        events: &mpsc::Sender<CaptureEvent>,
        deadline: Instant,
    ) -> Listened {
        let Ok(workers) = self.voice_workers() else {
            return Listened { end: End::Broken, listener: None, began_ms: None };
        };
        let _slow = events.try_send(asked);
        listen(workers, Listener::new(ANSWER), pieces, events, deadline).await
    }

    async fn judge_answer(
        &self,
        taken: &Challenge,
        plan: &Plan,
        answer: Answer,
        listener: Listener,
    ) -> Result<CaptureResult> {
        let Answer { prompt, seen, began_ms, key_phrase } = answer;
        let measured = self.voice_workers()?.run(move |analyzer| probe(listener, Some(&prompt), analyzer)).await?;
        let probe = measured.map_err(Error::internal)?;
        let second = match key_phrase {
            Some((phrase, listener)) => Some(self.key_phrase_probe(listener, phrase).await?),
            None => None,
        };
        let mut heard_before = self.heard_before(taken, &probe.words).await?;
        if let Some(second) = &second {
            // Either may be a recording.
            let also = self.heard_before(taken, &second.words).await?;
            heard_before = heard_before.zip(also).map(|(a, b)| a.max(b));
            let words = fingerprint::pack(&second.words);
            self.store.add_fingerprints(taken.account, Method::Voice, &words, self.now()).await?;
        }
        self.store.add_fingerprints(taken.account, Method::Voice, &fingerprint::pack(&probe.words), self.now()).await?;
        let row = self.usable_template(taken.account, Method::Voice).await?;
        let mut compared = self.compare_voice(&row, probe.embedding.as_ref()).await?;
        if let Some(second) = &second {
            // One speaker says both: the worse comparison counts.
            let also = self.compare_voice(&row, second.embedding.as_ref()).await?;
            compared = compared.zip(also).map(|(a, b)| if b.cosine < a.cosine { b } else { a });
        }
        let key_phrase = second.as_ref().map_or(Extra::NotAsked, key_phrase::reading);
        let lips = lips(seen.as_deref(), began_ms, &probe.loudness);
        let heard = Heard { compared, heard_before, lips, key_phrase };
        let decision = self.decide_answer(taken, plan, &row, &probe, heard).await?;
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
        heard: Heard,
    ) -> Result<Decision> {
        let Heard { compared, heard_before, lips, key_phrase } = heard;
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
            prompt: probe.margin,

            heard_before,
            key_phrase,
            lips,
            living: probe.living,
            history: self.history(taken, plan, Method::Voice, row.info.created_at).await?,
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
