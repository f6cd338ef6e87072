//! Evaluation on real photographs and recordings: pairs of pictures → accuracy, FMR/FNMR, EER per set and group, and time per stage.
//!
//! A picture without a usable face is a *failure to acquire* (FTA), never an error: it is counted and reported.

mod error;
mod extract;
pub mod limits;
mod metrics;
mod pairs;
mod report;
mod timing;
mod voice;

pub use error::EvaluateError;
pub use extract::central_face;
pub use metrics::Scores;
pub use pairs::{Pair, PairList};
pub use report::{Millis, OperatingPoint, Report, SetRow};
pub use timing::frame_720p;
pub use voice::{PromptRow, SubsetRow, TtsRow, VoiceMillis, VoiceReport, voice};

use std::path::Path;

use extract::Extracted;

/// How an evaluation runs.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Worker threads for the vectors; times are always measured on one thread afterwards.
    pub threads: usize,
}

/// Compares the pairs of `data/faces/pairs.csv`. `progress(done, total)` is called after each picture.
///
/// # Errors
/// The list is missing or malformed, or the engine fails. Bad pictures are not errors.
pub fn faces(
    data: &Path,
    models: &face::Models,
    options: Options,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Report, EvaluateError> {
    let folder = data.join("faces");
    let list = PairList::read(&folder.join("pairs.csv"))?;
    let extracted = extract::all(&folder, &list.images, models, options.threads, progress)?;
    let ms = timing::measure(&folder, &list.images, models)?;
    Ok(report::build(&list, &extracted, ms))
}

/// A picture's vector, or none (FTA).
pub(crate) type Vectors = Vec<Option<Extracted>>;
