//! Is it one and the same, living person through the whole capture? Sampled embeddings, and the probe made of them.

use face::Embedding;

use crate::clock::Tick;
use crate::limits::{EMBED_EVERY_MS, EMBED_PROBE_EVERY_MS, FRONTAL, MAX_PROBE, MAX_SAMPLES};
use crate::{NoEvidence, Reading};

/// Nose offset (less the baseline) beyond which the recogniser sees a half profile and is not asked.
const SAMPLED_TO: f32 = 0.40;
/// Neighbouring frontal pairs below which nothing can be said about stillness.
const STILL_PAIRS: usize = 3;

struct Sample {
    embedding: Embedding,
    /// > 0 when the frame is fit for the probe.
    weight: f32,
}

#[derive(Default)]
pub(crate) struct Identity {
    samples: Vec<Sample>,
    last_at: Option<f64>,
    last_frontal: bool,
    lowest: Option<f32>,
    /// The newest near-frontal sample, and the smallest cosine of one with the one before it.
    front: Option<usize>,
    lowest_front: Option<f32>,
    frontal: Vec<f32>,
}

impl Identity {
    /// Whether a frame at `at` (ms since the first) with this pose should be embedded.
    pub(crate) fn wants(&self, at: f64, offset: f32, for_probe: bool) -> bool {
        let every = if for_probe { EMBED_PROBE_EVERY_MS } else { EMBED_EVERY_MS };
        offset.abs() <= SAMPLED_TO
            && self.samples.len() < MAX_SAMPLES
            && self.last_at.is_none_or(|last| at - last >= every)
    }

    /// Takes a sampled frame. `offset` is relative to the baseline; `weight` > 0 offers it for the probe.
    pub(crate) fn push(&mut self, tick: Tick, offset: f32, embedding: Embedding, weight: f32) {
        let frontal = offset.abs() <= FRONTAL;
        if let Some(last) = self.samples.last() {
            let cosine = last.embedding.cosine(&embedding).value();
            self.lowest = Some(self.lowest.map_or(cosine, |lowest| lowest.min(cosine)));
            if frontal && self.last_frontal {
                self.frontal.push(cosine);
            }
        }
        if frontal {
            if let Some(before) = self.front.and_then(|at| self.samples.get(at)) {
                let cosine = before.embedding.cosine(&embedding).value();
                self.lowest_front = Some(self.lowest_front.map_or(cosine, |lowest| lowest.min(cosine)));
            }
            self.front = (self.samples.len() < MAX_SAMPLES).then_some(self.samples.len()).or(self.front);
        }
        self.last_frontal = frontal;
        self.last_at = Some(tick.at);
        if self.samples.len() < MAX_SAMPLES {
            let weight = if frontal && weight.is_finite() { weight } else { 0.0 };
            self.samples.push(Sample { embedding, weight });
        }
    }

    /// Smallest cosine of neighbouring samples, −1..1: high is good.
    pub(crate) fn continuity(&self) -> Reading {
        self.lowest.map_or(Reading::NoEvidence(NoEvidence::TooFewFrames), Reading::Value)
    }

    /// Smallest cosine of a near-frontal sample with the near-frontal one before it, however long ago, −1..1: high is good. Free
    /// of what a turn costs, it tells persons apart that look alike.
    pub(crate) fn front_continuity(&self) -> Reading {
        self.lowest_front.map_or(Reading::NoEvidence(NoEvidence::TooFewFrames), Reading::Value)
    }

    /// Median cosine of neighbouring near-frontal samples, −1..1: a picture that does not live stays near 1.
    pub(crate) fn stillness(&self) -> Reading {
        if self.frontal.len() < STILL_PAIRS {
            return Reading::NoEvidence(NoEvidence::TooFewFrames);
        }
        let mut cosines = self.frontal.clone();
        cosines.sort_by(f32::total_cmp);
        cosines.get(cosines.len() / 2).map_or(Reading::NoEvidence(NoEvidence::TooFewFrames), |&c| Reading::Value(c))
    }

    /// The sample taken last.
    pub(crate) fn last(&self) -> Option<&Embedding> {
        self.samples.last().map(|sample| &sample.embedding)
    }

    /// The probe: weighted frames, best first.
    pub(crate) fn into_probe(self) -> Vec<(Embedding, f32)> {
        let mut probe: Vec<(Embedding, f32)> =
            self.samples.into_iter().filter(|s| s.weight > 0.0).map(|s| (s.embedding, s.weight)).collect();
        probe.sort_by(|a, b| b.1.total_cmp(&a.1));
        probe.truncate(MAX_PROBE);
        probe
    }
}
