//! EfficientNet-lite0 on the engine: a picture of a pet → a vector and a species.

use face::Picture;
use nn::Session;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::KungfuError;

/// Names of the outputs.
pub(crate) const OUTPUTS: [&str; 2] = ["map", "logits"];
/// Side of the input, pixels.
pub(crate) const SIDE: usize = 224;
/// Values of an embedding.
pub(crate) const DIMS: usize = 1_280;
/// Places of the map.
const CELLS: usize = 49;
/// ImageNet classes.
const CLASSES: usize = 1_000;
/// ImageNet's breeds of dogs.
const DOGS: std::ops::Range<usize> = 151..269;
/// ImageNet's domestic cats.
const CATS: std::ops::Range<usize> = 281..286;

/// What a pet looks like: unit length. Biometric of an animal, and a secret of its keeper: wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Embedding(Vec<f32>);

/// How probable the network finds each species, 0..=1, and its first guess.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Odds {
    pub(crate) dog: f32,
    pub(crate) cat: f32,
    /// The likeliest of all classes, the picture as it is.
    pub(crate) class: u16,
}

impl Embedding {
    /// Scales to unit length.
    pub(crate) fn from_raw(values: Vec<f32>) -> Result<Self, KungfuError> {
        let mut this = Self(values);
        let norm = this.0.iter().map(|v| v * v).sum::<f32>().sqrt();
        if this.0.len() != DIMS || !norm.is_finite() || norm < 1e-6 {
            return Err(KungfuError::NoVector);
        }
        this.0.iter_mut().for_each(|v| *v /= norm);
        Ok(this)
    }

    /// As stored: refused unless its length is 1 already.
    pub(crate) fn from_unit(values: Vec<f32>) -> Option<Self> {
        let this = Self(values);
        let square = this.0.iter().map(|v| v * v).sum::<f32>();
        (this.0.len() == DIMS && (square - 1.0).abs() < 1e-3).then_some(this)
    }

    /// The mean of several, of unit length again, and the length it had: 1 when all are the same, less the less they agree.
    pub(crate) fn mean<'a>(all: impl IntoIterator<Item = &'a Self>) -> Result<(Self, f32), KungfuError> {
        let (mut sum, mut count) = (vec![0.0; DIMS], 0_u16);
        for one in all {
            sum.iter_mut().zip(&one.0).for_each(|(s, v)| *s += v);
            count += 1;
        }
        let length = sum.iter().map(|v| v * v).sum::<f32>().sqrt() / f32::from(count.max(1));
        Ok((Self::from_raw(sum)?, length))
    }

    pub(crate) fn cosine(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum::<f32>().clamp(-1.0, 1.0)
    }

    pub(crate) fn values(&self) -> &[f32] {
        &self.0
    }
}

/// Each mean is raised to this power before lengths are made 1: a few strong channels (collars, lawns) must not outweigh the many weak
/// ones that tell one dog from another of its breed. Chosen on the development dogs among 0.1 to 1 (BENCHMARKS.md, *Tattoos and pets*).
const POWER: f32 = 0.25;

/// Looks at the picture and at its mirror image, both squeezed to a square.
pub(crate) fn look(session: &mut Session, picture: &Picture) -> Result<(Embedding, Odds), KungfuError> {
    let square = picture.resized(SIDE as u32, SIDE as u32)?;
    let mut sum = Zeroizing::new(vec![0.0; DIMS]);
    let mut odds = Odds::default();
    for mirrored in [false, true] {
        let outputs = session.run(|input| lay_out(&square, mirrored, input))?;
        let map = outputs.named("map", DIMS * CELLS)?;
        let means =
            map.chunks_exact(CELLS).map(|cells| (cells.iter().sum::<f32>() / CELLS as f32).max(0.0).powf(POWER));
        let one = Embedding::from_raw(means.collect())?;
        sum.iter_mut().zip(&one.0).for_each(|(s, v)| *s += v);
        let seen = species(outputs.named("logits", CLASSES)?);
        let class = if mirrored { odds.class } else { seen.class };
        odds = Odds { dog: odds.dog + seen.dog / 2.0, cat: odds.cat + seen.cat / 2.0, class };
    }
    Ok((Embedding::from_raw(sum.to_vec())?, odds))
}

/// RGB planes of (v − 127) / 128, as the network was trained.
fn lay_out(square: &Picture, mirrored: bool, input: &mut [f32]) {
    let (pixels, _) = square.rgb().as_chunks::<3>();
    for (channel, plane) in input.chunks_exact_mut(SIDE * SIDE).enumerate() {
        for (line, row) in plane.chunks_exact_mut(SIDE).zip(pixels.chunks_exact(SIDE)) {
            let value = |p: &[u8; 3]| (f32::from(p.get(channel).copied().unwrap_or(0)) - 127.0) / 128.0;
            if mirrored {
                line.iter_mut().rev().zip(row).for_each(|(to, p)| *to = value(p));
            } else {
                line.iter_mut().zip(row).for_each(|(to, p)| *to = value(p));
            }
        }
    }
}

/// The softmax' share of dogs and of cats.
fn species(logits: &[f32]) -> Odds {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let share = |range: std::ops::Range<usize>| -> f32 {
        logits.get(range).unwrap_or_default().iter().map(|l| (l - top).exp()).sum()
    };
    let all = share(0..CLASSES).max(f32::MIN_POSITIVE);
    let class = (0_u16..).zip(logits).max_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(class, _)| class);
    Odds { dog: share(DOGS) / all, cat: share(CATS) / all, class }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_species_are_shares_of_the_softmax() {
        let mut logits = [0.0; CLASSES];
        logits[200] = 9.0;
        let odds = species(&logits);
        assert!(odds.dog > 0.85 && odds.cat < 0.01 && odds.class == 200, "{odds:?}");
        logits[282] = 12.0;
        let odds = species(&logits);
        assert!(odds.cat > odds.dog && odds.cat + odds.dog <= 1.0, "{odds:?}");
    }

    #[test]
    fn unusable_vectors_are_refused() {
        assert!(Embedding::from_raw(vec![0.0; DIMS]).is_err());
        assert!(Embedding::from_raw(vec![f32::NAN; DIMS]).is_err());
        assert!(Embedding::from_raw(vec![1.0; 3]).is_err());
        let one = Embedding::from_raw(vec![1.0; DIMS]).unwrap();
        let (mean, length) = Embedding::mean([&one, &one]).unwrap();
        assert!((one.cosine(&mean) - 1.0).abs() < 1e-5 && (length - 1.0).abs() < 1e-5);
    }
}
