//! `smilepay evaluate pad`: attacks, real and generated, through the checks and rules that a payment uses.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use decide::LivenessPolicy;
use evaluate::pad::{Details, PadOptions, PadReport};
use nn::Precision;
use puppet::Species;

use super::{EvaluateCommandError, bar as progress_bar, load, write_json};
use crate::boot;
use crate::casting;
use crate::cmd::models::Bar;

/// The people that attacks are made of.
const PORTRAITS: [&str; 3] = ["biden", "obama2", "obama3"];

/// Arguments of `smilepay evaluate pad`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  smilepay evaluate pad --data ../shared/data --json pad.json       everything, 150 captures of each generated species
  smilepay evaluate pad --per-species 6 --json pad.json             a quick look
  smilepay evaluate pad --per-species 0 --ignore-fps-gate           the clips only, those of unknown rate judged as well
  smilepay evaluate pad --captures pad.jsonl                        kept as they are made: run again after a break, it goes on
  smilepay evaluate pad --captures pad.jsonl --part 1/2             half of them; the other process makes part 2/2, and a last
                                                                    run without --part puts both together

DIR/faces/videos.csv lists folders of JPEG frames (dir,label,content,frames,fps_of_frames,width,height,source; yaw_range,
happy_min and happy_max say which movements a clip contains), DIR/faces/pad.csv stills (path,label,attack_type,set,identity).
APCER is the share of attacks that were accepted, BPCER the share of living people that were called an attack. Who gave no
evidence is asked again: that is counted on its own and is never an acceptance.")]
pub struct PadArgs {
    /// Folder that holds faces/videos.csv and faces/pad.csv; what is missing is left out
    #[arg(long, value_name = "DIR", env = "SMILEPAY_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// Write the figures to this file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write what stands behind them: every clip, reasons, halves, ranges of readings
    #[arg(long, value_name = "FILE")]
    details: Option<PathBuf>,
    /// Captures of each generated species (a third for those that no camera can refuse); 0: none
    #[arg(long, default_value_t = 150, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=5_000))]
    per_species: u16,
    /// Only these generated species, by name
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = species)]
    only: Vec<Species>,
    /// Keep generated captures in this file, one a line, and make only those that it does not hold
    #[arg(long, value_name = "FILE")]
    captures: Option<PathBuf>,
    /// Make only this part of the generated captures, such as 1/4
    #[arg(long, value_name = "K/N", value_parser = part, default_value = "1/1", requires = "captures")]
    part: [usize; 2],
    /// Another seed makes other captures
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Judge clips whose frame rate is unknown or low as if it were enough
    #[arg(long)]
    ignore_fps_gate: bool,
    /// Passive networks that look as well, by a list such as config/passive/minifasnet.toml
    #[arg(long, value_name = "FILE")]
    passive: Option<PathBuf>,
    /// Captures played at once
    #[arg(long, default_value_t = 2, value_name = "N")]
    threads: usize,
    /// Number format of the networks: auto, bf16 or f32
    #[arg(long, default_value = "auto", value_name = "FORMAT")]
    precision: Precision,
    /// Where the weights are kept [default: smilepay/models in the user's cache directory]
    #[arg(long, value_name = "DIR", env = "SMILEPAY_CACHE")]
    cache: Option<PathBuf>,
}

/// `K/N`, K from 1 to N.
fn part(text: &str) -> Result<[usize; 2], String> {
    let pair = text.split_once('/').and_then(|(k, n)| Some((k.parse::<usize>().ok()?, n.parse::<usize>().ok()?)));
    match pair {
        Some((k, n)) if (1..=n).contains(&k) && n <= 1_000 => Ok([k - 1, n]),
        _ => Err("write K/N, such as 1/4".to_owned()),
    }
}

fn species(text: &str) -> Result<Species, String> {
    let found = Species::ALL.into_iter().find(|species| species.name() == text);
    found.ok_or_else(|| format!("the species are {}", Species::ALL.map(Species::name).join(", ")))
}

