//! The ledger as such: two-phase transfers between ledger accounts, and a check of all books.

use base::{AccountId, LedgerAccountId, MerchantId, Timestamp, TransferId};
use ledger::{Balance, NewTransfer, Step, Transfer, TransferKind, TransferState};
use money::{Amount, Currency};
use serde::Serialize;

use crate::key::{Columns, Key};
use crate::sql::{Connection, Location, Row, params};
use crate::tx::{Tx, Why, all, earnings, one, wallet};
use crate::{Store, StoreError, books};

/// One end of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerSide {
    Wallet(AccountId),
    Merchant(MerchantId),
}

impl LedgerSide {
    /// The ledger account of that side in a currency.
    pub fn account(self, currency: Currency) -> LedgerAccountId {
        match self {
            Self::Wallet(id) => wallet(id, currency),
            Self::Merchant(id) => earnings(id, currency),
        }
    }

    fn side(self, tx: &mut Tx<'_>, currency: Currency) -> Result<ledger::Side, StoreError> {
        match self {
            Self::Wallet(id) => tx.side_of(ledger::AccountKind::Wallet, id.key(), currency),
            Self::Merchant(id) => tx.side_of(ledger::AccountKind::MerchantAvailable, id.key(), currency),
        }
    }
}

/// All books, added up from the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BooksReport {
    pub accounts: i64,
    pub transfers: i64,
    pub entries: i64,
    /// Per-currency sums of entries that are not zero; must be empty.
    pub unbalanced_currencies: i64,
    /// Accounts whose balance differs from the sum of their entries; must be 0.
    pub wrong_balances: i64,
    /// Accounts whose holds differ from the sum of pending transfers; must be 0.
    pub wrong_holds: i64,
    /// Accounts below their limit, holds counted; must be 0.
    pub below_limit: i64,
    /// Posted transfers without exactly two opposite entries of the posted amount, or others with any; must be 0.
    pub wrong_transfers: i64,
    /// Paid intents without a posted transfer of what was captured, or sharing one, and authorised ones without their
    /// hold; must be 0.
    pub wrong_intents: i64,
    /// Intents with more than one receipt or more than one *allow*; must be 0.
    pub doubled_payments: i64,
    /// Lines, transfers and deliveries that do not live where their account or event does; must be 0.
    pub wrong_shards: i64,
}

impl BooksReport {
    /// Every count that must be zero is.
    pub fn is_sound(&self) -> bool {
        let wrong = [
            self.unbalanced_currencies,
            self.wrong_balances,
            self.wrong_holds,
            self.below_limit,
            self.wrong_transfers,
            self.wrong_intents,
            self.doubled_payments,
            self.wrong_shards,
        ];
        wrong.iter().all(|count| *count == 0)
    }
}

impl Store {
    /// First phase, durable: holds money.
    ///
    /// # Errors
    /// Not enough available, holds counted; the id exists already (a retry never makes a second hold).
    pub async fn hold(
        &self,
        new: NewTransfer,
        from: LedgerSide,
        to: LedgerSide,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write_about([new.id], move |tx| {
            let from = from.side(tx, new.amount.currency())?;
            let to = to.side(tx, new.amount.currency())?;
            tx.keep_new(&ledger::hold(new, now, from, to)?, Why::kind(TransferKind::Other), now)
        })
        .await
    }

    /// Second phase, durable: moves the held amount or a part of it, and writes the audit entry.
    ///
    /// # Errors
    /// No such transfer; posted, voided or expired before; more than held.
    pub async fn post(&self, id: TransferId, part: Option<Amount>, now: Timestamp) -> Result<(), StoreError> {
        self.write_about([id], move |tx| {
            let step = settle(tx, id, |held, from, to| ledger::post(held, part, now, from, to))?;
            tx.keep_settled(&step, now)?;
            audit(tx, "transfer.posted", &step.transfer, now)
        })
        .await
    }

    /// Frees a hold.
    ///
    /// # Errors
    /// No such transfer; posted, voided or expired before.
    pub async fn void(&self, id: TransferId, now: Timestamp) -> Result<(), StoreError> {
        self.write_about([id], move |tx| {
            let step = settle(tx, id, |held, from, to| ledger::release(held, false, now, from, to))?;
            tx.keep_settled(&step, now)?;
            audit(tx, "transfer.voided", &step.transfer, now)
        })
        .await
    }

