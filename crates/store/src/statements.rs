//! What stands on an account, now and at any time before, line by line, and all accounts together.

use base::{LedgerAccountId, MerchantId, Timestamp, TransferId};
use ledger::TransferKind;
use money::{Currency, Money};
use serde::Serialize;

use crate::key::{Columns, Key};
use crate::limits::MAX_LIST;
use crate::page::{Bind, Listed, Page, cut};
use crate::sql::{Connection, Location, Row, one, params};
use crate::transfers::LedgerSide;
use crate::tx::all;
use crate::{Store, StoreError};

/// One line of an account's books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BalanceLine {
    /// Order of lines in this store; the cursor of lists.
    pub seq: i64,
    pub transfer: TransferId,
    pub kind: TransferKind,
    /// Id of the payment, refund, movement or dispute.
    pub source: Option<uuid::Uuid>,
    /// Minor units; below zero when money left.
    #[serde(flatten)]
    pub moved: Money,
    pub at: Timestamp,
}

/// What a merchant has in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalanceNow {
    pub currency: Currency,
    /// May be paid out.
    pub available: i64,
    /// Held out of it, by disputes and payouts under way.
    pub held: i64,
    /// Held for it, by payments to be captured.
    pub incoming: i64,
}

/// What a merchant turned over on one day in one currency. Minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SettlementLine {
    pub currency: Currency,
    pub kind: TransferKind,
    pub count: i64,
    /// Below zero when money left.
    pub sum: i64,
}

/// All accounts of one kind in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrialLine {
    pub kind: String,
    pub currency: Currency,
    pub accounts: i64,
    /// Sum of everything that left these accounts, minor units ≥ 0.
    pub debits: i64,
    /// Sum of everything that came in.
    pub credits: i64,
    /// Credits less debits; all lines of a currency together are zero.
    pub balance: i64,
}

/// The booked time of a line; those from before migration 10 have their transfer's.
const AT: &str = "coalesce(e.at, t.created_at)";

impl Store {
    /// The lines of a wallet's or merchant's account, newest first.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn balance_lines(
        &self,
        side: LedgerSide,
        currency: Currency,
        page: Page<i64>,
    ) -> Result<Listed<BalanceLine>, StoreError> {
        let account = side.account(currency);
        self.read(move |conn| lines(conn, account, currency, page)).await
    }

    /// What stood on a wallet's or merchant's account at the end of `at`.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn balance_at(&self, side: LedgerSide, currency: Currency, at: Timestamp) -> Result<Money, StoreError> {
        let account = side.account(currency);
        self.read(move |conn| {
            let sql = format!(
                "SELECT CAST(coalesce(sum(e.minor), 0) AS BIGINT) FROM entries e JOIN transfers t ON t.id = e.transfer \
                 WHERE e.account = ?1 AND {AT} <= ?2"
            );
            let minor = one(conn, &sql, params![account.key(), at.as_millis()], |row| row.get(0))?.unwrap_or(0);
            Ok(Money::new(minor, currency))
        })
        .await
    }

    /// What the merchant has, one line per currency.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn merchant_balance(&self, id: MerchantId) -> Result<Vec<BalanceNow>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT currency, posted, pending_out, pending_in FROM ledger_accounts \
                       WHERE owner = ?1 AND kind = 'merchant_available' ORDER BY currency";
            all(conn, sql, [id.key()], |row| {
                let (posted, held): (i64, i64) = (row.value("posted")?, row.value("pending_out")?);
                Ok(BalanceNow {
                    currency: row.named("currency", |c| c.parse().ok())?,
                    available: posted.saturating_sub(held),
                    held,
                    incoming: row.value("pending_in")?,
                })
            })
        })
        .await
    }

    /// All accounts by kind and currency as they stood at the end of `at` (now when `None`).
    ///
    /// # Errors
    /// Database failures only.
    pub async fn trial_balance(&self, at: Option<Timestamp>) -> Result<Vec<TrialLine>, StoreError> {
        self.read(move |conn| trial_balance(conn, at)).await
    }

    /// What the merchant turned over between two times, by currency and kind.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn settlement(
        &self,
        merchant: MerchantId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<SettlementLine>, StoreError> {
        self.read(move |conn| {
            let sql = format!(
                "SELECT a.currency, t.kind, count(*) AS lines, CAST(sum(e.minor) AS BIGINT) AS moved \
                 FROM ledger_accounts a JOIN entries e ON e.account = a.id JOIN transfers t ON t.id = e.transfer \
                 WHERE a.owner = ?1 AND a.kind = 'merchant_available' AND {AT} >= ?2 AND {AT} < ?3 \
                 GROUP BY a.currency, t.kind ORDER BY a.currency, t.kind"
            );
            all(conn, &sql, params![merchant.key(), from.as_millis(), until.as_millis()], |row| {
                Ok(SettlementLine {
                    currency: row.named("currency", |c| c.parse().ok())?,
                    kind: row.named("kind", TransferKind::from_name)?,
                    count: row.value("lines")?,
                    sum: row.value("moved")?,
                })
            })
        })
        .await
    }
}

