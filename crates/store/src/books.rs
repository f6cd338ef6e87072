//! Balances of the accounts in use, kept by the writer and written back once per commit: a merchant that is paid a
//! thousand times in one batch costs one row.

use std::collections::{HashMap, HashSet};

use base::{LedgerAccountId, Timestamp, TransferId};
use ledger::{Account, AccountKind, Balance, Entry, Side};

use crate::StoreError;
use crate::key::{Columns, Key};
use crate::limits::CACHED_ACCOUNTS;
use crate::shard::Shard;
use crate::sql::{Connection, Params, ToValue, Value, one};

#[derive(Default)]
pub(crate) struct Books {
    sides: HashMap<LedgerAccountId, Held>,
    dirty: HashSet<LedgerAccountId>,
    /// What the running job changed, oldest first.
    undo: Vec<(LedgerAccountId, Balance)>,
    /// Accounts the running job created.
    made: Vec<LedgerAccountId>,
    /// Lines of the running batch, not written yet.
    lines: Vec<Line>,
    /// How many of them stood before the running job.
    lines_before: usize,
}

/// An account in memory.
#[derive(Clone, Copy)]
struct Held {
    side: Side,
    shard: Shard,
}

/// One line of the books.
struct Line {
    transfer: [u8; 16],
    account: [u8; 16],
    minor: i64,
    at: i64,
    shard: i64,
}

impl Params for Line {
    fn values(&self) -> Vec<Value<'_>> {
        let Self { transfer, account, minor, at, shard } = self;
        vec![transfer.value(), account.value(), minor.value(), at.value(), shard.value()]
    }
}

/// A balance to be written.
struct Changed {
    account: [u8; 16],
    balance: Balance,
}

impl Params for Changed {
    fn values(&self) -> Vec<Value<'_>> {
        let Balance { posted, pending_out, pending_in } = &self.balance;
        vec![self.account.value(), posted.value(), pending_out.value(), pending_in.value()]
    }
}

impl Books {
    pub(crate) fn side(&mut self, connection: &Connection, id: LedgerAccountId) -> Result<Option<Side>, StoreError> {
        if let Some(held) = self.sides.get(&id) {
            return Ok(Some(held.side));
        }
        let Some(held) = read_held(connection, id)? else { return Ok(None) };
        self.sides.insert(id, held);
        Ok(Some(held.side))
    }

    /// Where an account that was read or added lives.
    pub(crate) fn shard(&self, id: LedgerAccountId) -> Shard {
        self.sides.get(&id).map_or(Shard::OPERATOR, |held| held.shard)
    }

    /// Adds an account whose row the running job has just inserted.
    pub(crate) fn add(&mut self, account: Account, shard: Shard) -> Side {
        let side = Side { account, balance: Balance::default() };
        self.sides.insert(account.id, Held { side, shard });
        self.made.push(account.id);
        side
    }

    pub(crate) fn set(&mut self, id: LedgerAccountId, balance: Balance) -> Result<(), StoreError> {
        let gone = || StoreError::Internal("a balance was set for an account that was not read".to_owned());
        let held = self.sides.get_mut(&id).ok_or_else(gone)?;
        self.undo.push((id, held.side.balance));
        held.side.balance = balance;
        self.dirty.insert(id);
        Ok(())
    }

    /// Adds a transfer's lines; they are written with the batch.
    pub(crate) fn book<'e>(&mut self, transfer: TransferId, entries: impl Iterator<Item = &'e Entry>, now: Timestamp) {
        for entry in entries {
            self.lines.push(Line {
                transfer: transfer.key(),
                account: entry.account.key(),
                minor: entry.minor,
                at: now.as_millis(),
                shard: self.shard(entry.account).number(),
            });
        }
    }

    pub(crate) fn begin(&mut self) {
        self.undo.clear();
        self.made.clear();
        self.lines_before = self.lines.len();
    }

    /// What the running job added to all balances together, per currency; zero or the job is wrong.
    pub(crate) fn job_is_balanced(&self) -> bool {
        let mut sums: Vec<(money::Currency, i128)> = Vec::with_capacity(2);
        let mut seen: Vec<LedgerAccountId> = Vec::with_capacity(4);
        for (id, first) in &self.undo {
            if seen.contains(id) {
                continue;
            }
            seen.push(*id);
            let Some(Held { side, .. }) = self.sides.get(id) else { return false };
            let moved = i128::from(side.balance.posted) - i128::from(first.posted);
            match sums.iter_mut().find(|(currency, _)| *currency == side.account.currency) {
                Some((_, sum)) => *sum += moved,
                None => sums.push((side.account.currency, moved)),
            }
        }
        sums.iter().all(|(_, sum)| *sum == 0)
    }

    /// Takes back what the running job did.
    pub(crate) fn undo(&mut self) {
        self.lines.truncate(self.lines_before);
        for (id, balance) in self.undo.drain(..).rev() {
            if let Some(held) = self.sides.get_mut(&id) {
                held.side.balance = balance;
            }
        }
        for id in self.made.drain(..) {
            self.sides.remove(&id);
            self.dirty.remove(&id);
        }
    }

    /// Writes every line and every changed balance; the commit follows.
    pub(crate) fn flush(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let sql = "INSERT INTO entries (transfer, account, minor, at, shard) VALUES (?1, ?2, ?3, ?4, ?5)";
        connection.execute_each(sql, &self.lines)?;
        self.lines.clear();
        let sql = "UPDATE ledger_accounts SET posted = ?2, pending_out = ?3, pending_in = ?4 WHERE id = ?1";
        let balance = |id: &LedgerAccountId| {
            let held = self.sides.get(id)?;
            Some(Changed { account: id.key(), balance: held.side.balance })
        };
        let changed: Vec<Changed> = self.dirty.iter().filter_map(balance).collect();
        connection.execute_each(sql, &changed)
    }

    pub(crate) fn committed(&mut self) {
        self.dirty.clear();
        if self.sides.len() > CACHED_ACCOUNTS {
            self.sides.clear();
        }
    }

    /// After a rollback: nothing in memory is true any more.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// The account and its balance as committed (or as written in this transaction).
pub(crate) fn read_side(connection: &Connection, id: LedgerAccountId) -> Result<Option<Side>, StoreError> {
    Ok(read_held(connection, id)?.map(|held| held.side))
}

fn read_held(connection: &Connection, id: LedgerAccountId) -> Result<Option<Held>, StoreError> {
    let sql = "SELECT kind, currency, posted, pending_out, pending_in, owner FROM ledger_accounts WHERE id = ?1";
    one(connection, sql, [id.key()], |row| {
        let balance = Balance { posted: row.get(2)?, pending_out: row.get(3)?, pending_in: row.get(4)? };
        let (kind, currency) = (row.named("kind", AccountKind::from_name)?, row.named("currency", |c| c.parse().ok())?);
        let side = Side { account: Account { id, kind, currency }, balance };
        Ok(Held { side, shard: Shard::of_id(row.get(5)?) })
    })
}
