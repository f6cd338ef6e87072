//! `smilepay evaluate compare`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use evaluate::{Contestant, Lists, Protocol};
use nn::Precision;

use super::output::print;
use crate::boot::plugs::Plugs;

use super::{Common, EvaluateCommandError, calibration, load_common, load_with, made, open};

/// Arguments of `smilepay evaluate compare`.
#[derive(Debug, Args)]
#[command(
    after_help = "A is what ships (or --calibration); B differs from it in what the --against options say. An operating point is taken by
name: --against-point fmr_1e-4. A recogniser of the same form is an ONNX file with 1×3×112×112 RGB 0..255 in and 128
values called fc1 out; its scores need a calibration of their own (--against).

Examples:
  smilepay evaluate compare --against-point fmr_1e-3
  smilepay evaluate compare --against mine.json --html compare.html
  smilepay evaluate compare --against-recogniser new.onnx --against new.json --json compare.json"
)]
pub(super) struct CompareArgs {
    #[command(flatten)]
    common: Common,
    /// Calibration of A instead of the shipped one
    #[arg(long, value_name = "FILE")]
    calibration: Option<PathBuf>,
    /// Calibration of B
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Operating point of B [default: its calibration's own]
    #[arg(long, value_name = "NAME")]
    against_point: Option<String>,
    /// Recogniser of B: a manifest (.json) of any recogniser, or an ONNX file of the same form
    #[arg(long, value_name = "FILE")]
    against_recogniser: Option<PathBuf>,
    /// Number format of B: auto, bf16 or f32
    #[arg(long, value_name = "FORMAT")]
    against_precision: Option<Precision>,
    /// Pictures per template
    #[arg(long, value_name = "K", default_value_t = Protocol::STANDARD.enrol)]
    enrol: usize,
    /// Pictures per probe
    #[arg(long, value_name = "M", default_value_t = Protocol::STANDARD.probe)]
    probe: usize,
    /// Random draws of templates and probes
    #[arg(long, value_name = "N", default_value_t = Protocol::STANDARD.draws)]
    draws: u32,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = Protocol::STANDARD.seed)]
    seed: u64,
}

/// B's recogniser, where a manifest names it.
fn against(args: &CompareArgs) -> Result<Plugs, EvaluateCommandError> {
    let manifest = args.against_recogniser.as_deref().filter(|p| p.extension().is_some_and(|e| e == "json"));
    Ok(manifest.map(models::Plug::read).transpose()?.map_or_else(Plugs::default, Plugs::one))
}

pub(super) fn run(args: &CompareArgs) -> Result<ExitCode, EvaluateCommandError> {
    let common = &args.common;
    let plugs = common.plugs.read()?;
    let against = against(args)?;
    let ours = calibration(args.calibration.as_deref(), &plugs)?;
    let theirs = match (&args.against, against.recogniser()) {
        (None, None) => ours.clone(),
        (path, _) => calibration(path.as_deref(), &against)?,
    };
    let (models, kind) = load_common(common)?;
    let gallery = open(common, Lists::People, &models)?;
    // The same network in the same format gives the same vectors: then only the judging differs.
    let other = if args.against_recogniser.is_some() || args.against_precision.is_some() {
        let precision = args.against_precision.unwrap_or(common.precision);
        let file = args.against_recogniser.as_deref().filter(|_| against.recogniser().is_none());
        let plugs = if against.recogniser().is_some() { &against } else { &plugs };
        let (models, kind) = load_with(common.cache.as_deref(), precision, common.threads, plugs, file)?;
        Some((open(common, Lists::People, &models)?, kind))
    } else {
        None
    };
    let (gallery_b, other_kind) = other.as_ref().map_or((&gallery, kind), |(gallery, kind)| (gallery, *kind));
    let point = args.against_point.clone().unwrap_or_else(|| theirs.default_point.clone());
    let file = args.against_recogniser.as_deref().and_then(|p| p.file_name());
    let named = file.filter(|_| against.recogniser().is_none());
    let network = named.map_or_else(|| theirs.model.clone(), |name| name.to_string_lossy().into_owned());
    let a = Contestant {
        name: format!("{} at {} ({kind})", ours.model, ours.default_point),
        gallery: &gallery,
        calibration: &ours,
        point: ours.default_point.clone(),
    };
    let b = Contestant {
        name: format!("{network} at {point} ({other_kind})"),
        gallery: gallery_b,
        calibration: &theirs,
        point,
    };
    let protocol = Protocol { enrol: args.enrol, probe: args.probe, draws: args.draws, seed: args.seed };
    let report = evaluate::compare(&a, &b, &protocol)?;
    let document = evaluate::compare_document(&report, &gallery, gallery_b, &ours, &made(common, &gallery, kind));
    common.output.json(&report)?;
    common.output.document(|| Ok(document.clone()))?;
    print(&document.terminal())
}
