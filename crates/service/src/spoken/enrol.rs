//! Enrolling a voice: three prompted utterances, each judged, of one speaker.

use std::sync::Arc;
use std::time::Duration;

use decide::UtteranceFault;
use store::Enrolment;
use tokio::sync::mpsc;
use tokio::time::Instant;
use voice::{Embedding, Language, Listener, fingerprint};

use super::answer::features;
use super::probe::probe;
use super::{PIECES_WAITING, UTTERANCE};
use crate::app::App;
use crate::capture::listen::listen;
use crate::capture::queue::FrameQueue;
use crate::capture::{Capture, CaptureEvent, CaptureOutcome, CaptureResult, CaptureSender, End};
use crate::error::{Error, Result};
use crate::limits::{EVENTS_WAITING, RESULT_WAIT};
use crate::say;
use tokio::sync::OwnedSemaphorePermit;

/// Utterances of a template; the calibrated size (see `decide`).
const UTTERANCES: usize = 3;
/// Utterances asked for before an enrolment gives up.
const ATTEMPTS: usize = 8;

/// A good utterance.
struct Kept {
    embedding: Embedding,
    words: Vec<u64>,
}

/// Why an enrolment ends without a template.
struct NotEnrolled {
    say: &'static str,
    why: &'static str,
}

impl App {
    /// Starts the capture of an enrolment.
    pub(crate) fn open_voice_enrolment(
        self: &Arc<Self>,
        enrolment: Enrolment,
        language: Language,
        permit: OwnedSemaphorePermit,
    ) -> Capture {
        let queue = Arc::new(FrameQueue::new(PIECES_WAITING));
        let (events, receiver) = mpsc::channel(EVENTS_WAITING);
        let (app, pieces) = (Arc::clone(self), Arc::clone(&queue));
        tokio::spawn(async move {
            let result = app.enrol_voice(&enrolment, language, &pieces, &events).await;
            pieces.close(End::Gone);
            let _gone = events.send_timeout(CaptureEvent::Result(Box::new(result)), RESULT_WAIT).await;
            drop(permit);
        });
        Capture { sender: CaptureSender::new(queue), events: receiver }
    }

    async fn enrol_voice(
        &self,
        enrolment: &Enrolment,
        language: Language,
        pieces: &Arc<FrameQueue>,
        events: &mpsc::Sender<CaptureEvent>,
    ) -> CaptureResult {
        let retake = |say, why| CaptureResult::new(CaptureOutcome::Retake, say).because([why]);
        let kept = match self.utterances(enrolment, language, pieces, events).await {
            Ok(Ok(kept)) => kept,
            Ok(Err(NotEnrolled { say, why })) => return retake(say, why),
            Err(error) => {
                tracing::error!(%error, "utterances could not be measured");
                return retake(say::VOICE_NOT_ENROLLED, End::Broken.code());
            }
        };
        let _slow = events.try_send(CaptureEvent::Judging);
        if !self.policy.voice.one_speaker(smallest_cosine(&kept)) {
            return retake(say::NOT_ONE_VOICE, "not_one_speaker");
        }
        match self.keep_voice(enrolment, &kept).await {
            Ok(method) => {
                let mut result = CaptureResult::new(CaptureOutcome::Enrolled, say::VOICE_ENROLLED);
                result.views = Some(kept.len());
                result.method = Some(method);
                result
            }
            Err(error) => {
                tracing::error!(%error, "a voice template could not be kept");
                retake(say::VOICE_NOT_ENROLLED, End::Broken.code())
            }
        }
    }

    async fn utterances(
        &self,
        enrolment: &Enrolment,
        language: Language,
        pieces: &Arc<FrameQueue>,
        events: &mpsc::Sender<CaptureEvent>,
    ) -> Result<std::result::Result<Vec<Kept>, NotEnrolled>> {
        let workers = self.voice_workers()?;
        let lasts = enrolment.expires_at.since(self.now()).as_millis().max(0).unsigned_abs();
        let deadline = Instant::now() + Duration::from_millis(lasts);
        let mut kept: Vec<Kept> = Vec::new();
        for _ in 0..ATTEMPTS {
            let asked = CaptureEvent::Digits {
                digits: utterance(self.random()?),
                say: say::DIGITS,
                language: language.tag(),
                own_say: language.entry().say,
                number: kept.len() + 1,
                of: UTTERANCES,
            };
            let _slow = events.try_send(asked);
            let heard = listen(workers, Listener::new(UTTERANCE), pieces, events, deadline).await;
            let Some(listener) = heard.listener.filter(|_| heard.end == End::Finished) else {
                return Ok(Err(NotEnrolled { say: say::VOICE_NOT_ENROLLED, why: heard.end.code() }));
            };
            let measured = workers.run(move |analyzer| probe(listener, None, analyzer)).await?;
            let probe = measured.map_err(Error::internal)?;
            match (probe.sound.map(|s| self.policy.voice.judge_utterance(&s)), probe.embedding) {
                (Some(Ok(())), Some(embedding)) => {
                    kept.push(Kept { embedding, words: fingerprint::pack(&probe.words) });
                    let _slow = events.try_send(CaptureEvent::View { kept: kept.len(), of: UTTERANCES });
                }
                (Some(Err(fault)), _) => tell(fault, events),
                _ => tell(UtteranceFault::TooShort, events),
            }
            if kept.len() == UTTERANCES {
                return Ok(Ok(kept));
            }
        }
        Ok(Err(NotEnrolled { say: say::VOICE_NOT_ENROLLED, why: "too_many_attempts" }))
    }

    async fn keep_voice(&self, enrolment: &Enrolment, kept: &[Kept]) -> Result<crate::view::MethodView> {
        let template = Embedding::mean(kept.iter().map(|k| &k.embedding)).map_err(Error::internal)?;
        let clips = u8::try_from(kept.len()).unwrap_or(u8::MAX);
        let captures: Vec<&[u64]> = kept.iter().map(|k| k.words.as_slice()).collect();
        self.keep_template(enrolment, features(&template, clips)?, &captures).await
    }
}

fn tell(fault: UtteranceFault, events: &mpsc::Sender<CaptureEvent>) {
    let (hint, say) = say::utterance(fault);
    let _slow = events.try_send(CaptureEvent::Hint { hint, say });
}

fn smallest_cosine(kept: &[Kept]) -> f32 {
    let pairs = kept.iter().enumerate().flat_map(|(at, a)| kept.iter().skip(at + 1).map(move |b| (a, b)));
    pairs.map(|(a, b)| a.embedding.cosine(&b.embedding)).fold(1.0, f32::min)
}

/// Each digit once, in an order drawn by `random`, and two of them again: read aloud at least 3 s.
fn utterance(random: [u8; 40]) -> String {
    let mut digits: Vec<char> = ('0'..='9').collect();
    for (at, word) in random.as_chunks::<4>().0.iter().enumerate().take(9) {
        let left = digits.len() - at;
        let pick = at + u32::from_le_bytes(*word) as usize % left.max(1);
        digits.swap(at, pick);
    }
    digits.iter().chain(digits.iter().skip(4).take(2)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_comes_once() {
        for seed in 0..20_u8 {
            let drawn =
                utterance(std::array::from_fn(|i| seed.wrapping_mul(31).wrapping_add((i as u8).wrapping_mul(7))));
            assert_eq!(drawn.len(), 12);
            let mut sorted: Vec<char> = drawn.chars().take(10).collect();
            sorted.sort_unstable();
            assert_eq!(sorted.iter().collect::<String>(), "0123456789", "{drawn}");
        }
    }
}
