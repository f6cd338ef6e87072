//! A challenge: drawn by the server, bound to one payment and payer, answered once.

use std::sync::Arc;
use std::time::Duration;

use base::{AccountId, ChallengeId, Method};
use decide::{ChallengeKind, KioskSearch, ObjectStep};
use face::ModelId;
use liveness::{Abilities, Limits, Session, Step};
use serde::{Deserialize, Serialize};
use store::{DeviceKey, NewChallenge};
use tokio::sync::mpsc;

use crate::abilities::kind_of;
use crate::app::App;
use crate::capture::queue::FrameQueue;
use crate::capture::run::run_with;
use crate::capture::witness::Witness;
use crate::capture::{Capture, CaptureEvent, CaptureSender, End, Vectors};
use crate::config::Mode;
use crate::device::{Device, Place};
use crate::enrol::as_token_error;
use crate::error::{Error, Result};
use crate::intent::parse_id;
use crate::limits::{CHALLENGE_LIFE, EVENTS_WAITING, FRAMES_WAITING, RESULT_WAIT, TRIES_PER_INTENT};
use crate::merchant::Viewer;
use crate::secret;
use crate::session::PayerSession;
use crate::spoken::Asking;
use crate::spoken::ask::Asked;
use crate::view::ChallengeView;

/// What asking for a challenge takes.
pub struct StartChallenge {
    pub method: Method,
    pub client_secret: String,
    /// Test mode only.
    pub steps: Option<Vec<String>>,
    /// For a voice.
    pub asking: Asking,
}

/// What is kept with a challenge beside its binding.
#[derive(Serialize, Deserialize)]
pub(crate) struct Plan {
    ask: Ask,
    pinned: bool,
    /// What the payer could be asked for when it was drawn.
    #[serde(default)]
    abilities: Abilities,
    /// The asking device, as [`App::device_key`] gives it.
    device: String,
    /// Where it was.
    #[serde(default)]
    place: Place,
    /// How the payer was found, where the capture was a kiosk's.
    #[serde(skip)]
    kiosk: Option<KioskSearch>,
}

/// What the payer has to do.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ask {
    Face(liveness::Challenge),
    Voice(Asked),
    /// How the camera moves around a tattoo or a pet.
    Kungfu(Vec<ObjectStep>),
}

impl Plan {
    /// For somebody who is not known yet: nothing is left out of the draw.
    pub(crate) fn of_face(asked: liveness::Challenge, pinned: bool, device: DeviceKey) -> Self {
        let (ask, abilities) = (Ask::Face(asked), Abilities::default());
        Self { ask, pinned, abilities, device: hex::encode(device.0), place: Place::KIOSK, kiosk: None }
    }

    /// The same, once a search has told whose face it is.
    pub(crate) fn found(self, search: KioskSearch) -> Self {
        Self { kiosk: Some(search), ..self }
    }

    pub(crate) const fn kiosk(&self) -> Option<KioskSearch> {
        self.kiosk
    }

    /// The steps that a face is asked for.
    pub(crate) fn face(&self) -> Option<liveness::Challenge> {
        match &self.ask {
            Ask::Face(asked) => Some(asked.clone()),
            Ask::Voice(_) | Ask::Kungfu(_) => None,
        }
    }

    pub(crate) fn kind(&self) -> ChallengeKind {
        match self.ask {
            _ if self.pinned => ChallengeKind::PinnedForTest,
            Ask::Face(_) => kind_of(self.abilities),
            Ask::Voice(_) | Ask::Kungfu(_) => ChallengeKind::Drawn,
        }
    }

