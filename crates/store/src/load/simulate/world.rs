use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::{DisputeId, IntentId, Span, Timestamp};
use sha2::{Digest, Sha256};

use super::SimulationReport;
use super::check::{Promises, check, made_at};
use super::random::Random;
use super::request::{Answer, Kind, Reply, Want, ids, send};
use crate::faults::{Fault, Faults};
use crate::limits::IDEMPOTENCY_LASTS;
use crate::load::rig;
use crate::{Location, Store, StoreError, StoreOptions};

const PAYERS: u64 = 3;
/// What each payer owns besides: little, so that money runs out.
const PURSE: i64 = 5_000;
/// 21 November 2026; where the clock starts.
const START: Timestamp = Timestamp::from_millis(1_795_219_200_000);

/// An intent as its clients know it.
#[derive(Clone, Copy)]
struct Known {
    id: IntentId,
    minor: i64,
    payer: u64,
}

/// Everything of one seed.
pub(super) struct World {
    path: PathBuf,
    store: Option<Store>,
    faults: Arc<Faults>,
    random: Random,
    now: Timestamp,
    intents: Vec<Known>,
    disputes: Vec<DisputeId>,
    /// Sent, not answered: tried again, or delivered late.
    waiting: Vec<Want>,
    /// When each key was sent first.
    sent: HashMap<(&'static str, u64), Timestamp>,
    keys: u64,
    promises: Promises,
    trace: Vec<String>,
}

impl World {
    /// A shop and payers, once for all seeds.
    pub(super) async fn prepare(path: &Path) -> Result<(), StoreError> {
        let options = StoreOptions { synced: false, ..StoreOptions::default() };
        let store = Store::open_with(path, rig::keys(), options)?;
        rig::set_up_with(&store, PAYERS, PURSE, START).await
    }

    pub(super) fn open(path: &Path, seed: u64) -> Result<Self, StoreError> {
        let faults = Arc::new(Faults::default());
        let store = Some(open(path, &faults)?);
        Ok(Self {
            path: path.to_owned(),
            store,
            faults,
            random: Random::new(seed),
            now: START,
            intents: Vec::new(),
            disputes: Vec::new(),
            waiting: Vec::new(),
            sent: HashMap::new(),
            keys: 0,
            promises: Promises::default(),
            trace: Vec::new(),
        })
    }

    pub(super) fn trace(&self) -> &[String] {
        &self.trace
    }

