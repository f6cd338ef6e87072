//! The driver of the crash test: kills the worker at random points and looks at what is left.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use base::{IntentId, TransferId};
use ledger::{IntentStatus, TransferState};
use serde::Serialize;

use super::bench::{BenchStore, started};
use super::worker::WorkerPlan;
use super::{Cluster, Disk, rig};
use crate::{Location, Store, StoreError, StoreOptions};

/// What to run.
#[derive(Clone, Debug)]
pub struct CrashPlan {
    pub dir: PathBuf,
    pub store: BenchStore,
    /// What a database server asks of the disk.
    pub disk: Disk,
    pub rounds: u64,
    pub payers: u64,
    /// Draws the moments of the kills.
    pub seed: u64,
}

/// What was found; everything but the first six must be zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CrashReport {
    pub rounds: u64,
    /// Rounds in which the database server was killed first.
    pub database_kills: u64,
    /// Rounds in which the worker was killed before it was ready (while it opened or recovered).
    pub killed_early: u64,
    pub acknowledged_payments: u64,
    /// Other acknowledged steps: refunds, holds, posts, voids.
    pub acknowledged_steps: u64,
    /// Purchases that a kill may have interrupted and that the next round asked for again, as a client without an answer does.
    pub retried: u64,
    pub lost: u64,
    pub doubled: u64,
    /// Rounds after which the books did not add up (postings, balances, holds, limits).
    pub unsound_books: u64,
    pub broken_audits: u64,
    /// Rounds in which the worker failed by itself, or the store did not open again.
    pub failed_rounds: u64,
    pub first_error: Option<String>,
}

impl CrashReport {
    pub fn is_clean(&self) -> bool {
        self.lost + self.doubled + self.unsound_books + self.broken_audits + self.failed_rounds == 0
    }
}

/// Rounds on one database before a fresh one is taken, so that checks stay quick.
const ROUNDS_PER_DATABASE: u64 = 20;
/// One round in so many kills the database server before the worker.
const KILL_DATABASE_EVERY: u64 = 3;

/// Runs the plan. `worker` makes the command that calls [`super::crash_worker`] with that plan and its standard output;
/// `tell` hears of every round.
///
/// # Errors
/// The worker cannot be started at all.
pub async fn crash(
    plan: CrashPlan,
    worker: impl Fn(&WorkerPlan) -> Command,
    mut tell: impl FnMut(&CrashReport),
) -> Result<CrashReport, StoreError> {
    let mut report = CrashReport::default();
    let mut random = plan.seed | 1;
    let mut before = Vec::new();
    let cluster = match plan.store {
        BenchStore::Sqlite => None,
        BenchStore::Postgres => Some(Arc::new(started(&plan.dir, plan.disk)?)),
    };
    let mut address = String::new();
    for number in 0..plan.rounds {
        let (database, round) = (number / ROUNDS_PER_DATABASE, number % ROUNDS_PER_DATABASE);
        if round == 0 {
            address = match &cluster {
                None => format!("sqlite:{}", plan.dir.join(format!("crash-{database}.db")).display()),
                Some(cluster) => cluster.address(&cluster.new_name()?),
            };
        }
        let resume = if round == 0 { Vec::new() } else { std::mem::take(&mut before) };
        report.retried += u64::try_from(resume.len()).unwrap_or(0);
        let work = WorkerPlan { address: address.clone(), payers: plan.payers, round, resume };
        let mut command = worker(&work);
        let to_kill = cluster.clone().filter(|_| number % KILL_DATABASE_EVERY == 1);
        report.database_kills += u64::from(to_kill.is_some());
        let lines = tokio::task::spawn_blocking(move || {
            run_and_kill(&mut command, &mut random, to_kill.as_deref()).map(|r| (r, random))
        });
        let (lines, next) = lines.await.map_err(|e| StoreError::Internal(e.to_string()))??;
        random = next;
        before = last_numbers(&lines.said, plan.payers);
        report.rounds += 1;
        if lines.ended_alone {
            fail(&mut report, "the worker ended by itself");
        }
        report.killed_early += u64::from(!lines.was_ready);
        look(&address, &lines.said, &mut report).await;
        tell(&report);
    }
    Ok(report)
}

struct Killed {
    /// Acknowledgements.
    said: Vec<String>,
    was_ready: bool,
    ended_alone: bool,
}

/// Starts the worker, waits a random while (one time in five not even until it is ready), kills it with SIGKILL.
fn run_and_kill(command: &mut Command, random: &mut u64, database: Option<&Cluster>) -> Result<Killed, StoreError> {
    let failed = |e: std::io::Error| StoreError::Internal(format!("the worker cannot be started: {e}"));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let out = child.stdout.take().ok_or_else(|| StoreError::Internal("the worker has no output".to_owned()))?;
    let (tell_ready, ready) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || read_lines(BufReader::new(out), &tell_ready));
    let early = database.is_none() && draw(random, 5) == 0;
    if early {
        std::thread::sleep(Duration::from_millis(draw(random, 120)));
    } else {
        let _ = ready.recv_timeout(Duration::from_secs(60));
        std::thread::sleep(Duration::from_micros(draw(random, 250_000)));
    }
    if let Some(cluster) = database {
        cluster.kill_and_restart(Duration::from_millis(draw(random, 50)))?;
    }
    let ended_alone = kill(&mut child).map_err(failed)?;
    let read = reader.join().map_err(|_| StoreError::Internal("the reader of the worker stopped".to_owned()))?;
    Ok(Killed { said: read.0, was_ready: read.1, ended_alone })
}

