use std::collections::BTreeMap;

use serde::Serialize;

use crate::Vectors;
use crate::metrics::{Scores, SortedScores, ratio};
use crate::pairs::{Pair, PairList};
use crate::templates::TemplateRow;

/// False match rates at which the true accept rate is told.
const RATES: [(&str, f64); 4] = [("1e-1", 1e-1), ("1e-2", 1e-2), ("1e-3", 1e-3), ("1e-4", 1e-4)];
/// Cosines at which both error rates are told; 0.363 is OpenCV's published threshold for SFace.
const COSINES: [(&str, f32); 6] =
    [("0.363", 0.363), ("0.400", 0.4), ("0.450", 0.45), ("0.500", 0.5), ("0.550", 0.55), ("0.600", 0.6)];
/// The group of a row over all pairs of a set.
const ALL: &str = "*";

/// What `evaluate faces` found. Field names are a contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Different pictures.
    pub images: usize,
    /// Pictures without a usable face, undecodable ones included.
    pub fta: usize,
    pub sets: Vec<SetRow>,
    /// The template protocol, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub templates: Option<Vec<TemplateRow>>,
    pub ms: Millis,
}

/// Figures of one set, over all its pairs (group `*`) or of one group. Rates are 0..=1, absent ones `null`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SetRow {
    pub set: String,
    pub group: String,
    /// Compared pairs of one person, and of two.
    pub genuine: usize,
    pub impostor: usize,
    /// Share judged right at the best threshold of this row.
    pub accuracy: Option<f64>,
    /// As `accuracy`, with each pair that lacks a face counted as judged wrong.
    pub accuracy_with_fta: Option<f64>,
    pub eer: Option<f64>,
    pub tar_at_fmr: BTreeMap<&'static str, Option<f64>>,
    pub fnmr_at: BTreeMap<&'static str, OperatingPoint>,
}

/// Error rates at one cosine.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OperatingPoint {
    pub fmr: f64,
    pub fnmr: f64,
}

/// Median milliseconds on one thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Millis {
    /// Of the list's own pictures.
    pub decode: f64,
    pub detect: f64,
    /// Alignment included.
    pub embed: f64,
    /// Of one 1280×720 JPEG with one face.
    pub p720_decode: f64,
    pub p720_detect: f64,
    pub p720_embed: f64,
    /// Detect, align and embed together.
    pub p720_detect_embed: f64,
    /// As before, with decoding.
    pub p720_total: f64,
}

pub(crate) fn build(list: &PairList, vectors: &Vectors, ms: Millis) -> Report {
    let mut order: Vec<(&str, &str)> = Vec::new();
    let mut tallies: BTreeMap<(&str, &str), Tally> = BTreeMap::new();
    for pair in &list.pairs {
        for key in [(pair.set.as_str(), ALL), (pair.set.as_str(), pair.group.as_str())] {
            let tally = tallies.entry(key).or_insert_with(|| {
                order.push(key);
                Tally::default()
            });
            tally.add(pair, vectors);
        }
    }
    order.sort_unstable();
    let rows = order.into_iter().filter_map(|key| tallies.remove(&key).map(|t| t.row(key.0, key.1)));
    let fta = vectors.iter().filter(|v| v.is_none()).count();
    Report { images: list.images.len(), fta, sets: rows.collect(), templates: None, ms }
}

#[derive(Default)]
struct Tally {
    scores: Scores,
    without_face: usize,
}

impl Tally {
    fn add(&mut self, pair: &Pair, vectors: &Vectors) {
        let get = |i: usize| vectors.get(i).and_then(Option::as_ref);
        match (get(pair.a), get(pair.b)) {
            (Some(a), Some(b)) => self.scores.push(pair.same, a.embedding.cosine(&b.embedding).value()),
            _ => self.without_face += 1,
        }
    }

    fn row(self, set: &str, group: &str) -> SetRow {
        let scores = self.scores.finish();
        let compared = scores.genuine() + scores.impostor();
        let correct = scores.best_correct();
        let share = |whole: usize| (whole > 0).then(|| ratio(correct, whole));
        SetRow {
            set: set.to_owned(),
            group: group.to_owned(),
            genuine: scores.genuine(),
            impostor: scores.impostor(),
            accuracy: share(compared),
            accuracy_with_fta: share(compared + self.without_face),
            eer: scores.eer(),
            tar_at_fmr: RATES.into_iter().map(|(name, rate)| (name, scores.tar_at_fmr(rate))).collect(),
            fnmr_at: COSINES.into_iter().map(|(name, cosine)| (name, point(&scores, cosine))).collect(),
        }
    }
}

fn point(scores: &SortedScores, cosine: f32) -> OperatingPoint {
    OperatingPoint { fmr: scores.fmr(cosine), fnmr: scores.fnmr(cosine) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Extracted;
    use face::{EMBEDDING_LEN, Embedding};

    fn vector(axis: usize) -> Option<Extracted> {
        let mut raw = [0.0; EMBEDDING_LEN];
        raw[axis] = 1.0;
        Some(Extracted { embedding: Embedding::from_raw(&raw).unwrap(), weight: 1.0 })
    }

    fn pair(a: usize, b: usize, same: bool, group: &str) -> Pair {
        Pair { a, b, same, group: group.to_owned(), set: "s".to_owned() }
    }

    #[test]
    fn pairs_without_a_face_count_only_in_accuracy_with_fta() {
        let list = PairList {
            images: (0..4).map(|i| i.to_string()).collect(),
            pairs: vec![pair(0, 1, true, "G"), pair(0, 2, false, "G"), pair(0, 3, true, "H"), pair(1, 3, false, "H")],
        };
        let vectors = vec![vector(0), vector(0), vector(1), None];
        let report = build(&list, &vectors, Millis::default());
        assert_eq!((report.images, report.fta), (4, 1));
        let names: Vec<&str> = report.sets.iter().map(|r| r.group.as_str()).collect();
        assert_eq!(names, ["*", "G", "H"]);
        let all = &report.sets[0];
        assert_eq!((all.genuine, all.impostor), (1, 1));
        assert_eq!((all.accuracy, all.accuracy_with_fta), (Some(1.0), Some(0.5)));
        assert_eq!((report.sets[2].accuracy, report.sets[2].accuracy_with_fta), (None, Some(0.0)));
    }

    #[test]
    fn the_json_form_is_the_contract() {
        let list = PairList { images: vec!["x".into(), "y".into()], pairs: vec![pair(0, 1, true, "")] };
        let report = build(&list, &vec![vector(0), vector(0)], Millis::default());
        let json = serde_json::to_value(&report).unwrap();
        for key in ["images", "fta", "sets", "ms"] {
            assert!(json.get(key).is_some(), "{key}");
        }
        for key in
            ["set", "group", "genuine", "impostor", "accuracy", "accuracy_with_fta", "eer", "tar_at_fmr", "fnmr_at"]
        {
            assert!(json["sets"][0].get(key).is_some(), "{key}");
        }
        assert!(json["sets"][0]["fnmr_at"]["0.363"]["fnmr"].is_number());
        assert!(json["sets"][0]["tar_at_fmr"].get("1e-3").is_some());
        assert!(["decode", "detect", "embed"].iter().all(|k| json["ms"][k].is_number()));
    }
}
