//! A capture's life: frames in, guidance out, until the guide has what it wants or the client is gone.

use std::sync::Arc;
use std::time::Duration;

use base::ObjectKind;
use kungfu::Analyzer;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::guide::{Guide, Hint, State, Told};
use super::look::{NoLook, look, surest_face};
use crate::capture::frame::BadFrame;
use crate::capture::queue::{FrameQueue, Next};
use crate::capture::{Analyze, CaptureEvent, End, Workers};
use crate::limits::{BAD_FRAMES_IN_A_ROW, FRAME_GAP};
use crate::say;

/// A hint that still holds is said again after so long: the page lets it go.
const HINT_AGAIN: Duration = Duration::from_millis(2_000);

/// What the client was told.
struct Heard {
    told: Option<Told>,
    hinted: Instant,
}

/// A guide at its end.
pub(super) struct Ended<G> {
    pub end: End,
    /// `None` only when a worker lost it.
    pub guide: Option<G>,
}

/// Feeds frames to the guide until it ends. `faces`: who looks for people's faces, where these must not be shown.
pub(super) async fn run<G: Guide>(
    workers: &Workers<Analyzer>,
    kind: ObjectKind,
    guide: G,
    queue: &Arc<FrameQueue>,
    events: &mpsc::Sender<CaptureEvent>,
    lasts: Duration,
    faces: Option<&Workers<dyn Analyze>>,
) -> Ended<G> {
    let (mut guide, mut bad, deadline) = (guide, 0, Instant::now() + lasts);
    let mut heard = Heard { told: None, hinted: Instant::now() };
    tell(guide.now(), &mut heard, events);
    let ended = |end, guide| Ended { end, guide: Some(guide) };
    loop {
        let until = deadline.min(Instant::now() + FRAME_GAP);
        let raw = match timeout_at(until, queue.next()).await {
            Ok(Next::Frame(raw)) => raw,
            Ok(Next::Closed(end)) => return ended(end, guide),
            Err(_) if Instant::now() >= deadline => return ended(End::TimedOut, guide),
            Err(_) => return ended(End::Silent, guide),
        };
        let (raw, face) = match faces {
            None => (raw, 0.0),
            Some(faces) => {
                let job = move |analyzer: &mut (dyn Analyze + 'static)| {
                    let found = surest_face(&raw, analyzer);
                    (raw, found)
                };
                match faces.run(job).await {
                    Ok((raw, Ok(found))) => (raw, found),
                    _ => return ended(End::Broken, guide),
                }
            }
        };
        let job = move |analyzer: &mut Analyzer| {
            let now = look(&raw, kind, analyzer).map(|mut look| {
                look.photo.face = face;
                guide.push(look)
            });
            (guide, now)
        };
        let Ok((back, now)) = workers.run(job).await else { return Ended { end: End::Broken, guide: None } };
        guide = back;
        let useless = match now {
            Ok(now) => {
                bad = 0;
                tell(now, &mut heard, events);
                match now.state {
                    State::Running => continue,
                    State::Finished => return ended(End::Finished, guide),
                    State::Failed(why) => return ended(End::Failed(why), guide),
                }
            }
            Err(NoLook::Frame(BadFrame::Unreadable)) => End::Unreadable,
            Err(NoLook::Frame(BadFrame::Engine(error))) => broken(&error),
            Err(NoLook::Engine(error)) => broken(&error),
        };
        bad += 1;
        if bad >= BAD_FRAMES_IN_A_ROW {
            return ended(useless, guide);
        }
    }
}

fn broken(error: &dyn std::error::Error) -> End {
    tracing::error!(%error, "a frame could not be analysed");
    End::Broken
}

/// Sends what changed. A slow client misses guidance, never the result.
fn tell(now: Told, heard: &mut Heard, events: &mpsc::Sender<CaptureEvent>) {
    let again = heard.hinted.elapsed() >= HINT_AGAIN;
    let news = |changed: fn(&Told, &Told) -> bool| heard.told.as_ref().is_none_or(|before| changed(before, &now));
    let mut sent = true;
    if news(|a, b| a.step != b.step || percent(a.progress) != percent(b.progress)) {
        let (step, say) = say::object_step(now.step);
        let progress = f32::from(percent(now.progress)) / 100.0;
        sent &= events.try_send(CaptureEvent::Prompt { step, say, progress, colours: None }).is_ok();
    }
    if let Some((kept, of)) = now.kept.filter(|(kept, _)| *kept > 0 && news(|a, b| a.kept != b.kept)) {
        sent &= events.try_send(CaptureEvent::View { kept, of }).is_ok();
    }
    if let Some(hint) = now.hint.filter(|_| again || news(|a, b| a.hint != b.hint)) {
        heard.hinted = Instant::now();
        let (hint, say) = match hint {
            Hint::Fault(fault) => say::photo(fault),
            Hint::Lost => say::OBJECT_LOST,
        };
        sent &= events.try_send(CaptureEvent::Hint { hint, say }).is_ok();
    }
    if sent {
        heard.told = Some(now);
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100 before")]
fn percent(fraction: f32) -> u8 {
    if fraction.is_finite() { (fraction * 100.0).clamp(0.0, 100.0) as u8 } else { 0 }
}
