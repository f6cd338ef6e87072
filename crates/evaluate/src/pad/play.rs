//! Plays something before the camera to a session, with a clock of its own: no server, no waiting.

use std::sync::Arc;
use std::time::Instant;

use decide::{ChallengeKind, CheckName, Evidence, LivenessPolicy, Reason, Verdict, liveness as rules};
use face::{Analyzer, DecodeLimits, Picture};
use liveness::{Challenge, FrameInput, Limits, Prompt, Session, State, TINT_MS, Tint, Tints};
use puppet::{Act, Actor, Editor, Tape};

use super::shot::Shot;
use crate::error::EvaluateError;

/// Something before the camera.
pub(crate) trait Source {
    fn ask(&mut self, act: Act, at_ms: f64);
    fn hear(&mut self, hint: &str, at_ms: f64);
    /// The screen shows this colour, the one at this place of the drawn ones.
    fn shine(&mut self, _shown: Option<(usize, Tint)>) {}
    /// The frame of this moment; `None` when there are no more.
    fn look(&mut self, at_ms: f64, analyzer: &mut Analyzer) -> Result<Option<Arc<Shot>>, EvaluateError>;
}

/// A rendered actor.
pub(crate) struct Stage {
    pub(crate) actor: Box<dyn Actor>,
    /// Frames go through JPEG, and keep it: for tapes.
    pub(crate) through_jpeg: bool,
    /// The colours that fall on it in place of the drawn ones: those of another challenge.
    pub(crate) lit: Option<Tints>,
}

impl Source for Stage {
    fn ask(&mut self, act: Act, at_ms: f64) {
        self.actor.ask(act, at_ms);
    }

    fn hear(&mut self, hint: &str, at_ms: f64) {
        self.actor.hear(hint, at_ms);
    }

    fn shine(&mut self, shown: Option<(usize, Tint)>) {
        let tint = shown.map(|(place, tint)| self.lit.and_then(|other| other.get(place).copied()).unwrap_or(tint));
        self.actor.shine(tint.map(Tint::rgb));
    }

    fn look(&mut self, at_ms: f64, analyzer: &mut Analyzer) -> Result<Option<Arc<Shot>>, EvaluateError> {
        let shot = if self.through_jpeg {
            from_jpeg(self.actor.frame(at_ms)?, analyzer)?
        } else {
            Some(Shot::measure(analyzer, puppet::picture(self.actor.shot(at_ms)?)?, None)?)
        };
        Ok(shot.map(Arc::new))
    }
}

/// Measures a JPEG and keeps it in place of its pixels.
pub(crate) fn from_jpeg(jpeg: Vec<u8>, analyzer: &mut Analyzer) -> Result<Option<Shot>, EvaluateError> {
    match Picture::decode(&jpeg, &DecodeLimits::default()) {
        Ok(picture) => Ok(Some(Shot::measure(analyzer, picture, Some(jpeg))?)),
        Err(_) => Ok(None),
    }
}

/// Cut together from tapes. Each frame gets a few changed grey values, as a copy in motion has: an exact repetition would be
/// found by that alone.
pub(crate) struct Cutter<'a>(pub(crate) Editor<'a, Arc<Shot>>);

impl Source for Cutter<'_> {
    fn ask(&mut self, act: Act, at_ms: f64) {
        self.0.ask(act, at_ms);
    }

    fn hear(&mut self, _hint: &str, _at_ms: f64) {}

    fn look(&mut self, at_ms: f64, _analyzer: &mut Analyzer) -> Result<Option<Arc<Shot>>, EvaluateError> {
        Ok(self.0.at(at_ms).map(|shot| Arc::new(shot.touched(at_ms.to_bits()))))
    }
}

/// Recorded frames, once.
pub(crate) struct Recording<'a>(pub(crate) &'a [(f64, Arc<Shot>)]);

impl Source for Recording<'_> {
    fn ask(&mut self, _act: Act, _at_ms: f64) {}

    fn hear(&mut self, _hint: &str, _at_ms: f64) {}

    fn look(&mut self, at_ms: f64, _analyzer: &mut Analyzer) -> Result<Option<Arc<Shot>>, EvaluateError> {
        let next = self.0.partition_point(|f| f.0 <= at_ms + 1e-6);
        let over = self.0.last().is_none_or(|last| at_ms > last.0 + 1e-6);
        Ok(if over { None } else { self.0.get(next.saturating_sub(1)).map(|f| Arc::clone(&f.1)) })
    }
}

/// From the prompt to the light on the camera's picture, ms: network, page, screen, exposure.
const SCREEN_MS: f64 = 220.0;

