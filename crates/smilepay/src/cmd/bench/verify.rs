//! `smilepay bench verify`: how long one verification takes, stage by stage, and how many workers give how much.

use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use face::Models;
use nn::{Engine, EngineOptions, Precision};
use serde::Serialize;
use vault::{MasterKeySource, Vault, VaultConfig};

use super::capture::{Capture, measure_capture};
use super::ceiling;
use super::cpu::{cpu_ms, cpu_since};
use super::desk::{Desk, Enrolled, Stages};
use super::processes::Processes;
use crate::casting;
use crate::cmd::models::Bar;
use crate::terminal::{note, say};

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A JPEG with a face, taken as it is [default: a portrait in a 1280×720 camera frame]
    #[arg(long, value_name = "FILE")]
    pub picture: Option<PathBuf>,
    /// Worker threads of the second kind of run
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub workers: u8,
    /// Length of one run
    #[arg(long, default_value_t = 3, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Runs of each kind, taken in turns; the median counts
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    rounds: u16,
    /// Number format of the networks: auto, bf16 or f32
    #[arg(long, default_value = "auto", value_name = "FORMAT")]
    pub precision: Precision,
    /// Write the figures to this file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Where the weights are kept [default: smilepay/models in the user's cache directory]
    #[arg(long, value_name = "DIR", env = "SMILEPAY_CACHE")]
    pub cache: Option<PathBuf>,
    /// Verify once for each line on standard input and answer the milliseconds of the stages (for `bench/peers`)
    #[arg(long, hide = true)]
    on_request: bool,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("there is no face in the picture: choose another one with --picture")]
    NoFace,
    #[error("a worker stopped early")]
    Worker,
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Models(#[from] models::ModelsError),
    #[error(transparent)]
    Casting(#[from] casting::CastingError),
    #[error(transparent)]
    Puppet(#[from] puppet::PuppetError),
    #[error(transparent)]
    Engine(#[from] nn::NnError),
    #[error(transparent)]
    Face(#[from] face::FaceError),
    #[error(transparent)]
    Decode(#[from] face::DecodeError),
    #[error(transparent)]
    Evaluate(#[from] evaluate::EvaluateError),
    #[error(transparent)]
    Vault(#[from] vault::VaultError),
}

/// What was measured; milliseconds are medians.
#[derive(Debug, Serialize)]
pub struct VerifyReport {
    precision: &'static str,
    picture_bytes: usize,
    runs: usize,
    decode_ms: f64,
    detect_ms: f64,
    embed_ms: f64,
    compare_ms: f64,
    decide_ms: f64,
    total_ms: f64,
    total_p95_ms: f64,
    /// The same stages, in milliseconds by the clock, while all workers work.
    workers_stages_ms: [f64; 5],
    workers: u8,
    one_worker_per_s: f64,
    workers_per_s: f64,
    times_one_worker: f64,
    /// CPU milliseconds of one verification with one worker and with several, all threads of the program counted.
    one_worker_cpu_ms: f64,
    workers_cpu_ms: f64,
    /// What that makes of the workers where each has a core to itself: locks, memory and caches that they share count, other
    /// programs hardly do.
    times_one_worker_by_cpu: f64,
    /// Times one worker of as many processes with one worker each.
    processes_times_one: f64,
    /// What the machine gave that many threads in the same rounds, in arithmetic that shares nothing: waiting for itself, and
    /// filling the floating-point units.
    machine_times_one_waiting: f64,
    machine_times_one_filling: f64,
    /// `times_one_worker` of the smaller of the two.
    share_of_machine: f64,
    capture: Capture,
}

/// Runs the command.
pub fn run(args: &VerifyArgs) -> Result<ExitCode, VerifyError> {
    let bench = Bench::new(args)?;
    if args.on_request {
        bench.answer_requests()?;
        return Ok(ExitCode::SUCCESS);
    }
    let report = bench.measure(args)?;
    show(&report);
    if let Some(path) = &args.json {
        let failed = |source| VerifyError::File { path: path.clone(), source };
        let text = serde_json::to_string_pretty(&report).map_err(|e| failed(e.into()))?;
        std::fs::write(path, text).map_err(failed)?;
    }
    Ok(ExitCode::SUCCESS)
}

struct Bench {
    models: Models,
    precision: nn::Kind,
    enrolled: Arc<Enrolled>,
    jpeg: Vec<u8>,
    cache: Option<PathBuf>,
    /// Holds the key store; removed at the end.
    _keys: tempfile::TempDir,
}

impl Bench {
    fn new(args: &VerifyArgs) -> Result<Self, VerifyError> {
        let cache = args.cache.clone();
        let files = crate::boot::fetch_models(cache.as_deref(), &mut Bar::new()).map_err(|e| match e {
            crate::boot::BootError::Models(e) => VerifyError::Models(e),
            other => VerifyError::Io(std::io::Error::other(other.to_string())),
        })?;
        let options = EngineOptions { precision: args.precision, threads: 1, streams: usize::from(args.workers) };
        let engine = Engine::load(&files.openvino_dir, options)?;
        let models = Models::load(&engine, &crate::boot::model_paths(&files))?;
        let jpeg = picture(args, cache.as_deref())?;
        let keys = tempfile::Builder::new().prefix("smilepay-bench-").tempdir()?;
        let master = MasterKeySource::File(keys.path().join("master.key"));
        let vault = Vault::init(VaultConfig { key_dir: keys.path().join("keys"), master })?;
        let enrolled = Enrolled::new(vault, &mut models.analyzer()?, &jpeg)?;
        Ok(Self { models, precision: engine.kind(), enrolled, jpeg, cache, _keys: keys })
    }

    fn desk(&self) -> Result<Desk, VerifyError> {
        let mut desk = Desk::new(self.models.analyzer()?, Arc::clone(&self.enrolled));
        // The first look takes memory and warms caches.
        desk.verify(&self.jpeg)?;
        Ok(desk)
    }

    fn measure(&self, args: &VerifyArgs) -> Result<VerifyReport, VerifyError> {
        let length = Duration::from_secs(u64::from(args.seconds));
        let mut stages = Vec::new();
        let (mut one, mut many, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        let (mut ones, mut each) = (Vec::new(), Vec::new());
        let (mut apart, mut waiting, mut filling, mut share) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut together = Vec::new();
        let mut processes = Processes::start(args)?;
        for round in 1..=args.rounds {
            let single = self.load(1, length)?;
            let several = self.load(usize::from(args.workers), length)?;
            let rivals = processes.load(length)?;
            let machine = ceiling::measure(usize::from(args.workers), length / 4);
            note(format_args!(
                "round {round}: {:.1}/s with 1 worker, {:.1}/s with {}, {rivals:.1}/s with as many processes; the machine gives {:.2} to {:.2} times",
                single.per_s,
                several.per_s,
                args.workers,
                machine.filling.min(machine.waiting),
                machine.filling.max(machine.waiting),
            ));
            apart.push(rivals / single.per_s);
            waiting.push(machine.waiting);
            filling.push(machine.filling);
            share.push(several.per_s / single.per_s / machine.filling.min(machine.waiting));
            one.push(single.per_s);
            many.push(several.per_s);
            ratios.push(several.per_s / single.per_s);
            ones.push(single.cpu_ms);
            each.push(several.cpu_ms);
            stages.extend(single.stages);
            together.extend(several.stages);
        }
        drop(processes);
        let capture = measure_capture(self.desk()?.analyzer(), self.cache.as_deref())?;
        let of = |stage: fn(&Stages) -> f64| quantile(stages.iter().map(stage).collect(), 0.5);
        let all = |stage: fn(&Stages) -> f64| quantile(together.iter().map(stage).collect(), 0.5);
        let by_cpu = quantile(ones.iter().zip(&each).map(|(one, each)| one / each).collect(), 0.5);
        Ok(VerifyReport {
            precision: self.precision.as_str(),
            picture_bytes: self.jpeg.len(),
            runs: stages.len(),
            decode_ms: of(|s| s.decode),
            detect_ms: of(|s| s.detect),
            embed_ms: of(|s| s.embed),
            compare_ms: of(|s| s.compare),
            decide_ms: of(|s| s.decide),
            total_ms: of(Stages::total),
            total_p95_ms: quantile(stages.iter().map(Stages::total).collect(), 0.95),
            workers_stages_ms: [
                all(|s| s.decode),
                all(|s| s.detect),
                all(|s| s.embed),
                all(|s| s.compare),
                all(|s| s.decide),
            ],
            workers: args.workers,
            one_worker_per_s: quantile(one, 0.5),
            workers_per_s: quantile(many, 0.5),
            times_one_worker: quantile(ratios, 0.5),
            times_one_worker_by_cpu: f64::from(args.workers) * by_cpu,
            one_worker_cpu_ms: quantile(ones, 0.5),
            workers_cpu_ms: quantile(each, 0.5),
            processes_times_one: quantile(apart, 0.5),
            machine_times_one_waiting: quantile(waiting, 0.5),
            machine_times_one_filling: quantile(filling, 0.5),
            share_of_machine: quantile(share, 0.5),
            capture,
        })
    }

    /// `workers` threads verify as fast as they can for `length`.
    fn load(&self, workers: usize, length: Duration) -> Result<Run, VerifyError> {
        let desks: Vec<Desk> = (0..workers).map(|_| self.desk()).collect::<Result<_, _>>()?;
        let (start, begun) = (Instant::now(), cpu_ms());
        let stages = std::thread::scope(|scope| {
            let work = |mut desk: Desk| {
                let mut stages = Vec::new();
                while start.elapsed() < length {
                    stages.push(desk.verify(&self.jpeg)?);
                }
                Ok::<_, VerifyError>(stages)
            };
            let threads: Vec<_> = desks.into_iter().map(|desk| scope.spawn(move || work(desk))).collect();
            let done = threads.into_iter().map(|t| t.join().unwrap_or(Err(VerifyError::Worker)));
            done.collect::<Result<Vec<_>, _>>()
        })?;
        let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_since(begun));
        let stages: Vec<Stages> = stages.into_iter().flatten().collect();
        let n = stages.len().max(1) as f64;
        Ok(Run { per_s: n / wall, cpu_ms: cpu / n, stages })
    }

    fn answer_requests(&self) -> Result<(), VerifyError> {
        let mut desk = self.desk()?;
        let mut out = std::io::stdout().lock();
        writeln!(out, "ready {}", self.precision)?;
        out.flush()?;
        for line in std::io::stdin().lock().lines() {
            line?;
            let s = desk.verify(&self.jpeg)?;
            writeln!(out, "{:.4} {:.4} {:.4} {:.4}", s.total(), s.decode, s.detect, s.embed)?;
            out.flush()?;
        }
        Ok(())
    }
}

struct Run {
    per_s: f64,
    cpu_ms: f64,
    stages: Vec<Stages>,
}

/// The picture asked for, or a portrait in a camera frame.
fn picture(args: &VerifyArgs, cache: Option<&Path>) -> Result<Vec<u8>, VerifyError> {
    let read = |path: &Path| std::fs::read(path).map_err(|source| VerifyError::File { path: path.to_owned(), source });
    if let Some(path) = &args.picture {
        return read(path);
    }
    let portraits = casting::portraits(cache, &mut Bar::new())?;
    let path = portraits.get("obama3.jpg").ok_or(VerifyError::NoFace)?;
    Ok(evaluate::frame_720p(&read(path)?)?)
}

pub fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index below the length")]
    let at = (values.len().saturating_sub(1) as f64 * share).round() as usize;
    values.get(at).copied().unwrap_or(f64::NAN)
}

fn show(report: &VerifyReport) {
    let VerifyReport { precision, runs, decode_ms, detect_ms, embed_ms, compare_ms, decide_ms, .. } = report;
    say(format_args!(
        "one thread, {precision}, median of {runs}: decode {decode_ms:.2} ms, detect {detect_ms:.2}, align+embed {embed_ms:.2}, \
         compare {compare_ms:.3}, decide {decide_ms:.4}"
    ));
    say(format_args!("picture to decision: {:.2} ms (95 %: {:.2} ms)", report.total_ms, report.total_p95_ms));
    say(format_args!(
        "{:.1}/s with one worker, {:.1}/s with {}: {:.2} times (median of the rounds' ratios)",
        report.one_worker_per_s, report.workers_per_s, report.workers, report.times_one_worker
    ));
    say(format_args!(
        "CPU of one verification: {:.2} ms with one worker, {:.2} ms with {}: {:.2} times where each has a core to itself",
        report.one_worker_cpu_ms, report.workers_cpu_ms, report.workers, report.times_one_worker_by_cpu
    ));
    let [decode, detect, embed, compare, decide] = report.workers_stages_ms;
    say(format_args!(
        "the stages while {} work: decode {decode:.2} ms, detect {detect:.2}, align+embed {embed:.2}, compare {compare:.3}, decide {decide:.4}",
        report.workers
    ));
    say(format_args!(
        "{} processes of one worker each: {:.2} times; the machine in the same rounds, arithmetic that shares nothing: {:.2} times \
         waiting for itself, {:.2} filling the units; the workers got {:.2} of the smaller",
        report.workers,
        report.processes_times_one,
        report.machine_times_one_waiting,
        report.machine_times_one_filling,
        report.share_of_machine
    ));
    let Capture { frames, cpu_ms, wall_ms, embeddings, stages: s } = &report.capture;
    say(format_args!(
        "streamed capture of {frames} frames (640×480, {embeddings} embeddings), summed up and compared: {cpu_ms:.0} ms CPU, {wall_ms:.0} ms"
    ));
    say(format_args!(
        "  of these CPU ms: decode {:.1}, detect {:.1}, landmarks {:.1}, expression {:.1}, align+embed {:.1}, quality {:.1}, session {:.1}, summing up {:.1}",
        s.decode, s.detect, s.mesh, s.happy, s.embed, s.quality, s.session, s.finish
    ));
}
