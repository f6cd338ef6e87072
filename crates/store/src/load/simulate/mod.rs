//! A seeded run of clients, network, clock and crashes over the real store: what a seed does, it does each time.
//!
//! Every step sends a few requests in one batch. The network loses replies, sends requests twice and delivers some long
//! after they were sent; the clock jumps both ways; the process dies before or after a commit; the disk fills up. After
//! each step everything that must hold is read from the rows ([`check`]).

mod check;
mod random;
mod request;
mod world;

use std::path::Path;

use serde::Serialize;

use crate::StoreError;
use world::World;

/// Steps of one seed.
const STEPS: u64 = 60;

/// Something that must not be.
#[derive(Clone, Debug, Serialize)]
pub struct Violation {
    pub step: u64,
    pub what: String,
    /// What happened in each step so far.
    pub trace: Vec<String>,
}

/// What the seeds did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SimulationReport {
    pub seeds: u64,
    pub requests: u64,
    pub acknowledged: u64,
    pub refused: u64,
    pub crashes: u64,
    pub full_disks: u64,
    pub lost_replies: u64,
    pub duplicates: u64,
    pub delayed: u64,
    pub clock_jumps: u64,
    /// Of all steps of all seeds, in hexadecimal digits: the same seeds give the same.
    pub digest: String,
    /// The first seed that failed, with what it did.
    pub failed: Option<(u64, Violation)>,
}

/// Runs the seeds `first` to `first + seeds − 1`, each on a fresh database under `dir`; ends at the first violation.
///
/// # Errors
/// The store cannot be made at all.
pub async fn simulate(dir: &Path, first: u64, seeds: u64) -> Result<SimulationReport, StoreError> {
    let template = dir.join("template.db");
    World::prepare(&template).await?;
    let mut report = SimulationReport::default();
    let mut digest = [0; 32];
    for seed in first..first.saturating_add(seeds) {
        report.seeds = report.seeds.saturating_add(1);
        if let Err(violation) = run(dir, &template, seed, &mut report, &mut digest).await {
            report.failed = Some((seed, violation));
            break;
        }
    }
    report.digest = hex::encode(digest);
    Ok(report)
}

/// As [`simulate`], one seed; answers its trace as well.
///
/// # Errors
/// As [`simulate`].
pub async fn simulate_seed(dir: &Path, seed: u64) -> Result<(SimulationReport, Vec<String>), StoreError> {
    let template = dir.join("template.db");
    World::prepare(&template).await?;
    let (mut report, mut digest) = (SimulationReport { seeds: 1, ..SimulationReport::default() }, [0; 32]);
    let trace = match run(dir, &template, seed, &mut report, &mut digest).await {
        Ok(trace) => trace,
        Err(violation) => {
            let trace = violation.trace.clone();
            report.failed = Some((seed, violation));
            trace
        }
    };
    report.digest = hex::encode(digest);
    Ok((report, trace))
}

async fn run(
    dir: &Path,
    template: &Path,
    seed: u64,
    report: &mut SimulationReport,
    digest: &mut [u8; 32],
) -> Result<Vec<String>, Violation> {
    let path = dir.join(format!("seed-{seed}.db"));
    let copied = std::fs::copy(template, &path).map_err(|e| StoreError::Database(e.to_string()));
    copied.map_err(Violation::from)?;
    let mut world = World::open(&path, seed)?;
    let ended = steps(&mut world, report, digest).await;
    let trace = world.trace().to_vec();
    drop(world);
    for ending in ["", "-wal", "-shm", ".lock"] {
        // What is left over is in a temporary folder.
        let _gone = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
    match ended {
        Ok(()) => Ok(trace),
        Err((step, what)) => Err(Violation { step, what, trace }),
    }
}

async fn steps(world: &mut World, report: &mut SimulationReport, digest: &mut [u8; 32]) -> Result<(), (u64, String)> {
    for step in 0..STEPS {
        world.step(report, digest).await.map_err(|what| (step, what))?;
    }
    world.close().await.map_err(|what| (STEPS, what))
}
