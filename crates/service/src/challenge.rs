//! A challenge: drawn by the server, bound to one payment and payer, answered once.

use std::sync::Arc;
use std::time::Duration;

use base::{ChallengeId, Method};
use decide::ChallengeKind;
use liveness::{Limits, Session, Step};
use serde::{Deserialize, Serialize};
use store::{DeviceKey, NewChallenge};
use tokio::sync::mpsc;

use crate::app::App;
use crate::capture::queue::FrameQueue;
use crate::capture::run::run;
use crate::capture::{Capture, CaptureEvent, CaptureSender, End};
use crate::config::Mode;
use crate::device::Device;
use crate::enrol::as_token_error;
use crate::error::{Error, Result};
use crate::intent::parse_id;
use crate::limits::{CHALLENGE_LIFE, EVENTS_WAITING, FRAMES_WAITING, RESULT_WAIT, TRIES_PER_INTENT};
use crate::merchant::Viewer;
use crate::secret;
use crate::session::PayerSession;
use crate::view::ChallengeView;

/// What asking for a challenge takes.
pub struct StartChallenge {
    pub method: Method,
    pub client_secret: String,
    /// Test mode only.
    pub steps: Option<Vec<String>>,
}

/// What is kept with a challenge beside its binding.
#[derive(Serialize, Deserialize)]
pub(crate) struct Plan {
    challenge: liveness::Challenge,
    pinned: bool,
    /// The asking device, as [`App::device_key`] gives it.
    device: String,
}

impl Plan {
    pub(crate) fn kind(&self) -> ChallengeKind {
        if self.pinned { ChallengeKind::PinnedForTest } else { ChallengeKind::Drawn }
    }

    pub(crate) fn device(&self) -> Option<DeviceKey> {
        let bytes: [u8; 32] = hex::decode(&self.device).ok()?.try_into().ok()?;
        Some(DeviceKey(bytes))
    }
}

impl App {
    /// Draws a challenge. Asking again voids the one before, if it was not taken yet.
    ///
    /// # Errors
    /// Nothing enrolled; paid, canceled or expired; no tries left; this device is paused; pinned steps in live mode.
    pub async fn start_challenge(
        &self,
        payer: &PayerSession,
        device: &Device,
        intent: &str,
        ask: StartChallenge,
    ) -> Result<ChallengeView> {
        if ask.method != Method::Face {
            return Err(Error::invalid("method", "only `face` has challenges here"));
        }
        let pinned = self.pinned(ask.steps)?;
        let intent = self.seen_intent(parse_id(intent)?, &Viewer::ClientSecret(ask.client_secret)).await?;
        self.store.active_template(payer.account, Method::Face).await?.ok_or(Error::NotEnrolled("face"))?;
        let key = self.device_key(device, payer.account);
        self.check_pause(self.method_key(key, Method::Face), payer.account).await?;
        let plan = Plan { pinned: pinned.is_some(), challenge: self.draw(pinned)?, device: hex::encode(key.0) };
        let (token, now) = (self.secret("cap_")?, self.now());
        let id = ChallengeId::from_uuid(self.uuid()?);
        let expires_at = now.plus(CHALLENGE_LIFE);
        let new = NewChallenge {
            id,
            intent: intent.id,
            account: payer.account,
            method: Method::Face,
            terms: intent.terms(),
            steps: serde_json::to_string(&plan).map_err(Error::internal)?,
            token_hash: secret::hash(&token),
            expires_at,
            max_tries: u8::try_from(TRIES_PER_INTENT).unwrap_or(u8::MAX),
        };
        self.store.create_challenge(new, now).await?;
        Ok(ChallengeView {
            id: id.to_string(),
            capture_url: format!("/v1/challenges/{id}/capture?token={token}"),
            capture_token: token,
            expires_at: expires_at.rfc3339(),
            amount: intent.amount.minor(),
            currency: intent.amount.currency().code().to_owned(),
            payee: intent.payee,
        })
    }

    /// Redeems a challenge's token and starts its capture.
    ///
    /// # Errors
    /// [`Error::CaptureToken`], or [`Error::Busy`] when too many captures run (the token stays good).
    pub async fn open_challenge_capture(self: &Arc<Self>, id: &str, token: &str) -> Result<Capture> {
        let id: ChallengeId = id.parse().map_err(|_| Error::CaptureToken)?;
        let permit = Arc::clone(&self.captures).try_acquire_owned().map_err(|_| Error::Busy)?;
        let taken = self.store.take_challenge(id, secret::hash(token), self.now()).await.map_err(as_token_error)?;
        let plan: Plan = serde_json::from_str(&taken.steps).map_err(Error::internal)?;
        let earlier = self.store.fingerprints(taken.account).await?.into_iter().flatten().collect();
        let session = Session::new(plan.challenge.clone(), Limits::default()).with_earlier(earlier);
        let queue = Arc::new(FrameQueue::new(FRAMES_WAITING));
        let (events, receiver) = mpsc::channel(EVENTS_WAITING);
        let (app, frames) = (Arc::clone(self), Arc::clone(&queue));
        tokio::spawn(async move {
            let lasts = taken.expires_at.since(app.now()).as_millis().max(0).unsigned_abs();
            let ended = run(&app.workers, session, &frames, &events, Duration::from_millis(lasts)).await;
            frames.close(End::Gone);
            tracing::debug!(end = ended.end.code(), dropped = frames.dropped(), "a capture ended");
            // The client may be slow; it learns the result anyway.
            let _slow = events.try_send(CaptureEvent::Judging);
            let result = app.judge(&taken, &plan, ended).await;
            let _gone = events.send_timeout(CaptureEvent::Result(Box::new(result)), RESULT_WAIT).await;
            drop(permit);
        });
        Ok(Capture { sender: CaptureSender::new(queue), events: receiver })
    }

    /// The steps to pin, if any.
    fn pinned(&self, asked: Option<Vec<String>>) -> Result<Option<Vec<Step>>> {
        if asked.is_some() {
            self.only_in_test_mode()?;
        }
        match asked {
            Some(names) => names.iter().map(|n| step(n)).collect::<Result<_>>().map(Some),
            None => Ok(self.config.pinned_steps.clone()),
        }
    }

    /// Refuses what only recordings and tests need.
    pub(crate) fn only_in_test_mode(&self) -> Result<()> {
        if self.mode() == Mode::Live { Err(Error::TestModeOnly) } else { Ok(()) }
    }

    fn draw(&self, pinned: Option<Vec<Step>>) -> Result<liveness::Challenge> {
        if let Some(steps) = pinned {
            return liveness::Challenge::pinned(&steps).map_err(|e| Error::invalid("steps", e.to_string()));
        }
        let random = u32::from_le_bytes(self.random()?);
        Ok(liveness::Challenge::draw(&mut || random))
    }
}

fn step(name: &str) -> Result<Step> {
    let found = Step::ALL.into_iter().find(|s| s.name() == name);
    let known = || format!("known steps: {}", Step::ALL.map(Step::name).join(", "));
    found.ok_or_else(|| Error::invalid("steps", known()))
}
