//! What a streamed capture costs the server: the very code of its frame workers, fed with a puppet's frames.

use std::path::Path;
use std::time::Instant;

use face::{Analyzer, Template};
use liveness::{Challenge, Limits, Session, Step};
use puppet::{Act, Actor, Person};
use serde::Serialize;
use service::capture::{Eyes, RawFrame, analyse};

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
    /// Median; `None` where the system does not tell a thread's CPU time.
    pub cpu_ms: Option<f64>,
    pub wall_ms: f64,
    pub embeddings: usize,
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
    let (mut cpu, mut wall, mut embeddings) = (Vec::new(), Vec::new(), 0);
    for _ in 0..REPEATS {
        let challenge = Challenge::pinned(&[Step::Neutral, Step::Smile]).map_err(std::io::Error::other)?;
        let mut session = Session::new(challenge, Limits::default());
        let (start, began) = (Instant::now(), thread_cpu_ms());
        let mut eyes = Eyes::default();
        for frame in &frames {
            // A frame without a face costs what it costs.
            let _shown = analyse(frame, &mut session, &mut eyes, analyzer);
        }
        let capture = session.finish();
        embeddings = capture.probe.len();
        if !capture.probe.is_empty() {
            std::hint::black_box(Template::from_views(&capture.probe)?);
        }
        wall.push(start.elapsed().as_secs_f64() * 1e3);
        cpu.extend(thread_cpu_ms().zip(began).map(|(after, before)| after - before));
    }
    let cpu_ms = (!cpu.is_empty()).then(|| quantile(cpu, 0.5));
    Ok(Capture { frames: FRAMES, cpu_ms, wall_ms: quantile(wall, 0.5), embeddings })
}

/// CPU time of this thread: the first number of `/proc/thread-self/schedstat`, nanoseconds.
fn thread_cpu_ms() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos: f64 = text.split_ascii_whitespace().next()?.parse().ok()?;
    Some(nanos / 1e6)
}
