//! Unlinkability (ISO/IEC 24745): can somebody who holds the protected vectors of two systems tell which belong to one person?

use face::Embedding;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::error::EvaluateError;
use crate::gallery::Gallery;
use crate::limits::MAX_LINK_PAIRS;
use crate::metrics::Scores;

/// How a vector looks under a key that is drawn for this one call.
pub type Protect<'a> = &'a mut dyn FnMut(&[f32]) -> Option<Zeroizing<Vec<f32>>>;

/// What an observer could compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Linker {
    /// Cosine of the protected vectors.
    Cosine,
    /// Cosine of their magnitudes in order of size: blind to a change of signs or of places.
    SortedMagnitudes,
    /// The unprotected vectors: what linking looks like where it works, so that the measure can fail.
    Unprotected,
}

/// One way of linking.
#[derive(Clone, Debug, Serialize)]
pub struct LinkerRow {
    pub linker: Linker,
    /// Chance that a pair of one person scores above a pair of two; 0.5 = nothing can be told.
    pub auc: f64,
    /// How far from 0.5 nineteen in twenty measurements of this size lie where nothing can be told.
    pub chance_95: f64,
}

/// What [`unlinkability`] found.
#[derive(Clone, Debug, Serialize)]
pub struct Unlinkability {
    pub people: usize,
    /// Pairs of one person under two keys.
    pub mated: usize,
    /// Pairs of two people of one set under two keys.
    pub non_mated: usize,
    pub seed: u64,
    pub rows: Vec<LinkerRow>,
}

/// Pairs of pictures of one person, and as many of two people of the same set, each vector under a key of its own. At most
/// `most` of each, drawn by `seed`.
///
/// # Errors
/// Nobody has two usable pictures, or no set two people; `protect` fails.
pub fn unlinkability(
    gallery: &Gallery,
    most: usize,
    seed: u64,
    protect: Protect<'_>,
) -> Result<Unlinkability, EvaluateError> {
    let usable = |places: &[usize]| -> Vec<&Embedding> {
        places.iter().filter_map(|i| gallery.vectors.get(*i)?.as_ref()).map(|e| &e.embedding).collect()
    };
    let people: Vec<(&str, Vec<&Embedding>)> =
        gallery.people.iter().map(|p| (p.set.as_str(), usable(&p.pictures))).filter(|(_, v)| !v.is_empty()).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut mated: Vec<(&Embedding, &Embedding)> = people.iter().flat_map(|(_, v)| pairs_of(v)).collect();
    mated.shuffle(&mut rng);
    mated.truncate(most.min(MAX_LINK_PAIRS));
    let two: Vec<usize> = (0..people.len()).filter(|i| stranger(&people, *i, 0).is_some()).collect();
    if mated.is_empty() || two.is_empty() {
        return Err(EvaluateError::TooFewPictures { needed: 2 });
    }
    let draw = |_| {
        let one = *two.get(rng.random_range(0..two.len()))?;
        let other = stranger(&people, one, rng.random_range(0..people.len()))?;
        let mut pick = |person: usize| {
            let (_, vectors) = people.get(person)?;
            vectors.get(rng.random_range(0..vectors.len())).copied()
        };
        Some((pick(one)?, pick(other)?))
    };
    let non_mated: Vec<(&Embedding, &Embedding)> = (0..mated.len()).filter_map(draw).collect();
    let pairs = mated.iter().map(|p| (true, *p)).chain(non_mated.iter().map(|p| (false, *p)));
    let pairs = pairs.map(|(same, (a, b))| (same, a.expose_values(), b.expose_values()));
    let rows = link(pairs, protect)?;
    Ok(Unlinkability { people: people.len(), mated: mated.len(), non_mated: non_mated.len(), seed, rows })
}

fn pairs_of<'e>(vectors: &[&'e Embedding]) -> Vec<(&'e Embedding, &'e Embedding)> {
    let mut pairs = Vec::new();
    for (i, a) in vectors.iter().enumerate() {
        pairs.extend(vectors.iter().skip(i + 1).map(|b| (*a, *b)));
    }
    pairs
}

