//! Evaluation on real photographs and recordings: pairs and templates → accuracy, FMR/FNMR, EER per set and group; calibration; time per stage.
//!
//! A picture without a usable face is a *failure to acquire* (FTA), never an error: it is counted and reported. Thresholds come
//! from a calibration (`decide`), never from the data that is being evaluated.

mod ageing;
mod calibrate;
mod columns;
mod compare;
pub mod document;
mod error;
mod extract;
mod fairness;
mod fit;
mod gallery;
mod interval;
mod kungfu;
pub mod limits;
mod metrics;
pub mod pad;
mod pairs;
mod people;
mod protocol;
mod report;
mod show;
mod templates;
mod timing;
mod unlinkability;
mod voice;

pub use ageing::{AgeingBound, AgeingReport, ageing};
pub use calibrate::{Calibrated, CheckRow, Half, SizeRow, calibrate, check_calibration};
pub use compare::{CompareReport, Contestant, EerRow, ErrorRow, compare};
pub use error::EvaluateError;
pub use extract::central_face;
pub use fairness::{FairnessReport, GroupRow, RatioRow, fairness};
pub use gallery::{Gallery, Lists};
pub use interval::{claimable, exact_95, sign_test};
pub use kungfu::{Breed, DogsRow, KungfuMillis, KungfuReport, Shipped, TattooRow, kungfu};
pub use metrics::Scores;
pub use pairs::{Pair, PairList};
pub use people::Person;
pub use protocol::Protocol;
pub use report::{Millis, OperatingPoint, Report, SetRow};
pub use show::{Made, accuracy_document, calibrate_document, compare_document, faces_document, fairness_document};
pub use templates::TemplateRow;
pub use timing::frame_720p;
pub use unlinkability::{Linker, LinkerRow, Protect, Unlinkability, unlinkability};
pub use voice::{PromptRow, SubsetRow, TtsRow, VoiceMillis, VoiceReport, voice};

use std::path::Path;

use decide::Calibration;
use extract::Extracted;

/// How an evaluation runs.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Worker threads for the vectors; times are always measured on one thread afterwards.
    pub threads: usize,
    /// Also runs the template protocol on `people.csv`.
    pub templates: Option<Protocol>,
}

/// Compares the pairs of `data/faces/pairs.csv`, and the people of `people.csv` when the options ask for it, at the default
/// point of `calibration`. `progress(done, total)` is called after each picture.
///
/// # Errors
/// A list is missing or malformed, or the engine fails. Bad pictures are not errors.
pub fn faces(
    data: &Path,
    models: &face::Models,
    options: Options,
    calibration: &Calibration,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Report, EvaluateError> {
    let lists = if options.templates.is_some() { Lists::People } else { Lists::Pairs };
    let gallery = Gallery::open(data, lists, models, options.threads, progress)?;
    report_of(&gallery, models, options, calibration)
}

/// As [`faces`], of pictures that are embedded already.
///
/// # Errors
/// As [`faces`].
pub fn report_of(
    gallery: &Gallery,
    models: &face::Models,
    options: Options,
    calibration: &Calibration,
) -> Result<Report, EvaluateError> {
    let ms = timing::measure(&gallery.folder, &gallery.list.images, models)?;
    let mut report = report::build(&gallery.list, &gallery.vectors, ms);
    if let Some(protocol) = options.templates {
        report.templates = Some(template_rows(gallery, &protocol, calibration)?);
    }
    Ok(report)
}

/// Accuracy of pairs at the best threshold of each set, mean of the sets; 0 without pairs.
pub fn mean_accuracy(gallery: &Gallery) -> f64 {
    let report = report::build(&gallery.list, &gallery.vectors, Millis::default());
    let sets: Vec<f64> = report.sets.iter().filter(|r| r.group == "*").filter_map(|r| r.accuracy).collect();
    #[expect(clippy::cast_precision_loss, reason = "a few sets")]
    let n = sets.len().max(1) as f64;
    sets.iter().sum::<f64>() / n
}

/// Runs the template protocol at the calibration's default point.
///
/// # Errors
/// The protocol is out of range, or nobody has enough pictures.
pub fn template_rows(
    gallery: &Gallery,
    protocol: &Protocol,
    calibration: &Calibration,
) -> Result<Vec<TemplateRow>, EvaluateError> {
    let compared = protocol.run(&gallery.people, &gallery.vectors)?;
    if compared.is_empty() {
        return Err(EvaluateError::TooFewPictures { needed: protocol.enrol + protocol.probe });
    }
    let default = &calibration.default_point;
    let missing = || decide::CalibrationError::Invalid("its default point is missing");
    let point = calibration.point(default).ok_or_else(missing)?;
    Ok(templates::rows(gallery, protocol, &compared, calibration, point))
}

/// A picture's vector, or none (FTA).
pub(crate) type Vectors = Vec<Option<Extracted>>;
