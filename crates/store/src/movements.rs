//! Money into, out of and between wallets, and out of a merchant's balance. What leaves is held until the rail has it.

use base::{AccountId, MerchantId, MovementId, Timestamp, TransferId};
use ledger::{AccountKind, LedgerError, MovementStatus, NewTransfer, TransferKind};
use money::{Amount, Currency};
use serde::Serialize;

use crate::idempotency::{Idempotency, Replied, SavedReply, replay_or};
use crate::key::{Columns, Key, check_name, check_text, derived};
use crate::limits::{MAX_NAME, MAX_TEXT};
use crate::sql::{Row, params};
use crate::tx::{Tx, Why, all, one};
use crate::{Store, StoreError, outbox, transfers};

/// Between whom money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// From outside into a wallet.
    TopUp(AccountId),
    /// From a wallet to outside.
    Withdrawal(AccountId),
    Transfer {
        from: AccountId,
        to: AccountId,
    },
    /// From a merchant to outside.
    Payout(MerchantId),
}

/// When the rail answers, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settles {
    Now,
    /// At that time; until then it is pending.
    At(Timestamp),
    /// The rail gives it back at that time.
    FailsAt(Timestamp),
}

/// How much is to be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HowMuch {
    Exactly(Amount),
    /// All that is available at that moment.
    All(Currency),
}

/// A movement to be.
#[derive(Clone, Debug)]
pub struct NewMovement {
    pub id: MovementId,
    pub route: Route,
    pub amount: HowMuch,
    /// Name of the way to the outside, or `ledger`.
    pub rail: String,
    pub note: String,
    pub settles: Settles,
    pub transfer: TransferId,
}

/// A movement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Movement {
    pub id: MovementId,
    pub kind: TransferKind,
    #[serde(skip)]
    pub owner: [u8; 16],
    /// The other wallet of a transfer.
    pub to: Option<AccountId>,
    #[serde(flatten)]
    pub amount: Amount,
    pub status: MovementStatus,
    pub rail: String,
    pub note: String,
    /// Why the rail gave it back.
    pub failure: Option<String>,
    #[serde(skip)]
    pub transfer: TransferId,
    pub created_at: Timestamp,
    /// When the rail answers, while it is pending.
    pub settles_at: Timestamp,
}

impl Route {
    const fn kind(self) -> TransferKind {
        match self {
            Self::TopUp(_) => TransferKind::TopUp,
            Self::Withdrawal(_) => TransferKind::Withdrawal,
            Self::Transfer { .. } => TransferKind::Transfer,
            Self::Payout(_) => TransferKind::Payout,
        }
    }

    fn owner(self) -> [u8; 16] {
        match self {
            Self::TopUp(id) | Self::Withdrawal(id) | Self::Transfer { from: id, .. } => id.key(),
            Self::Payout(id) => id.key(),
        }
    }

    fn counterparty(self) -> Option<AccountId> {
        match self {
            Self::Transfer { to, .. } => Some(to),
            _ => None,
        }
    }

    /// From and to: kind of ledger account and its owner.
    fn ends(self) -> [(AccountKind, [u8; 16]); 2] {
        let outside = (AccountKind::Funding, [0; 16]);
        match self {
            Self::TopUp(id) => [outside, (AccountKind::Wallet, id.key())],
            Self::Withdrawal(id) => [(AccountKind::Wallet, id.key()), outside],
            Self::Transfer { from, to } => [(AccountKind::Wallet, from.key()), (AccountKind::Wallet, to.key())],
            Self::Payout(id) => [(AccountKind::MerchantAvailable, id.key()), outside],
        }
    }
}

impl Store {
    /// Moves money under an idempotency key; see [`Store::create_intent_once`].
    ///
    /// # Errors
    /// Not enough available, holds counted; no such payer; [`StoreError::IdempotencyConflict`].
    pub async fn move_once<F>(
        &self,
        new: NewMovement,
        once: Idempotency,
        render: F,
        now: Timestamp,
    ) -> Result<Replied, StoreError>
    where
        F: FnOnce(&Movement) -> SavedReply + Send + 'static,
    {
        once.check()?;
        check_name("rail", &new.rail, MAX_NAME)?;
        check_text("note", &new.note, MAX_TEXT)?;
        self.write(move |tx| replay_or(tx, &once, now, |tx| begin(tx, &new, now).map(|made| render(&made)))).await
    }

    /// Settles what the rail has answered by `now`, at most `limit`; answers how many.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn settle_movements(&self, limit: u32, now: Timestamp) -> Result<usize, StoreError> {
        self.write(move |tx| {
            let sql = "SELECT * FROM movements WHERE status = 'pending' AND settles_at <= ?1 \
                       ORDER BY settles_at, id LIMIT ?2";
            let due = all(tx.conn, sql, params![now.as_millis(), limit], movement)?;
            for movement in &due {
                settle(tx, movement, now)?;
            }
            Ok(due.len())
        })
        .await
    }

    /// A movement of this owner (a payer's wallet or a merchant).
    ///
    /// # Errors
    /// Database failures only.
    pub async fn movement(&self, owner: uuid::Uuid, id: MovementId) -> Result<Option<Movement>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT * FROM movements WHERE id = ?1 AND (owner = ?2 OR counterparty = ?2)";
            one(conn, sql, [id.key(), *owner.as_bytes()], movement)
        })
        .await
    }
}

