//! One utterance's life: pieces of sound in, "I hear you" out, until it is over or the client is gone.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use voice::{Analyzer, Heard, Listener, Stage};

use crate::capture::event::CaptureEvent;
use crate::capture::queue::{FrameQueue, Next};
use crate::capture::run::End;
use crate::capture::workers::Workers;
use crate::limits::FRAME_GAP;

/// An utterance at its end.
pub(crate) struct Listened {
    pub end: End,
    /// `None` only when a worker lost it.
    pub listener: Option<Listener>,
    /// When the sound began, on the client's clock, ms; `None` before any came.
    pub began_ms: Option<f64>,
}

/// A piece is sent when it is full.
const PIECE_MS: f64 = 100.0;

/// Feeds sound to the listener until the utterance is over.
pub(crate) async fn listen(
    workers: &Workers<Analyzer>,
    listener: Listener,
    queue: &Arc<FrameQueue>,
    events: &mpsc::Sender<CaptureEvent>,
    deadline: Instant,
) -> Listened {
    let (mut listener, mut told) = (listener, None);
    let mut began_ms = None;
    loop {
        let until = deadline.min(Instant::now() + FRAME_GAP);
        let ended = |end, listener| Listened { end, listener: Some(listener), began_ms };
        let piece = match timeout_at(until, queue.next()).await {
            Ok(Next::Frame(piece)) => piece,
            Ok(Next::Closed(end)) => return ended(end, listener),
            Err(_) if Instant::now() >= deadline => return ended(End::TimedOut, listener),
            Err(_) => return ended(End::Silent, listener),
        };
        // A picture may be lost, a piece of a sentence may not.
        if queue.dropped() > 0 {
            return ended(End::Broken, listener);
        }
        began_ms.get_or_insert(piece.at_ms - PIECE_MS);
        let ended = |end, listener| Listened { end, listener: Some(listener), began_ms };
        let job = move |analyzer: &mut Analyzer| {
            let heard = listener.push(&piece.body, analyzer);
            (listener, heard)
        };
        let Ok((back, heard)) = workers.run(job).await else {
            return Listened { end: End::Broken, listener: None, began_ms };
        };
        listener = back;
        match heard {
            Ok(heard) => {
                tell(&heard, &mut told, events);
                if heard.stage == Stage::Ended {
                    return ended(End::Finished, listener);
                }
            }
            Err(voice::VoiceError::Unreadable(_)) => return ended(End::Unreadable, listener),
            Err(error) => {
                tracing::error!(%error, "sound could not be analysed");
                return ended(End::Broken, listener);
            }
        }
    }
}

/// Sends what changed. A slow client misses guidance, never the result.
fn tell(heard: &Heard, told: &mut Option<(bool, u8)>, events: &mpsc::Sender<CaptureEvent>) {
    const STEPS: f32 = 20.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=20 before")]
    let now = (heard.speaking, (heard.fraction.clamp(0.0, 1.0) * STEPS) as u8);
    if *told == Some(now) {
        return;
    }
    let progress = f32::from(now.1) / STEPS;
    let event = CaptureEvent::Heard { speaking: heard.speaking, level_db: heard.level_db, progress };
    if events.try_send(event).is_ok() {
        *told = Some(now);
    }
}
