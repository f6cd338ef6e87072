//! Disputes: a paid payment that its payer contests. The money is held out of the merchant's balance meanwhile.

use base::{AccountId, DisputeId, IntentId, MerchantId, Timestamp, TransferId};
use ledger::{AccountKind, DisputeError, DisputeEvent, DisputeStatus, IntentStatus, NewTransfer, TransferKind};
use money::Amount;
use serde::Serialize;

use crate::idempotency::{Idempotency, Replied, SavedReply, replay_or};
use crate::key::{Columns, Key, check_name, derived};
use crate::limits::{MAX_EVIDENCE, MAX_REASON};
use crate::sql::{Connection, Row, params};
use crate::tx::{Tx, Why, all, one};
use crate::{Intent, Store, StoreError, intents, outbox, transfers};

/// A dispute to be.
#[derive(Clone, Debug)]
pub struct NewDispute {
    pub id: DisputeId,
    pub intent: IntentId,
    pub payer: AccountId,
    /// All that is left of the payment when `None`.
    pub amount: Option<Amount>,
    /// A reason code.
    pub reason: String,
    pub transfer: TransferId,
}

/// A dispute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dispute {
    pub id: DisputeId,
    pub payment_intent: IntentId,
    #[serde(skip)]
    pub merchant: MerchantId,
    #[serde(skip)]
    pub payer: AccountId,
    #[serde(flatten)]
    pub amount: Amount,
    pub reason: String,
    pub status: DisputeStatus,
    /// What the merchant sent.
    pub evidence: Option<String>,
    /// The hold; `None` when the merchant had too little for one.
    #[serde(skip)]
    pub transfer: Option<TransferId>,
    /// Until then evidence is taken.
    pub evidence_due_by: Timestamp,
    pub created_at: Timestamp,
}

impl Store {
    /// Opens a dispute under an idempotency key and holds its amount out of the merchant's balance, if it has as much.
    ///
    /// # Errors
    /// Not this payer's payment; not paid, disputed before, too old, more than is left.
    pub async fn dispute_once<F>(
        &self,
        new: NewDispute,
        once: Idempotency,
        render: F,
        now: Timestamp,
    ) -> Result<Replied, StoreError>
    where
        F: FnOnce(&Dispute) -> SavedReply + Send + 'static,
    {
        once.check()?;
        check_name("reason", &new.reason, MAX_REASON)?;
        self.write(move |tx| replay_or(tx, &once, now, |tx| open(tx, &new, now).map(|made| render(&made)))).await
    }

    /// Moves a dispute on, and its money when that ends it. `evidence` comes with [`DisputeEvent::EvidenceSent`].
    ///
    /// # Errors
    /// No such dispute; it is over or not ready for that.
    pub async fn dispute_event(
        &self,
        id: DisputeId,
        event: DisputeEvent,
        evidence: Option<String>,
        now: Timestamp,
    ) -> Result<Dispute, StoreError> {
        if let Some(text) = &evidence {
            crate::key::check_text("evidence", text, MAX_EVIDENCE)?;
        }
        self.write(move |tx| advance(tx, load(tx.conn, id)?, event, evidence, now)).await
    }

    /// Ends disputes whose deadline passed without evidence, at most `limit`; answers how many.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn close_overdue_disputes(&self, limit: u32, now: Timestamp) -> Result<usize, StoreError> {
        self.write(move |tx| {
            let sql =
                "SELECT * FROM disputes WHERE status = 'needs_response' AND due_at <= ?1 ORDER BY due_at LIMIT ?2";
            let due = all(tx.conn, sql, params![now.as_millis(), limit], dispute)?;
            let count = due.len();
            for overdue in due {
                advance(tx, overdue, DisputeEvent::Overdue, None, now)?;
            }
            Ok(count)
        })
        .await
    }

    /// # Errors
    /// Database failures only.
    pub async fn dispute(&self, id: DisputeId) -> Result<Option<Dispute>, StoreError> {
        self.read(move |conn| one(conn, "SELECT * FROM disputes WHERE id = ?1", [id.key()], dispute)).await
    }
}

