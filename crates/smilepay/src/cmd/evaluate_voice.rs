//! `smilepay evaluate voice`: speakers, prompted digits and synthetic voices on your own recordings.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use decide::VoicePolicy;
use evaluate::VoiceReport;
use nn::Precision;

use super::evaluate::{EvaluateCommandError, bar, write_json};
use super::models::Bar;
use crate::boot;
use crate::boot::voice::Prompts;

/// Arguments of `smilepay evaluate voice`.
#[derive(Debug, Args)]
pub struct VoiceArgs {
    /// Folder that holds voice.csv
    #[arg(long, value_name = "DIR", env = "SMILEPAY_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// Write the figures to this file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Number format of the networks: auto, bf16 or f32
    #[arg(long, default_value = "auto", value_name = "FORMAT")]
    precision: Precision,
    /// Where the weights are kept [default: smilepay/models in the user's cache directory]
    #[arg(long, value_name = "DIR", env = "SMILEPAY_CACHE")]
    cache: Option<PathBuf>,
}

/// Runs the command; the table goes to standard output, progress to standard error.
///
/// # Errors
/// One sentence that says what to do.
pub fn run(args: &VoiceArgs) -> Result<ExitCode, EvaluateCommandError> {
    let (models, kind) =
        boot::voice::load_alone(args.cache.as_deref(), &Prompts::digits(), args.precision, &mut Bar::new())?;
    let bar = bar("recordings");
    let mut progress = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let report = evaluate::voice(&args.data, &models, &VoicePolicy::default(), &mut progress)?;
    bar.finish_and_clear();
    write_json(args.json.as_deref(), &report)?;
    io::stdout().lock().write_all(table(&report, kind).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn table(report: &VoiceReport, kind: nn::Kind) -> String {
    let percent = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format!("{:.2}%", v * 100.0));
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{:<12} {:>8} {:>8} {:>8} {:>8} {:>9} {:>9}",
        "set", "speakers", "genuine", "impostor", "EER", "TAR@1e-2", "TAR@1e-3"
    );
    for row in &report.subsets {
        let tar = |name: &str| percent(row.tar_at_fmr.get(name).copied().flatten());
        let _ = writeln!(
            text,
            "{:<12} {:>8} {:>8} {:>8} {:>8} {:>9} {:>9}",
            row.subset,
            row.speakers,
            row.genuine,
            row.impostor,
            percent(row.eer),
            tar("1e-2"),
            tar("1e-3")
        );
    }
    let _ = writeln!(
        text,
        "\nprompt: {} strings, right digits accepted {}, wrong digits accepted {}",
        report.prompt.n,
        percent(report.prompt.accepted_right),
        percent(report.prompt.accepted_wrong)
    );
    let _ = writeln!(text, "synthetic voices: {} trials, accepted {}", report.tts.n, percent(report.tts.accepted));
    let ms = &report.ms_per_second;
    let shown = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format!("{v:.2}"));
    let _ = writeln!(
        text,
        "ms per second of sound, one thread ({kind}): features {}, speaker {}, prompt {}",
        shown(ms.features),
        shown(ms.speaker),
        shown(ms.prompt)
    );
    text
}
