//! Evaluation on photos of tattoos and dogs: one photo against one, three enrolled photos against one, time.
//!
//! `tattoo_pairs.csv` says which pairs show the same tattoo (`clean`: the same side; `partial`: another angle, or before and after it
//! was finished); each kind of genuine pairs is set against all impostor pairs. Of `dogs.csv` the first three photos of a dog are
//! enrolled and each other one is compared with every dog.

mod list;
mod times;

use std::collections::BTreeMap;
use std::path::Path;

use ::kungfu::{Analyzer, Kind, Models, ObjectTemplate, Seen};
use decide::KungfuPolicy;
use serde::Serialize;

use crate::EvaluateError;
use crate::interval::exact_95;
use crate::metrics::{Scores, SortedScores};
use list::{Dog, TattooPair};

pub use times::KungfuMillis;

/// What `evaluate kungfu` found. Field names are a contract; a figure without trials is `null`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KungfuReport {
    pub tattoo: Vec<TattooRow>,
    pub dogs: DogsRow,
    pub ms: KungfuMillis,
}

/// One kind of genuine pairs against all impostor pairs. Rates are 0..=1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TattooRow {
    pub kind: &'static str,
    pub genuine: usize,
    pub impostor: usize,
    pub tar_at_fmr: BTreeMap<&'static str, Option<f64>>,
    pub eer: Option<f64>,
}

/// Templates of several photos against single photos. Rates are 0..=1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DogsRow {
    pub enrolled: usize,
    pub instances: usize,
    pub genuine: usize,
    pub impostor: usize,
    pub eer: Option<f64>,
    pub tar_at_fmr: BTreeMap<&'static str, Option<f64>>,
    /// The same with impostors of the same breed only.
    #[serde(skip)]
    pub same_breed: Breed,
    /// At the shipped thresholds `grey_from` and `match_from`, all impostors.
    #[serde(skip)]
    pub shipped: [Shipped; 2],
}

/// Impostors whose photo the pet network takes for the breed of the first enrolled photo. Rates are 0..=1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Breed {
    pub impostor: usize,
    pub eer: Option<f64>,
    pub tar_at_fmr: BTreeMap<&'static str, Option<f64>>,
    pub shipped: [Shipped; 2],
}

/// Errors at one threshold of `decide`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shipped {
    pub threshold: f32,
    pub fmr: f64,
    pub fnmr: f64,
}

impl TattooRow {
    /// 95 % interval of the true accept rate at a false match rate, by its name. Pairs share photos, so the true one is wider.
    pub fn interval(&self, rate: &str) -> Option<[f64; 2]> {
        let tar = self.tar_at_fmr.get(rate).copied().flatten()?;
        Some(interval(tar, self.genuine))
    }
}

impl DogsRow {
    /// As [`TattooRow::interval`].
    pub fn interval(&self, rate: &str) -> Option<[f64; 2]> {
        let tar = self.tar_at_fmr.get(rate).copied().flatten()?;
        Some(interval(tar, self.genuine))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "counts")]
fn interval(share: f64, of: usize) -> [f64; 2] {
    exact_95((share * of as f64).round() as u64, of as u64)
}

/// Genuine kinds of `tattoo_pairs.csv`.
const KINDS: [&str; 2] = ["clean", "partial"];
/// Photos in a dog's template.
const ENROLLED: usize = 3;
/// False match rates at which the true accept rate is told.
const RATES: [(&str, f64); 2] = [("1e-2", 1e-2), ("1e-3", 1e-3)];

