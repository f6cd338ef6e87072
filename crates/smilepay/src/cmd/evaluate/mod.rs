//! `smilepay evaluate`: accuracy, calibration and speed on real photographs and recordings.

mod ageing;
mod compare;
mod fairness;
mod output;
mod pad;
mod report;
mod table;
mod unlinkability;

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use decide::{Calibration, CalibrationError};
use evaluate::{EvaluateError, Gallery, Half, Lists, Made, Options, Protocol};
use indicatif::{ProgressBar, ProgressStyle};
use models::{Cache, Manifest, ModelsError};
use nn::{Engine, EngineOptions, NnError, Precision};

use super::models::Bar;
use crate::boot::plugs::{PlugArgs, Plugs};
use output::Output;
pub(super) use output::{print, write_json};

/// Arguments of `smilepay evaluate`.
#[derive(Debug, Args)]
#[command(
    about = "Measure accuracy and speed on your own photographs and recordings",
    after_help = "Examples:
  smilepay evaluate faces --data ../shared/data                    a table
  smilepay evaluate faces --data ../shared/data --json faces.json  and a file for programs
  smilepay evaluate faces --data DIR --enrol 5 --probe 3           five pictures enrolled, three presented
  smilepay evaluate faces --data DIR --html faces.html --csv DIR2  curves and histograms in one file; tables for a spreadsheet
  smilepay evaluate fairness --data DIR --html fairness.html       error rates of each group at the one shipped threshold
  smilepay evaluate compare --data DIR --against-precision f32     does the number format change anything?
  smilepay evaluate report --data DIR --out docs                   accuracy.md and accuracy.html: all of the above
  smilepay evaluate calibrate --data DIR --out calibration.json    thresholds for your own people
  smilepay evaluate unlinkability --data DIR --json link.json      can templates under two keys be linked?
  smilepay evaluate faces --data DIR --model recogniser.json       another network, with the calibration that its manifest names
  smilepay evaluate voice --data ../shared/data --json voice.json  speakers, digits, synthetic voices
  smilepay evaluate kungfu --data ../shared/data --json kungfu.json  tattoos, dogs
  smilepay evaluate pad --data ../shared/data --json pad.json      attacks: clips, stills and generated ones

DIR/voice.csv lists recordings: path,speaker,text,label,subset,seconds with paths relative to DIR.
DIR/tattoo_pairs.csv lists a,b,same,kind (clean, partial or impostor), DIR/dogs.csv path,instance: three photos of each are enrolled.
DIR/faces/pairs.csv lists pairs of pictures: a,b,same,group,set with paths relative to DIR/faces;
DIR/faces/people.csv several pictures per person: path,person,set,group. A picture without a usable face counts as a failure to acquire (FTA), never as an error.

Exit codes: 0 measured, 1 could not be measured (the message says what to do)."
)]
pub struct EvaluateArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Compare pairs of pictures: accuracy, EER, FMR/FNMR per set and group, milliseconds per stage
    Faces(FacesArgs),
    /// Error rates of each group at one threshold, how far apart they lie, and what the data is too small to claim
    Fairness(fairness::FairnessArgs),
    /// What growing older does to templates, and what a stranger would gain by it
    Ageing(ageing::AgeingArgs),
    /// Two recognisers or two calibrations on the same comparisons
    Compare(compare::CompareArgs),
    /// Accuracy, templates, calibration and fairness as accuracy.md and accuracy.html
    Report(report::ReportArgs),
    /// Fit the score's meaning and the thresholds on one half of the people, and check them on the other
    Calibrate(CalibrateArgs),
    /// Compare recordings: EER per set, prompted digits, synthetic voices, milliseconds per second
    Voice(super::evaluate_voice::VoiceArgs),
    /// Compare photos of tattoos and of dogs: accuracy with intervals, milliseconds a photo
    Kungfu(super::evaluate_kungfu::KungfuArgs),
    /// Whether templates of one person under two keys can be told from those of two people
    Unlinkability(unlinkability::UnlinkabilityArgs),
    /// Presentation attacks: APCER of each species, BPCER, and the share that gave no evidence
    Pad(pad::PadArgs),
}

