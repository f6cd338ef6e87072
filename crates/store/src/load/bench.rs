//! Two-phase payments per second, with group commit and with one transaction per step, in turns.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use base::{Span, TransferId};
use ledger::NewTransfer;
use serde::Serialize;
use uuid::Uuid;

use super::{Cluster, Disk, rig};
use crate::limits::MAX_BATCH;
use crate::{BooksReport, LedgerSide, Location, Store, StoreError, StoreOptions};

/// Which store to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BenchStore {
    Sqlite,
    /// A private server, started for the run.
    Postgres,
}

/// What to run.
#[derive(Clone, Copy, Debug)]
pub struct BenchPlan {
    pub store: BenchStore,
    /// Payers at once; each has one payment under way.
    pub payers: usize,
    /// Length of each run.
    pub run: Duration,
    /// Most payments of each run, if it should end sooner.
    pub payments: Option<u64>,
    /// Runs of each kind, taken in turns.
    pub rounds: usize,
}

/// One run.
#[derive(Clone, Debug, Serialize)]
pub struct BenchRun {
    pub batched: bool,
    pub payments: u64,
    pub per_s: f64,
    /// From the wish to hold until the post is durable, in milliseconds.
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub commits: u64,
    pub largest_batch: u64,
    /// CPU time of the whole process, clients included; absent where the system does not tell. A database server is
    /// another process and not counted.
    pub cpu_us_per_payment: Option<f64>,
    /// Rows inserted or changed, balances and the audit chain's head included.
    pub rows_per_payment: f64,
    pub fsync_p50_ms: f64,
    pub books: BooksReport,
}

/// All runs, and the medians of each kind.
#[derive(Clone, Debug, Serialize)]
pub struct BenchReport {
    pub store: &'static str,
    pub payers: usize,
    /// Payments of all runs.
    pub payments: u64,
    pub one_by_one_per_s: f64,
    pub batched_per_s: f64,
    /// Batched ÷ one by one.
    pub times: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub cpu_us_per_payment: Option<f64>,
    pub rows_per_payment: f64,
    pub fsync_p50_ms: f64,
    /// `pgbench -N` with as many clients (at most 80) on the same server, transactions per second.
    pub pgbench_per_s: Option<f64>,
    pub books_sound: bool,
    pub runs: Vec<BenchRun>,
}

/// Runs the plan in fresh databases under `dir`; `tell` hears of each run as it ends.
///
/// # Errors
/// Any payment that fails, or the disk.
pub async fn bench(dir: &Path, plan: BenchPlan, mut tell: impl FnMut(&BenchRun)) -> Result<BenchReport, StoreError> {
    let mut runs = Vec::new();
    let cluster = match plan.store {
        BenchStore::Sqlite => None,
        BenchStore::Postgres => Some(started(dir, Disk::Synced)?),
    };
    let cluster = cluster.as_ref();
    for round in 0..plan.rounds.max(1) {
        for batched in [false, true] {
            let path = dir.join(format!("bench-{round}-{}.db", if batched { "batched" } else { "single" }));
            let location = cluster.map_or_else(|| Ok(Location::File(path.clone())), Cluster::new_database)?;
            remove(&path);
            let run = run(&location, &path, plan, batched).await?;
            tell(&run);
            runs.push(run);
            remove(&path);
        }
    }
    let of = |batched: bool, figure: fn(&BenchRun) -> f64| {
        median(runs.iter().filter(|run| run.batched == batched).map(figure).collect())
    };
    let (single, batch) = (of(false, |r| r.per_s), of(true, |r| r.per_s));
    let cpu = of(true, |r| r.cpu_us_per_payment.unwrap_or(f64::NAN));
    Ok(BenchReport {
        store: match plan.store {
            BenchStore::Sqlite => "sqlite",
            BenchStore::Postgres => "postgres",
        },
        payers: plan.payers,
        payments: runs.iter().map(|run| run.payments).sum(),
        one_by_one_per_s: single,
        batched_per_s: batch,
        times: if single > 0.0 { batch / single } else { 0.0 },
        p50_ms: of(true, |r| r.p50_ms),
        p99_ms: of(true, |r| r.p99_ms),
        cpu_us_per_payment: cpu.is_finite().then_some(cpu),
        rows_per_payment: of(true, |r| r.rows_per_payment),
        pgbench_per_s: cluster.and_then(|c| c.pgbench(plan.payers, plan.run.as_secs().max(1))),
        fsync_p50_ms: median(runs.iter().map(|run| run.fsync_p50_ms).collect()),
        books_sound: runs.iter().all(|run| run.books.is_sound()),
        runs,
    })
}

