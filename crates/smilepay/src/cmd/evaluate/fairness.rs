//! `smilepay evaluate fairness`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use evaluate::{Lists, Protocol};

use super::output::print;
use super::{Common, EvaluateCommandError, calibration, load_common, made, open};

/// Arguments of `smilepay evaluate fairness`.
#[derive(Debug, Args)]
#[command(
    after_help = "Groups come from the column `group` of people.csv; where it is empty, from the pairs of pairs.csv that show the
person, if all of them agree. Strangers are compared within their group and set. A group without a single error has no
ratio, and a group that is too small for its bar says so."
)]
pub(super) struct FairnessArgs {
    #[command(flatten)]
    common: Common,
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
    /// Judge by this calibration instead of the shipped one
    #[arg(long, value_name = "FILE")]
    calibration: Option<PathBuf>,
}

pub(super) fn run(args: &FairnessArgs) -> Result<ExitCode, EvaluateCommandError> {
    let calibration = calibration(args.calibration.as_deref(), &args.common.plugs.read()?)?;
    let (models, kind) = load_common(&args.common)?;
    let gallery = open(&args.common, Lists::OnlyPeople, &models)?;
    let protocol = Protocol { enrol: args.enrol, probe: args.probe, draws: args.draws, seed: args.seed };
    let report = evaluate::fairness(&gallery, &protocol, &calibration)?;
    let document = evaluate::fairness_document(&report, &calibration, &made(&args.common, &gallery, kind));
    args.common.output.json(&report)?;
    args.common.output.document(|| Ok(document.clone()))?;
    print(&document.terminal())
}
