//! What a passive network, where the operator plugged one in, makes of a few near-frontal frames.

use crate::{NoEvidence, Reading};

/// Time between two frames that are looked at (ms).
const EVERY_MS: f64 = 400.0;
/// Most frames of a capture.
const MOST: usize = 24;
/// Fewer frames say nothing.
const LEAST: usize = 3;

#[derive(Default)]
pub(crate) struct PassiveWatch {
    last: Option<f64>,
    scores: Vec<f32>,
}

impl PassiveWatch {
    pub(crate) fn wants(&self, at: f64) -> bool {
        self.scores.len() < MOST && self.last.is_none_or(|last| at - last >= EVERY_MS)
    }

    /// `live`: the share that the network gives to a living face.
    pub(crate) fn push(&mut self, at: f64, live: f32) {
        if self.wants(at) && live.is_finite() {
            self.last = Some(at);
            self.scores.push(live.clamp(0.0, 1.0));
        }
    }

    /// The median: high is live. Nothing was asked where no network is plugged in.
    pub(crate) fn reading(&self) -> Reading {
        let mut sorted = self.scores.clone();
        sorted.sort_by(f32::total_cmp);
        match sorted.len() {
            0 => Reading::NoEvidence(NoEvidence::NotAsked),
            1..LEAST => Reading::NoEvidence(NoEvidence::TooFewFrames),
            n => sorted.get(n / 2).copied().map_or(Reading::NoEvidence(NoEvidence::TooFewFrames), Reading::Value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_frames_that_are_some_time_apart() {
        let mut watch = PassiveWatch::default();
        assert_eq!(watch.reading(), Reading::NoEvidence(NoEvidence::NotAsked));
        for i in 0..30 {
            // Every second one is far enough from the last one that was looked at.
            watch.push(f64::from(i) * 200.0, if i == 0 { 0.1 } else { 0.9 });
        }
        assert_eq!(watch.scores.len(), 15);
        assert_eq!(watch.reading(), Reading::Value(0.9));
        let mut short = PassiveWatch::default();
        short.push(0.0, 0.9);
        short.push(400.0, f32::NAN);
        assert_eq!(short.reading(), Reading::NoEvidence(NoEvidence::TooFewFrames));
    }
}