/// What the screen shows at this moment, since when it was told to.
fn on_screen(tints: Option<Tints>, since: f64, at_ms: f64) -> Option<(usize, Tint)> {
    let tints = tints?;
    let shown = at_ms - since - SCREEN_MS;
    let place = (shown.max(0.0) / f64::from(TINT_MS)) as usize;
    let last = tints.len() - 1;
    tints.get(place.min(last)).filter(|_| shown >= 0.0).map(|tint| (place.min(last), *tint))
}

/// How a capture is judged.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) limits: Limits,
    pub(crate) policy: &'a LivenessPolicy,
    pub(crate) fps: f64,
    /// Stop once a reading that can only get worse keeps the capture from being accepted.
    pub(crate) stop_early: bool,
    /// Embeddings are dear. Without them nobody is compared with anybody, and only the other checks are judged: what they
    /// refuse need not be looked at again.
    pub(crate) identity: bool,
}

/// Checks that need embeddings.
const IDENTITY: [CheckName; 3] = [CheckName::Continuity, CheckName::FrontContinuity, CheckName::Stillness];

impl Rules<'_> {
    fn judge(&self, evidence: &Evidence, kind: ChallengeKind) -> Vec<Reason> {
        let found = rules::explain(evidence, kind, self.policy).into_iter();
        found.filter(|f| self.identity || !IDENTITY.contains(&f.check)).filter_map(|f| f.reason).collect()
    }

    /// Whether a reading that can only get worse is bad already.
    fn hopeless(&self, settled: &Evidence, kind: ChallengeKind) -> bool {
        let read = |f: &rules::Finding| matches!(f.reading, Some(decide::Reading::Value(_)));
        rules::explain(settled, kind, self.policy).iter().any(|f| read(f) && f.reason.is_some())
    }
}

/// How a capture ended.
pub(crate) struct Played {
    pub(crate) evidence: Evidence,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) verdict: Verdict,
    pub(crate) state: State,
    pub(crate) asked: Vec<liveness::Step>,
    pub(crate) fingerprints: Vec<u64>,
    pub(crate) tape: Tape<Arc<Shot>>,
    pub(crate) seconds: f64,
    /// Time that the checks took for each frame beside detection, expression, vector and passive networks included, ms.
    pub(crate) check_ms: Vec<f32>,
}

/// Plays until the session ends or the source has no more frames.
pub(crate) fn play(
    analyzer: &mut Analyzer,
    source: &mut dyn Source,
    challenge: Challenge,
    kind: ChallengeKind,
    earlier: Vec<u64>,
    how: Rules<'_>,
) -> Result<Played, EvaluateError> {
    let steps = challenge.steps().to_vec();
    let mut session = Session::new(challenge, how.limits).with_earlier(earlier);
    let mut progress = session.progress();
    let mut tape = Tape { frames: Vec::new(), asked: Vec::new() };
    let (mut asked, mut check_ms, mut at_ms, mut asked_ms) = (None, Vec::new(), 0.0, 0.0);
    while progress.state == State::Running {
        if asked != Some(progress.prompt) {
            asked = Some(progress.prompt);
            asked_ms = at_ms;
            let act = act_of(progress.prompt);
            source.ask(act, at_ms);
            tape.asked.push((at_ms, act));
        }
        if let Some(hint) = progress.hint {
            source.hear(hint.name(), at_ms);
        }
        source.shine(on_screen(progress.tints, asked_ms, at_ms));
        let Some(shot) = source.look(at_ms, analyzer)? else { break };
        let wants = session.wants(at_ms, shot.faces, shot.found.as_ref());
        let began = Instant::now();
        let happy = if wants.happy { shot.happy(analyzer)? } else { None };
        let embedding = if wants.embedding && how.identity { shot.embedding(analyzer)? } else { None };
        let passive = if wants.passive { shot.passive(analyzer)? } else { None };
        progress = session.push(FrameInput {
            at_ms,
            luma: &shot.luma,
            scale: shot.scale,
            faces: shot.faces,
            detection: shot.found.as_ref(),
            happy,
            passive,
            embedding,
            quality: shot.quality.as_ref(),
            colour: shot.colour,
            fingerprint: shot.fingerprint,
        });
        check_ms.push(began.elapsed().as_secs_f32() * 1e3);
        tape.frames.push((at_ms, shot));
        at_ms += 1_000.0 / how.fps;
        if how.stop_early && asked != Some(progress.prompt) && how.hopeless(&session.settled(), kind) {
            break;
        }
    }
    let capture = session.finish();
    let reasons = how.judge(&capture.evidence, kind);
    Ok(Played {
        verdict: decide::liveness::verdict(&reasons),
        evidence: capture.evidence,
        reasons,
        state: progress.state,
        asked: steps,
        fingerprints: capture.fingerprints,
        tape,
        seconds: at_ms / 1_000.0,
        check_ms,
    })
}

fn act_of(prompt: Prompt) -> Act {
    Act::from_name(prompt.name()).unwrap_or(Act::Hold)
}
