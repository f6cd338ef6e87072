//! `smilepay bench simulate`: the store among faults, by seed.

use std::process::ExitCode;

use clap::Args;
use store::load::{SimulationReport, simulate, simulate_seed};

use super::{BenchError, Common, exit, fresh_folder, write_json};
use crate::terminal::say;

#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// How many seeds
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 0, value_name = "SEED")]
    first: u64,
    /// Only this seed, with everything it does
    #[arg(long, value_name = "SEED", conflicts_with_all = ["seeds", "first"])]
    seed: Option<u64>,
    #[command(flatten)]
    common: Common,
}

pub async fn run(args: SimulateArgs) -> Result<ExitCode, BenchError> {
    let folder = fresh_folder(&args.common)?;
    let report = match args.seed {
        None => simulate(folder.path(), args.first, args.seeds).await?,
        Some(seed) => {
            let (report, trace) = simulate_seed(folder.path(), seed).await?;
            trace.iter().enumerate().for_each(|(step, line)| say(format_args!("{step:>3}  {line}")));
            report
        }
    };
    show(&report);
    write_json(args.common.json.as_deref(), &report)?;
    Ok(exit(report.failed.is_none()))
}

fn show(report: &SimulationReport) {
    let SimulationReport { seeds, requests, acknowledged, refused, crashes, full_disks, .. } = report;
    let SimulationReport { lost_replies, duplicates, delayed, clock_jumps, digest, failed, .. } = report;
    say(format_args!("{seeds} seeds, {requests} requests: {acknowledged} acknowledged, {refused} refused"));
    say(format_args!(
        "{crashes} crashes, {full_disks} full disks, {lost_replies} lost replies, {duplicates} duplicates, \
         {delayed} delayed, {clock_jumps} clock jumps; digest {digest}"
    ));
    match failed {
        None => say("no violation"),
        Some((seed, violation)) => {
            say(format_args!("seed {seed}, step {}: {}", violation.step, violation.what));
            violation.trace.iter().rev().take(5).rev().for_each(say);
            say(format_args!("again: smilepay bench simulate --seed {seed}"));
        }
    }
}