fn begin(tx: &mut Tx<'_>, new: &NewMovement, now: Timestamp) -> Result<Movement, StoreError> {
    if let Route::Transfer { to, .. } = new.route {
        crate::payers::subject_of(tx, to).map_err(|_| StoreError::NotFound("recipient"))?;
    }
    let [from, to] = new.route.ends();
    let currency = match new.amount {
        HowMuch::Exactly(amount) => amount.currency(),
        HowMuch::All(currency) => currency,
    };
    let from = tx.side_of(from.0, from.1, currency)?;
    let to = tx.side_of(to.0, to.1, currency)?;
    let amount = match new.amount {
        HowMuch::Exactly(amount) => amount,
        HowMuch::All(_) => {
            let available = from.balance.available_money(currency);
            Amount::new(available.minor(), currency).map_err(|_| LedgerError::InsufficientFunds { available })?
        }
    };
    let transfer = NewTransfer { id: new.transfer, amount, lasts: ledger::limits::HOLD_LASTS };
    let (step, status, settles_at, failure) = match new.settles {
        Settles::Now => (ledger::post_now(transfer, now, from, to)?, MovementStatus::Succeeded, now, None),
        Settles::At(at) => (ledger::hold(transfer, now, from, to)?, MovementStatus::Pending, at, None),
        Settles::FailsAt(at) => {
            (ledger::hold(transfer, now, from, to)?, MovementStatus::Pending, at, Some("returned".to_owned()))
        }
    };
    tx.keep_new(&step, Why::of(new.route.kind(), &new.id), now)?;
    let movement = Movement {
        id: new.id,
        kind: new.route.kind(),
        owner: new.route.owner(),
        to: new.route.counterparty(),
        amount,
        status,
        rail: new.rail.clone(),
        note: new.note.clone(),
        failure,
        transfer: new.transfer,
        created_at: now,
        settles_at,
    };
    insert(tx, &movement)?;
    tell(tx, &movement, "created", now)?;
    if status == MovementStatus::Succeeded {
        tell(tx, &movement, "succeeded", now)?;
    }
    Ok(movement.seen())
}

fn insert(tx: &Tx<'_>, new: &Movement) -> Result<(), StoreError> {
    let sql = "INSERT INTO movements (id, kind, owner, counterparty, amount, currency, status, rail, note, failure, \
               transfer, created_at, settles_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    let row = params![
        new.id.key(),
        new.kind.as_str(),
        new.owner,
        new.to.map(|id| id.key()),
        new.amount.minor(),
        new.amount.currency().code(),
        new.status.as_str(),
        new.rail,
        new.note,
        new.failure,
        new.transfer.key(),
        new.created_at.as_millis(),
        new.settles_at.as_millis(),
    ];
    tx.insert("movement", sql, row)
}

fn settle(tx: &mut Tx<'_>, movement: &Movement, now: Timestamp) -> Result<(), StoreError> {
    let comes_back = movement.failure.is_some();
    // Past its time a hold can only be freed: a rail that answers so late has not taken the money.
    let late = now.since(movement.created_at) >= ledger::limits::HOLD_LASTS;
    let (status, what) =
        if comes_back || late { (MovementStatus::Failed, "failed") } else { (MovementStatus::Succeeded, "succeeded") };
    let step = transfers::settle(tx, movement.transfer, |held, from, to| match status {
        MovementStatus::Succeeded => ledger::post(held, None, now, from, to),
        _ => ledger::release(held, late, now, from, to),
    })?;
    tx.keep_settled(&step, now)?;
    let sql = "UPDATE movements SET status = ?2 WHERE id = ?1";
    tx.run(sql, params![movement.id.key(), status.as_str()])?;
    let movement = Movement { status, ..movement.clone() }.seen();
    tell(tx, &movement, what, now)
}

/// After the hold of a movement has expired: the rail did not take it.
pub(crate) fn hold_expired(tx: &mut Tx<'_>, hold: TransferId, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE movements SET status = 'failed', failure = 'expired' WHERE transfer = ?1 AND status = 'pending' \
               RETURNING *";
    let expired = tx.one(sql, [hold.key()], movement)?;
    expired.map_or(Ok(()), |movement| tell(tx, &movement, "failed", now))
}

impl Movement {
    /// What the rail is going to answer is not told before it does.
    fn seen(mut self) -> Self {
        self.failure = self.failure.filter(|_| self.status == MovementStatus::Failed);
        self
    }
}

/// Audit entry, and the merchant's event of a payout.
fn tell(tx: &mut Tx<'_>, movement: &Movement, what: &str, now: Timestamp) -> Result<(), StoreError> {
    let kind = format!("{}.{what}", movement.kind.as_str());
    let detail = serde_json::json!({
        "movement": movement.id, "transfer": movement.transfer, "rail": movement.rail,
        "amount": movement.amount.minor(), "currency": movement.amount.currency(),
    });
    if movement.kind == TransferKind::Payout {
        let merchant = MerchantId::of(movement.owner);
        outbox::emit(tx, merchant, derived(&kind, movement.id.key()), &kind, movement, now)?;
        return tx.audit_of(&merchant, now, &kind, &[], &detail.to_string());
    }
    let subject = crate::payers::subject_of(tx, AccountId::of(movement.owner))?;
    tx.audit_of(&AccountId::of(movement.owner), now, &kind, &subject, &detail.to_string())
}

pub(crate) fn movement(row: &Row<'_>) -> Result<Movement, StoreError> {
    Ok(Movement {
        id: row.id("id")?,
        kind: row.named("kind", TransferKind::from_name)?,
        owner: row.value("owner")?,
        to: row.maybe_id("counterparty")?,
        amount: row.amount("amount", "currency")?,
        status: row.named("status", MovementStatus::from_name)?,
        rail: row.value("rail")?,
        note: row.value("note")?,
        failure: row.value("failure")?,
        transfer: row.id("transfer")?,
        created_at: row.time("created_at")?,
        settles_at: row.time("settles_at")?,
    })
}
