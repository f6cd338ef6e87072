//! Enrolling: fresh proof, consent, guided capture, sealed template. A face's own capture is here, a voice's in `spoken`, a
//! tattoo's or a pet's in `objects`.

use std::sync::Arc;
use std::time::Duration;

use base::{EnrolmentId, Method, ObjectKind, Purpose, TemplateId};
use face::{Embedding, Template};
use liveness::{EnrolSession, Limits};
use serde::Deserialize;
use store::{Enrolment, NewEnrolment, NewTemplate};
use tokio::sync::mpsc;
use vault::{Features, Label, SealedTemplate, Vault, VaultError};

use crate::app::App;
use crate::capture::queue::FrameQueue;
use crate::capture::run::{Ended, run};
use crate::capture::{Capture, CaptureEvent, CaptureOutcome, CaptureResult, CaptureSender, End};
use crate::consent::{ConsentText, Minor};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::limits::{ENROLMENT_LIFE, EVENTS_WAITING, FRAMES_WAITING, RESULT_WAIT};
use crate::passphrase::Passphrase;
use crate::say;
use crate::secret;
use crate::session::PayerSession;
use crate::view::{CaptureGrantView, MethodView};

/// What enrolling asks for.
pub struct StartEnrolment {
    pub method: Method,
    /// What is shown, by kungfu.
    pub kind: Option<ObjectKind>,
    /// The fresh proof by an existing factor.
    pub passphrase: Passphrase,
    /// Version of the consent text that was shown.
    pub consent_version: String,
    /// Language in which it was shown, BCP 47.
    pub consent_locale: String,
    pub accepted: bool,
    /// For a payer under 14.
    pub minor: Option<Minor>,
    /// Test mode only: take views as a recording shows them instead of asking for poses.
    pub as_found: bool,
}

/// How an enrolment's capture is guided; part of the capture's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Views {
    /// One prompt for each view.
    #[default]
    Guided,
    /// Whatever good views come by; refused in live mode.
    AsFound,
}

/// Fewest views of a template; the calibrated size (see `decide`).
const MIN_VIEWS: usize = 5;

impl App {
    /// Records the consent and gives a capture token for the guided capture.
    ///
    /// # Errors
    /// No consent, a wrong passphrase, a method that cannot be enrolled here.
    pub async fn start_enrolment(
        &self,
        payer: &PayerSession,
        device: &Device,
        start: StartEnrolment,
    ) -> Result<CaptureGrantView> {
        self.open_here(start.method)?;
        match start.method {
            Method::Face => {}
            Method::Voice => self.voice_workers().map(|_| ())?,
            Method::Kungfu => self.object_workers().map(|_| ())?,
            _ => return Err(Error::invalid("method", "only `face`, `voice` and `kungfu` can be enrolled here")),
        }
        if (start.method == Method::Kungfu) != start.kind.is_some() {
            return Err(Error::invalid("kind", "say `tattoo` or `pet` for `kungfu`, and nothing for another method"));
        }
        if start.as_found {
            self.only_in_test_mode()?;
        }
        if !start.accepted {
            return Err(Error::invalid("consent.accepted", "nothing is kept without your consent"));
        }
        let text =
            ConsentText::shown(Purpose::Payment, start.method, start.consent_version.trim(), &start.consent_locale)?;
        self.prove(payer, device, start.passphrase).await?;
        let (token, now) = (self.secret("cap_")?, self.now());
        let id = EnrolmentId::from_uuid(self.uuid()?);
        let consent = self.new_consent(payer, device, text, start.minor).await?;
        let expires_at = now.plus(ENROLMENT_LIFE);
        let token_hash = secret::hash(&token);
        let (account, method, kind) = (payer.account, start.method, start.kind);
        let new = NewEnrolment { id, account, method, kind, consent, token_hash, expires_at };
        self.store.create_enrolment(new, now).await?;
        let views = if start.as_found { "&views=as_found" } else { "" };
        Ok(CaptureGrantView {
            id: id.to_string(),
            capture_url: format!("/v1/enrolments/{id}/capture?token={token}{views}"),
            capture_token: token,
            expires_at: expires_at.rfc3339(),
        })
    }

    /// Redeems an enrolment's token and starts its capture.
    ///
    /// # Errors
    /// [`Error::CaptureToken`], or [`Error::Busy`] when too many captures run (the token stays good).
    pub async fn open_enrolment_capture(
        self: &Arc<Self>,
        id: &str,
        token: &str,
        views: Views,
        language: Option<&str>,
    ) -> Result<Capture> {
        if views == Views::AsFound {
            self.only_in_test_mode()?;
        }
        let id: EnrolmentId = id.parse().map_err(|_| Error::CaptureToken)?;
        let permit = Arc::clone(&self.captures).try_acquire_owned().map_err(|_| Error::Busy)?;
        let enrolment = self.store.take_enrolment(id, secret::hash(token), self.now()).await.map_err(as_token_error)?;
        if enrolment.method == Method::Voice {
            return Ok(self.open_voice_enrolment(enrolment, self.language(language), permit));
        }
        if let (Method::Kungfu, Some(kind)) = (enrolment.method, enrolment.kind) {
            return Ok(self.open_object_enrolment(enrolment, kind, permit));
        }
        let queue = Arc::new(FrameQueue::new(FRAMES_WAITING));
        let (events, receiver) = mpsc::channel(EVENTS_WAITING);
        let (app, frames) = (Arc::clone(self), Arc::clone(&queue));
        tokio::spawn(async move {
            let result = app.enrol(enrolment, views, &frames, &events).await;
            frames.close(End::Gone);
            // A client that is gone does not wait for the result.
            let _gone = events.send_timeout(CaptureEvent::Result(Box::new(result)), RESULT_WAIT).await;
            drop(permit);
        });
        Ok(Capture { sender: CaptureSender::new(queue), events: receiver })
    }

