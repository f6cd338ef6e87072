//! The groups may not drift apart: the worst group's false match ratio on the development data against the committed figure.
//! And the calibration that ships is what `smilepay evaluate calibrate --seed 1 --swap --precision f32` gives.
//!
//! Runs only where the data is (`SMILEPAY_DATA`, or `shared/data` beside the repository); about twenty seconds of a core.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::{Path, PathBuf};

use evaluate::{Gallery, Half, Lists, Protocol};
use models::{Cache, Manifest, Silent};
use serde::Deserialize;

/// What was measured when the recogniser, the alignment or the calibration last changed on purpose.
#[derive(Deserialize)]
struct Committed {
    data_sha256: String,
    point: String,
    worst_geomean: f64,
    /// Engines round differently on other processors.
    tolerance: f64,
}

fn data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("SMILEPAY_DATA").map_or(beside, PathBuf::from);
    folder.join("faces/people.csv").exists().then_some(folder)
}

fn gallery(data: &Path) -> Gallery {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let files = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let options = nn::EngineOptions { precision: nn::Precision::F32, threads: 1, streams: 2 };
    let engine = nn::Engine::load(&files.openvino_dir, options).unwrap();
    let paths = face::ModelPaths {
        detector: files.yunet,
        recogniser: files.sface,
        landmarks: files.mesh,
        expression: files.expression,
    };
    let models = face::Models::load(&engine, &paths).unwrap();
    Gallery::open(data, Lists::OnlyPeople, &models, 2, &mut |_, _| {}).unwrap()
}

/// How far an operating point may lie from the committed one: processors round differently.
const LLR_APART: f32 = 0.05;

#[test]
fn groups_and_calibration_are_as_committed() {
    let Some(data) = data() else { return };
    let gallery = gallery(&data);
    the_worst_groups_ratio_is_no_worse_than_the_committed_one(&gallery);
    the_shipped_calibration_is_the_commands_output(&gallery);
}

fn the_shipped_calibration_is_the_commands_output(gallery: &Gallery) {
    let shipped = decide::Calibration::shipped();
    if gallery.data_sha256() != shipped.made.data_sha256 {
        return;
    }
    assert_eq!(shipped.made.command, "smilepay evaluate calibrate --seed 1 --swap --precision f32");
    let made = evaluate::calibrate(gallery, &shipped.model, 1, Half::Second, &shipped.made.command).unwrap();
    for (found, committed) in made.calibration.points.iter().zip(&shipped.points) {
        assert_eq!(found.name, committed.name);
        let apart = (found.llr - committed.llr).abs();
        assert!(apart <= LLR_APART, "{}: {} now, {} committed", found.name, found.llr, committed.llr);
    }
}

fn the_worst_groups_ratio_is_no_worse_than_the_committed_one(gallery: &Gallery) {
    let committed: Committed = serde_json::from_str(include_str!("fairness.json")).unwrap();
    let report = evaluate::fairness(gallery, &Protocol::STANDARD, &decide::Calibration::shipped()).unwrap();
    if report.data_sha256 != committed.data_sha256 {
        // Other people: the figure says nothing about them.
        return;
    }
    let ratio = report.ratios.iter().find(|r| r.rate == "fmr" && r.point == committed.point).unwrap();
    let found = ratio.worst_geomean.unwrap();
    assert!(
        found <= committed.worst_geomean * (1.0 + committed.tolerance),
        "{:?} over the mean at {}: {found:.3}, committed {:.3}; see `smilepay evaluate fairness` before changing fairness.json",
        ratio.worst,
        committed.point,
        committed.worst_geomean
    );
    let shipped: Vec<_> = report.groups.iter().filter(|g| g.point == report.default_point).collect();
    assert!(shipped.len() >= 4);
    for group in shipped {
        assert!(group.fmr <= 2e-3 && group.fnmr <= 1e-2, "{}: FMR {} FNMR {}", group.group, group.fmr, group.fnmr);
    }
}
