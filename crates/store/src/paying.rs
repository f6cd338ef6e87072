//! The one way to pay: an *allow* is used up, and everything that follows from it is in the same durable commit.

use base::{
    AccountId, AuthenticationId, ChallengeId, EventId, IntentId, Method, Purpose, ReceiptId, TemplateId, Timestamp,
    TransferId,
};
use ledger::{AccountKind, CaptureMethod, IntentEvent, NewTransfer, OrderStatus, Side, Terms, TransferKind};

use crate::decisions::{Decided, Outcome, check_reasons};
use crate::failures::{self, DeviceKey};
use crate::key::Key;
use crate::limits::{CLOCK_SLACK, DECISION_LASTS};
use crate::sql::params;
use crate::tx::{Tx, Why};
use crate::{Intent, Receipt, Store, StoreError, challenges, consents, intents, outbox, receipts};

/// An *allow* for exactly these terms, and the ids of what it makes. Its authentication id works once.
#[derive(Clone, Debug)]
pub struct Authorisation {
    pub authentication: AuthenticationId,
    /// The challenge the capture answered; `None` for a passphrase.
    pub challenge: Option<ChallengeId>,
    pub intent: IntentId,
    pub account: AccountId,
    pub method: Method,
    /// Every method proven for this payment, `method` among them.
    pub proven: Vec<Method>,
    /// What the payer agreed to.
    pub terms: Terms,
    /// Reason codes, no scores.
    pub reasons: Vec<String>,
    /// Dies [`DECISION_LASTS`] later.
    pub decided_at: Timestamp,
    /// Its failure counter is cleared.
    pub device: Option<DeviceKey>,
    /// The template that matched, for its `last_used_at`.
    pub template: Option<TemplateId>,
    pub transfer: TransferId,
    pub receipt: ReceiptId,
    pub event: EventId,
}

/// A paid intent and its receipt.
#[derive(Clone, Debug)]
pub struct Paid {
    pub intent: Intent,
    pub receipt: Receipt,
}

impl Store {
    /// Uses an *allow* and pays, in one durable commit: decision, hold and post, intent, receipt, confirmed order with
    /// its promise, audit entry, notice and outbox event. Whatever fails, nothing of it is kept.
    ///
    /// # Errors
    /// Decision used, too old, or for other terms, payer or challenge; device locked; intent paid, canceled or expired;
    /// not enough money, holds counted; full disk.
    pub async fn authorise_and_post(&self, allow: Authorisation, now: Timestamp) -> Result<Paid, StoreError> {
        check_reasons(&allow.reasons)?;
        self.write(move |tx| pay(tx, &allow, now)).await
    }
}