/// What stood on one account at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BalanceThen {
    /// Kind of the account.
    pub kind: String,
    pub currency: Currency,
    /// Minor units, holds not taken off.
    pub posted: i64,
}

/// Every account of a payer or merchant as it stood at the end of `at` (now when `None`), from the lines of the books alone;
/// also beside a running server.
///
/// # Errors
/// It cannot be read as a store's database.
pub fn balances_in(
    location: &Location,
    owner: uuid::Uuid,
    at: Option<Timestamp>,
) -> Result<Vec<BalanceThen>, StoreError> {
    let sql = format!(
        "SELECT a.kind, a.currency, CAST(coalesce(sum(e.minor), 0) AS BIGINT) AS posted FROM ledger_accounts a \
         LEFT JOIN (SELECT e.account, e.minor FROM entries e JOIN transfers t ON t.id = e.transfer WHERE {AT} <= ?2) e \
         ON e.account = a.id WHERE a.owner = ?1 GROUP BY a.kind, a.currency ORDER BY a.kind, a.currency"
    );
    let at = at.map_or(i64::MAX, Timestamp::as_millis);
    let then = |row: &Row<'_>| {
        let currency = row.named("currency", |c| c.parse().ok())?;
        Ok(BalanceThen { kind: row.value("kind")?, currency, posted: row.value("posted")? })
    };
    let look = || all(&Connection::reading(location)?, &sql, params![owner.as_bytes(), at], then);
    std::thread::scope(|scope| scope.spawn(look).join()).unwrap_or(Err(StoreError::Closed))
}

/// All accounts by kind and currency as they stood at the end of `at` (now when `None`); also beside a running server.
///
/// # Errors
/// It cannot be read as a store's database.
pub fn trial_balance_in(location: &Location, at: Option<Timestamp>) -> Result<Vec<TrialLine>, StoreError> {
    let look = || Connection::reading(location)?.snapshot(|conn| trial_balance(conn, at));
    // A thread of its own, so that an asynchronous caller may wait here, too.
    std::thread::scope(|scope| scope.spawn(look).join()).unwrap_or(Err(StoreError::Closed))
}

fn trial_balance(conn: &Connection, at: Option<Timestamp>) -> Result<Vec<TrialLine>, StoreError> {
    let sql = format!(
        "SELECT a.kind, a.currency, count(DISTINCT a.id) AS accounts, \
         CAST(coalesce(sum(CASE WHEN e.minor < 0 THEN -e.minor ELSE 0 END), 0) AS BIGINT) AS debits, \
         CAST(coalesce(sum(CASE WHEN e.minor > 0 THEN e.minor ELSE 0 END), 0) AS BIGINT) AS credits \
         FROM ledger_accounts a JOIN entries e ON e.account = a.id JOIN transfers t ON t.id = e.transfer \
         WHERE {AT} <= ?1 GROUP BY a.kind, a.currency ORDER BY a.currency, a.kind"
    );
    let at = at.map_or(i64::MAX, Timestamp::as_millis);
    all(conn, &sql, params![at], |row| {
        let (debits, credits): (i64, i64) = (row.value("debits")?, row.value("credits")?);
        Ok(TrialLine {
            kind: row.value("kind")?,
            currency: row.named("currency", |c| c.parse().ok())?,
            accounts: row.value("accounts")?,
            debits,
            credits,
            balance: credits.saturating_sub(debits),
        })
    })
}

fn lines(
    conn: &Connection,
    account: LedgerAccountId,
    currency: Currency,
    page: Page<i64>,
) -> Result<Listed<BalanceLine>, StoreError> {
    let mut sql = format!(
        "SELECT e.seq, e.transfer, e.minor, {AT} AS booked, t.kind, t.source FROM entries e \
         JOIN transfers t ON t.id = e.transfer WHERE e.account = ?1"
    );
    let mut binds = vec![Bind::Blob(account.key().to_vec())];
    let backwards = page.starting_after.is_none() && page.ending_before.is_some();
    if let Some(cursor) = page.starting_after.or(page.ending_before) {
        binds.push(Bind::Int(cursor));
        sql.push_str(if backwards { " AND e.seq > ?2" } else { " AND e.seq < ?2" });
    }
    let limit = page.limit.clamp(1, MAX_LIST);
    let (order, more) = (if backwards { "ASC" } else { "DESC" }, limit.saturating_add(1));
    sql.push_str(&format!(" ORDER BY e.seq {order} LIMIT {more}"));
    let found = all(conn, &sql, binds.as_slice(), |row| line(row, currency))?;
    Ok(cut(found, limit, backwards))
}

fn line(row: &Row<'_>, currency: Currency) -> Result<BalanceLine, StoreError> {
    Ok(BalanceLine {
        seq: row.value("seq")?,
        transfer: row.id("transfer")?,
        kind: row.named("kind", TransferKind::from_name)?,
        source: row.get::<Option<[u8; 16]>>("source")?.map(uuid::Uuid::from_bytes),
        moved: Money::new(row.value("minor")?, currency),
        at: row.time("booked")?,
    })
}