/// Answers whether it had ended before.
fn kill(child: &mut Child) -> std::io::Result<bool> {
    let ended = child.try_wait()?.is_some();
    // On Unix `kill` sends SIGKILL: nothing is flushed or closed.
    child.kill()?;
    child.wait()?;
    Ok(ended)
}

/// The acknowledgements, and whether the worker was ready; other lines (of a test harness, say) are left out.
fn read_lines(mut out: impl BufRead, ready: &std::sync::mpsc::Sender<()>) -> (Vec<String>, bool) {
    let (mut lines, mut was_ready) = (Vec::new(), false);
    let mut line = String::new();
    while out.read_line(&mut line).is_ok_and(|n| n > 0) {
        // Without its end the line was cut off and is no acknowledgement.
        let whole = line.strip_suffix('\n').unwrap_or_default();
        match whole.split(' ').next() {
            Some("ready") => {
                was_ready = true;
                let _ = ready.send(());
            }
            Some("paid" | "held" | "moved" | "voided") => lines.push(whole.to_owned()),
            Some(_) | None => {}
        }
        line.clear();
    }
    (lines, was_ready)
}

/// The highest acknowledged number of each payer.
fn last_numbers(said: &[String], payers: u64) -> Vec<u64> {
    let paid = |payer: u64| {
        said.iter().filter_map(move |line| {
            let mut words = line.split(' ');
            let fits = words.next() == Some("paid") && words.next()?.parse() == Ok(payer);
            fits.then(|| words.next()?.parse::<u64>().ok())?
        })
    };
    (0..payers).map(|payer| paid(payer).max().unwrap_or(0)).collect()
}

async fn look(address: &str, said: &[String], report: &mut CrashReport) {
    let location = match address.parse::<Location>() {
        Ok(location) => location,
        Err(error) => return fail(report, &error),
    };
    let store = match Store::open_in(&location, rig::keys(), StoreOptions::default()) {
        Ok(store) => store,
        Err(error) => return fail(report, &format!("the store did not open again: {error}")),
    };
    for line in said {
        match kept(&store, line).await {
            Ok(true) => {}
            Ok(false) => {
                report.lost += 1;
                report.first_error.get_or_insert_with(|| format!("lost: {line}"));
            }
            Err(error) => fail(report, &error.to_string()),
        }
        let paid = line.starts_with("paid");
        *(if paid { &mut report.acknowledged_payments } else { &mut report.acknowledged_steps }) += 1;
    }
    match store.check_books().await {
        Ok(books) => {
            report.doubled += u64::try_from(books.doubled_payments).unwrap_or(0);
            report.unsound_books += u64::from(!books.is_sound());
        }
        Err(error) => fail(report, &error.to_string()),
    }
    match store.verify_audit().await {
        Ok(audit) => report.broken_audits += u64::from(!audit.is_intact()),
        Err(error) => fail(report, &error.to_string()),
    }
}

/// Whether what a line acknowledged is still so.
async fn kept(store: &Store, line: &str) -> Result<bool, StoreError> {
    let mut words = line.split(' ');
    let (what, id) = (words.next().unwrap_or_default(), words.next_back().unwrap_or_default());
    if what == "paid" {
        let Ok(id) = id.parse::<IntentId>() else { return Ok(false) };
        let intent = store.intent(id, rig::now()).await?;
        let Some(intent) = intent.filter(|i| i.status == IntentStatus::Succeeded) else { return Ok(false) };
        let Some((receipt, transfer)) = intent.receipt.zip(intent.transfer) else { return Ok(false) };
        let posted = store.transfer(transfer).await?.map(|t| t.state);
        let receipt = store.receipt(receipt).await?;
        return Ok(posted == Some(TransferState::Posted { amount: intent.amount }) && receipt.is_some());
    }
    let Ok(id) = id.parse::<TransferId>() else { return Ok(false) };
    let Some(transfer) = store.transfer(id).await? else { return Ok(false) };
    Ok(match what {
        "held" => true,
        "moved" => matches!(transfer.state, TransferState::Posted { .. }),
        "voided" => transfer.state == TransferState::Voided,
        _ => false,
    })
}

fn fail(report: &mut CrashReport, error: &str) {
    report.failed_rounds += 1;
    report.first_error.get_or_insert_with(|| error.to_owned());
}

/// A number below `limit` (xorshift: any even spread will do).
fn draw(state: &mut u64, limit: u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state % limit.max(1)
}