fn open(tx: &mut Tx<'_>, new: &NewDispute, now: Timestamp) -> Result<Dispute, StoreError> {
    let intent = intents::load(tx.conn, new.intent, now)?;
    if intent.payer != Some(new.payer) {
        return Err(StoreError::NotFound("payment intent"));
    }
    if intent.status != IntentStatus::Succeeded {
        return Err(DisputeError::NotCaptured.into());
    }
    let before = "SELECT 1 FROM disputes WHERE intent = ?1";
    if tx.one(before, [new.intent.key()], |_| Ok(()))?.is_some() {
        return Err(DisputeError::Again.into());
    }
    let paid_at = "SELECT paid_at FROM receipts WHERE intent = ?1";
    let paid_at = tx.one(paid_at, [new.intent.key()], |row| row.time("paid_at"))?.unwrap_or(intent.created_at);
    let captured = intent.captured_amount()?;
    let amount = ledger::admit_dispute(captured, intent.refunded, paid_at, new.amount, now)?;
    let dispute = Dispute {
        id: new.id,
        payment_intent: new.intent,
        merchant: intent.merchant,
        payer: new.payer,
        amount,
        reason: new.reason.clone(),
        status: DisputeStatus::NeedsResponse,
        evidence: None,
        transfer: hold(tx, new, intent.merchant, amount, now)?,
        evidence_due_by: now.plus(ledger::limits::EVIDENCE_LASTS),
        created_at: now,
    };
    insert(tx, &dispute)?;
    tx.run("UPDATE intents SET disputed = ?2 WHERE id = ?1", params![new.intent.key(), amount.minor()])?;
    tell(tx, &dispute, "dispute.created", now)?;
    Ok(dispute)
}

