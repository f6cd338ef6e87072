//! Prints what the liveness checks read on real clips: `cargo run --release -p liveness --example clips [-- SERIES-DIR]`.
//!
//! Needs the fetched models and the evaluation data (`SMILEPAY_DATA`, default `../shared/data`); without data it says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout, clippy::panic)]

use std::path::{Path, PathBuf};
use std::time::Instant;

use face::{Analyzer, DecodeLimits, Detection, Luma, ModelPaths, Models, Picture};
use liveness::{
    Capture, Challenge, CheckName, FrameInput, Limits, Reading, Session, State, Step, depth_over, fingerprint,
};

/// Long side of the luma handed to the session.
const LUMA_SIDE: u32 = 640;

struct Frame {
    at_ms: f64,
    picture: Picture,
    luma: Luma,
    scale: f32,
    faces: usize,
    found: Option<Detection>,
    happy: f32,
}

fn main() {
    let data = std::env::var_os("SMILEPAY_DATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let faces = data.join("faces");
    let Ok(table) = std::fs::read_to_string(faces.join("videos.csv")) else {
        println!("skipped: no videos.csv under {} (set SMILEPAY_DATA)", faces.display());
        return;
    };
    let only = std::env::args().nth(1);
    let mut analyzer = analyzer();
    for line in table.lines().skip(1) {
        let columns = columns(line);
        let (dir, label, content) = (&columns[0], &columns[1], &columns[2]);
        if only.as_ref().is_some_and(|only| !dir.contains(only)) {
            continue;
        }
        let fps: f64 = columns[4].parse().unwrap_or(10.0);
        let frames = load(&mut analyzer, &faces.join(dir), fps);
        if only.is_some() {
            series(&frames);
        }
        let seen = |least| {
            let moments = frames.iter().filter_map(|f| Some((f.at_ms, &f.luma, f.scale, f.found.as_ref()?)));
            show(Some(depth_over(moments, least)))
        };
        let steps: Vec<String> = [&[Step::Neutral, Step::Smile][..], &[Step::TurnLeft], &[Step::TurnRight]]
            .into_iter()
            .map(|steps| answer(&mut analyzer, &frames, steps))
            .collect();
        println!(
            "{dir:34} {label:5} {content:24} {fps:4.1} fps | depth {} (ungated {}) | {}",
            seen(0.2),
            seen(0.05),
            steps.join(" | ")
        );
    }
}

fn analyzer() -> Analyzer {
    let manifest = models::Manifest::embedded().unwrap();
    let files =
        models::Cache::default_dir().unwrap().model_files(&manifest).expect("run `smilepay models fetch` first");
    let engine = nn::Engine::load(&files.openvino_dir, nn::EngineOptions::default()).unwrap();
    let paths = ModelPaths {
        detector: files.yunet,
        recogniser: files.sface,
        landmarks: files.mesh,
        expression: files.expression,
    };
    Models::load(&engine, &paths).unwrap().analyzer().unwrap()
}

fn columns(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            other => out.last_mut().unwrap().push(other),
        }
    }
    out
}

fn load(analyzer: &mut Analyzer, dir: &Path, fps: f64) -> Vec<Frame> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let picture = Picture::decode(&std::fs::read(name).unwrap(), &DecodeLimits::default()).unwrap();
            let found = analyzer.detect(&picture).unwrap();
            let (luma, scale) = picture.luma_small(LUMA_SIDE).unwrap();
            let best = found.iter().copied().max_by(|a, b| a.bbox.area().total_cmp(&b.bbox.area()));
            let happy = best.map_or(0.0, |best| analyzer.happy(&picture, &best).unwrap());
            Frame { at_ms: i as f64 * 1000.0 / fps, picture, luma, scale, faces: found.len(), found: best, happy }
        })
        .collect()
}

/// Every number of a clip over time.
fn series(frames: &[Frame]) {
    for f in frames {
        let Some(found) = &f.found else {
            println!("{:6.0} no face", f.at_ms);
            continue;
        };
        let p = found.points;
        let mouth = p.0[3].distance(p.0[4]) / p.eye_distance();
        println!(
            "{:6.0} faces {} eyes {:5.1} offset {:+.2} happy {:.2} mouth {mouth:.3}",
            f.at_ms,
            f.faces,
            p.eye_distance(),
            p.nose_offset(),
            f.happy
        );
    }
}

/// Plays the clip to a session with these pinned steps.
fn answer(analyzer: &mut Analyzer, frames: &[Frame], steps: &[Step]) -> String {
    let mut session = Session::new(Challenge::pinned(steps).unwrap(), Limits::default());
    let (mut slowest, mut state) = (0f64, State::Running);
    for f in frames {
        let wants = session.wants(f.at_ms, f.faces, f.found.as_ref());
        let points = f.found.as_ref().map(|found| found.points);
        let embedding = points.filter(|_| wants.embedding).map(|points| analyzer.embed(&f.picture, &points).unwrap());
        let began = Instant::now();
        let progress = session.push(FrameInput {
            at_ms: f.at_ms,
            luma: &f.luma,
            scale: f.scale,
            faces: f.faces,
            detection: f.found.as_ref(),
            happy: wants.happy.then_some(f.happy),
            passive: None,
            colour: None,
            embedding,
            quality: None,
            fingerprint: fingerprint(&f.luma),
        });
        slowest = slowest.max(began.elapsed().as_secs_f64() * 1e3);
        state = progress.state;
    }
    let began = Instant::now();
    let Capture { evidence, probe, .. } = session.finish();
    let finish = began.elapsed().as_secs_f64() * 1e3;
    let names: Vec<&str> = steps.iter().map(|step| step.name()).collect();
    let of = |name| show(evidence.reading(name));
    let own = if steps.contains(&Step::Smile) {
        format!("onset {}", of(CheckName::SmileOnset))
    } else {
        format!("pose {} depth {}", of(CheckName::PoseAnswer), of(CheckName::Depth))
    };
    format!(
        "{}: {state:?} steps {} {own} cont {} still {} jump {} replay {} probe {} ms {slowest:.1}/{finish:.0}",
        names.join(","),
        of(CheckName::StepsAnswered),
        of(CheckName::Continuity),
        of(CheckName::Stillness),
        of(CheckName::Jump),
        of(CheckName::Replay),
        probe.len()
    )
}

fn show(reading: Option<Reading>) -> String {
    match reading {
        Some(Reading::Value(value)) => format!("{value:.3}"),
        Some(Reading::NoEvidence(why)) => format!("{why:?}"),
        None => "-".to_owned(),
    }
}
