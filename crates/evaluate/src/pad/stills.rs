//! Stills of `pad.csv`: what a passive network alone makes of single pictures.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use decide::LivenessPolicy;
use face::{Analyzer, DecodeLimits, Models, Picture};
use serde::Serialize;

use super::PadOptions;
use super::figures::{auc, rate};
use super::pool::spread;
use super::table::Table;
use crate::error::EvaluateError;
use crate::extract::{central_face, read_bounded};

/// One set, judged by one network. Rates are `null` where there is nothing of that kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StillRow {
    pub set: String,
    /// `none`: without a network a single picture gives no evidence, so it is neither accepted nor called an attack. `mean`:
    /// all networks together, as a capture is judged. `moire_cue`: no network, but the cue at its own threshold; attacks are prints and
    /// screens alike, faces that are too small for it are left out.
    pub network: String,
    /// Attacks at or above the policy's `passive_live_from`.
    pub apcer: Option<f64>,
    /// Living faces below it.
    pub bpcer: Option<f64>,
    pub auc: Option<f64>,
    pub n_live: usize,
    pub n_attack: usize,
    /// Pictures without a face that could be found; not among the others.
    pub no_face: usize,
}

/// A line of `pad.csv`.
struct Still {
    path: String,
    live: bool,
    set: String,
}

/// Name of the row in which the moiré cue is judged as if it were a network.
const MOIRE: &str = "moire_cue";

/// What one picture got from each network; `None` without a face.
type Judged = Option<Vec<(String, f32)>>;

fn list(folder: &Path) -> Result<Vec<Still>, EvaluateError> {
    let path = folder.join("pad.csv");
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let table = Table::read(&path, &["path", "label", "set"])?;
    let still = |row: super::table::Row<'_>| Still {
        path: row.get("path").to_owned(),
        live: row.get("label").eq_ignore_ascii_case("live"),
        set: row.get("set").to_owned(),
    };
    Ok(table.rows().map(still).collect())
}

/// How many pictures [`rows`] looks at.
pub(crate) fn count(folder: &Path) -> Result<usize, EvaluateError> {
    Ok(list(folder)?.len())
}

/// Each set, by each network.
pub(crate) fn rows(
    folder: &Path,
    models: &Models,
    options: &PadOptions<'_>,
    progress: &mut dyn FnMut(),
) -> Result<Vec<StillRow>, EvaluateError> {
    let stills = list(folder)?;
    let look = |analyzer: &mut Analyzer, i: usize| match stills.get(i) {
        Some(still) => judge(&folder.join(&still.path), analyzer, options.policy),
        None => Ok(None),
    };
    let judged = spread(models, options.threads, stills.len(), look, progress)?;
    let sets: BTreeSet<&str> = stills.iter().map(|s| s.set.as_str()).collect();
    let of_set = |set: &str| {
        let seen = stills.iter().zip(&judged).filter(|(still, _)| still.set == set);
        set_rows(set, &seen.map(|(still, judged)| (still.live, judged)).collect::<Vec<_>>(), options)
    };
    Ok(sets.into_iter().flat_map(of_set).collect())
}

fn judge(path: &Path, analyzer: &mut Analyzer, policy: &LivenessPolicy) -> Result<Judged, EvaluateError> {
    let Some(bytes) = read_bounded(path) else { return Ok(None) };
    let Ok(picture) = Picture::decode(&bytes, &DecodeLimits::default()) else { return Ok(None) };
    let found = analyzer.detect(&picture)?;
    let Some(face) = central_face(&found, picture.width(), picture.height()) else { return Ok(None) };
    let mut each = analyzer.passive_each(&picture, face)?;
    if each.len() > 1
        && let Some(mean) = analyzer.passive(&picture, face)?
    {
        each.push(("mean".to_owned(), mean));
    }
    let (luma, scale) = picture.luma_small(640)?;
    if let Some(peak) = liveness::moire_of(&luma, scale, face) {
        // At the policy's threshold as uncertain as a network that cannot tell.
        each.push((MOIRE.to_owned(), 1.0 / (1.0 + (peak - policy.moire_from).exp())));
    }
    Ok(Some(each))
}

fn set_rows(set: &str, seen: &[(bool, &Judged)], options: &PadOptions<'_>) -> Vec<StillRow> {
    let with_face = |live: bool| seen.iter().filter(|(l, judged)| *l == live && judged.is_some()).count();
    let no_face = seen.iter().filter(|(_, judged)| judged.is_none()).count();
    let (n_live, n_attack) = (with_face(true), with_face(false));
    let row = |network: &str, apcer, bpcer, auc| StillRow {
        set: set.to_owned(),
        network: network.to_owned(),
        apcer,
        bpcer,
        auc,
        n_live,
        n_attack,
        no_face,
    };
    let mut rows = vec![row("none", rate(0, n_attack), rate(0, n_live), None)];
    let mut scores: BTreeMap<&str, [Vec<f32>; 2]> = BTreeMap::new();
    for (live, judged) in seen {
        for (network, score) in judged.iter().flatten() {
            let [lives, attacks] = scores.entry(network).or_default();
            let side = if *live { lives } else { attacks };
            side.push(*score);
        }
    }
    let from = options.policy.passive_live_from;
    rows.extend(scores.iter().map(|(network, [lives, attacks])| {
        let accepted = attacks.iter().filter(|s| **s >= from).count();
        let refused = lives.iter().filter(|s| **s < from).count();
        let row = row(network, rate(accepted, attacks.len()), rate(refused, lives.len()), auc(lives, attacks));
        StillRow { n_live: lives.len(), n_attack: attacks.len(), ..row }
    }));
    rows
}
