//! `smilepay models check`: whether somebody else's network may take the place of one that ships.

mod figures;
mod golden;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use models::{Cache, Manifest, ModelsError, Plug, PlugRole};
use nn::{Engine, EngineOptions, Precision};

use super::{Bar, say};
use crate::boot::plugs::{Plugs, calibration_of};
use crate::casting;

/// Exit code when nothing spoke against the network but it was not evaluated on people.
const NOT_EVALUATED: u8 = 3;

/// Arguments of `smilepay models check`.
#[derive(Debug, Args)]
#[command(
    after_help = "FILE is a manifest: see docs/models.md. Exit codes: 0 it may be used, 1 it may not (or could not be checked),
3 nothing speaks against it, but it was not evaluated: give --data.

Examples:
  smilepay models check recogniser.json --data ../shared/data
  smilepay models check recogniser.json --data DIR --calibration-out calibration.json   where it has none yet"
)]
pub struct CheckArgs {
    /// The network's manifest
    file: PathBuf,
    /// Folder with faces/pairs.csv and faces/people.csv to evaluate it on
    #[arg(long, value_name = "DIR", env = "SMILEPAY_DATA")]
    data: Option<PathBuf>,
    /// Longest median time of one run on one picture, milliseconds
    #[arg(long, value_name = "MS", default_value_t = 60.0)]
    max_ms: f64,
    /// Write the calibration that was fitted where the manifest names none
    #[arg(long, value_name = "FILE")]
    calibration_out: Option<PathBuf>,
    /// Number format of the networks: auto, bf16 or f32
    #[arg(long, default_value = "auto", value_name = "FORMAT")]
    precision: Precision,
    /// Pictures analysed at once
    #[arg(long, default_value_t = 2, value_name = "N")]
    threads: usize,
}

/// Why a network could not be checked; what speaks against one is a [`Finding`].
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error(transparent)]
    Models(#[from] ModelsError),
    #[error(transparent)]
    Engine(#[from] nn::NnError),
    #[error(transparent)]
    Face(#[from] face::FaceError),
    #[error(transparent)]
    Casting(#[from] casting::CastingError),
    #[error(transparent)]
    Evaluate(#[from] evaluate::EvaluateError),
    #[error("cannot read {} ({source})", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot write {} ({source}): choose another file", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("{} is no usable picture ({reason})", path.display())]
    Picture { path: PathBuf, reason: String },
}

/// One thing that was looked at.
pub(super) struct Finding {
    right: bool,
    text: String,
}

impl Finding {
    fn new(right: bool, text: impl Into<String>) -> Self {
        Self { right, text: text.into() }
    }
}

/// What the findings amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    MayBeUsed,
    MayNot,
    NotEvaluated,
}

impl Verdict {
    fn of(findings: &[Finding], evaluated: bool) -> Self {
        match (findings.iter().all(|f| f.right), evaluated) {
            (false, _) => Self::MayNot,
            (true, true) => Self::MayBeUsed,
            (true, false) => Self::NotEvaluated,
        }
    }

    fn exit(self) -> ExitCode {
        match self {
            Self::MayBeUsed => ExitCode::SUCCESS,
            Self::MayNot => ExitCode::FAILURE,
            Self::NotEvaluated => ExitCode::from(NOT_EVALUATED),
        }
    }

    const fn say(self) -> &'static str {
        match self {
            Self::MayBeUsed => "it may be used",
            Self::MayNot => "it may NOT be used",
            Self::NotEvaluated => "nothing speaks against it, but it was not evaluated: give --data",
        }
    }
}

/// Runs the command.
///
/// # Errors
/// The manifest or the file is not right, or nothing could be measured.
pub fn run(args: &CheckArgs, cache: &Cache) -> Result<ExitCode, CheckError> {
    let plug = Plug::read(&args.file)?;
    let (verdict, findings) = check(args, &plug, cache)?;
    let lines: Vec<String> =
        findings.iter().map(|f| format!("{} {}", if f.right { "right" } else { "WRONG" }, f.text)).collect();
    say(&format!("{}, a {}:\n{}\n{}", plug.id, plug.role.name(), lines.join("\n"), verdict.say()))?;
    Ok(verdict.exit())
}

/// The shipped networks, and the same with the plug in its place.
pub(super) struct Pair {
    pub(super) shipped: face::Models,
    pub(super) plugged: face::Models,
}

pub(super) fn check(args: &CheckArgs, plug: &Plug, cache: &Cache) -> Result<(Verdict, Vec<Finding>), CheckError> {
    let files = models::fetch(&Manifest::embedded()?, cache, &mut Bar::new())?;
    let portraits = casting::portraits(Some(cache.root()), &mut Bar::new())?;
    let options = EngineOptions { precision: args.precision, threads: 1, streams: args.threads };
    let engine = Engine::load(&files.openvino_dir, options)?;
    let load = |plugs: &Plugs| {
        let mut networks = plugs.networks(&files);
        networks.former.clear();
        face::Models::load_networks(&engine, networks)
    };
    let shipped = load(&Plugs::default())?;
    let plugged = load(&Plugs::one(plug.clone())).map_err(|e| unfit(plug, &e))?;
    let mut findings = vec![Finding::new(true, "manifest, sha256 and form: it loads and gives what the manifest says")];
    let pair = Pair { shipped, plugged };
    findings.extend(golden::check(plug, &pair, &portraits).map_err(|e| by_plug(plug, e))?);
    findings.push(figures::speed(plug, &pair.plugged, &portraits, args.max_ms)?);
    if plug.role == PlugRole::Recogniser && plug.calibration.is_some() {
        calibration_of(plug)?;
        findings.push(Finding::new(true, "its calibration can be read and is its own"));
    }
    // What the golden tests refuse is not worth minutes of evaluation.
    let sound = findings.iter().all(|f| f.right);
    let evaluated = match args.data.as_deref().filter(|_| sound) {
        Some(data) => {
            let (judged, more) = figures::evaluate(args, plug, &pair, data)?;
            findings.extend(more);
            judged
        }
        None => false,
    };
    Ok((Verdict::of(&findings, evaluated), findings))
}

/// One sentence about the plug instead of one about the shipped weights.
fn unfit(plug: &Plug, error: &face::FaceError) -> CheckError {
    let reason = match error {
        face::FaceError::Engine(nn::NnError::Shape { name, reason }) => {
            format!("its output `{name}` is not what the manifest says: {reason}")
        }
        face::FaceError::Engine(nn::NnError::ModelBroken { reason, .. }) => {
            format!("the engine cannot use the file as the manifest describes it ({})", first_line(reason))
        }
        other => other.to_string(),
    };
    CheckError::Models(ModelsError::Plug { manifest: plug.manifest.clone(), reason })
}

fn by_plug(plug: &Plug, error: CheckError) -> CheckError {
    match error {
        CheckError::Face(e) => unfit(plug, &e),
        other => other,
    }
}

/// Engines complain over many lines.
fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
    line.chars().take(200).collect()
}

fn read(path: &Path) -> Result<face::Picture, CheckError> {
    let bytes = std::fs::read(path).map_err(|source| CheckError::Read { path: path.to_owned(), source })?;
    face::Picture::decode(&bytes, &face::DecodeLimits::file())
        .map_err(|e| CheckError::Picture { path: path.to_owned(), reason: e.to_string() })
}

#[cfg(test)]
mod tests;
