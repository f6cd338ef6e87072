//! `smilepay bench`: payments per second, the crash test, the speed of a verification and of a 1:N search.

mod capture;
mod ceiling;
pub mod cpu;
mod desk;
mod processes;
mod search;
mod simulate;
mod verify;

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use store::StoreError;
use store::load::{
    BenchPlan, BenchReport, BenchRun, BenchStore, CrashPlan, CrashReport, Disk, Race, WorkerPlan, bench, crash,
    crash_worker, race,
};
use tempfile::TempDir;

use crate::terminal::{note, say};

/// Exit code when money was lost, doubled or does not add up.
const UNSOUND: u8 = 3;

/// Arguments of `smilepay bench`.
#[derive(Debug, Args)]
#[command(
    about = "Measure payments, verifications and searches, and kill the store at random points",
    after_help = "Examples:
  smilepay bench ledger                         64 payers, one hot merchant, a table
  smilepay bench ledger --store postgres        the same on a private PostgreSQL server, beside its own pgbench
  smilepay bench race --tries 10000             double spends, refunds and confirms, many at once
  smilepay bench ledger --dir /data --json l.json  on another disk, and a file for programs
  smilepay bench crash --rounds 200             kill -9 at random points, 200 times
  smilepay bench simulate --seeds 10000         faulty clients, network, clock and disk, by seed
  smilepay bench simulate --seed 4711           one seed again, step by step
  smilepay bench verify                         one 720p selfie, stage by stage; one worker against two
  smilepay bench verify --picture me.jpg        the same with a picture of yours
  smilepay bench search --vectors 1000000       exact 1:N search against the memory's own speed

A two-phase payment is a hold and a post; each is answered after its own durable commit (fsync).
Runs in a fresh folder that is removed afterwards and touches no data of yours; only `verify` needs the models.

Exit codes: 0 done, 1 could not be run, 3 money was lost, doubled or does not add up, or a search was wrong."
)]
pub struct BenchArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Two-phase payments per second: group commit against one transaction per step
    Ledger(LedgerArgs),
    /// Spend, refund and confirm the same money many times at once; count what came through
    Race(RaceArgs),
    /// Kill a paying process with SIGKILL again and again; look for lost and doubled payments
    Crash(CrashArgs),
    /// Seeded clients, network, clock and crashes over the real store; every invariant after every step
    Simulate(simulate::SimulateArgs),
    /// Picture to decision: milliseconds per stage, and verifications per second
    Verify(verify::VerifyArgs),
    /// One face among a million: time of a query, and whether the best hit is the true one
    Search(search::SearchArgs),
    #[command(hide = true)]
    CrashWorker(WorkerArgs),
}

#[derive(Debug, Args)]
struct LedgerArgs {
    /// Which store to measure
    #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
    store: Kind,
    /// Payers at once, each with one payment under way
    #[arg(long, default_value_t = 64, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    payers: u16,
    /// End a run after that many payments, if that is sooner
    #[arg(long, value_name = "N")]
    payments: Option<u64>,
    /// Length of one run
    #[arg(long, default_value_t = 5, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
    /// Runs of each kind, taken in turns; the median counts
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    rounds: u16,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct RaceArgs {
    /// Which store to try
    #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
    store: Kind,
    /// Tries of each kind
    #[arg(long, default_value_t = 10_000, value_name = "N", value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    tries: u32,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct CrashArgs {
    /// Which store; on PostgreSQL its server is killed as well, one time in three
    #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
    store: Kind,
    /// How often to kill
    #[arg(long, default_value_t = 200, value_name = "N")]
    rounds: u64,
    /// Payers at once
    #[arg(long, default_value_t = 16, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    payers: u16,
    /// Draws the moments of the kills
    #[arg(long, default_value_t = 1948, value_name = "N")]
    seed: u64,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct Common {
    /// Put the fresh folder into DIR: choose the disk [default: the system's temporary folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Write the figures to this file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct WorkerArgs {
    address: String,
    payers: u64,
    round: u64,
    /// Numbers separated by commas
    #[arg(long, value_delimiter = ',')]
    resume: Vec<u64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    Sqlite,
    Postgres,
}

impl From<Kind> for BenchStore {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => Self::Sqlite,
            Kind::Postgres => Self::Postgres,
        }
    }
}

