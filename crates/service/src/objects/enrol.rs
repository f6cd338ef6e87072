//! Enrolling a tattoo or a pet: photos of several views, a trial, and a look whether somebody else has it.

use std::sync::Arc;
use std::time::Duration;

use base::ObjectKind;
use decide::PhotoFault;
use kungfu::{MODEL_ID, ObjectTemplate};
use store::Enrolment;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::capture::{Ended, run};
use super::guide::{Collected, EnrolGuide, Hint};
use super::look::score;
use super::{FRAMES_WAITING, kind_of};
use crate::app::App;
use crate::capture::queue::FrameQueue;
use crate::capture::{Capture, CaptureEvent, CaptureOutcome, CaptureResult, CaptureSender, End};
use crate::error::{Error, Result};
use crate::limits::{EVENTS_WAITING, RESULT_WAIT};
use crate::say;
use crate::view::MethodView;

/// Why an enrolment ends without a template.
struct NotEnrolled {
    say: &'static str,
    why: &'static str,
}

const UNSUITABLE: fn(&'static str) -> NotEnrolled = |why| NotEnrolled { say: say::OBJECT_NOT_SUITABLE, why };

impl App {
    /// Starts the capture of an enrolment.
    pub(crate) fn open_object_enrolment(
        self: &Arc<Self>,
        enrolment: Enrolment,
        kind: ObjectKind,
        permit: OwnedSemaphorePermit,
    ) -> Capture {
        let queue = Arc::new(FrameQueue::new(FRAMES_WAITING));
        let (events, receiver) = mpsc::channel(EVENTS_WAITING);
        let (app, frames) = (Arc::clone(self), Arc::clone(&queue));
        tokio::spawn(async move {
            let result = app.enrol_object(&enrolment, kind, &frames, &events).await;
            frames.close(End::Gone);
            let _gone = events.send_timeout(CaptureEvent::Result(Box::new(result)), RESULT_WAIT).await;
            drop(permit);
        });
        Capture { sender: CaptureSender::new(queue), events: receiver }
    }

    async fn enrol_object(
        &self,
        enrolment: &Enrolment,
        kind: ObjectKind,
        frames: &Arc<FrameQueue>,
        events: &mpsc::Sender<CaptureEvent>,
    ) -> CaptureResult {
        let retake = |say, why| CaptureResult::new(CaptureOutcome::Retake, say).because([why]);
        match self.collect(enrolment, kind, frames, events).await {
            Ok(Ok((method, views))) => {
                let mut result = CaptureResult::new(CaptureOutcome::Enrolled, say::OBJECT_ENROLLED);
                result.views = Some(views);
                result.method = Some(method);
                result
            }
            Ok(Err(NotEnrolled { say, why })) => retake(say, why),
            Err(error) => {
                tracing::error!(%error, "an object could not be enrolled");
                retake(say::OBJECT_NOT_ENROLLED, End::Broken.code())
            }
        }
    }

    async fn collect(
        &self,
        enrolment: &Enrolment,
        kind: ObjectKind,
        frames: &Arc<FrameQueue>,
        events: &mpsc::Sender<CaptureEvent>,
    ) -> Result<std::result::Result<(MethodView, usize), NotEnrolled>> {
        let workers = self.object_workers()?;
        let lasts = enrolment.expires_at.since(self.now()).as_millis().max(0).unsigned_abs();
        let guide = EnrolGuide::new(self.policy.kungfu, kind);
        let lasts = Duration::from_millis(lasts);
        let faces = (kind == ObjectKind::Tattoo).then_some(self.workers.as_ref());
        let Ended { end, guide } = run(workers, kind, guide, frames, events, lasts, faces).await;
        let Some(Collected { photos, trial, fingerprints, hint }) = guide.map(EnrolGuide::finish) else {
            return Ok(Err(NotEnrolled { say: say::OBJECT_NOT_ENROLLED, why: end.code() }));
        };
        let Some(trial) = trial.filter(|_| end == End::Finished) else { return Ok(Err(unfinished(end, hint))) };
        let _slow = events.try_send(CaptureEvent::Judging);
        let views = photos.len();
        let tried = workers.run(move |_| {
            let template = ObjectTemplate::from_photos(kind_of(kind), photos)?;
            let likeness = template.compare(&[trial]);
            let agreement = score(&template.agreement());
            Ok::<_, kungfu::KungfuError>((template, agreement, score(&likeness)))
        });
        let (template, agreement, likeness) = tried.await?.map_err(Error::internal)?;
        if !agreement.is_some_and(|agreement| self.policy.kungfu.one_object(kind, agreement)) {
            return Ok(Err(NotEnrolled { say: say::OBJECT_NOT_ENROLLED, why: "not_one_object" }));
        }
        if !likeness.is_some_and(|likeness| self.policy.kungfu.accepts(kind, likeness)) {
            return Ok(Err(UNSUITABLE("not_recognised_again")));
        }
        let template = Arc::new(template);
        if self.is_anothers(enrolment.account, kind, &template).await? {
            return Ok(Err(UNSUITABLE("enrolled_elsewhere")));
        }
        let bytes = template.to_bytes();
        let count = u8::try_from(views).unwrap_or(u8::MAX);
        let seal = move |vault: &vault::Vault, label: &vault::Label| vault.seal_object(label, MODEL_ID, &bytes);
        let method = self.keep_sealed(enrolment, MODEL_ID, count, &[&fingerprints], seal).await?;
        Ok(Ok((method, views)))
    }
}

/// Why the photos did not come together.
fn unfinished(end: End, hint: Option<Hint>) -> NotEnrolled {
    match (end, hint) {
        (End::Failed(_) | End::TimedOut, Some(Hint::Fault(PhotoFault::NotDistinct))) => UNSUITABLE("not_distinct"),
        (End::Failed(_) | End::TimedOut, Some(Hint::Fault(PhotoFault::NoPet))) => UNSUITABLE("no_pet"),
        (End::Failed(_) | End::TimedOut, Some(Hint::Fault(PhotoFault::Face))) => UNSUITABLE("face"),
        _ => NotEnrolled { say: say::OBJECT_NOT_ENROLLED, why: end.code() },
    }
}
