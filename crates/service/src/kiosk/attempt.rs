//! What a kiosk asks for: a payment, and a capture of whoever stands there.

use std::sync::Arc;
use std::time::Duration;

use base::{AccountId, ApiKeyId, KioskAttemptId, Method};
use liveness::{Abilities, Limits, Session};
use store::{DeviceKey, NewKioskAttempt};
use tokio::sync::mpsc;

use super::phone::four_digits;
use crate::app::App;
use crate::capture::queue::FrameQueue;
use crate::capture::run::run_with;
use crate::capture::witness::Witness;
use crate::capture::{Capture, CaptureEvent, CaptureSender, End, Vectors};
use crate::challenge::Plan;
use crate::enrol::as_token_error;
use crate::error::{Error, Result};
use crate::faces::{FaceKey, Scope};
use crate::intent::{CreateIntent, parse_id};
use crate::limits::{CHALLENGE_LIFE, EVENTS_WAITING, FRAMES_WAITING, RESULT_WAIT, TRIES_PER_INTENT};
use crate::merchant::{Merchant, Viewer};
use crate::secret;
use crate::view::{CaptureMethod, ChallengeView, CreatedIntentView, OrderDraft};

/// What is sold at the counter.
pub struct NewKioskPayment {
    /// Minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    pub description: String,
    /// Where it is handed over.
    pub place: String,
}

/// What a kiosk's capture takes.
pub struct StartKioskAttempt {
    pub intent: String,
    pub client_secret: String,
    /// The last four digits of the payer's phone number.
    pub last_digits: String,
    /// Test mode only.
    pub steps: Option<Vec<String>>,
}

impl App {
    /// Opens a payment of the kiosk's shop for what is handed over at once.
    ///
    /// # Errors
    /// A key without the scope; as [`App::create_intent`].
    pub async fn create_kiosk_payment(
        &self,
        key: &FaceKey,
        idempotency: &str,
        new: NewKioskPayment,
    ) -> Result<CreatedIntentView> {
        key.allows(Scope::Kiosk)?;
        let merchant = Merchant { id: key.merchant, name: String::new() };
        let order = OrderDraft { item: new.description.clone(), ship_to: new.place, delivery_days: 0 };
        let intent = CreateIntent {
            amount: new.amount,
            currency: new.currency,
            description: new.description,
            order,
            success_url: None,
            capture_method: CaptureMethod::Automatic,
        };
        // The shop's own keys and its kiosks' do not meet.
        self.create_intent(&merchant, &format!("kiosk:{idempotency}"), intent).await
    }

    /// Draws a challenge for whoever stands at the kiosk. The answer is the same whether the digits have a wallet or not.
    ///
    /// # Errors
    /// A key without the scope; not this shop's payment, or over; no tries left; a kiosk that found nobody too often in a row.
    pub async fn start_kiosk_attempt(&self, key: &FaceKey, ask: StartKioskAttempt) -> Result<ChallengeView> {
        key.allows(Scope::Kiosk)?;
        self.open_here(Method::Face)?;
        if !self.region().asks_for(base::Purpose::Kiosk) {
            return Err(Error::NotHere);
        }
        let tag = self.phone_tag(four_digits(&ask.last_digits)?)?;
        self.check_pause(self.kiosk_device(key.id), shadow(key.id)).await?;
        let pinned = ask.steps.is_some() || self.pins(Method::Face);
        if ask.steps.is_some() {
            self.only_in_test_mode()?;
        }
        // Who stands there is not known yet, so nothing is left out of the draw.
        let drawn = self.draw_steps(Abilities::default(), ask.steps)?;
        let intent = self.seen_intent(parse_id(&ask.intent)?, &Viewer::ClientSecret(ask.client_secret)).await?;
        let plan = Plan::of_face(drawn, pinned, self.kiosk_device(key.id));
        let (token, now) = (self.secret("cap_")?, self.now());
        let id = KioskAttemptId::from_uuid(self.uuid()?);
        let expires_at = now.plus(CHALLENGE_LIFE);
        let new = NewKioskAttempt {
            id,
            intent: intent.id,
            merchant: key.merchant,
            kiosk: key.id,
            tag,
            steps: serde_json::to_string(&plan).map_err(Error::internal)?,
            token_hash: secret::hash(&token),
            expires_at,
            max_tries: u8::try_from(TRIES_PER_INTENT).unwrap_or(u8::MAX),
        };
        self.store.create_kiosk_attempt(new, now).await?;
        Ok(ChallengeView {
            id: id.to_string(),
            capture_url: format!("/v1/kiosk/attempts/{id}/capture?token={token}"),
            capture_token: token,
            expires_at: expires_at.rfc3339(),
            amount: intent.amount.minor(),
            currency: intent.amount.currency().code().to_owned(),
            payee: intent.payee,
            camera: false,
        })
    }

