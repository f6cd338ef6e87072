//! Golden tests on the public test portraits: what holds for every network of a role, whoever made it.

use std::path::PathBuf;

use face::{Analyzer, Detection, Embedding, Picture};
use models::{Plug, PlugRole, Portraits};

use super::{CheckError, Finding, Pair, read};

/// One person three times, and another one.
const SAME: [&str; 3] = ["obama.jpg", "obama2.jpg", "obama3.jpg"];
const OTHER: &str = "biden.jpg";
/// How far the least alike pictures of one person stand above the most alike pictures of two, as cosine. SFace: 0.3 and more.
const SEPARATION: f32 = 0.10;
/// A network that gives another vector for the same picture is not one.
const REPEATED: f32 = 0.9999;
/// Points may lie this far from the shipped network's, in eye distances.
const POINTS_APART: f32 = 0.15;
/// Landmarks may on the mean.
const MESH_APART: f32 = 0.15;
/// Readings of happiness may differ by this much.
const HAPPY_APART: f32 = 0.5;

struct Shown {
    name: &'static str,
    picture: Picture,
    /// By the shipped detector.
    face: Detection,
}

/// What speaks for and against the network.
pub(super) fn check(plug: &Plug, pair: &Pair, portraits: &Portraits) -> Result<Vec<Finding>, CheckError> {
    let (mut shipped, mut plugged) = (pair.shipped.analyzer()?, pair.plugged.analyzer()?);
    let mut shown = Vec::new();
    for name in SAME.into_iter().chain([OTHER]) {
        let path = portraits.get(name).map(PathBuf::from).unwrap_or_default();
        let picture = read(&path)?;
        let face = shipped.detect(&picture)?.into_iter().next();
        let face = face.ok_or(crate::casting::CastingError::NoFace(path))?;
        shown.push(Shown { name, picture, face });
    }
    match plug.role {
        PlugRole::Recogniser => recogniser(plug, &mut plugged, &shown, portraits),
        PlugRole::Detector => detector(&mut plugged, &shown),
        PlugRole::Landmarks => landmarks(&mut shipped, &mut plugged, &shown),
        PlugRole::Expression => expression(&mut shipped, &mut plugged, &shown),
    }
}

fn recogniser(
    plug: &Plug,
    analyzer: &mut Analyzer,
    shown: &[Shown],
    portraits: &Portraits,
) -> Result<Vec<Finding>, CheckError> {
    let mut vectors: Vec<(&str, Embedding)> = Vec::new();
    let mut repeats = true;
    for s in shown {
        let first = analyzer.embed(&s.picture, &s.face.points)?;
        repeats &= first.cosine(&analyzer.embed(&s.picture, &s.face.points)?).value() >= REPEATED;
        vectors.push((s.name, first));
    }
    let mut findings = vec![Finding::new(repeats, "the same picture gives the same vector")];
    let (mut same, mut other) = (f32::INFINITY, f32::NEG_INFINITY);
    for (i, (a, va)) in vectors.iter().enumerate() {
        for (b, vb) in vectors.iter().skip(i + 1) {
            let cosine = va.cosine(vb).value();
            if *a == OTHER || *b == OTHER { other = other.max(cosine) } else { same = same.min(cosine) }
        }
    }
    findings.push(Finding::new(
        same - other >= SEPARATION,
        format!(
            "three pictures of one person are more alike than any of them and another person (by {SEPARATION} and more)"
        ),
    ));
    for golden in &plug.golden {
        let beside = plug.manifest.parent().map(|dir| dir.join(&golden.picture)).unwrap_or_default();
        let path = portraits.get(&golden.picture).map_or(beside, PathBuf::from);
        let picture = read(&path)?;
        let face = analyzer.detect(&picture)?.into_iter().next();
        let face = face.ok_or(crate::casting::CastingError::NoFace(path))?;
        let found = analyzer.embed(&picture, &face.points)?;
        let wanted = Embedding::made_by(found.model(), &golden.values)?;
        let text = format!("golden vector of {} (cosine {} and more)", golden.picture, golden.cosine_from);
        findings.push(Finding::new(found.cosine(&wanted).value() >= golden.cosine_from, text));
    }
    Ok(findings)
}

fn detector(analyzer: &mut Analyzer, shown: &[Shown]) -> Result<Vec<Finding>, CheckError> {
    let mut apart = Vec::new();
    for s in shown {
        let found = analyzer.detect(&s.picture)?;
        let eyes = s.face.points.eye_distance().max(1.0);
        let worst = |d: &Detection| {
            let pairs = d.points.0.iter().zip(&s.face.points.0);
            pairs.map(|(p, q)| p.distance(*q) / eyes).fold(0.0, f32::max)
        };
        apart.push(found.iter().map(worst).fold(f32::INFINITY, f32::min));
    }
    let worst = apart.into_iter().fold(0.0, f32::max);
    let text =
        format!("its five points are the shipped detector's within {POINTS_APART} eye distances (found {worst:.3})");
    Ok(vec![Finding::new(worst <= POINTS_APART, text)])
}

fn landmarks(shipped: &mut Analyzer, plugged: &mut Analyzer, shown: &[Shown]) -> Result<Vec<Finding>, CheckError> {
    let mut worst = 0.0_f32;
    for s in shown {
        let (ours, theirs) = (shipped.mesh(&s.picture, &s.face)?, plugged.mesh(&s.picture, &s.face)?);
        let apart = |(a, b): (&[f32; 3], &[f32; 3])| (a[0] - b[0]).hypot(a[1] - b[1]);
        #[expect(clippy::cast_precision_loss, reason = "468 points")]
        let mean = ours.points.iter().zip(&theirs.points).map(apart).sum::<f32>() / ours.points.len() as f32;
        worst = worst.max(mean / s.face.points.eye_distance().max(1.0));
    }
    let text = format!(
        "its landmarks are the shipped network's within {MESH_APART} eye distances on the mean (found {worst:.3})"
    );
    Ok(vec![Finding::new(worst <= MESH_APART, text)])
}

fn expression(shipped: &mut Analyzer, plugged: &mut Analyzer, shown: &[Shown]) -> Result<Vec<Finding>, CheckError> {
    let mut worst = 0.0_f32;
    for s in shown {
        worst = worst.max((shipped.happy(&s.picture, &s.face)? - plugged.happy(&s.picture, &s.face)?).abs());
    }
    let text =
        format!("it finds the portraits as happy as the shipped network does, within {HAPPY_APART} (found {worst:.2})");
    Ok(vec![Finding::new(worst <= HAPPY_APART, text)])
}
