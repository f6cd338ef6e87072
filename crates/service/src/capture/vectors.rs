//! Which recogniser looks at a capture, and what another one saw of the same frames.

use face::{Embedding, FaceError, FivePoints, ModelId, Picture};

use crate::capture::engine::Analyze;

/// Frames of which the recogniser in use keeps its own vector, at most.
const MAX_PAIRS: usize = 64;
/// Copies of one vector are this alike; neighbouring frames are less.
const SAME_VECTOR: f32 = 0.999_99;

/// Vectors of a capture. For a payer whose template is of a former recogniser that one judges, and the one in use looks at the same
/// frames, so that the payer can be enrolled under it.
#[derive(Default)]
pub struct Vectors {
    former: Option<ModelId>,
    pairs: Vec<Pair>,
}

struct Pair {
    judged: Embedding,
    current: Embedding,
}

impl Vectors {
    /// Lets `model` judge instead of the recogniser in use.
    pub const fn judged_by(model: ModelId) -> Self {
        Self { former: Some(model), pairs: Vec::new() }
    }

    pub(super) fn embed(
        &mut self,
        analyzer: &mut dyn Analyze,
        picture: &Picture,
        points: &FivePoints,
    ) -> Result<Embedding, FaceError> {
        let Some(model) = &self.former else { return analyzer.embed(picture, points) };
        let judged = analyzer.embed_by(model, picture, points)?;
        if self.pairs.len() < MAX_PAIRS {
            let pair = Pair { judged: judged.copied(), current: analyzer.embed(picture, points)? };
            self.pairs.push(pair);
        }
        Ok(judged)
    }

    /// The frames of a probe as the recogniser in use sees them: the probe itself where it judged, else its vectors of the very
    /// frames that were judged.
    pub(crate) fn current(self, probe: Vec<(Embedding, f32)>) -> Vec<(Embedding, f32)> {
        if self.former.is_none() {
            return probe;
        }
        let mut pairs = self.pairs;
        let mut views = Vec::with_capacity(probe.len());
        for (judged, weight) in probe {
            let found = pairs.iter().position(|p| p.judged.cosine(&judged).value() >= SAME_VECTOR);
            if let Some(at) = found {
                views.push((pairs.swap_remove(at).current, weight));
            }
        }
        views
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(model: &str, axis: usize) -> Embedding {
        let mut raw = [0.01; 32];
        raw[axis] = 1.0;
        Embedding::made_by(&ModelId::new(model), &raw).unwrap()
    }

    #[test]
    fn only_the_frames_that_were_judged_are_taken_over() {
        let pair = |i: usize| Pair { judged: vector("old", i), current: vector("new", i + 10) };
        let vectors = Vectors { former: Some(ModelId::new("old")), pairs: (0..6).map(pair).collect() };
        let views = vectors.current(vec![(vector("old", 4), 0.5), (vector("old", 1), 0.7), (vector("old", 9), 0.9)]);
        let seen: Vec<(bool, f32)> = views
            .iter()
            .zip([14, 11])
            .map(|((v, w), axis)| (v.cosine(&vector("new", axis)).value() > 0.999, *w))
            .collect();
        assert_eq!(seen, [(true, 0.5), (true, 0.7)]);
    }

    #[test]
    fn the_recogniser_in_use_takes_the_probe_as_it_is() {
        let views = Vectors::default().current(vec![(vector("new", 1), 0.5)]);
        assert_eq!(views.len(), 1);
    }
}
