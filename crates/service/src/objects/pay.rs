//! A payment's capture of an object: guided, measured, decided.

use std::sync::Arc;
use std::time::Duration;

use base::{Method, ObjectKind};
use decide::{Decision, KungfuCase, ObjectMatch, ObjectStep, Signals, decide_kungfu};
use kungfu::{ObjectTemplate, Seen};
use store::{Challenge, SealedRow};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use vault::{Label, SealedTemplate, VaultError};

use super::FRAMES_WAITING;
use super::capture::{Ended, run};
use super::guide::{PayGuide, Shown};
use super::look::score;
use crate::app::App;
use crate::capture::queue::FrameQueue;
use crate::capture::witness::Witness;
use crate::capture::{Capture, CaptureEvent, CaptureResult, CaptureSender, End};
use crate::challenge::Plan;
use crate::error::{Error, Result};
use crate::judge::{binding, speaks};
use crate::limits::{EVENTS_WAITING, RESULT_WAIT, TRIES_PER_INTENT};

/// A capture to be guided.
struct Watched<'w> {
    kind: ObjectKind,
    steps: Vec<ObjectStep>,
    witness: &'w Witness,
}

impl App {
    /// Starts the capture of a challenge that asks for an object.
    pub(crate) async fn open_object_capture(
        self: &Arc<Self>,
        taken: Challenge,
        plan: Plan,
        steps: Vec<ObjectStep>,
        token: &str,
        permit: OwnedSemaphorePermit,
    ) -> Result<Capture> {
        let kind = kind_in(&self.usable_template(taken.account, Method::Kungfu).await?)?;
        let queue = Arc::new(FrameQueue::new(FRAMES_WAITING));
        let (events, receiver) = mpsc::channel(EVENTS_WAITING);
        let witness = Arc::new(Witness::new(token));
        let (app, frames, seen) = (Arc::clone(self), Arc::clone(&queue), Arc::clone(&witness));
        tokio::spawn(async move {
            let watched = Watched { kind, steps, witness: &seen };
            let result = app.watch_object(&taken, &plan, watched, &frames, &events).await;
            frames.close(End::Gone);
            let _gone = events.send_timeout(CaptureEvent::Result(Box::new(result)), RESULT_WAIT).await;
            drop(permit);
        });
        Ok(Capture { sender: CaptureSender::new(queue).seen_by(witness), events: receiver })
    }

    async fn watch_object(
        &self,
        taken: &Challenge,
        plan: &Plan,
        watched: Watched<'_>,
        frames: &Arc<FrameQueue>,
        events: &mpsc::Sender<CaptureEvent>,
    ) -> CaptureResult {
        let Watched { kind, steps, witness } = watched;
        let Ended { end, guide } = match self.object_workers() {
            Ok(workers) => {
                let lasts = taken.expires_at.since(self.now()).as_millis().max(0).unsigned_abs();
                let guide = PayGuide::new(self.policy.kungfu, kind, steps);
                run(workers, kind, guide, frames, events, Duration::from_millis(lasts), None).await
            }
            Err(_) => Ended { end: End::Broken, guide: None },
        };
        tracing::debug!(end = end.code(), dropped = frames.dropped(), "a capture of an object ended");
        let _slow = events.try_send(CaptureEvent::Judging);
        let done = match guide {
            Some(guide) if speaks(end) => self.judge_object(taken, plan, kind, guide.finish(), witness.signals()).await,
            _ => self.broken_off(taken, end).await,
        };
        self.settled(taken.method, done)
    }

    async fn judge_object(
        &self,
        taken: &Challenge,
        plan: &Plan,
        kind: ObjectKind,
        shown: Shown,
        signals: Signals,
    ) -> Result<CaptureResult> {
        let Shown { probe, photo, lattice, steps, fingerprints } = shown;
        let earlier: Vec<u64> =
            self.store.fingerprints(taken.account, Method::Kungfu).await?.into_iter().flatten().collect();
        let seen_before = liveness::share_seen_before(&fingerprints, &earlier);
        self.store.add_fingerprints(taken.account, Method::Kungfu, &fingerprints, self.now()).await?;
        let row = self.usable_template(taken.account, Method::Kungfu).await?;
        // Renewed with another kind while the camera ran.
        (kind_in(&row)? == kind).then_some(()).ok_or(Error::NotEnrolled(Method::Kungfu.as_str()))?;
        let matched = self.compare_object(taken, &row, probe).await?;
        let now = self.now();
        let lock = match self.attempt_key(plan, Method::Kungfu) {
            Some(device) => self.lock_state(device, taken.account).await?,
            None => decide::LockState::CLEAR,
        };
        let intent = self.store.intent(taken.intent, now).await?.ok_or(Error::NotFound("payment"))?;
        let case = KungfuCase {
            binding: binding(taken),
            challenge: plan.kind(),
            kind,
            photo,
            lattice,
            matched,
            steps,
            seen_before,
            signals,
            history: self.history(taken, plan, Method::Kungfu, row.info.created_at).await?,
            lock,
            tries_left: TRIES_PER_INTENT.saturating_sub(u32::from(intent.tries)),
            earlier: self.proven_before(taken.intent, taken.account).await?,
        };
        let decision: Decision = decide_kungfu(&case, &self.policy, now);
        match decision.outcome {
            decide::Outcome::Allow => self.pay(taken, plan, decision, row.info.id).await,
            _ => self.refuse(taken, plan, decision).await,
        }
    }

    /// `None`: there was nothing to compare.
    async fn compare_object(
        &self,
        taken: &Challenge,
        row: &SealedRow,
        probe: Vec<Seen>,
    ) -> Result<Option<ObjectMatch>> {
        if probe.is_empty() {
            return Ok(None);
        }
        let label = Label { account: taken.account, method: Method::Kungfu, template: row.info.id };
        let probe = Arc::new(probe);
        let look = |sealed: Vec<u8>| {
            let (vault, probe) = (Arc::clone(&self.vault), Arc::clone(&probe));
            tokio::task::spawn_blocking(move || {
                let sealed = SealedTemplate::from_bytes(sealed)?;
                let open = |bytes: &[u8]| ObjectTemplate::from_bytes(bytes).map(|template| template.compare(&probe));
                vault.with_object(&label, &sealed, open)
            })
        };
        let mut looked = look(row.sealed.clone()).await.map_err(Error::internal)?;
        if matches!(looked, Err(VaultError::Tampered)) {
            looked = look(self.renewed_form(row).await?).await.map_err(Error::internal)?;
        }
        let likeness = looked.map_err(Error::internal)?;
        let likeness = score(&likeness.map_err(Error::internal)?);
        Ok(likeness.map(|score| ObjectMatch { score, photos: row.info.views }))
    }
}

fn kind_in(row: &SealedRow) -> Result<ObjectKind> {
    row.info.kind.ok_or_else(|| Error::internal("an object's template without a kind"))
}
