//! `kill -9` at random points. The worker is this test binary, started again. More rounds: `SMILEPAY_CRASH_ROUNDS=200`.
#![allow(clippy::unwrap_used, reason = "helpers of tests may stop the test")]

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use store::load::{BenchStore, Cluster, CrashPlan, Disk, WorkerPlan, crash, crash_worker};

const DIR: &str = "SMILEPAY_CRASH_WORKER";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_doubled() {
    kill(BenchStore::Sqlite, 10).await;
}

/// Here the database server is killed, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_doubled_on_postgresql() {
    if Cluster::programs().is_none() {
        println!("PostgreSQL is not installed here (no initdb): this was left out");
        return;
    }
    kill(BenchStore::Postgres, 6).await;
}

async fn kill(store: BenchStore, rounds: u64) {
    let rounds = std::env::var("SMILEPAY_CRASH_ROUNDS").map_or(rounds, |n| n.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let disk = Disk::Unsynced;
    let plan = CrashPlan { dir: dir.path().to_owned(), store, disk, rounds, payers: 8, seed: 20_261_121 };
    let report = crash(plan, worker_command, |_| {}).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert!(report.acknowledged_payments > 0 && report.retried > 0, "{report:?}");
}

fn worker_command(plan: &WorkerPlan) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let resume: Vec<String> = plan.resume.iter().map(u64::to_string).collect();
    let work = format!("{}\n{}\n{}\n{}", plan.address, plan.payers, plan.round, resume.join(","));
    command.args(["--ignored", "--exact", "worker", "--nocapture", "--quiet"]).env(DIR, work);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process that the other test kills"]
async fn worker() {
    let Ok(work) = std::env::var(DIR) else { return };
    let mut lines = work.lines();
    let mut next = || lines.next().unwrap_or_default().to_owned();
    let (address, payers, round) = (next(), next().parse().unwrap(), next().parse().unwrap());
    let resume = next().split(',').filter_map(|n| n.parse().ok()).collect();
    crash_worker(WorkerPlan { address, payers, round, resume }, std::io::stdout()).await.unwrap();
}