    /// Redeems an attempt's token and starts its capture.
    ///
    /// # Errors
    /// [`Error::CaptureToken`], or [`Error::Busy`] when too many captures run (the token stays good).
    pub async fn open_kiosk_capture(self: &Arc<Self>, id: &str, token: &str) -> Result<Capture> {
        let id: KioskAttemptId = id.parse().map_err(|_| Error::CaptureToken)?;
        let permit = Arc::clone(&self.captures).try_acquire_owned().map_err(|_| Error::Busy)?;
        let now = self.now();
        let taken = self.store.take_kiosk_attempt(id, secret::hash(token), now).await.map_err(as_token_error)?;
        let terms = self.store.intent(taken.intent, now).await?.ok_or(Error::NotFound("payment"))?.terms();
        let plan: Plan = serde_json::from_str(&taken.steps).map_err(Error::internal)?;
        let asked = plan.face().ok_or(Error::CaptureToken)?;
        let session = Session::new(asked, Limits::default()).with_earlier(self.shown_before(taken.tag).await?);
        let queue = Arc::new(FrameQueue::new(FRAMES_WAITING));
        let (events, receiver) = mpsc::channel(EVENTS_WAITING);
        let witness = Arc::new(Witness::new(token));
        let (app, frames, seen) = (Arc::clone(self), Arc::clone(&queue), Arc::clone(&witness));
        tokio::spawn(async move {
            let lasts = taken.expires_at.since(app.now()).as_millis().max(0).unsigned_abs();
            let lasts = Duration::from_millis(lasts);
            let ended = run_with(&app.workers, session, Vectors::default(), &frames, &events, lasts).await;
            frames.close(End::Gone);
            tracing::debug!(end = ended.end.code(), dropped = frames.dropped(), "a kiosk's capture ended");
            // The client may be slow; it learns the result anyway.
            let _slow = events.try_send(CaptureEvent::Judging);
            let result = app.judge_at_kiosk(taken, terms, plan, ended, seen.signals()).await;
            let _gone = events.send_timeout(CaptureEvent::Result(Box::new(result)), RESULT_WAIT).await;
            drop(permit);
        });
        Ok(Capture { sender: CaptureSender::new(queue).seen_by(witness), events: receiver })
    }

    /// Frames of earlier captures of everybody it may be: an old recording of any of them is known again.
    async fn shown_before(&self, tag: store::PhoneTag) -> Result<Vec<u64>> {
        let mut all = Vec::new();
        for row in self.store.kiosk_faces(tag, self.policy.kiosk.most_searched).await? {
            all.extend(self.store.fingerprints(row.info.account, Method::Face).await?.into_iter().flatten());
        }
        Ok(all)
    }

    /// What failures at this kiosk are counted under.
    pub(super) fn kiosk_device(&self, kiosk: ApiKeyId) -> DeviceKey {
        DeviceKey(self.tokens.mac("kiosk", &kiosk.to_string()))
    }
}

/// Stands for "whoever it was" where failures are counted at a kiosk and nobody was found.
pub(super) fn shadow(kiosk: ApiKeyId) -> AccountId {
    AccountId::from_uuid(*kiosk.as_uuid())
}