pub(super) fn run(args: &PadArgs) -> Result<ExitCode, EvaluateCommandError> {
    let cache = args.cache.as_deref();
    let (models, _) = load(cache, args.precision, args.threads)?;
    let plugged = args.passive.as_deref().map(boot::passive::load).transpose()?.unwrap_or_default();
    let models = models.with_passive(plugged)?;
    let mut casts = Vec::new();
    if args.per_species > 0 {
        let portraits = casting::portraits(cache, &mut Bar::new())?;
        let mut analyzer = models.analyzer()?;
        for name in PORTRAITS {
            casts.push(casting::cast(name, &portraits, &mut analyzer)?);
        }
    }
    let policy = LivenessPolicy::default();
    let options = PadOptions {
        per_species: usize::from(args.per_species),
        threads: args.threads,
        seed: args.seed,
        ignore_fps_gate: args.ignore_fps_gate,
        policy: &policy,
        only: &args.only,
        captures: args.captures.as_deref(),
        part: args.part,
    };
    let bar = progress_bar("captures");
    let mut progress = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let (report, details) = evaluate::pad::pad(&args.data, &models, &casts, &options, &mut progress)?;
    bar.finish_and_clear();
    write_json(args.json.as_deref(), &report)?;
    write_json(args.details.as_deref(), &details)?;
    io::stdout().lock().write_all(table(&report, &details).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Writing to a String cannot fail.
fn table(report: &PadReport, details: &Details) -> String {
    let mut text = String::new();
    let percent = |v: f64| format!("{:.1} %", v * 100.0);
    let _ = writeln!(
        text,
        "{:<34} {:<9} {:>5} {:>8} {:>11} {:>8}  95 % interval",
        "attack species", "source", "n", "accepted", "no evidence", "APCER"
    );
    for row in &report.species {
        let name = if row.gap { format!("{} (gap)", row.name) } else { row.name.clone() };
        let [low, high] = row.ci95;
        let interval = format!("{}–{}", percent(low), percent(high));
        let _ = writeln!(
            text,
            "{name:<34} {:<9} {:>5} {:>8} {:>11} {:>8}  {interval}",
            row.source,
            row.n,
            row.accepted,
            row.no_evidence,
            percent(row.apcer)
        );
    }
    let _ = writeln!(
        text,
        "\n{:<34} {:>5} {:>8} {:>11} {:>8}",
        "living people (set)", "n", "rejected", "no evidence", "BPCER"
    );
    for row in &report.bona_fide {
        let _ = writeln!(
            text,
            "{:<34} {:>5} {:>8} {:>11} {:>8}",
            row.set,
            row.n,
            row.rejected,
            row.no_evidence,
            percent(row.bpcer)
        );
    }
    let rate = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), percent);
    let _ = writeln!(
        text,
        "\n{:<34} {:<16} {:>7} {:>7} {:>8} {:>7} {:>7} {:>7}",
        "stills (set)", "network", "live", "attack", "no face", "APCER", "BPCER", "AUC"
    );
    for row in &report.stills {
        let _ = writeln!(
            text,
            "{:<34} {:<16} {:>7} {:>7} {:>8} {:>7} {:>7} {:>7}",
            row.set,
            row.network,
            row.n_live,
            row.n_attack,
            row.no_face,
            rate(row.apcer),
            rate(row.bpcer),
            row.auc.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"))
        );
    }
    let _ = writeln!(text, "\n{:<34} {:>7} {:>7} {:>7}", "check alone", "AUC", "live", "attack");
    for row in &report.checks {
        let auc = row.auc.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"));
        let _ = writeln!(text, "{:<34} {auc:>7} {:>7} {:>7}", row.name, row.n_live, row.n_attack);
    }
    clips(&mut text, details);
    text
}

fn clips(text: &mut String, details: &Details) {
    let _ = writeln!(text, "\nclips:");
    for clip in &details.clips {
        let number = |v: Option<f32>| v.map_or_else(|| "–".to_owned(), |v| format!("{v:.2}"));
        let asked = if clip.asked.is_empty() { "nothing".to_owned() } else { clip.asked.join(", ") };
        let _ = writeln!(
            text,
            "{:<40} {:<5} asked {asked}: {:?}; turn {}, plane {}, onset {}{}{}; {}; {}",
            clip.clip,
            if clip.live { "live" } else { "spoof" },
            clip.verdict,
            number(clip.pose),
            number(clip.plane),
            number(clip.onset),
            if clip.reasons.is_empty() { "" } else { "; " },
            clip.reasons.join(", "),
            clip.silent.join(", "),
            clip.content
        );
    }
    let [moved, silent] = details.moved;
    let _ = writeln!(
        text,
        "\nlive clips with an asked movement: {moved} ({} by the list's columns alone), of which {silent} gave no evidence",
        details.listed_moved
    );
    let smile = details.smile;
    let _ = writeln!(
        text,
        "smile onset: {} of {} clips with a rise detected (by the list's columns alone {} of {}); {} of {} clips without one and {} of {} generated stills taken for a smile",
        smile.detected,
        smile.clips_with_a_rise,
        smile.listed_detected,
        smile.listed,
        smile.taken_for_a_smile,
        smile.clips_without,
        smile.stills_taken_for_a_smile,
        smile.stills
    );
    for half in &details.halves {
        let _ = writeln!(
            text,
            "half {} of the people: generated attacks {}/{} accepted, real attacks {}/{}, live {} rejected and {} no evidence of {}",
            half.half,
            half.generated_accepted,
            half.generated,
            half.real_accepted,
            half.real_attacks,
            half.live_rejected,
            half.live_no_evidence,
            half.live
        );
    }
    let ([median, high], [length, longest]) = (details.check_ms, details.capture_s);
    let _ = writeln!(
        text,
        "checks for one frame: median {median:.1} ms, 95th percentile {high:.1} ms; puppet captures: median {length:.1} s, longest {longest:.1} s"
    );
    let [[own, own_silent], [other, other_silent]] = details.colours;
    let _ = writeln!(
        text,
        "screen colours: {own} captures under the drawn ones ({own_silent} without evidence), {other} under another challenge's ({other_silent} without)"
    );
    for (species, reasons) in &details.reasons {
        let told: Vec<String> = reasons.iter().map(|(reason, n)| format!("{reason} {n}")).collect();
        let _ = writeln!(text, "{species}: {}", told.join(", "));
    }
}
