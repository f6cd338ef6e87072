//! How the smile came: by itself over a few frames, or with a cut.

use std::collections::VecDeque;

use crate::{NoEvidence, Reading};

/// Shortest and longest time of a natural onset, from a fifth to four fifths of the rise (ms).
const ONSET_MS: std::ops::RangeInclusive<f64> = 120.0..=1_500.0;
/// Where the onset starts and ends, as shares of the rise.
const START: f32 = 0.2;
/// See [`START`].
const END: f32 = 0.8;
/// Samples of happiness kept.
const MAX_SAMPLES: usize = 256;
/// How long they are kept (ms).
const KEPT_MS: f64 = 6_000.0;
/// Least rise of the happy score that is called a smile at all.
const LEAST_RISE: f32 = 0.2;

/// Happy score and mouth width of one near-frontal frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Smile {
    pub(crate) at: f64,
    pub(crate) happy: f32,
    /// Mouth width in eye distances.
    pub(crate) mouth: f32,
}

/// The near-frontal frames of a capture's last seconds, in order.
#[derive(Default)]
pub(crate) struct Onset {
    samples: VecDeque<Smile>,
}

impl Onset {
    pub(crate) fn push(&mut self, sample: Smile) {
        while self.samples.len() >= MAX_SAMPLES || self.samples.front().is_some_and(|s| sample.at - s.at > KEPT_MS) {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
    }

    /// Happy score of the least happy frame.
    pub(crate) fn least(&self) -> Option<f32> {
        self.samples.iter().map(|s| s.happy).min_by(f32::total_cmp)
    }

    /// Rise of the happy score over `neutral`, times how gradually it came (0 for a cut, 1 for three frames or more that
    /// took 120–1500 ms), 0..1: high is good.
    pub(crate) fn reading(&self, neutral: f32) -> Reading {
        let Some(peak) = self.samples.iter().map(|s| s.happy).max_by(f32::total_cmp) else {
            return Reading::NoEvidence(NoEvidence::TooFewFrames);
        };
        let rise = peak - neutral;
        if rise < LEAST_RISE {
            return Reading::Value(rise.max(0.0));
        }
        Reading::Value(rise * self.gradual(neutral, rise))
    }

    fn gradual(&self, neutral: f32, rise: f32) -> f32 {
        let level = |s: &Smile| (s.happy - neutral) / rise;
        let Some(end) = self.samples.iter().position(|s| level(s) >= END) else { return 0.0 };
        let Some(start) = self.samples.iter().take(end).rposition(|s| level(s) <= START) else { return 0.0 };
        let (Some(first), Some(last)) = (self.samples.get(start), self.samples.get(end)) else { return 0.0 };
        let took = last.at - first.at;
        let between = end - start - 1;
        if *ONSET_MS.start() > took || between == 0 {
            0.0
        } else {
            (ONSET_MS.end() / took).min(1.0) as f32 * (between as f32 / 2.0).min(1.0)
        }
    }
}
