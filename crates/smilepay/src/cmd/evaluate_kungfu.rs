//! `smilepay evaluate kungfu`: tattoos and dogs on your own photos.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use evaluate::KungfuReport;
use models::{Cache, Manifest};
use nn::{Engine, EngineOptions, Kind, Precision};

use super::evaluate::{EvaluateCommandError, bar, print, write_json};
use super::models::Bar;
use crate::boot;

/// Arguments of `smilepay evaluate kungfu`.
#[derive(Debug, Args)]
pub struct KungfuArgs {
    /// Folder that holds tattoo_pairs.csv and dogs.csv
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
pub fn run(args: &KungfuArgs) -> Result<ExitCode, EvaluateCommandError> {
    let (models, kind) = load(args)?;
    let bar = bar("photos and pairs");
    let mut progress = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let report = evaluate::kungfu(&args.data, &models, &mut progress)?;
    bar.finish_and_clear();
    write_json(args.json.as_deref(), &report)?;
    print(&table(&report, kind))
}

fn load(args: &KungfuArgs) -> Result<(kungfu::Models, Kind), EvaluateCommandError> {
    let core = boot::fetch_models(args.cache.as_deref(), &mut Bar::new())?;
    let cache = match args.cache.as_deref() {
        Some(dir) => Cache::at(dir),
        None => Cache::default_dir()?,
    };
    let files = models::kungfu(&Manifest::embedded()?, &cache, &mut Bar::new())?;
    let options = EngineOptions { precision: args.precision, ..EngineOptions::default() };
    let engine = Engine::load(&core.openvino_dir, options)?;
    let paths = kungfu::ModelPaths { local_features: files.local_features, pet_embedder: files.pet_embedder };
    Ok((kungfu::Models::load(&engine, &paths)?, engine.kind()))
}

fn table(report: &KungfuReport, kind: Kind) -> String {
    let percent = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format!("{:.1}%", v * 100.0));
    let range = |v: Option<[f64; 2]>| {
        v.map_or_else(String::new, |[low, high]| format!(" [{:.0}–{:.0}]", low * 100.0, high * 100.0))
    };
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{:<18} {:>8} {:>9} {:>7} {:>17} {:>17}",
        "", "genuine", "impostor", "EER", "TAR@1e-2 [95%]", "TAR@1e-3 [95%]"
    );
    let mut line = |name: String, counts: [usize; 2], eer, rates: [(Option<f64>, Option<[f64; 2]>); 2]| {
        let [one, two] = rates.map(|(tar, interval)| format!("{}{}", percent(tar), range(interval)));
        let [genuine, impostor] = counts;
        let _ = writeln!(text, "{name:<18} {genuine:>8} {impostor:>9} {:>7} {one:>17} {two:>17}", percent(eer));
    };
    for row in &report.tattoo {
        let rate = |name| (row.tar_at_fmr.get(name).copied().flatten(), row.interval(name));
        let counts = [row.genuine, row.impostor];
        line(format!("tattoo, {}", row.kind), counts, row.eer, [rate("1e-2"), rate("1e-3")]);
    }
    let dogs = &report.dogs;
    let rate = |name| (dogs.tar_at_fmr.get(name).copied().flatten(), dogs.interval(name));
    let name = format!("{} dogs, {} enrolled", dogs.instances, dogs.enrolled);
    line(name, [dogs.genuine, dogs.impostor], dogs.eer, [rate("1e-2"), rate("1e-3")]);
    let breed = &dogs.same_breed;
    let rate = |name| (breed.tar_at_fmr.get(name).copied().flatten(), None);
    line("  of one breed".to_owned(), [dogs.genuine, breed.impostor], breed.eer, [rate("1e-2"), rate("1e-3")]);
    for (all, theirs) in dogs.shipped.iter().zip(&breed.shipped) {
        let _ = writeln!(
            text,
            "dogs at the shipped {:.2}: FNMR {:.1}%, FMR {:.1e}, of one breed {:.1e}",
            all.threshold,
            all.fnmr * 100.0,
            all.fmr,
            theirs.fmr
        );
    }
    let ms = &report.ms;
    let shown = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format!("{v:.1}"));
    let _ = writeln!(
        text,
        "\nms, one thread ({kind}): tattoo {} a photo and {} a comparison, pet {} a photo",
        shown(ms.tattoo_extract),
        shown(ms.tattoo_match),
        shown(ms.pet_embed)
    );
    text
}
