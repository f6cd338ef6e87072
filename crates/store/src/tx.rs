use base::{AccountId, LedgerAccountId, MerchantId, Timestamp, TransferId};
use ledger::{Account, AccountKind, Side, Step, Transfer, TransferKind, TransferState};
use money::Currency;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::audit::Chain;
use crate::books::Books;
use crate::key::Key;
use crate::known::Known;
use crate::shard::Shard;
use crate::sql::{Connection, Failure, Params, Row, params};
pub(crate) use crate::sql::{all, one};
use crate::{StoreError, transfers};

/// What a transfer is made for.
#[derive(Clone, Copy)]
pub(crate) struct Why {
    kind: TransferKind,
    source: Option<[u8; 16]>,
}

impl Why {
    /// `source`: the id of the payment, refund, movement or dispute.
    pub(crate) fn of(kind: TransferKind, source: &impl Key) -> Self {
        Self { kind, source: Some(source.key()) }
    }

    pub(crate) const fn kind(kind: TransferKind) -> Self {
        Self { kind, source: None }
    }
}

/// What a job may do: rows through `conn`, balances through the books, one audit entry or more.
pub(crate) struct Tx<'a> {
    pub(crate) conn: &'a Connection,
    books: &'a mut Books,
    known: &'a mut Known,
    chain: &'a mut Chain,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(conn: &'a Connection, books: &'a mut Books, known: &'a mut Known, chain: &'a mut Chain) -> Self {
        Self { conn, books, known, chain }
    }

    /// Runs a cached statement; answers the number of rows it changed.
    pub(crate) fn run(&self, sql: &str, values: impl Params) -> Result<usize, StoreError> {
        Ok(self.conn.execute(sql, values)?)
    }

    /// Inserts a row; `what` names it when one with its key exists already.
    pub(crate) fn insert(&self, what: &'static str, sql: &str, values: impl Params) -> Result<(), StoreError> {
        match self.conn.execute(sql, values) {
            Ok(_) => Ok(()),
            Err(Failure::Duplicate(_)) => Err(StoreError::Exists(what)),
            Err(other) => Err(other.into()),
        }
    }

    /// One row, or `None`.
    pub(crate) fn one<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        one(self.conn, sql, values, read)
    }

    /// Appends to the audit chain of the owner it tells of, a payer or a merchant. `detail` is JSON without personal data;
    /// `subject` a salted commitment or empty.
    pub(crate) fn audit_of(
        &mut self,
        owner: &impl Key,
        at: Timestamp,
        kind: &str,
        subject: &[u8],
        detail: &str,
    ) -> Result<(), StoreError> {
        self.audit_in(Shard::of(owner), at, kind, subject, detail)
    }

    /// As [`Tx::audit_of`], for what tells of nobody alone: the operator's.
    pub(crate) fn audit(&mut self, at: Timestamp, kind: &str, subject: &[u8], detail: &str) -> Result<(), StoreError> {
        self.audit_in(Shard::OPERATOR, at, kind, subject, detail)
    }

    pub(crate) fn audit_in(
        &mut self,
        shard: Shard,
        at: Timestamp,
        kind: &str,
        subject: &[u8],
        detail: &str,
    ) -> Result<(), StoreError> {
        self.chain.append(at, shard, kind, subject, detail);
        Ok(())
    }

    /// Where an account lives that this job has read.
    pub(crate) fn shard_of(&self, account: LedgerAccountId) -> Shard {
        self.books.shard(account)
    }

    pub(crate) fn check_sum(&self) -> Result<(), StoreError> {
        if self.books.job_is_balanced() {
            Ok(())
        } else {
            Err(StoreError::Internal("the postings of an operation do not sum to zero".to_owned()))
        }
    }

    pub(crate) fn side(&mut self, id: LedgerAccountId) -> Result<Side, StoreError> {
        self.books.side(self.conn, id)?.ok_or(StoreError::NotFound("ledger account"))
    }

    /// The owner's account of that kind and currency, opened on first use.
    pub(crate) fn side_of(
        &mut self,
        kind: AccountKind,
        owner: [u8; 16],
        currency: Currency,
    ) -> Result<Side, StoreError> {
        let id = account_id(kind, owner, currency);
        if let Some(side) = self.books.side(self.conn, id)? {
            return Ok(side);
        }
        let sql = "INSERT INTO ledger_accounts (id, kind, owner, currency) VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, params![id.key(), kind.as_str(), owner, currency.code()])?;
        Ok(self.books.add(Account { id, kind, currency }, Shard::of_id(owner)))
    }

    /// The transfer as it stands now, this job's own changes included.
    pub(crate) fn transfer(&self, id: TransferId) -> Result<Option<Transfer>, StoreError> {
        self.known.get(id).map_or_else(|| transfers::find(self.conn, id), Ok)
    }

    /// Keeps what a ledger step on a new transfer changed.
    pub(crate) fn keep_new(&mut self, step: &Step, why: Why, now: Timestamp) -> Result<(), StoreError> {
        let transfer = &step.transfer;
        let (state, posted) = state_of(transfer);
        let sql = "INSERT INTO transfers (id, payer, payee, amount, currency, state, posted, created_at, expires_at, \
                   kind, source, shard) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
        let (amount, currency) = (transfer.amount.minor(), transfer.amount.currency().code());
        let (from, to) = (transfer.from.key(), transfer.to.key());
        let (created, expires, kind) = (now.as_millis(), transfer.expires_at.as_millis(), why.kind.as_str());
        let (id, shard) = (transfer.id.key(), self.shard_of(transfer.from).number());
        let row = params![id, from, to, amount, currency, state, posted, created, expires, kind, why.source, shard];
        match self.known.get(transfer.id) {
            None => self.insert("transfer", sql, row)?,
            Some(None) => self.conn.later(sql, row)?,
            Some(Some(_)) => return Err(StoreError::Exists("transfer")),
        }
        self.keep_balances(step, now)
    }

    /// Keeps what a ledger step on a pending transfer changed.
    pub(crate) fn keep_settled(&mut self, step: &Step, now: Timestamp) -> Result<(), StoreError> {
        let (state, posted) = state_of(&step.transfer);
        let sql = "UPDATE transfers SET state = ?2, posted = ?3 WHERE id = ?1 AND state = 0";
        let row = params![step.transfer.id.key(), state, posted];
        match self.known.get(step.transfer.id) {
            Some(Some(Transfer { state: TransferState::Pending, .. })) => self.conn.later(sql, row)?,
            None if self.run(sql, row)? == 1 => {}
            _ => return Err(StoreError::Internal("a transfer was settled twice".to_owned())),
        }
        self.keep_balances(step, now)
    }

    fn keep_balances(&mut self, step: &Step, now: Timestamp) -> Result<(), StoreError> {
        let transfer = &step.transfer;
        self.known.set(*transfer);
        self.books.book(transfer.id, step.entries.iter().flatten(), now);
        self.books.set(transfer.from, step.from)?;
        self.books.set(transfer.to, step.to)
    }
}

/// The state's number and what was posted, as a row has them.
fn state_of(transfer: &Transfer) -> (i64, Option<i64>) {
    match transfer.state {
        TransferState::Pending => (0, None),
        TransferState::Posted { amount } => (1, Some(amount.minor())),
        TransferState::Voided => (2, None),
        TransferState::Expired => (3, None),
    }
}

/// The id of an owner's account follows from what it is, so two openings can never make two accounts.
pub(crate) fn account_id(kind: AccountKind, owner: [u8; 16], currency: Currency) -> LedgerAccountId {
    let mut hash = Sha256::new();
    hash.update(b"smilepay ledger account\0");
    hash.update(kind.as_str());
    hash.update(owner);
    hash.update(currency.code());
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    LedgerAccountId::from_uuid(Uuid::from_bytes(id))
}

pub(crate) fn wallet(account: AccountId, currency: Currency) -> LedgerAccountId {
    account_id(AccountKind::Wallet, account.key(), currency)
}

pub(crate) fn earnings(merchant: MerchantId, currency: Currency) -> LedgerAccountId {
    account_id(AccountKind::MerchantAvailable, merchant.key(), currency)
}