/// What every evaluation needs.
#[derive(Debug, Args)]
struct Common {
    /// Folder that holds faces/pairs.csv and faces/people.csv
    #[arg(long, value_name = "DIR", env = "SMILEPAY_DATA", default_value = "../shared/data")]
    data: PathBuf,
    #[command(flatten)]
    output: Output,
    /// Number format of the networks: auto, bf16 or f32
    #[arg(long, default_value = "auto", value_name = "FORMAT")]
    precision: Precision,
    /// Pictures analysed at once; times are always measured on one thread
    #[arg(long, default_value_t = 2, value_name = "N")]
    threads: usize,
    #[command(flatten)]
    plugs: PlugArgs,
    /// Where the weights are kept [default: smilepay/models in the user's cache directory]
    #[arg(long, value_name = "DIR", env = "SMILEPAY_CACHE")]
    cache: Option<PathBuf>,
}

/// Arguments of `smilepay evaluate faces`.
#[derive(Debug, Args)]
struct FacesArgs {
    #[command(flatten)]
    common: Common,
    /// Also compare templates of K pictures with probes of --probe pictures, from faces/people.csv
    #[arg(long, value_name = "K", requires = "probe")]
    enrol: Option<usize>,
    /// Pictures per probe
    #[arg(long, value_name = "M", requires = "enrol")]
    probe: Option<usize>,
    /// Random draws of templates and probes
    #[arg(long, value_name = "N", default_value_t = Protocol::STANDARD.draws)]
    draws: u32,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = Protocol::STANDARD.seed)]
    seed: u64,
    /// Judge by this calibration instead of the shipped one
    #[arg(long, value_name = "FILE")]
    calibration: Option<PathBuf>,
}

/// Arguments of `smilepay evaluate calibrate`.
#[derive(Debug, Args)]
struct CalibrateArgs {
    #[command(flatten)]
    common: Common,
    /// Write the calibration to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Seed of the split into halves and of the draws
    #[arg(long, value_name = "N", default_value_t = Protocol::STANDARD.seed)]
    seed: u64,
    /// Fit on the second half and check on the first
    #[arg(long)]
    swap: bool,
}

