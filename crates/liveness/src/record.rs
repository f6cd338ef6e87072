//! Everything a session measures on its way, whatever it is asking for.

use face::Embedding;

use crate::clock::{Clock, Tick};
use crate::cues::CueWatch;
use crate::depth::{DepthJob, TurnWatch};
use crate::frame::FrameInput;
use crate::identity::Identity;
use crate::limits::FRONTAL;
use crate::look::{Look, scale_of};
use crate::onset::Onset;
use crate::passive::PassiveWatch;
use crate::replay::ReplayWatch;
use crate::{Check, CheckName, Evidence, NoEvidence, Reading};

/// Frame pairs that one frame may follow for the depth check.
const PAIRS_PER_FRAME: usize = 1;

#[derive(Default)]
pub(crate) struct Record {
    pub(crate) clock: Clock,
    pub(crate) identity: Identity,
    pub(crate) replay: ReplayWatch,
    pub(crate) turn: TurnWatch,
    pub(crate) onset: Onset,
    pub(crate) passive: PassiveWatch,
    cues: CueWatch,
    jump: Jump,
    jobs: Vec<DepthJob>,
    depths: Vec<Reading>,
}

/// What only the session knows about its steps.
pub(crate) struct StepReadings {
    pub(crate) answered: Reading,
    pub(crate) pose: Reading,
    pub(crate) smile: Reading,
    pub(crate) reaction: Reading,
    pub(crate) colours: Reading,
    /// Whether a turn was asked for.
    pub(crate) turns: bool,
}

impl Record {
    /// Counts a frame; `None` when its time is unusable.
    pub(crate) fn admit(&mut self, frame: &FrameInput<'_>) -> Option<Tick> {
        let tick = self.clock.admit(frame.at_ms)?;
        self.replay.push(tick.at, frame.fingerprint, frame.luma);
        for _ in 0..PAIRS_PER_FRAME {
            self.work();
        }
        Some(tick)
    }

    /// Takes a frame on which the payer's face, and no other, was seen well. `offset` is relative to the neutral one.
    pub(crate) fn see(&mut self, look: &Look, offset: f32, frame: &mut FrameInput<'_>, weight: f32) {
        self.jump.push(look);
        if let (Some(found), true) = (frame.detection, offset.abs() <= FRONTAL) {
            self.cues.push(look, found, frame.luma, scale_of(frame));
        }
        if let Some(live) = frame.passive {
            self.passive.push(look.tick.at, live);
        }
        if let Some(embedding) = frame.embedding.take() {
            self.identity.push(look.tick, offset, embedding, weight);
        }
        if let (Some(happy), Some(found), true) = (look.happy, frame.detection, offset.abs() <= FRONTAL) {
            self.onset.push(look.tick.at, happy, frame.luma, found, scale_of(frame));
        }
    }

    /// Ends a turn: its window goes to the tracker.
    pub(crate) fn end_turn(&mut self, least_fps: f64) {
        match self.turn.take(least_fps) {
            Ok(job) => self.jobs.push(job),
            Err(why) => self.depths.push(Reading::NoEvidence(why)),
        }
    }

    /// One piece of tracking; false when there is nothing left to do.
    fn work(&mut self) -> bool {
        let Some(job) = self.jobs.first_mut() else { return false };
        if let Some(reading) = job.advance() {
            self.depths.push(reading);
            self.jobs.remove(0);
        }
        true
    }

    /// The flattest turn that could be read; without one, why.
    fn depth(&self) -> Reading {
        let values = self.depths.iter().filter_map(|reading| match reading {
            Reading::Value(value) => Some(*value),
            Reading::NoEvidence(_) => None,
        });
        let flattest = values.max_by(f32::total_cmp).map(Reading::Value);
        flattest.or(self.depths.first().copied()).unwrap_or(Reading::NoEvidence(NoEvidence::TooLittleMotion))
    }

    /// Readings that can only get worse.
    pub(crate) fn settled(&self, smile: Reading, reaction: Reading) -> Evidence {
        let readings = [
            (CheckName::SmileOnset, smile),
            (CheckName::Continuity, self.identity.continuity()),
            (CheckName::FrontContinuity, self.identity.front_continuity()),
            (CheckName::Jump, self.jump.reading()),
            (CheckName::Splice, self.replay.splice()),
            (CheckName::SceneCut, self.replay.scene_cut()),
            (CheckName::Reaction, reaction),
        ];
        Evidence { checks: readings.into_iter().map(|(name, reading)| Check { name, reading }).collect() }
    }

    /// Sums up: evidence, probe, fingerprints.
    pub(crate) fn finish(mut self, steps: &StepReadings) -> (Evidence, Vec<(Embedding, f32)>, Vec<u64>) {
        while self.work() {}
        let not_asked = Reading::NoEvidence(NoEvidence::NotAsked);
        let readings = [
            (CheckName::StepsAnswered, steps.answered),
            (CheckName::FrameRate, self.clock.rate()),
            (CheckName::PoseAnswer, steps.pose),
            (CheckName::Depth, if steps.turns { self.depth() } else { not_asked }),
            (CheckName::SmileOnset, steps.smile),
            (CheckName::Continuity, self.identity.continuity()),
            (CheckName::FrontContinuity, self.identity.front_continuity()),
            (CheckName::Stillness, self.identity.stillness()),
            (CheckName::Replay, self.replay.reading()),
            (CheckName::Jump, self.jump.reading()),
            (CheckName::Splice, self.replay.splice()),
            (CheckName::SceneCut, self.replay.scene_cut()),
            (CheckName::Reaction, steps.reaction),
            (CheckName::Passive, self.passive.reading()),
            (CheckName::Colours, steps.colours),
            (CheckName::Moire, self.cues.moire()),
            (CheckName::Bezel, self.cues.bezel()),
            (CheckName::Flicker, self.cues.flicker()),
        ];
        let checks = readings.into_iter().map(|(name, reading)| Check { name, reading }).collect();
        (Evidence { checks }, self.identity.into_probe(), self.replay.into_fingerprints())
    }
}

/// Largest move of the face between two neighbouring frames.
#[derive(Default)]
struct Jump {
    last: Option<Look>,
    largest: Option<f32>,
    /// Largest eye distance so far. A turn narrows the eyes' distance in the picture; measured by that, an ordinary wide
    /// turn jumped by more than an eye distance from one frame to the next.
    widest: f32,
}

/// Pauses up to this do not excuse a move (ms): two frames at 15 fps.
const JUMP_WITHIN_MS: f64 = 134.0;

impl Jump {
    fn push(&mut self, look: &Look) {
        self.widest = self.widest.max(look.eyes);
        if let Some(last) = &self.last {
            let moved = (look.middle[0] - last.middle[0]).hypot(look.middle[1] - last.middle[1]) / self.widest;
            let grown = (look.eyes - last.eyes).abs() / self.widest;
            let excuse = ((look.tick.at - last.tick.at) / JUMP_WITHIN_MS).max(1.0) as f32;
            let jump = (moved + grown) / excuse;
            self.largest = Some(self.largest.map_or(jump, |largest| largest.max(jump)));
        }
        self.last = Some(*look);
    }

    /// Distance that the eyes' middle moved plus the change of their distance, in (widest) eye distances: low is good.
    fn reading(&self) -> Reading {
        self.largest.map_or(Reading::NoEvidence(NoEvidence::NoFace), Reading::Value)
    }
}
