//! `smilepay evaluate`: accuracy and speed on real photographs and recordings.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use evaluate::{EvaluateError, Options, Report, SetRow};
use indicatif::{ProgressBar, ProgressStyle};
use models::{Cache, Manifest, ModelsError};
use nn::{Engine, EngineOptions, NnError, Precision};

use super::models::Bar;

/// Arguments of `smilepay evaluate`.
#[derive(Debug, Args)]
#[command(
    about = "Measure accuracy and speed on your own photographs and recordings",
    after_help = "Examples:
  smilepay evaluate faces --data ../shared/data                    a table
  smilepay evaluate faces --data ../shared/data --json faces.json  and a file for programs
  smilepay evaluate voice --data ../shared/data --json voice.json  speakers, digits, synthetic voices

DIR/voice.csv lists recordings: path,speaker,text,label,subset,seconds with paths relative to DIR.
DIR/faces/pairs.csv lists pairs of pictures: a,b,same,group,set with paths relative to DIR/faces.
A picture without a usable face counts as a failure to acquire (FTA), never as an error.

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
    /// Compare recordings: EER per set, prompted digits, synthetic voices, milliseconds per second
    Voice(super::evaluate_voice::VoiceArgs),
}

/// Arguments of `smilepay evaluate faces`.
#[derive(Debug, Args)]
struct FacesArgs {
    /// Folder that holds faces/pairs.csv
    #[arg(long, value_name = "DIR", env = "SMILEPAY_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// Write the figures to this file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Number format of the networks: auto, bf16 or f32
    #[arg(long, default_value = "auto", value_name = "FORMAT")]
    precision: Precision,
    /// Pictures analysed at once; times are always measured on one thread
    #[arg(long, default_value_t = 2, value_name = "N")]
    threads: usize,
    /// Where the weights are kept [default: smilepay/models in the user's cache directory]
    #[arg(long, value_name = "DIR", env = "SMILEPAY_CACHE")]
    cache: Option<PathBuf>,
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
    Evaluate(#[from] EvaluateError),
    #[error(transparent)]
    Boot(#[from] crate::boot::BootError),
    #[error("cannot write {} ({source}): choose another --json file", path.display())]
    Json { path: PathBuf, source: io::Error },
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
        What::Voice(args) => super::evaluate_voice::run(&args),
    }
}

fn faces(args: &FacesArgs) -> Result<ExitCode, EvaluateCommandError> {
    let (models, kind) = load(args)?;
    let bar = bar("pictures");
    let mut progress = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let report = evaluate::faces(&args.data, &models, Options { threads: args.threads }, &mut progress)?;
    bar.finish_and_clear();
    if let Some(path) = &args.json {
        write_json(path, &report).map_err(|source| EvaluateCommandError::Json { path: path.clone(), source })?;
    }
    io::stdout().lock().write_all(table(&report, kind).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn load(args: &FacesArgs) -> Result<(face::Models, nn::Kind), EvaluateCommandError> {
    let manifest = Manifest::embedded()?;
    let cache = match &args.cache {
        Some(dir) => Cache::at(dir),
        None => Cache::default_dir()?,
    };
    let files = models::fetch(&manifest, &cache, &mut Bar::new())?;
    let engine = Engine::load(
        &files.openvino_dir,
        EngineOptions { precision: args.precision, threads: 1, streams: args.threads },
    )?;
    let paths = face::ModelPaths {
        detector: files.yunet,
        recogniser: files.sface,
        landmarks: files.mesh,
        expression: files.expression,
    };
    Ok((face::Models::load(&engine, &paths)?, engine.kind()))
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

/// Writes beside the target and renames, so that a reader never sees half a file.
pub(super) fn write_json(path: &Path, report: &impl serde::Serialize) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut file, report)?;
    file.write_all(b"\n")?;
    file.persist(path)?;
    Ok(())
}

fn table(report: &Report, kind: nn::Kind) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{:<20} {:<11} {:>7} {:>8} {:>8} {:>8} {:>7} {:>8} {:>8} {:>15}",
        "set", "group", "genuine", "impostor", "accuracy", "with FTA", "EER", "TAR@1e-2", "TAR@1e-3", "FNMR/FMR@0.363"
    );
    report.sets.iter().for_each(|row| push_row(&mut text, row));
    let ms = &report.ms;
    let _ = writeln!(text, "\n{} pictures, {} without a usable face (FTA)", report.images, report.fta);
    let _ = writeln!(
        text,
        "median ms on one thread ({kind}): decode {:.1}, detect {:.1}, align+embed {:.1}",
        ms.decode, ms.detect, ms.embed
    );
    let _ = writeln!(
        text,
        "one 720p JPEG: decode {:.1}, detect {:.1}, align+embed {:.1}; detect+align+embed {:.1}, with decoding {:.1}",
        ms.p720_decode, ms.p720_detect, ms.p720_embed, ms.p720_detect_embed, ms.p720_total
    );
    text
}

fn push_row(text: &mut String, row: &SetRow) {
    let percent = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format!("{:.2}%", v * 100.0));
    let tar = |name: &str| percent(row.tar_at_fmr.get(name).copied().flatten());
    let at = row.fnmr_at.get("0.363");
    let at = at.map_or_else(String::new, |p| format!("{:.1}% / {:.1}%", p.fnmr * 100.0, p.fmr * 100.0));
    let group = if row.group.is_empty() { "(none)" } else { row.group.as_str() };
    let _ = writeln!(
        text,
        "{:<20} {:<11} {:>7} {:>8} {:>8} {:>8} {:>7} {:>8} {:>8} {:>15}",
        row.set,
        group,
        row.genuine,
        row.impostor,
        percent(row.accuracy),
        percent(row.accuracy_with_fta),
        percent(row.eer),
        tar("1e-2"),
        tar("1e-3"),
        at
    );
}
