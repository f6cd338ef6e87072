//! Milliseconds of a photo, on one thread: the median of the photos, each the quickest of five runs, which other work disturbs least.

use std::path::Path;
use std::time::Instant;

use kungfu::{Analyzer, Kind};
use serde::Serialize;

use super::list::{self, Dog, TattooPair};
use crate::EvaluateError;
use crate::limits::TIMED_CLIPS;

/// Milliseconds; `None` where nothing could be timed. Decoding is not in them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct KungfuMillis {
    /// Everything that is measured of one photo of a tattoo.
    pub tattoo_extract: Option<f64>,
    /// One photo against another.
    pub tattoo_match: Option<f64>,
    /// Everything that is measured of one photo of a pet: embedding, species, local features, quality.
    pub pet_embed: Option<f64>,
}

pub fn measure(
    data: &Path,
    analyzer: &mut Analyzer,
    pairs: &[TattooPair],
    dogs: &[Dog],
) -> Result<KungfuMillis, EvaluateError> {
    let (mut extract, mut matching, mut pet) = (Vec::new(), Vec::new(), Vec::new());
    for pair in pairs.iter().take(TIMED_CLIPS) {
        let (a, b) = (list::picture(data, &pair.a)?, list::picture(data, &pair.b)?);
        extract.push(quickest(|| analyzer.look(&a, Kind::Tattoo, None))?);
        let (a, b) = (analyzer.look(&a, Kind::Tattoo, None)?, analyzer.look(&b, Kind::Tattoo, None)?);
        matching.push(quickest(|| Ok::<_, EvaluateError>(a.likeness(&b)))?);
    }
    for path in dogs.iter().filter_map(|d| d.photos.first()).take(TIMED_CLIPS) {
        let picture = list::picture(data, path)?;
        pet.push(quickest(|| analyzer.look(&picture, Kind::Pet, None))?);
    }
    Ok(KungfuMillis { tattoo_extract: median(extract), tattoo_match: median(matching), pet_embed: median(pet) })
}

const RUNS: usize = 5;

fn quickest<T, E>(mut run: impl FnMut() -> Result<T, E>) -> Result<f64, E> {
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Instant::now();
        std::hint::black_box(run()?);
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(best)
}

fn median(mut times: Vec<f64>) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}