    pub(crate) fn place(&self) -> Place {
        self.place
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
        let (method, pinned) = (ask.method, ask.steps.is_some() || self.pins(ask.method));
        let abilities = self.abilities(payer.account).await?;
        let drawn = self.draw(method, abilities, &ask.asking, ask.steps)?;
        let intent = self.seen_intent(parse_id(intent)?, &Viewer::ClientSecret(ask.client_secret)).await?;
        self.usable_template(payer.account, method).await?;
        let key = self.device_key(device, payer.account);
        self.check_pause(self.method_key(key, method), payer.account).await?;
        let plan = Plan {
            pinned,
            ask: drawn,
            abilities,
            device: hex::encode(key.0),
            place: self.place(device, payer.account),
            kiosk: None,
        };
        let (token, now) = (self.secret("cap_")?, self.now());
        let id = ChallengeId::from_uuid(self.uuid()?);
        let expires_at = now.plus(CHALLENGE_LIFE);
        let new = NewChallenge {
            id,
            intent: intent.id,
            account: payer.account,
            method,
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
            camera: method == Method::Voice && self.policy.voice.with_camera,
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
        let asked = match &plan.ask {
            Ask::Face(challenge) => challenge.clone(),
            Ask::Voice(asked) => {
                let prompt = asked.prompt()?;
                return Ok(self.open_answer(taken, plan, prompt, permit));
            }
            Ask::Kungfu(steps) => {
                let steps = steps.clone();
                return self.open_object_capture(taken, plan, steps, token, permit).await;
            }
        };
        let earlier = self.store.fingerprints(taken.account, Method::Face).await?.into_iter().flatten().collect();
        let session = Session::new(asked, Limits::default()).with_earlier(earlier);
        let vectors = self.judging(taken.account).await?;
        let queue = Arc::new(FrameQueue::new(FRAMES_WAITING));
        let (events, receiver) = mpsc::channel(EVENTS_WAITING);
        let witness = Arc::new(Witness::new(token));
        let (app, frames, seen) = (Arc::clone(self), Arc::clone(&queue), Arc::clone(&witness));
        tokio::spawn(async move {
            let lasts = taken.expires_at.since(app.now()).as_millis().max(0).unsigned_abs();
            let lasts = Duration::from_millis(lasts);
            let ended = run_with(&app.workers, session, vectors, &frames, &events, lasts).await;
            frames.close(End::Gone);
            tracing::debug!(end = ended.end.code(), dropped = frames.dropped(), "a capture ended");
            // The client may be slow; it learns the result anyway.
            let _slow = events.try_send(CaptureEvent::Judging);
            let result = app.judge(&taken, &plan, ended, seen.signals()).await;
            let _gone = events.send_timeout(CaptureEvent::Result(Box::new(result)), RESULT_WAIT).await;
            drop(permit);
        });
        Ok(Capture { sender: CaptureSender::new(queue).seen_by(witness), events: receiver })
    }

    /// The recogniser that looks at this payer: the one that made their template.
    async fn judging(&self, account: AccountId) -> Result<Vectors> {
        let row = self.store.active_template(account, Method::Face).await?;
        let former = row.map(|r| r.info.model).filter(|model| model != self.model.as_str());
        Ok(former.map_or_else(Vectors::default, |model| Vectors::judged_by(ModelId::new(&model))))
    }

    /// Refuses what only recordings and tests need.
    pub(crate) fn only_in_test_mode(&self) -> Result<()> {
        if self.mode() == Mode::Live { Err(Error::TestModeOnly) } else { Ok(()) }
    }

    /// Whether this server pins every challenge of this method.
    pub(crate) const fn pins(&self, method: Method) -> bool {
        matches!(method, Method::Face) && self.config.pinned_steps.is_some()
    }

    /// Draws what to ask for, or takes what a test pins.
    fn draw(&self, method: Method, abilities: Abilities, asking: &Asking, pinned: Option<Vec<String>>) -> Result<Ask> {
        if pinned.is_some() {
            self.only_in_test_mode()?;
        }
        self.open_here(method)?;
        match method {
            Method::Face => self.draw_steps(abilities, pinned).map(Ask::Face),
            Method::Voice => self.draw_prompt(asking, pinned).map(Ask::Voice),
            Method::Kungfu => self.draw_object_steps(pinned).map(Ask::Kungfu),
            _ => Err(Error::invalid("method", "only `face`, `voice` and `kungfu` have challenges here")),
        }
    }

    pub(crate) fn draw_steps(&self, abilities: Abilities, pinned: Option<Vec<String>>) -> Result<liveness::Challenge> {
        let steps: Option<Vec<Step>> = match pinned {
            Some(names) => Some(names.iter().map(|n| step(n)).collect::<Result<_>>()?),
            None => self.config.pinned_steps.clone(),
        };
        let [random, colours] = [u32::from_le_bytes(self.random()?), u32::from_le_bytes(self.random()?)];
        let asked = match steps {
            Some(steps) => liveness::Challenge::pinned(&steps).map_err(|e| Error::invalid("steps", e.to_string()))?,
            None => {
                let drawn = liveness::Challenge::draw(abilities, &mut || random);
                let shows = self.policy.liveness.colours && abilities.colours;
                if shows { drawn.with_colours() } else { drawn }
            }
        };
        Ok(asked.tinted(&mut || colours))
    }
}

fn step(name: &str) -> Result<Step> {
    let found = Step::ALL.into_iter().find(|s| s.name() == name);
    let known = || format!("known steps: {}", Step::ALL.map(Step::name).join(", "));
    found.ok_or_else(|| Error::invalid("steps", known()))
}
