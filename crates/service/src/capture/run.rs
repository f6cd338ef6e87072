//! A capture's life: frames in, guidance out, until the session ends or the client is gone.

use std::sync::Arc;
use std::time::Duration;

use liveness::{Failure, Hint, Prompt, State};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::capture::engine::Analyze;
use crate::capture::event::{CaptureEvent, ScreenColours};
use crate::capture::frame::{Aside, BadFrame, Eyes, analyse};
use crate::capture::guided::{Guided, Shown};
use crate::capture::queue::{FrameQueue, Next};
use crate::capture::vectors::Vectors;
use crate::capture::workers::Workers;
use crate::limits::{BAD_FRAMES_IN_A_ROW, FRAME_GAP};
use crate::say;

/// How the frames ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Every step was answered, or every view is there.
    Finished,
    /// The session gave up.
    Failed(Failure),
    /// The client went away or said cancel.
    Gone,
    /// No frame came for too long.
    Silent,
    /// The capture's time is over.
    TimedOut,
    /// Too many frames that are no pictures.
    Unreadable,
    /// The client broke a limit of the protocol.
    Fault,
    /// Our own fault.
    Broken,
}

impl End {
    /// Reason code for the client; it says nothing about a factor.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Failed(Failure::StepTimedOut) => "step_timed_out",
            Self::Failed(Failure::TimedOut) | Self::TimedOut => "timed_out",
            Self::Failed(Failure::TooManyFrames) => "too_many_frames",
            Self::Failed(Failure::BadClock) => "bad_clock",
            Self::Failed(Failure::WrongAnswer) => "wrong_answer",
            Self::Gone => "capture_broken_off",
            Self::Silent => "no_frames",
            Self::Unreadable => "frames_unreadable",
            Self::Fault => "protocol",
            Self::Broken => "unavailable",
        }
    }
}

/// A session at its end, with what was measured beside it.
pub struct Ended<G> {
    pub end: End,
    /// `None` only when a worker lost it.
    pub session: Option<G>,
    pub eyes: Eyes,
    pub vectors: Vectors,
}

impl<G> Ended<G> {
    fn new(end: End, session: Option<G>, aside: Aside) -> Self {
        Self { end, session, eyes: aside.eyes, vectors: aside.vectors }
    }
}

/// What the client was told last, so that it is not told twice.
#[derive(Default)]
struct Told {
    prompt: Option<(Prompt, u8)>,
    hint: Option<Hint>,
    kept: usize,
}

/// Feeds frames to the session until it ends.
pub async fn run<G: Guided>(
    workers: &Workers<dyn Analyze>,
    session: G,
    queue: &Arc<FrameQueue>,
    events: &mpsc::Sender<CaptureEvent>,
    lasts: Duration,
) -> Ended<G> {
    run_with(workers, session, Vectors::default(), queue, events, lasts).await
}

/// As [`run`], with the recogniser that `vectors` names.
pub async fn run_with<G: Guided>(
    workers: &Workers<dyn Analyze>,
    session: G,
    vectors: Vectors,
    queue: &Arc<FrameQueue>,
    events: &mpsc::Sender<CaptureEvent>,
    lasts: Duration,
) -> Ended<G> {
    let mut aside = Aside { vectors, ..Aside::default() };
    let (mut session, mut told, mut bad) = (session, Told::default(), 0);
    let deadline = Instant::now() + lasts;
    tell(&session.now(), &mut told, events);
    loop {
        let until = deadline.min(Instant::now() + FRAME_GAP);
        let raw = match timeout_at(until, queue.next()).await {
            Ok(Next::Frame(raw)) => raw,
            Ok(Next::Closed(end)) => return Ended::new(end, Some(session), aside),
            Err(_) => {
                let end = if Instant::now() >= deadline { End::TimedOut } else { End::Silent };
                return Ended::new(end, Some(session), aside);
            }
        };
        let job = move |analyzer: &mut (dyn Analyze + 'static)| {
            let shown = analyse(&raw, &mut session, &mut aside, analyzer);
            (session, aside, shown)
        };
        let Ok((back, seen, shown)) = workers.run(job).await else {
            return Ended::new(End::Broken, None, Aside::default());
        };
        (session, aside) = (back, seen);
        match shown {
            Ok(shown) => {
                bad = 0;
                tell(&shown, &mut told, events);
                match shown.progress.state {
                    State::Running => {}
                    State::Finished => return Ended::new(End::Finished, Some(session), aside),
                    State::Failed(why) => return Ended::new(End::Failed(why), Some(session), aside),
                }
            }
            Err(BadFrame::Unreadable) => {
                bad += 1;
                if bad >= BAD_FRAMES_IN_A_ROW {
                    return Ended::new(End::Unreadable, Some(session), aside);
                }
            }
            Err(BadFrame::Engine(error)) => {
                tracing::error!(%error, "a frame could not be analysed");
                bad += 1;
                if bad >= BAD_FRAMES_IN_A_ROW {
                    return Ended::new(End::Broken, Some(session), aside);
                }
            }
        }
    }
}

/// Sends what changed. A slow client misses guidance, never the result.
fn tell(shown: &Shown, told: &mut Told, events: &mpsc::Sender<CaptureEvent>) {
    let progress = shown.progress;
    let percent = percent(progress.fraction);
    if told.prompt != Some((progress.prompt, percent)) {
        let event = CaptureEvent::Prompt {
            step: progress.prompt.name(),
            say: say::prompt(progress.prompt),
            progress: f32::from(percent) / 100.0,
            colours: progress.tints.as_ref().map(|tints| ScreenColours::of(tints)),
        };
        if events.try_send(event).is_ok() {
            told.prompt = Some((progress.prompt, percent));
        }
    }
    if let Some((kept, of)) = shown.views.filter(|(kept, _)| *kept != told.kept)
        && events.try_send(CaptureEvent::View { kept, of }).is_ok()
    {
        told.kept = kept;
    }
    if progress.hint != told.hint {
        let sent = progress
            .hint
            .is_none_or(|hint| events.try_send(CaptureEvent::Hint { hint: hint.name(), say: say::hint(hint) }).is_ok());
        if sent {
            told.hint = progress.hint;
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100 before")]
fn percent(fraction: f32) -> u8 {
    if fraction.is_finite() { (fraction * 100.0).clamp(0.0, 100.0) as u8 } else { 0 }
}
