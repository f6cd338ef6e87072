//! What a streamed capture costs the server: the very code of its frame workers, fed with a puppet's frames.

use std::path::Path;
use std::time::Instant;

use face::{Analyzer, DecodeLimits, Detection, Embedding, FaceError, FivePoints, Mesh, Picture, Quality, Template};
use liveness::{Challenge, Limits, Session, Step};
use puppet::{Act, Actor, Person};
use serde::Serialize;
use service::capture::{Analyze, Aside, RawFrame, analyse};

use super::cpu::{cpu_ms, cpu_since};
use super::verify::{VerifyError, quantile};
use crate::casting;
use crate::cmd::models::Bar;

/// Frames of the measured capture: a face held neutral, then a smile, at 15 fps.
const FRAMES: usize = 20;
/// The capture is repeated; the median counts.
const REPEATS: usize = 9;

/// One capture.
#[derive(Clone, Debug, Serialize)]
pub struct Capture {
    pub frames: usize,
    /// Median CPU time of the program, which does nothing else meanwhile; 0 where the system does not tell it.
    pub cpu_ms: f64,
    pub wall_ms: f64,
    pub embeddings: usize,
    /// CPU time by stage, median.
    pub stages: CaptureStages,
}

/// CPU milliseconds of a whole capture, by what they were for.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct CaptureStages {
    pub decode: f64,
    pub detect: f64,
    pub mesh: f64,
    pub happy: f64,
    pub embed: f64,
    pub quality: f64,
    /// The small grey picture, tracking, fingerprints, the session's rules.
    pub session: f64,
    /// Homography over the capture, the probe.
    pub finish: f64,
}

/// An analyzer that notes what each network takes.
struct Timed<'a> {
    inner: &'a mut Analyzer,
    stages: CaptureStages,
    quality: std::cell::Cell<f64>,
}

fn timed<T>(sum: &mut f64, work: impl FnOnce() -> T) -> T {
    let begun = cpu_ms();
    let done = work();
    *sum += cpu_since(begun);
    done
}

impl Analyze for Timed<'_> {
    fn detect(&mut self, picture: &Picture) -> Result<Vec<Detection>, FaceError> {
        timed(&mut self.stages.detect, || self.inner.detect(picture))
    }

    fn mesh(&mut self, picture: &Picture, face: &Detection) -> Result<Mesh, FaceError> {
        timed(&mut self.stages.mesh, || self.inner.mesh(picture, face))
    }

    fn happy(&mut self, picture: &Picture, face: &Detection) -> Result<f32, FaceError> {
        timed(&mut self.stages.happy, || self.inner.happy(picture, face))
    }

    fn embed(&mut self, picture: &Picture, points: &FivePoints) -> Result<Embedding, FaceError> {
        timed(&mut self.stages.embed, || self.inner.embed(picture, points))
    }

    fn quality(&self, picture: &Picture, face: &Detection, mesh: Option<&Mesh>) -> Quality {
        let mut took = 0.0;
        let quality = timed(&mut took, || face::quality(picture, face, mesh));
        self.quality.set(self.quality.get() + took);
        quality
    }
}

/// Streams a puppet's frames into a session, sums it up and joins the probe.
pub fn measure_capture(analyzer: &mut Analyzer, cache: Option<&Path>) -> Result<Capture, VerifyError> {
    let portraits = casting::portraits(cache, &mut Bar::new())?;
    let mut person = Person::new(casting::cast("biden", &portraits, analyzer)?, 1);
    let mut frames = Vec::new();
    for at_ms in puppet::clock(f64::INFINITY).take(FRAMES) {
        if frames.len() == FRAMES / 2 {
            person.ask(Act::Smile, at_ms);
        }
        frames.push(RawFrame { at_ms, body: person.frame(at_ms)? });
    }
    let mut runs = Vec::new();
    for _ in 0..REPEATS {
        runs.push(once(analyzer, &frames)?);
    }
    let of = |what: fn(&Run) -> f64| quantile(runs.iter().map(what).collect(), 0.5);
    Ok(Capture {
        frames: FRAMES,
        cpu_ms: of(|r| r.cpu),
        wall_ms: of(|r| r.wall),
        embeddings: runs.last().map_or(0, |r| r.embeddings),
        stages: CaptureStages {
            decode: of(|r| r.stages.decode),
            detect: of(|r| r.stages.detect),
            mesh: of(|r| r.stages.mesh),
            happy: of(|r| r.stages.happy),
            embed: of(|r| r.stages.embed),
            quality: of(|r| r.stages.quality),
            session: of(|r| r.stages.session),
            finish: of(|r| r.stages.finish),
        },
    })
}

struct Run {
    cpu: f64,
    wall: f64,
    embeddings: usize,
    stages: CaptureStages,
}

fn once(analyzer: &mut Analyzer, frames: &[RawFrame]) -> Result<Run, VerifyError> {
    let challenge = Challenge::pinned(&[Step::Neutral, Step::Smile]).map_err(std::io::Error::other)?;
    let mut session = Session::new(challenge, Limits::default());
    let mut timed_one = Timed { inner: analyzer, stages: CaptureStages::default(), quality: std::cell::Cell::new(0.0) };
    let mut aside = Aside::default();
    let (start, begun) = (Instant::now(), cpu_ms());
    for frame in frames {
        // A frame without a face costs what it costs.
        let _shown = analyse(frame, &mut session, &mut aside, &mut timed_one);
    }
    let looked = cpu_since(begun);
    let capture = session.finish();
    let embeddings = capture.probe.len();
    if !capture.probe.is_empty() {
        std::hint::black_box(Template::from_views(&capture.probe)?);
    }
    let (cpu, wall) = (cpu_since(begun), start.elapsed().as_secs_f64() * 1e3);
    let mut stages = CaptureStages { quality: timed_one.quality.get(), ..timed_one.stages };
    // Decoding happens inside `analyse`: taken once more by itself, outside of what is counted.
    for frame in frames {
        timed(&mut stages.decode, || Picture::decode(&frame.body, &DecodeLimits::frame()).map(drop))?;
    }
    stages.finish = cpu - looked;
    let networks = stages.detect + stages.mesh + stages.happy + stages.embed + stages.quality;
    stages.session = (looked - networks - stages.decode).max(0.0);
    Ok(Run { cpu, wall, embeddings, stages })
}