/// Why a benchmark was not run.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Verify(#[from] verify::VerifyError),
    #[error(transparent)]
    Search(#[from] search::SearchBenchError),
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("this machine gives no threads: {0}")]
    Runtime(#[source] io::Error),
    #[error("this program cannot find itself to start a second one: {0}")]
    OwnPath(#[source] io::Error),
}

/// Runs the command.
///
/// # Errors
/// The folder cannot be used, a payment failed, or the JSON file cannot be written.
pub fn run(args: BenchArgs) -> Result<ExitCode, BenchError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(BenchError::Runtime)?;
    match args.what {
        What::Ledger(args) => runtime.block_on(ledger(args)),
        What::Race(args) => runtime.block_on(races(args)),
        What::Simulate(args) => runtime.block_on(simulate::run(args)),
        What::Verify(args) => Ok(verify::run(&args)?),
        What::Search(args) => Ok(search::run(&args)?),
        What::Crash(args) => runtime.block_on(crash_rounds(args)),
        What::CrashWorker(WorkerArgs { address, payers, round, resume }) => {
            runtime.block_on(crash_worker(WorkerPlan { address, payers, round, resume }, io::stdout()))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn ledger(args: LedgerArgs) -> Result<ExitCode, BenchError> {
    let folder = fresh_folder(&args.common)?;
    let plan = BenchPlan {
        store: args.store.into(),
        payers: usize::from(args.payers),
        run: Duration::from_secs(u64::from(args.seconds)),
        payments: args.payments,
        rounds: usize::from(args.rounds),
    };
    note(format_args!("{} payers, {} runs of {} s of each kind", plan.payers, plan.rounds, args.seconds));
    say("kind          payments/s  p50 ms  p99 ms  commits  largest batch  CPU us/payment  rows/payment  books");
    let report = bench(folder.path(), plan, show_run).await?;
    show_summary(&report);
    write_json(args.common.json.as_deref(), &report)?;
    Ok(exit(report.books_sound))
}

fn show_run(run: &BenchRun) {
    let kind = if run.batched { "group commit" } else { "one by one" };
    let cpu = run.cpu_us_per_payment.map_or_else(|| "-".to_owned(), |c| format!("{c:.0}"));
    let books = if run.books.is_sound() { "sound" } else { "WRONG" };
    let BenchRun { per_s, p50_ms, p99_ms, commits, largest_batch, rows_per_payment, .. } = run;
    say(format_args!(
        "{kind:<12}  {per_s:>10.0}  {p50_ms:>6.2}  {p99_ms:>6.2}  {commits:>7}  {largest_batch:>13}  {cpu:>14}  {rows_per_payment:>12.2}  {books}"
    ));
}

fn show_summary(report: &BenchReport) {
    let BenchReport { batched_per_s, one_by_one_per_s, times, p50_ms, p99_ms, fsync_p50_ms, .. } = report;
    say(format_args!(
        "median: {batched_per_s:.0} two-phase payments/s (p50 {p50_ms:.2} ms, p99 {p99_ms:.2} ms), {times:.1} times the \
         {one_by_one_per_s:.0}/s of one transaction per step; a 4 KiB fsync takes {fsync_p50_ms:.3} ms here"
    ));
    if let Some(pgbench) = report.pgbench_per_s {
        let ratio = batched_per_s / pgbench;
        say(format_args!(
            "pgbench -N on the same server: {pgbench:.0} transactions/s; payments are {ratio:.2} times that"
        ));
    }
}

async fn races(args: RaceArgs) -> Result<ExitCode, BenchError> {
    let folder = fresh_folder(&args.common)?;
    let report = race(folder.path(), args.store.into(), args.tries).await?;
    for race in &report.races {
        let Race { kind, tries, wins, allowed } = race;
        say(format_args!(
            "{kind:<16} {tries:>6} tries, {wins:>4} came through, {allowed:>4} may: {} too many",
            race.too_many()
        ));
    }
    say(if report.is_clean() { "the books add up and the audit chain is intact" } else { "WRONG" });
    write_json(args.common.json.as_deref(), &report)?;
    Ok(exit(report.is_clean()))
}

async fn crash_rounds(args: CrashArgs) -> Result<ExitCode, BenchError> {
    let folder = fresh_folder(&args.common)?;
    let program = std::env::current_exe().map_err(BenchError::OwnPath)?;
    let plan = CrashPlan {
        dir: folder.path().to_owned(),
        store: args.store.into(),
        disk: Disk::Synced,
        rounds: args.rounds,
        payers: u64::from(args.payers),
        seed: args.seed,
    };
    let worker = |plan: &WorkerPlan| {
        let mut command = Command::new(&program);
        let resume: Vec<String> = plan.resume.iter().map(u64::to_string).collect();
        command.args(["bench", "crash-worker"]).arg(&plan.address);
        command.args([plan.payers.to_string(), plan.round.to_string()]);
        if !resume.is_empty() {
            command.arg("--resume").arg(resume.join(","));
        }
        command
    };
    let tell = |report: &CrashReport| {
        if report.rounds.is_multiple_of(10) {
            note(format_args!("round {}: {} payments acknowledged", report.rounds, report.acknowledged_payments));
        }
    };
    let report = crash(plan, worker, tell).await?;
    show_crash(&report);
    write_json(args.common.json.as_deref(), &report)?;
    Ok(exit(report.is_clean()))
}

fn show_crash(report: &CrashReport) {
    say(format_args!(
        "{} kills ({} before the worker was ready, {} of the database server too), {} payments and {} other steps acknowledged, {} retried",
        report.rounds,
        report.killed_early,
        report.database_kills,
        report.acknowledged_payments,
        report.acknowledged_steps,
        report.retried
    ));
    say(format_args!(
        "lost {}, doubled {}, unsound books {}, broken audit chains {}, failed rounds {}",
        report.lost, report.doubled, report.unsound_books, report.broken_audits, report.failed_rounds
    ));
    if let Some(error) = &report.first_error {
        say(format_args!("first finding: {error}"));
    }
}

fn fresh_folder(common: &Common) -> Result<TempDir, BenchError> {
    let parent = common.dir.clone().unwrap_or_else(std::env::temp_dir);
    let mut builder = tempfile::Builder::new();
    builder.prefix("smilepay-bench-");
    // A private database server may run as another user and has to pass.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o711));
    builder.tempdir_in(&parent).map_err(|source| BenchError::File { path: parent, source })
}

fn write_json(path: Option<&Path>, report: &impl Serialize) -> Result<(), BenchError> {
    let Some(path) = path else { return Ok(()) };
    let failed = |source| BenchError::File { path: path.to_owned(), source };
    let text = serde_json::to_string_pretty(report).map_err(|e| failed(e.into()))?;
    std::fs::write(path, text).map_err(failed)
}

fn exit(sound: bool) -> ExitCode {
    if sound { ExitCode::SUCCESS } else { ExitCode::from(UNSOUND) }
}
