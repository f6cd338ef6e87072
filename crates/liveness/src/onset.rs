//! How the smile came: grown over a few frames, or with a cut.
//!
//! The happy score says *that* and *when* someone smiles, not how: on real clips it leaps from 0.00 to 0.86 within one
//! frame of a natural smile. So the way is read from the mouth's own pixels: each frame's mouth is placed on the way from
//! this payer's neutral mouth to the smiling one, and the longest step says whether it grew or was swapped.

use std::collections::VecDeque;

use face::{Detection, Luma};

use crate::limits::{FIRST_FRONTAL, NEUTRAL_HAPPY, SMILE_FRAMES, SMILE_HAPPY, SMILE_RISE};
use crate::mouth::{Mouth, Mouths};
use crate::{NoEvidence, Reading};

/// Advance within one frame up to which a mouth is called grown, and from which it was swapped. Three puppets at 15 fps
/// (`examples/puppets.rs`): 31 grown smiles 0.20–0.44, 16 swapped pictures 0.81–1.01.
const ONE_FRAME: [f32; 2] = [0.50, 0.65];
/// The same within two frames, for a swap with one picture in between: grown smiles 0.37–0.88.
const TWO_FRAMES: [f32; 2] = [0.92, 1.00];
/// Part of the way up to which a mouth counts as neutral.
const STARTED: f32 = 0.25;
/// Part of the way at which the mouth must still have been in some frame of the onset's time.
const SEEN_FROM: f32 = 0.50;
/// Part of the way from which the mouth has arrived.
const ARRIVED: f32 = 0.75;
/// How long before the smile was there its onset may begin, and how long after it may end (ms).
const BEFORE_MS: f64 = 1_500.0;
/// See [`BEFORE_MS`].
const AFTER_MS: f64 = 300.0;
/// Neutral frames that make the mean neutral mouth; as many of the newest ones make the smiling one.
const MEAN_OF: usize = 4;
/// Frames kept.
const MAX_SAMPLES: usize = 200;
/// How long they are kept (ms).
const KEPT_MS: f64 = 6_000.0;

/// One near-frontal frame.
struct Smile {
    /// ms since the first frame.
    at: f64,
    happy: f32,
    mouth: Mouth,
}

/// The near-frontal frames of a capture's last seconds, in order.
#[derive(Default)]
pub(crate) struct Onset {
    samples: VecDeque<Smile>,
    mouths: Mouths,
}

impl Onset {
    /// Takes a near-frontal frame, `at` ms since the first one; `scale` is picture pixels per luma pixel.
    pub(crate) fn push(&mut self, at: f64, happy: f32, luma: &Luma, found: &Detection, scale: f32) {
        let sample = Smile { at, happy, mouth: self.mouths.read(luma, found, scale) };
        while self.samples.len() >= MAX_SAMPLES || self.samples.front().is_some_and(|s| sample.at - s.at > KEPT_MS) {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
    }

    /// Happy score of the least happy frame.
    pub(crate) fn least(&self) -> Option<f32> {
        self.samples.iter().map(|s| s.happy).min_by(f32::total_cmp)
    }

    /// Rise of the happy score over `neutral`, times how gradually the mouth came (1 grown, 0 cut), 0..1: high is good.
    /// To be asked when the smile has just been answered: the newest frames are the smile.
    pub(crate) fn reading(&self, neutral: f32) -> Reading {
        let peak = self.samples.iter().rev().take(MEAN_OF).map(|s| s.happy).max_by(f32::total_cmp);
        let Some(peak) = peak else { return Reading::NoEvidence(NoEvidence::TooFewFrames) };
        let rise = (peak - neutral).max(0.0);
        let Some(ways) = self.ways(neutral, rise) else { return Reading::NoEvidence(NoEvidence::TooLittleMotion) };
        let grown = |advance: f32, [grown, cut]: [f32; 2]| ((cut - advance) / (cut - grown)).clamp(0.0, 1.0);
        let gradual = grown(advance(&ways, 1), ONE_FRAME).min(grown(advance(&ways, 2), TWO_FRAMES));
        Reading::Value(rise * gradual)
    }

    /// How far the mouth was on its way in each frame of the onset; `None` when no neutral frame shortly precedes the smile or
    /// the mouth did not change.
    fn ways(&self, neutral: f32, rise: f32) -> Option<Vec<f32>> {
        let calm = NEUTRAL_HAPPY.max(neutral + 0.15).min(neutral + rise * 0.5);
        let before = self.samples.iter().rposition(|s| s.happy <= calm)?;
        let came_at = self.samples.get(before + 1)?.at;
        let calm_ones = self.samples.iter().take(before + 1).rev().filter(|s| s.happy <= calm);
        // The very last calm frame may already be on its way.
        let from = Mouth::mean(calm_ones.skip(1).take(MEAN_OF).map(|s| &s.mouth))?;
        let to = Mouth::mean(self.samples.iter().skip(before + 1).rev().take(MEAN_OF).map(|s| &s.mouth))?;
        let around = self.samples.iter().filter(|s| s.at >= came_at - BEFORE_MS);
        let mut ways: Vec<(f64, f32)> =
            around.map(|s| s.mouth.way(&from, &to).map(|way| (s.at, way))).collect::<Option<_>>()?;
        // The score may rise a little before the mouth does: the onset lasts until the mouth is there.
        let there = ways.iter().find(|&&(at, way)| at >= came_at && way >= ARRIVED).map_or(came_at, |&(at, _)| at);
        ways.retain(|&(at, _)| at <= there.max(came_at + AFTER_MS));
        // A mouth that was on its way in every frame just before, as after a turn with the smile already there, was not seen to begin.
        ways.iter().any(|&(at, way)| at < came_at && way <= SEEN_FROM).then_some(())?;
        // Talking before the smile is no onset: it begins with the last neutral mouth before the smile was there.
        let start = ways.iter().rposition(|&(at, way)| at < came_at && way <= STARTED).unwrap_or(0);
        Some(ways.into_iter().skip(start).map(|(_, way)| way).collect())
    }
}

/// The onset check alone, over recorded frames: for evaluation. The best reading of the clip: every moment at which five
/// near-frontal frames in a row smile is read as a session would. No evidence when nobody went from neutral to a smile.
pub fn smile_over<'a>(frames: impl Iterator<Item = (f64, &'a Luma, f32, &'a Detection, f32)>) -> Reading {
    let mut onset = Onset::default();
    let (mut streak, mut best) = (0u32, None);
    for (at, luma, scale, found, happy) in frames {
        if found.points.nose_offset().abs() > FIRST_FRONTAL {
            streak = 0;
            continue;
        }
        onset.push(at, happy, luma, found, scale);
        let neutral = onset.least().unwrap_or(0.0);
        let smiles = happy >= SMILE_HAPPY.max((neutral + SMILE_RISE).min(0.95));
        streak = if smiles { streak + 1 } else { 0 };
        if streak >= SMILE_FRAMES
            && let Reading::Value(value) = onset.reading(neutral)
        {
            best = Some(best.map_or(value, |best: f32| best.max(value)));
        }
    }
    best.map_or(Reading::NoEvidence(NoEvidence::TooLittleMotion), Reading::Value)
}

/// Largest advance within `frames` frames; 1 when there are not so many (nothing was seen to grow).
fn advance(ways: &[f32], frames: usize) -> f32 {
    ways.iter().zip(ways.iter().skip(frames)).map(|(a, b)| b - a).max_by(f32::total_cmp).unwrap_or(1.0)
}