    /// Frees every hold whose time is over (at most `limit` of them); answers how many.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn expire_holds(&self, limit: u32, now: Timestamp) -> Result<usize, StoreError> {
        self.write(move |tx| {
            let sql = "SELECT id FROM transfers WHERE state = 0 AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2";
            let due: Vec<TransferId> = all(tx.conn, sql, params![now.as_millis(), limit], |row| row.id("id"))?;
            for id in &due {
                let step = settle(tx, *id, |held, from, to| ledger::release(held, true, now, from, to))?;
                tx.keep_settled(&step, now)?;
                audit(tx, "transfer.expired", &step.transfer, now)?;
                told_its_owner(tx, *id, now)?;
            }
            Ok(due.len())
        })
        .await
    }

    /// # Errors
    /// Database failures only.
    pub async fn transfer(&self, id: TransferId) -> Result<Option<Transfer>, StoreError> {
        self.read(move |conn| find(conn, id)).await
    }

    /// The balance of one side, zero when nothing ever reached it.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn balance(&self, side: LedgerSide, currency: Currency) -> Result<Balance, StoreError> {
        self.read(move |conn| {
            Ok(books::read_side(conn, side.account(currency))?.map_or_else(Balance::default, |s| s.balance))
        })
        .await
    }

    /// Adds all rows up and compares them with the balances. Reads everything; for audits and tests.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn check_books(&self) -> Result<BooksReport, StoreError> {
        // One snapshot, so that payments made meanwhile do not look like errors.
        self.read(|conn| conn.snapshot(add_up)).await
    }
}

/// Adds all rows of a database up, read-only; also while a store is open on it.
///
/// # Errors
/// It cannot be read as a store's database.
pub fn check_books_in(location: &Location) -> Result<BooksReport, StoreError> {
    let look = || Connection::reading(location)?.snapshot(add_up);
    // A thread of its own, so that an asynchronous caller may wait here, too.
    std::thread::scope(|scope| scope.spawn(look).join()).unwrap_or(Err(StoreError::Closed))
}

pub(crate) fn add_up(conn: &Connection) -> Result<BooksReport, StoreError> {
    let count = |sql: &str| Ok::<i64, StoreError>(one(conn, sql, params![], |row| row.get(0))?.unwrap_or(0));
    Ok(BooksReport {
        accounts: count("SELECT count(*) FROM ledger_accounts")?,
        transfers: count("SELECT count(*) FROM transfers")?,
        entries: count("SELECT count(*) FROM entries")?,
        unbalanced_currencies: count(
            "SELECT count(*) FROM (SELECT a.currency FROM entries e JOIN ledger_accounts a ON a.id = e.account \
             GROUP BY a.currency HAVING sum(e.minor) <> 0) AS unbalanced",
        )?,
        wrong_balances: count(
            "SELECT count(*) FROM ledger_accounts a LEFT JOIN \
             (SELECT account, sum(minor) AS total FROM entries GROUP BY account) e ON e.account = a.id \
             WHERE a.posted <> coalesce(e.total, 0)",
        )?,
        wrong_holds: count(
            "SELECT count(*) FROM ledger_accounts a \
             LEFT JOIN (SELECT payer, sum(amount) AS held FROM transfers WHERE state = 0 GROUP BY payer) o ON o.payer = a.id \
             LEFT JOIN (SELECT payee, sum(amount) AS held FROM transfers WHERE state = 0 GROUP BY payee) i ON i.payee = a.id \
             WHERE a.pending_out <> coalesce(o.held, 0) OR a.pending_in <> coalesce(i.held, 0)",
        )?,
        below_limit: count(
            "SELECT count(*) FROM ledger_accounts WHERE kind <> 'funding' AND posted - pending_out < 0",
        )?,
        wrong_transfers: count(
            "SELECT count(*) FROM transfers t LEFT JOIN \
             (SELECT transfer, count(*) AS n, sum(minor) AS total, max(minor) AS moved FROM entries GROUP BY transfer) e \
             ON e.transfer = t.id WHERE CASE WHEN t.state = 1 THEN \
             coalesce(e.n, 0) <> 2 OR e.total <> 0 OR e.moved <> t.posted ELSE e.n IS NOT NULL END",
        )?,
        wrong_intents: count(
            "SELECT (SELECT count(*) FROM intents i LEFT JOIN transfers t ON t.id = i.transfer \
             WHERE i.status = 'succeeded' AND (coalesce(t.state, 0) <> 1 OR t.posted <> i.captured)) \
             + (SELECT count(*) FROM intents i LEFT JOIN transfers t ON t.id = i.hold \
             WHERE i.status = 'requires_capture' AND coalesce(t.state, 9) <> 0) \
             + (SELECT count(transfer) - count(DISTINCT transfer) FROM intents)",
        )?,
        doubled_payments: count(
            "SELECT (SELECT count(*) - count(DISTINCT intent) FROM receipts) \
             + (SELECT count(*) - count(DISTINCT intent) FROM authentications WHERE outcome = 'allow')",
        )?,
        wrong_shards: count(
            "SELECT (SELECT count(*) FROM entries e JOIN ledger_accounts a ON a.id = e.account WHERE e.shard <> a.shard) \
             + (SELECT count(*) FROM transfers t JOIN ledger_accounts a ON a.id = t.payer WHERE t.shard <> a.shard) \
             + (SELECT count(*) FROM deliveries d JOIN events e ON e.seq = d.event WHERE d.shard <> e.shard)",
        )?,
    })
}