/// Measures the photos of `data/tattoo_pairs.csv` and `data/dogs.csv`. `progress(done, total)` is called after each photo and pair.
///
/// # Errors
/// A list or a photo is missing or malformed, or the engine fails.
pub fn kungfu(
    data: &Path,
    models: &Models,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<KungfuReport, EvaluateError> {
    let (pairs, dogs) = (list::pairs(&data.join("tattoo_pairs.csv"))?, list::dogs(&data.join("dogs.csv"))?);
    let mut analyzer = models.analyzer()?;
    let photos: usize = dogs.iter().map(|d| d.photos.len()).sum();
    let total = pairs.len() + photos;
    let mut done = 0;
    let mut step = || {
        done += 1;
        progress(done, total);
    };
    let tattoo = tattoo_rows(data, &mut analyzer, &pairs, &mut step)?;
    let dogs_row = dogs_row(data, &mut analyzer, &dogs, &mut step)?;
    let ms = times::measure(data, &mut analyzer, &pairs, &dogs)?;
    Ok(KungfuReport { tattoo, dogs: dogs_row, ms })
}

fn tattoo_rows(
    data: &Path,
    analyzer: &mut Analyzer,
    pairs: &[TattooPair],
    step: &mut dyn FnMut(),
) -> Result<Vec<TattooRow>, EvaluateError> {
    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    let mut scores: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
    for pair in pairs {
        for path in [&pair.a, &pair.b] {
            if !seen.contains_key(path.as_str()) {
                seen.insert(path, list::look(data, path, analyzer, Kind::Tattoo)?);
            }
        }
        if let (Some(a), Some(b)) = (seen.get(pair.a.as_str()), seen.get(pair.b.as_str())) {
            scores.entry(&pair.kind).or_default().push(a.likeness(b).score);
        }
        step();
    }
    let of = |kind: &str| scores.get(kind).map_or(&[][..], Vec::as_slice);
    Ok(KINDS.into_iter().map(|kind| tattoo_row(kind, of(kind), of("impostor"))).collect())
}

fn tattoo_row(kind: &'static str, genuine: &[f32], impostor: &[f32]) -> TattooRow {
    let mut scores = Scores::default();
    genuine.iter().for_each(|s| scores.push(true, *s));
    impostor.iter().for_each(|s| scores.push(false, *s));
    let scores = scores.finish();
    TattooRow {
        kind,
        genuine: scores.genuine(),
        impostor: scores.impostor(),
        tar_at_fmr: rates(&scores),
        eer: scores.eer(),
    }
}

fn dogs_row(
    data: &Path,
    analyzer: &mut Analyzer,
    dogs: &[Dog],
    step: &mut dyn FnMut(),
) -> Result<DogsRow, EvaluateError> {
    let (mut templates, mut probes) = (Vec::new(), Vec::new());
    for dog in dogs.iter().filter(|d| d.photos.len() >= ENROLLED) {
        let mut enrolled = Vec::new();
        for path in &dog.photos {
            let seen = list::look(data, path, analyzer, Kind::Pet)?;
            match enrolled.len() < ENROLLED {
                true => enrolled.push(seen),
                false => probes.push((templates.len(), [seen])),
            }
            step();
        }
        let breed = enrolled.first().and_then(|seen| seen.quality().breed);
        templates.push((ObjectTemplate::from_photos(Kind::Pet, enrolled)?, breed));
    }
    let (mut all, mut same_breed) = (Scores::default(), Scores::default());
    for (own, probe) in &probes {
        let breed = probe.first().and_then(|seen| seen.quality().breed);
        for (at, (template, theirs)) in templates.iter().enumerate() {
            let score = template.compare(probe).score;
            all.push(at == *own, score);
            if at == *own || breed == *theirs {
                same_breed.push(at == *own, score);
            }
        }
    }
    let (all, same_breed) = (all.finish(), same_breed.finish());
    Ok(DogsRow {
        enrolled: ENROLLED,
        instances: templates.len(),
        genuine: all.genuine(),
        impostor: all.impostor(),
        eer: all.eer(),
        tar_at_fmr: rates(&all),
        shipped: shipped(&all),
        same_breed: Breed {
            impostor: same_breed.impostor(),
            eer: same_breed.eer(),
            tar_at_fmr: rates(&same_breed),
            shipped: shipped(&same_breed),
        },
    })
}

fn shipped(scores: &SortedScores) -> [Shipped; 2] {
    let pet = KungfuPolicy::default().pet;
    [pet.grey_from, pet.match_from].map(|threshold| Shipped {
        threshold,
        fmr: scores.fmr(threshold),
        fnmr: scores.fnmr(threshold),
    })
}

fn rates(scores: &SortedScores) -> BTreeMap<&'static str, Option<f64>> {
    RATES.into_iter().map(|(name, rate)| (name, scores.tar_at_fmr(rate))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_form_is_the_contract() {
        let report = KungfuReport {
            tattoo: vec![tattoo_row("clean", &[], &[])],
            dogs: DogsRow {
                enrolled: 3,
                instances: 0,
                genuine: 0,
                impostor: 0,
                eer: None,
                tar_at_fmr: rates(&Scores::default().finish()),
                same_breed: Breed::default(),
                shipped: [Shipped::default(); 2],
            },
            ms: KungfuMillis { tattoo_extract: None, tattoo_match: None, pet_embed: None },
        };
        let wanted = serde_json::json!({
            "tattoo": [{"kind": "clean", "genuine": 0, "impostor": 0, "tar_at_fmr": {"1e-2": null, "1e-3": null}, "eer": null}],
            "dogs": {"enrolled": 3, "instances": 0, "genuine": 0, "impostor": 0, "eer": null,
                     "tar_at_fmr": {"1e-2": null, "1e-3": null}},
            "ms": {"tattoo_extract": null, "tattoo_match": null, "pet_embed": null},
        });
        assert_eq!(serde_json::to_value(&report).unwrap(), wanted);
    }

    #[test]
    fn the_interval_is_that_of_the_counts() {
        let row = tattoo_row("clean", &[9.0; 16], &[1.0; 200]);
        let [low, high] = row.interval("1e-2").unwrap();
        assert!((low - 0.794).abs() < 1e-3 && (high - 1.0).abs() < 1e-9, "{low} {high}");
    }
}