    /// One batch of requests, its faults, and the check of everything.
    pub(super) async fn step(&mut self, report: &mut SimulationReport, digest: &mut [u8; 32]) -> Result<(), String> {
        self.move_clock(report);
        let batch = self.batch(report);
        let fault = self.fault();
        self.faults.arm(batch.len(), fault);
        let replies = self.deliver(&batch).await;
        for (want, reply) in batch.iter().zip(&replies) {
            report.requests = report.requests.saturating_add(1);
            self.note(*want, reply, report)?;
        }
        let line = format!("{} {fault:?}: {}", self.now.as_millis() - START.as_millis(), told(&batch, &replies));
        let mut hash = Sha256::new();
        hash.update(*digest);
        hash.update(&line);
        *digest = hash.finalize().into();
        self.trace.push(line);
        match fault {
            Fault::CrashBefore | Fault::CrashAfter => {
                report.crashes = report.crashes.saturating_add(1);
                self.restart().await?;
                self.find_out(&batch).await?;
            }
            Fault::DiskFull => report.full_disks = report.full_disks.saturating_add(1),
            Fault::None => {}
        }
        let store = self.store.as_ref().ok_or("there is no store")?;
        match check(store, &self.promises, self.now).await {
            Ok(None) => Ok(()),
            Ok(Some(what)) => Err(what),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The audit chain as well, at the end.
    pub(super) async fn close(&mut self) -> Result<(), String> {
        self.restart().await
    }

    async fn restart(&mut self) -> Result<(), String> {
        self.faults.arm(0, Fault::None);
        drop(self.store.take());
        let store = open(&self.path, &self.faults).map_err(|e| format!("it does not open again: {e}"))?;
        let audit = store.verify_audit().await.map_err(|e| e.to_string())?;
        self.store = Some(store);
        if audit.is_intact() { Ok(()) } else { Err(format!("the audit chain is broken: {audit:?}")) }
    }

    /// After a crash nobody was answered: what is there now was made, once for each key.
    async fn find_out(&mut self, batch: &[Want]) -> Result<(), String> {
        let keys: BTreeSet<_> = batch.iter().filter_map(|want| want.key()).filter(|key| counts(key.0)).collect();
        let store = self.store.as_ref().ok_or("there is no store")?;
        let made = made_at(store, keys.into_iter().collect(), self.now).await.map_err(|e| e.to_string())?;
        self.promises.effects = self.promises.effects.saturating_add(i64::try_from(made).unwrap_or(i64::MAX));
        Ok(())
    }

    fn move_clock(&mut self, report: &mut SimulationReport) {
        let jump = match self.random.below(30) {
            0 => Span::days(8),
            1 => Span::minutes(-5),
            2 => Span::hours(2),
            3 => Span::seconds(90),
            4 => Span::days(15),
            _ => Span::millis(i64::try_from(self.random.below(20_000)).unwrap_or(0).saturating_add(1)),
        };
        if jump.as_millis().unsigned_abs() >= 60_000 {
            report.clock_jumps = report.clock_jumps.saturating_add(1);
        }
        self.now = self.now.plus(jump);
    }

    fn fault(&mut self) -> Fault {
        match self.random.below(20) {
            0 => Fault::CrashBefore,
            1 => Fault::CrashAfter,
            2 => Fault::DiskFull,
            _ => Fault::None,
        }
    }

    /// One to four requests; some are old ones that come again, or come late.
    fn batch(&mut self, report: &mut SimulationReport) -> Vec<Want> {
        let mut batch = Vec::new();
        for _ in 0..=self.random.below(4) {
            let again = !self.waiting.is_empty() && self.random.one_in(3);
            let want = if again {
                let at = usize::try_from(self.random.below(self.waiting.len() as u64)).unwrap_or(0);
                self.waiting.swap_remove(at)
            } else {
                self.wish()
            };
            if !again && self.random.one_in(12) {
                report.delayed = report.delayed.saturating_add(1);
                self.waiting.push(want);
                continue;
            }
            batch.push(want);
            if self.random.one_in(6) {
                report.duplicates = report.duplicates.saturating_add(1);
                batch.push(want);
            }
        }
        if batch.is_empty() {
            batch.push(self.upkeep());
        }
        batch
    }

    fn wish(&mut self) -> Want {
        self.keys = self.keys.saturating_add(1);
        let key = self.keys;
        let minor = i64::try_from(self.random.below(2_500)).unwrap_or(0).saturating_add(1);
        let Some(known) = self.pick() else { return self.open_intent(key, minor) };
        let part = (!self.random.one_in(3)).then_some(minor);
        let Known { id: intent, minor: price, payer } = known;
        match self.random.below(20) {
            0..=4 => self.open_intent(key, minor),
            5..=9 => {
                let age = i64::try_from(self.random.below(70_000)).unwrap_or(0);
                let decided_at = Timestamp::from_millis(self.now.as_millis().saturating_sub(age));
                Want::Pay { intent, payer, minor: price, decided_at }
            }
            10 | 11 => Want::Capture { intent, key, part },
            12 => Want::Cancel { intent },
            13 | 14 => Want::Refund { intent, key, part },
            15 => Want::Dispute { intent, payer, key },
            16 => self.answer().unwrap_or(Want::Upkeep { which: 2 }),
            17 | 18 => self.movement(key, minor),
            _ => self.upkeep(),
        }
    }

    fn upkeep(&mut self) -> Want {
        Want::Upkeep { which: self.random.below(3) }
    }

    fn pick(&mut self) -> Option<Known> {
        // The newest ones more often: things happen to a payment soon after it was opened.
        let reach = self.random.below(6).saturating_add(1).min(self.intents.len() as u64);
        let back = usize::try_from(self.random.below(reach)).unwrap_or(0);
        self.intents.iter().rev().nth(back).copied()
    }

    fn open_intent(&mut self, key: u64, minor: i64) -> Want {
        let intent = IntentId::from_uuid(self.random.uuid());
        let payer = self.random.below(PAYERS);
        self.intents.push(Known { id: intent, minor, payer });
        Want::Open { intent, key, minor, manual: self.random.one_in(2) }
    }

    fn answer(&mut self) -> Option<Want> {
        let at = usize::try_from(self.random.below(self.disputes.len() as u64)).ok()?;
        let dispute = *self.disputes.get(at)?;
        let event = match self.random.below(6) {
            0 | 1 => Answer::Evidence,
            2 => Answer::Accept,
            3 => Answer::Win,
            4 => Answer::Lose,
            _ => Answer::Withdraw,
        };
        Some(Want::Answer { dispute, event })
    }

    fn movement(&mut self, key: u64, minor: i64) -> Want {
        let kind = match self.random.below(4) {
            0 => Kind::TopUp,
            1 => Kind::Withdrawal,
            2 => Kind::Transfer,
            _ => Kind::Payout,
        };
        Want::Move { from: self.random.below(PAYERS), to: self.random.below(PAYERS), key, minor, kind }
    }

    async fn deliver(&mut self, batch: &[Want]) -> Vec<Reply> {
        let Some(store) = self.store.clone() else { return Vec::new() };
        let now = self.now;
        for key in batch.iter().filter_map(|want| want.key()) {
            self.sent.entry(key).or_insert(now);
        }
        let with_ids: Vec<_> = batch.iter().map(|want| (*want, ids(&mut self.random))).collect();
        let sent = with_ids.into_iter().map(|(want, ids)| send(&store, want, ids, now));
        futures_util::future::join_all(sent).await
    }

    /// What the client makes of an answer, if it gets it.
    fn note(&mut self, want: Want, reply: &Reply, report: &mut SimulationReport) -> Result<(), String> {
        if let (Want::Pay { decided_at, .. }, Ok(_)) = (want, reply)
            && self.now.since(decided_at).as_millis() >= 60_000
        {
            return Err(format!("a decision that was {} ms old paid", self.now.since(decided_at).as_millis()));
        }
        if let (Some((scope, _)), Ok(Some(made))) = (want.key(), reply)
            && counts(scope)
            && !made.replayed
        {
            self.promises.effects = self.promises.effects.saturating_add(1);
        }
        match reply {
            Err(StoreError::Closed | StoreError::DiskFull) => self.waiting.push(want),
            Err(StoreError::Internal(why) | StoreError::Database(why)) => return Err(format!("{want:?}: {why}")),
            Err(_) => report.refused = report.refused.saturating_add(1),
            Ok(_) if self.random.one_in(8) => {
                // The client never hears of it, and asks again.
                report.lost_replies = report.lost_replies.saturating_add(1);
                self.waiting.push(want);
            }
            Ok(saved) => {
                report.acknowledged = report.acknowledged.saturating_add(1);
                self.rely_on(want, saved.as_ref())?;
            }
        }
        if let (Want::Dispute { .. }, Ok(Some(made))) = (want, reply)
            && let Ok(id) = made.reply.body.parse()
        {
            self.disputes.push(id);
        }
        Ok(())
    }

    fn rely_on(&mut self, want: Want, saved: Option<&crate::Replied>) -> Result<(), String> {
        if let Want::Pay { intent, .. } = want {
            self.promises.paid.push(intent);
        }
        let (Some(key), Some(saved)) = (want.key(), saved) else { return Ok(()) };
        let sent = self.sent.get(&key).copied().unwrap_or(self.now);
        if self.now.since(sent) >= IDEMPOTENCY_LASTS {
            // The key may have been forgotten and made something new.
            self.promises.replies.remove(&key);
            self.sent.insert(key, self.now);
            return Ok(());
        }
        let (first, _) = self.promises.replies.entry(key).or_insert_with(|| (saved.reply.clone(), sent));
        if *first == saved.reply { Ok(()) } else { Err(format!("{want:?} was answered in two ways")) }
    }
}

/// Work whose every effect is a row of its own.
fn counts(scope: &str) -> bool {
    matches!(scope, "refund" | "move" | "dispute")
}

fn open(path: &Path, faults: &Arc<Faults>) -> Result<Store, StoreError> {
    let options = StoreOptions { synced: false, ..StoreOptions::default() };
    Store::open_with_faults(&Location::File(path.to_owned()), rig::keys(), options, Some(Arc::clone(faults)))
}

fn told(batch: &[Want], replies: &[Reply]) -> String {
    let one = |(want, reply): (&Want, &Reply)| match reply {
        Ok(Some(saved)) if saved.replayed => format!("{want:?} → again {}", saved.reply.body),
        Ok(Some(saved)) => format!("{want:?} → {}", saved.reply.body),
        Ok(None) => format!("{want:?} → done"),
        Err(error) => format!("{want:?} → {error}"),
    };
    batch.iter().zip(replies).map(one).collect::<Vec<_>>().join("; ")
}