/// Whatever an expired hold was for has expired, too.
fn told_its_owner(tx: &mut Tx<'_>, hold: TransferId, now: Timestamp) -> Result<(), StoreError> {
    let kind = tx.one("SELECT kind FROM transfers WHERE id = ?1", [hold.key()], |row| {
        row.named("kind", TransferKind::from_name)
    })?;
    match kind {
        Some(TransferKind::Payment) => crate::capture::hold_expired(tx, hold, now),
        Some(TransferKind::TopUp | TransferKind::Withdrawal | TransferKind::Transfer | TransferKind::Payout) => {
            crate::movements::hold_expired(tx, hold, now)
        }
        // A dispute without its hold is decided like one that never had one.
        Some(TransferKind::Dispute) => {
            tx.run("UPDATE disputes SET transfer = NULL WHERE transfer = ?1", [hold.key()]).map(|_| ())
        }
        _ => Ok(()),
    }
}

pub(crate) fn settle(
    tx: &mut Tx<'_>,
    id: TransferId,
    rule: impl FnOnce(Transfer, ledger::Side, ledger::Side) -> Result<Step, ledger::LedgerError>,
) -> Result<Step, StoreError> {
    let held = tx.transfer(id)?.ok_or(StoreError::NotFound("transfer"))?;
    let (from, to) = (tx.side(held.from)?, tx.side(held.to)?);
    Ok(rule(held, from, to)?)
}

fn audit(tx: &mut Tx<'_>, kind: &str, transfer: &Transfer, now: Timestamp) -> Result<(), StoreError> {
    let shard = tx.shard_of(transfer.from);
    tx.audit_in(shard, now, kind, &[], &format!("{{\"transfer\":\"{}\"}}", transfer.id))
}

pub(crate) fn find(conn: &Connection, id: TransferId) -> Result<Option<Transfer>, StoreError> {
    one(conn, "SELECT * FROM transfers WHERE id = ?1", [id.key()], transfer)
}

pub(crate) fn transfer(row: &Row<'_>) -> Result<Transfer, StoreError> {
    let amount = row.amount("amount", "currency")?;
    let state = match row.value::<i64>("state")? {
        0 => TransferState::Pending,
        1 => TransferState::Posted { amount: row.amount("posted", "currency")? },
        2 => TransferState::Voided,
        _ => TransferState::Expired,
    };
    let (from, to) = (row.id("payer")?, row.id("payee")?);
    Ok(Transfer { id: row.id("id")?, from, to, amount, expires_at: row.time("expires_at")?, state })
}
