//! `smilepay evaluate report`: the committed documents, by one command.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use decide::Calibration;
use evaluate::{Half, Lists, Options, Protocol};

use super::output::{print, write_file};
use super::{Common, EvaluateCommandError, load_common, made, open};

/// Arguments of `smilepay evaluate report`.
#[derive(Debug, Args)]
#[command(
    after_help = "Writes accuracy.md and accuracy.html: pairs, templates and groups at the shipped threshold, and the shipped
calibration checked on the half of the people that it was not fitted on."
)]
pub(super) struct ReportArgs {
    #[command(flatten)]
    common: Common,
    /// Folder for accuracy.md and accuracy.html
    #[arg(long, value_name = "DIR", default_value = "docs")]
    out: PathBuf,
}

pub(super) fn run(args: &ReportArgs) -> Result<ExitCode, EvaluateCommandError> {
    let calibration = args.common.plugs.read()?.calibration()?.unwrap_or_else(Calibration::shipped);
    let (models, kind) = load_common(&args.common)?;
    let gallery = open(&args.common, Lists::People, &models)?;
    let protocol = Protocol::STANDARD;
    let options = Options { threads: args.common.threads, templates: Some(protocol) };
    let report = evaluate::report_of(&gallery, &models, options, &calibration)?;
    let fair = evaluate::fairness(&gallery, &protocol, &calibration)?;
    // The half that the shipped calibration was fitted on is in its command.
    let half = if calibration.made.command.contains("--swap") { Half::Second } else { Half::First };
    let unseen = evaluate::check_calibration(&gallery, calibration.clone(), protocol.seed, half)?;
    let how = made(&args.common, &gallery, kind);
    let document = evaluate::accuracy_document(&report, &fair, &unseen, &gallery, &protocol, &calibration, &how)?;
    args.common.output.json(&report)?;
    args.common.output.document(|| Ok(document.clone()))?;
    std::fs::create_dir_all(&args.out)
        .map_err(|source| EvaluateCommandError::Write { path: args.out.clone(), source })?;
    write_file(&args.out.join("accuracy.md"), document.markdown().as_bytes())?;
    write_file(&args.out.join("accuracy.html"), document.html().as_bytes())?;
    print(&document.terminal())
}