fn pay(tx: &mut Tx<'_>, allow: &Authorisation, now: Timestamp) -> Result<Paid, StoreError> {
    let age = now.since(allow.decided_at);
    if age >= DECISION_LASTS || age.as_millis() < -CLOCK_SLACK.as_millis() {
        return Err(StoreError::DecisionExpired);
    }
    if let Some(device) = allow.device {
        failures::must_be_open(tx.conn, allow.account, device, now)?;
    }
    // Withdrawn while the capture ran: what it proved may not be used any more.
    if allow.template.is_some() && !consents::is_open(tx.conn, allow.account, Purpose::Payment, allow.method)? {
        return Err(StoreError::NoConsent);
    }
    let subject = crate::payers::subject_of(tx, allow.account)?;
    let intent = intents::load(tx.conn, allow.intent, now)?;
    intent.terms().must_equal(&allow.terms)?;
    let processing = intent.after(IntentEvent::Authorised)?;
    let manual = intent.capture_method == CaptureMethod::Manual;
    let status = processing.after(if manual { IntentEvent::Held } else { IntentEvent::Posted })?;
    let decided = Decided {
        id: allow.authentication,
        challenge: allow.challenge,
        intent: allow.intent,
        account: allow.account,
        method: allow.method,
        terms: allow.terms,
        outcome: Outcome::Allow,
        proven: &allow.proven,
        reasons: &allow.reasons,
        at: allow.decided_at,
    };
    decided.record(tx)?;
    if allow.challenge.is_none() {
        challenges::replace_open(tx, allow.intent)?;
    }
    let moved = move_money(tx, allow, manual, now)?;
    let promised = ledger::promised_at(now, intent.order.delivery_days);
    let sql = "UPDATE intents SET status = ?2, payer = ?3, receipt = ?4, transfer = ?5, last_error = NULL, \
               order_status = ?6, promised_at = ?7, hold = ?8, captured = ?9, expires_at = ?10 WHERE id = ?1";
    let order_status = OrderStatus::Confirmed;
    let row = params![
        intent.id.key(),
        status.as_str(),
        allow.account.key(),
        allow.receipt.key(),
        moved.transfer.map(|id| id.key()),
        order_status.as_str(),
        promised.as_millis(),
        moved.hold.map(|id| id.key()),
        moved.captured,
        moved.expires_at.unwrap_or(intent.expires_at).as_millis(),
    ];
    tx.run(sql, row)?;
    let receipt = receipts::add(tx, allow, now)?;
    after_success(tx, allow, now)?;
    let mut intent = intent;
    intent.status = status;
    intent.payer = Some(allow.account);
    intent.receipt = Some(allow.receipt);
    intent.transfer = moved.transfer;
    intent.hold = moved.hold;
    intent.captured = moved.captured;
    intent.expires_at = moved.expires_at.unwrap_or(intent.expires_at);
    intent.last_error = None;
    intent.order.status = order_status;
    intent.order.promised_at = Some(promised);
    let kind = if manual { "payment_intent.amount_capturable_updated" } else { "payment_intent.succeeded" };
    outbox::emit(tx, intent.merchant, allow.event, kind, &intent, now)?;
    let detail = serde_json::json!({
        "intent": intent.id, "authentication": allow.authentication, "method": allow.method,
        "proven": allow.proven, "transfer": allow.transfer, "amount": allow.terms.amount.minor(), "currency": allow.terms.amount.currency(),
        "payee": allow.terms.payee, "reasons": allow.reasons,
    });
    let kind = if manual { "payment.authorised" } else { "payment.succeeded" };
    tx.audit_of(&allow.account, now, kind, &subject, &detail.to_string())?;
    Ok(Paid { receipt: receipt.with(&intent), intent })
}

/// What an allowed payment did to the money.
struct Moved {
    transfer: Option<TransferId>,
    hold: Option<TransferId>,
    captured: i64,
    /// When the hold ends.
    expires_at: Option<Timestamp>,
}

/// The hold is what checks the limit; the post, in the same commit unless it is to be captured by hand, moves the money.
fn move_money(tx: &mut Tx<'_>, allow: &Authorisation, manual: bool, now: Timestamp) -> Result<Moved, StoreError> {
    let amount = allow.terms.amount;
    let from = tx.side_of(AccountKind::Wallet, allow.account.key(), amount.currency())?;
    let to = tx.side_of(AccountKind::MerchantAvailable, allow.terms.payee.key(), amount.currency())?;
    let new = NewTransfer { id: allow.transfer, amount, lasts: ledger::limits::HOLD_LASTS };
    let held = ledger::hold(new, now, from, to)?;
    let why = Why::of(TransferKind::Payment, &allow.intent);
    if manual {
        tx.keep_new(&held, why, now)?;
        let expires_at = Some(held.transfer.expires_at);
        return Ok(Moved { transfer: None, hold: Some(allow.transfer), captured: 0, expires_at });
    }
    let (from, to) = (Side { balance: held.from, ..from }, Side { balance: held.to, ..to });
    let posted = ledger::post(held.transfer, None, now, from, to)?;
    tx.keep_new(&posted, why, now)?;
    Ok(Moved { transfer: Some(allow.transfer), hold: None, captured: amount.minor(), expires_at: None })
}

fn after_success(tx: &Tx<'_>, allow: &Authorisation, now: Timestamp) -> Result<(), StoreError> {
    if let Some(device) = allow.device {
        failures::clear(tx, allow.account, device)?;
    }
    if let Some(template) = allow.template {
        let sql = "UPDATE templates SET last_used_at = ?3 WHERE id = ?1 AND account = ?2";
        tx.run(sql, params![template.key(), allow.account.key(), now.as_millis()])?;
    }
    Ok(())
}