pub(super) fn started(dir: &Path, disk: Disk) -> Result<Cluster, StoreError> {
    let missing = "PostgreSQL is not installed here: install Debian's package postgresql";
    // A folder of its own: the server's user owns it.
    let dir = dir.join("server");
    std::fs::create_dir(&dir).map_err(|e| StoreError::Database(e.to_string()))?;
    Cluster::start(&dir, disk)?.ok_or_else(|| StoreError::Unreachable(missing.to_owned()))
}

async fn run(location: &Location, beside: &Path, plan: BenchPlan, batched: bool) -> Result<BenchRun, StoreError> {
    let fsync_p50_ms = fsync_ms(beside)?;
    let options = StoreOptions { max_batch: if batched { MAX_BATCH } else { 1 }, ..StoreOptions::default() };
    let store = Store::open_in(location, rig::keys(), options)?;
    let payers = u64::try_from(plan.payers).unwrap_or(u64::MAX);
    rig::set_up(&store, payers).await?;
    let before = (store.stats(), cpu_time(), Instant::now());
    let left = Arc::new(AtomicU64::new(plan.payments.unwrap_or(u64::MAX)));
    let tasks: Vec<_> = (0..payers)
        .map(|payer| tokio::spawn(pay_on(store.clone(), payer, before.2 + plan.run, Arc::clone(&left))))
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.append(&mut task.await.map_err(|e| StoreError::Internal(e.to_string()))??);
    }
    let (seconds, cpu, stats) = (before.2.elapsed().as_secs_f64(), cpu_time(), store.stats());
    took.sort_unstable();
    let payments = u64::try_from(took.len()).unwrap_or(0);
    let count = (took.len().max(1)) as f64;
    Ok(BenchRun {
        batched,
        payments,
        per_s: took.len() as f64 / seconds,
        p50_ms: quantile(&took, 0.5),
        p99_ms: quantile(&took, 0.99),
        commits: stats.commits.saturating_sub(before.0.commits),
        largest_batch: stats.largest_batch,
        rows_per_payment: stats.rows.saturating_sub(before.0.rows) as f64 / count,
        cpu_us_per_payment: cpu.zip(before.1).map(|(after, before)| (after - before) * 1e6 / count),
        fsync_p50_ms,
        books: store.check_books().await?,
    })
}

/// One payer: hold, wait until it is durable, post, wait again; over and over to the one hot merchant.
async fn pay_on(store: Store, payer: u64, end: Instant, left: Arc<AtomicU64>) -> Result<Vec<Duration>, StoreError> {
    let (from, to) = (LedgerSide::Wallet(rig::payer(payer)), LedgerSide::Merchant(rig::merchant()));
    let amount = rig::amount(2_000)?;
    let mut took = Vec::new();
    let take = |n: u64| n.checked_sub(1);
    while Instant::now() < end && left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
        let start = Instant::now();
        let id = TransferId::from_uuid(Uuid::now_v7());
        store.hold(NewTransfer { id, amount, lasts: Span::days(7) }, from, to, rig::now()).await?;
        store.post(id, None, rig::now()).await?;
        took.push(start.elapsed());
    }
    Ok(took)
}

fn remove(path: &Path) {
    for end in ["", "-wal", "-shm", ".lock"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        let _ = std::fs::remove_file(name);
    }
}

fn quantile(sorted: &[Duration], part: f64) -> f64 {
    let at = (sorted.len() as f64 * part) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).map_or(0.0, |d| d.as_secs_f64() * 1e3)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}

/// Median time to write and sync 4 KiB beside the database, in milliseconds: what one commit costs at least.
fn fsync_ms(beside: &Path) -> Result<f64, StoreError> {
    use std::io::Write as _;
    let failed = |e: std::io::Error| StoreError::Database(e.to_string());
    let path = beside.with_extension("fsync");
    let mut file = std::fs::File::create(&path).map_err(failed)?;
    let mut took = Vec::with_capacity(200);
    for _ in 0..200 {
        let start = Instant::now();
        file.write_all(&[0; 4096]).and_then(|()| file.sync_data()).map_err(failed)?;
        took.push(start.elapsed());
    }
    let _ = std::fs::remove_file(&path);
    took.sort_unstable();
    Ok(quantile(&took, 0.5))
}

/// CPU seconds of this process so far: fields 14 and 15 of `/proc/self/stat`, in ticks of 10 ms.
fn cpu_time() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after_name) = text.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / 100.0)
}