/// The first other person of the same set at or after place `from`, round about.
fn stranger(people: &[(&str, Vec<&Embedding>)], one: usize, from: usize) -> Option<usize> {
    let (set, _) = people.get(one)?;
    let places = (from..people.len()).chain(0..from);
    places.into_iter().find(|i| *i != one && people.get(*i).is_some_and(|(other, _)| other == set))
}

/// Scores every pair by every linker.
fn link<'v>(
    pairs: impl Iterator<Item = (bool, &'v [f32], &'v [f32])>,
    protect: Protect<'_>,
) -> Result<Vec<LinkerRow>, EvaluateError> {
    let [mut cosine, mut sorted, mut plain] = [Scores::default(), Scores::default(), Scores::default()];
    for (same, a, b) in pairs {
        let mut hide = |v: &[f32]| protect(v).ok_or(EvaluateError::NotProtected);
        let (mut x, mut y) = (hide(a)?, hide(b)?);
        cosine.push(same, dot(&x, &y));
        magnitudes(&mut x);
        magnitudes(&mut y);
        sorted.push(same, dot(&x, &y));
        plain.push(same, dot(a, b));
    }
    let row = |linker, scores: Scores| {
        let scores = scores.finish();
        // Standard error of the Mann–Whitney statistic where both kinds come from one distribution (Hanley & McNeil 1982).
        #[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
        let (m, n) = (scores.genuine() as f64, scores.impostor() as f64);
        let chance_95 = 1.96 * ((m + n + 1.0) / (12.0 * m * n)).sqrt();
        LinkerRow { linker, auc: scores.auc(), chance_95 }
    };
    Ok(vec![row(Linker::Cosine, cosine), row(Linker::SortedMagnitudes, sorted), row(Linker::Unprotected, plain)])
}

fn magnitudes(v: &mut [f32]) {
    v.iter_mut().for_each(|x| *x = x.abs());
    v.sort_unstable_by(f32::total_cmp);
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: usize = 128;

    /// Vectors of 1,000 people, two pictures of each about 0.95 alike, and strangers.
    fn people(rng: &mut ChaCha8Rng) -> Vec<(bool, Vec<f32>, Vec<f32>)> {
        let unit = |v: Vec<f32>| {
            let length = dot(&v, &v).sqrt();
            v.into_iter().map(|x| x / length).collect::<Vec<f32>>()
        };
        let mut draw = || unit((0..LENGTH).map(|_| (0..6).map(|_| rng.random_range(-0.5..0.5_f32)).sum()).collect());
        let mut all = Vec::new();
        for _ in 0..1_000 {
            let (person, noise, other) = (draw(), draw(), draw());
            let near = unit(person.iter().zip(&noise).map(|(p, n)| 0.95 * p + 0.31 * n).collect());
            all.push((true, person.clone(), near));
            all.push((false, person, other));
        }
        all
    }

    fn auc(rows: &[LinkerRow], linker: Linker) -> f64 {
        rows.iter().find(|r| r.linker == linker).unwrap().auc
    }

    #[test]
    fn a_new_key_each_time_hides_who_is_who_and_weak_ones_are_caught() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let all = people(&mut rng);
        let pairs = || all.iter().map(|(same, a, b)| (*same, a.as_slice(), b.as_slice()));
        let same_key = link(pairs(), &mut |v| Some(Zeroizing::new(v.to_vec()))).unwrap();
        assert!(auc(&same_key, Linker::Cosine) > 0.99 && auc(&same_key, Linker::Unprotected) > 0.99);
        // Signs alone hide from the cosine and not from the sorted magnitudes.
        let signs = |v: &[f32]| Some(Zeroizing::new(v.iter().map(|x| if rng.random() { *x } else { -x }).collect()));
        let mut signs = signs;
        let signs = link(pairs(), &mut signs).unwrap();
        assert!((auc(&signs, Linker::Cosine) - 0.5).abs() < 0.05);
        assert!(auc(&signs, Linker::SortedMagnitudes) > 0.55, "{}", auc(&signs, Linker::SortedMagnitudes));
    }
}