/// Why an evaluation was not made.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateCommandError {
    #[error(transparent)]
    Models(#[from] ModelsError),
    #[error(transparent)]
    Engine(#[from] NnError),
    #[error(transparent)]
    Face(#[from] face::FaceError),
    #[error(transparent)]
    Kungfu(#[from] kungfu::KungfuError),
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    #[error(transparent)]
    Boot(#[from] crate::boot::BootError),
    #[error(transparent)]
    Casting(#[from] crate::casting::CastingError),
    #[error("cannot write {} ({source}): choose another file", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot read {} ({source}): choose another --calibration file", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Vault(#[from] vault::VaultError),
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
    #[error("cannot print the table ({0})")]
    Print(#[from] io::Error),
}

/// Runs the command; the table goes to standard output, progress to standard error.
///
/// # Errors
/// One sentence that says what to do.
pub fn run(args: EvaluateArgs) -> Result<ExitCode, EvaluateCommandError> {
    match args.what {
        What::Faces(args) => faces(&args),
        What::Fairness(args) => fairness::run(&args),
        What::Ageing(args) => ageing::run(&args),
        What::Compare(args) => compare::run(&args),
        What::Report(args) => report::run(&args),
        What::Calibrate(args) => calibrate(&args),
        What::Voice(args) => super::evaluate_voice::run(&args),
        What::Kungfu(args) => super::evaluate_kungfu::run(&args),
        What::Unlinkability(args) => unlinkability::run(&args),
        What::Pad(args) => pad::run(&args),
    }
}

fn faces(args: &FacesArgs) -> Result<ExitCode, EvaluateCommandError> {
    let calibration = calibration(args.calibration.as_deref(), &args.common.plugs.read()?)?;
    let (models, kind) = load_common(&args.common)?;
    let templates = args.enrol.zip(args.probe);
    let templates = templates.map(|(enrol, probe)| Protocol { enrol, probe, draws: args.draws, seed: args.seed });
    let options = Options { threads: args.common.threads, templates };
    let lists = if templates.is_some() { Lists::People } else { Lists::Pairs };
    let gallery = open(&args.common, lists, &models)?;
    let report = evaluate::report_of(&gallery, &models, options, &calibration)?;
    let how = made(&args.common, &gallery, kind);
    args.common.output.json(&report)?;
    args.common
        .output
        .document(|| Ok(evaluate::faces_document(&report, &gallery, templates.as_ref(), &calibration, &how)?))?;
    print(&table::faces(&report, kind))
}

fn calibrate(args: &CalibrateArgs) -> Result<ExitCode, EvaluateCommandError> {
    let (models, kind) = load_common(&args.common)?;
    let gallery = open(&args.common, Lists::People, &models)?;
    let half = if args.swap { Half::Second } else { Half::First };
    // The number format changes vectors in the fourth digit, and thresholds with them: it belongs to the command.
    let swap = if args.swap { " --swap" } else { "" };
    let command = format!("smilepay evaluate calibrate --seed {}{swap} --precision {kind}", args.seed);
    let done = evaluate::calibrate(&gallery, models.model().as_str(), args.seed, half, &command)?;
    write_json(args.out.as_deref(), &done.calibration)?;
    args.common.output.json(&done)?;
    let how = made(&args.common, &gallery, kind);
    args.common.output.document(|| Ok(evaluate::calibrate_document(&done, &how)))?;
    print(&table::calibrated(&done))
}

fn open(common: &Common, lists: Lists, models: &face::Models) -> Result<Gallery, EvaluateCommandError> {
    Ok(with_bar(|progress| Gallery::open(&common.data, lists, models, common.threads, progress))?)
}

/// The command as it was given, without the names of output files.
fn made(common: &Common, gallery: &Gallery, kind: nn::Kind) -> Made {
    let words = std::env::args().skip(1).take(2).collect::<Vec<String>>().join(" ");
    Made {
        command: format!("smilepay {words} --data {}", common.data.display()),
        precision: kind.to_string(),
        data_sha256: gallery.data_sha256(),
    }
}

/// The calibration in `path`, or the one of the recogniser in use.
fn calibration(path: Option<&Path>, plugs: &Plugs) -> Result<Calibration, EvaluateCommandError> {
    let Some(path) = path else { return Ok(plugs.calibration()?.unwrap_or_else(Calibration::shipped)) };
    let read = |source| EvaluateCommandError::Read { path: path.to_owned(), source };
    Ok(Calibration::parse(&std::fs::read_to_string(path).map_err(read)?)?)
}

fn load_common(args: &Common) -> Result<(face::Models, nn::Kind), EvaluateCommandError> {
    load_with(args.cache.as_deref(), args.precision, args.threads, &args.plugs.read()?, None)
}

fn load(
    cache: Option<&Path>,
    precision: Precision,
    streams: usize,
) -> Result<(face::Models, nn::Kind), EvaluateCommandError> {
    load_with(cache, precision, streams, &Plugs::default(), None)
}

/// With these networks, or the recogniser in this file, instead of those that ship.
pub(super) fn load_with(
    cache: Option<&Path>,
    precision: Precision,
    streams: usize,
    plugs: &Plugs,
    recogniser: Option<&Path>,
) -> Result<(face::Models, nn::Kind), EvaluateCommandError> {
    let manifest = Manifest::embedded()?;
    let cache = match cache {
        Some(dir) => Cache::at(dir),
        None => Cache::default_dir()?,
    };
    let files = models::fetch(&manifest, &cache, &mut Bar::new())?;
    let engine = Engine::load(&files.openvino_dir, EngineOptions { precision, threads: 1, streams })?;
    let mut networks = plugs.networks(&files);
    // Only vectors of the recogniser in use are made here.
    networks.former.clear();
    if let Some(path) = recogniser {
        path.clone_into(&mut networks.recogniser.path);
    }
    Ok((face::Models::load_networks(&engine, networks)?, engine.kind()))
}

/// Runs `work` with a progress bar over the pictures.
fn with_bar<T>(
    work: impl FnOnce(&mut dyn FnMut(usize, usize)) -> Result<T, EvaluateError>,
) -> Result<T, EvaluateError> {
    let bar = bar("pictures");
    let done = work(&mut |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    done
}

pub(super) fn bar(what: &'static str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos} of {len} ({eta} left)") {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}