    async fn enrol(
        &self,
        enrolment: Enrolment,
        views: Views,
        frames: &Arc<FrameQueue>,
        events: &mpsc::Sender<CaptureEvent>,
    ) -> CaptureResult {
        let lasts = enrolment.expires_at.since(self.now()).as_millis().max(0).unsigned_abs();
        let session = match views {
            Views::Guided => EnrolSession::new(Limits::default()),
            Views::AsFound => EnrolSession::as_found(Limits::default()),
        };
        let Ended { end, session, eyes, .. } =
            run(&self.workers, session, frames, events, Duration::from_millis(lasts)).await;
        let retake = || CaptureResult::new(CaptureOutcome::Retake, say::NOT_ENROLLED).because([end.code()]);
        let Some(session) = session.filter(|_| end == End::Finished) else { return retake() };
        // The client may be slow; it learns the result anyway.
        let _slow = events.try_send(CaptureEvent::Judging);
        let Ok(enrolled) = tokio::task::spawn_blocking(move || session.finish()).await else { return retake() };
        let views = enrolled.views;
        if views.len() < MIN_VIEWS {
            return retake();
        }
        match self.keep_face(&enrolment, &views, &enrolled.fingerprints, eyes.mean()).await {
            Ok(method) => {
                let mut result = CaptureResult::new(CaptureOutcome::Enrolled, say::ENROLLED);
                result.views = Some(views.len());
                result.method = Some(method);
                result
            }
            Err(error) => {
                tracing::error!(%error, "a template could not be kept");
                CaptureResult::new(CaptureOutcome::Retake, say::NOT_ENROLLED).because([End::Broken.code()])
            }
        }
    }

    async fn keep_face(
        &self,
        enrolment: &Enrolment,
        views: &[(Embedding, f32)],
        fingerprints: &[u64],
        eyes: f32,
    ) -> Result<MethodView> {
        let template = Template::from_views(views).map_err(Error::internal)?;
        let kept = self.keep_template(enrolment, features(&template, eyes)?, &[fingerprints]).await?;
        self.look_for_duplicates(enrolment.account).await;
        Ok(kept)
    }

    /// Seals and keeps features of any method; `captures` are the fingerprints of what they were made from.
    pub(crate) async fn keep_template(
        &self,
        enrolment: &Enrolment,
        features: Features,
        captures: &[&[u64]],
    ) -> Result<MethodView> {
        let (views, model) = (features.views(), features.model().to_owned());
        self.keep_sealed(enrolment, &model, views, captures, move |vault, label| vault.seal(label, &features)).await
    }

    /// Keeps what `seal` seals; `captures` are the fingerprints of what it was made from.
    pub(crate) async fn keep_sealed(
        &self,
        enrolment: &Enrolment,
        model: &str,
        views: u8,
        captures: &[&[u64]],
        seal: impl FnOnce(&Vault, &Label) -> std::result::Result<SealedTemplate, VaultError> + Send + 'static,
    ) -> Result<MethodView> {
        let now = self.now();
        let id = TemplateId::from_uuid(self.uuid()?);
        let label = Label { account: enrolment.account, method: enrolment.method, template: id };
        let vault = Arc::clone(&self.vault);
        let sealing = tokio::task::spawn_blocking(move || seal(&vault, &label));
        let sealed = sealing.await.map_err(Error::internal)?.map_err(Error::internal)?;
        let new = NewTemplate {
            id,
            account: enrolment.account,
            method: enrolment.method,
            kind: enrolment.kind,
            model: model.to_owned(),
            views,
            sealed: sealed.as_bytes().to_vec(),
            small_amounts_until: now.plus(decide::tiers::FIRST_DAY),
            enrolment: enrolment.id,
        };
        for old in self.store.add_template(new, now).await? {
            self.erase_for_good(enrolment.account, old, enrolment.method).await?;
        }
        // So that the enrolment's own frames or sound cannot pay later.
        for fingerprints in captures {
            self.store.add_fingerprints(enrolment.account, enrolment.method, fingerprints, now).await?;
        }
        let kept = self.store.template(enrolment.account, id).await?.ok_or(Error::NotFound("method"))?;
        Ok(self.method_view(&kept))
    }
}

/// A template or probe in the vault's form.
pub(crate) fn features(template: &Template, eyes: f32) -> Result<Features> {
    let values = template.expose_values().to_vec();
    Features::new(values, template.views(), eyes, template.model()).map_err(Error::internal)
}

/// Unknown, used and expired tokens look the same from outside.
pub(crate) fn as_token_error(error: store::StoreError) -> Error {
    use store::StoreError as E;
    match error {
        E::NotFound(_) | E::TokenExpired(_) | E::TokenUsed(_) => Error::CaptureToken,
        other => other.into(),
    }
}