/// Holds the amount out of the merchant's balance; `None` when there is too little.
fn hold(
    tx: &mut Tx<'_>,
    new: &NewDispute,
    merchant: MerchantId,
    amount: Amount,
    now: Timestamp,
) -> Result<Option<TransferId>, StoreError> {
    let from = tx.side_of(AccountKind::MerchantAvailable, merchant.key(), amount.currency())?;
    let to = tx.side_of(AccountKind::Wallet, new.payer.key(), amount.currency())?;
    let transfer = NewTransfer { id: new.transfer, amount, lasts: ledger::limits::DISPUTE_LASTS };
    match ledger::hold(transfer, now, from, to) {
        Ok(step) => {
            tx.keep_new(&step, Why::of(TransferKind::Dispute, &new.id), now)?;
            Ok(Some(new.transfer))
        }
        Err(ledger::LedgerError::InsufficientFunds { .. }) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

fn insert(tx: &Tx<'_>, new: &Dispute) -> Result<(), StoreError> {
    let sql = "INSERT INTO disputes (id, intent, merchant, payer, amount, currency, reason, status, transfer, due_at, \
               created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let row = params![
        new.id.key(),
        new.payment_intent.key(),
        new.merchant.key(),
        new.payer.key(),
        new.amount.minor(),
        new.amount.currency().code(),
        new.reason,
        new.status.as_str(),
        new.transfer.map(|id| id.key()),
        new.evidence_due_by.as_millis(),
        new.created_at.as_millis(),
    ];
    tx.insert("dispute", sql, row)
}

pub(crate) fn advance(
    tx: &mut Tx<'_>,
    mut dispute: Dispute,
    event: DisputeEvent,
    evidence: Option<String>,
    now: Timestamp,
) -> Result<Dispute, StoreError> {
    dispute.status = dispute.status.after(event)?;
    match dispute.status {
        DisputeStatus::Won | DisputeStatus::Withdrawn => keep_it(tx, &dispute, now)?,
        DisputeStatus::Lost => pay_it_back(tx, &dispute, now)?,
        DisputeStatus::NeedsResponse | DisputeStatus::UnderReview => {}
    }
    dispute.evidence = evidence.or(dispute.evidence);
    let sql = "UPDATE disputes SET status = ?2, evidence = ?3 WHERE id = ?1";
    tx.run(sql, params![dispute.id.key(), dispute.status.as_str(), dispute.evidence])?;
    let kind = if dispute.status.is_over() { "dispute.closed" } else { "dispute.updated" };
    tell(tx, &dispute, kind, now)?;
    Ok(dispute)
}

/// The merchant keeps the money: the hold is freed.
fn keep_it(tx: &mut Tx<'_>, dispute: &Dispute, now: Timestamp) -> Result<(), StoreError> {
    tx.run("UPDATE intents SET disputed = 0 WHERE id = ?1", [dispute.payment_intent.key()])?;
    let Some(hold) = dispute.transfer else { return Ok(()) };
    let step = transfers::settle(tx, hold, |held, from, to| ledger::release(held, false, now, from, to))?;
    tx.keep_settled(&step, now)
}

/// The money goes back: out of the hold, else out of what the merchant has, else the operator brings it in.
fn pay_it_back(tx: &mut Tx<'_>, dispute: &Dispute, now: Timestamp) -> Result<(), StoreError> {
    if let Some(hold) = dispute.transfer {
        let step = transfers::settle(tx, hold, |held, from, to| ledger::post(held, None, now, from, to))?;
        tx.keep_settled(&step, now)?;
    } else {
        let currency = dispute.amount.currency();
        let merchant = tx.side_of(AccountKind::MerchantAvailable, dispute.merchant.key(), currency)?;
        let to = tx.side_of(AccountKind::Wallet, dispute.payer.key(), currency)?;
        let id = derived("dispute cover", dispute.id.key());
        let new = NewTransfer { id, amount: dispute.amount, lasts: ledger::limits::HOLD_LASTS };
        let (step, kind) = match ledger::post_now(new, now, merchant, to) {
            Ok(step) => (step, TransferKind::Dispute),
            Err(ledger::LedgerError::InsufficientFunds { .. }) => {
                let outside = tx.side_of(AccountKind::Funding, [0; 16], currency)?;
                (ledger::post_now(new, now, outside, to)?, TransferKind::DisputeCover)
            }
            Err(other) => return Err(other.into()),
        };
        tx.keep_new(&step, Why::of(kind, &dispute.id), now)?;
    }
    let intent: Intent = intents::load(tx.conn, dispute.payment_intent, now)?;
    if intent.refunded.saturating_add(intent.disputed) == intent.captured {
        tx.run("UPDATE intents SET order_status = 'refunded' WHERE id = ?1", [intent.id.key()])?;
    }
    Ok(())
}

fn tell(tx: &mut Tx<'_>, dispute: &Dispute, kind: &str, now: Timestamp) -> Result<(), StoreError> {
    let event = derived(&format!("{kind} {}", dispute.status.as_str()), dispute.id.key());
    outbox::emit(tx, dispute.merchant, event, kind, dispute, now)?;
    let subject = crate::payers::subject_of(tx, dispute.payer)?;
    let detail = serde_json::json!({
        "dispute": dispute.id, "intent": dispute.payment_intent, "status": dispute.status,
        "amount": dispute.amount.minor(), "currency": dispute.amount.currency(),
    });
    let detail = detail.to_string();
    crate::notices::add(tx, dispute.payer, kind, &detail, now)?;
    tx.audit_of(&dispute.payer, now, kind, &subject, &detail)
}

pub(crate) fn load(conn: &Connection, id: DisputeId) -> Result<Dispute, StoreError> {
    let found = one(conn, "SELECT * FROM disputes WHERE id = ?1", [id.key()], dispute)?;
    found.ok_or(StoreError::NotFound("dispute"))
}

pub(crate) fn dispute(row: &Row<'_>) -> Result<Dispute, StoreError> {
    Ok(Dispute {
        id: row.id("id")?,
        payment_intent: row.id("intent")?,
        merchant: row.id("merchant")?,
        payer: row.id("payer")?,
        amount: row.amount("amount", "currency")?,
        reason: row.value("reason")?,
        status: row.named("status", DisputeStatus::from_name)?,
        evidence: row.value("evidence")?,
        transfer: row.maybe_id("transfer")?,
        evidence_due_by: row.time("due_at")?,
        created_at: row.time("created_at")?,
    })
}
