//! Payments that the merchant captures by hand: held first, then taken, given back, or left to expire.

use base::{IntentId, MerchantId, Timestamp, TransferId};
use ledger::{IntentEvent, IntentStatus};
use money::Amount;

use crate::idempotency::{Idempotency, Replied, SavedReply, replay_or};
use crate::key::{Columns, Key, derived};
use crate::sql::params;
use crate::tx::Tx;
use crate::{Intent, Store, StoreError, intents, outbox, transfers};

impl Store {
    /// Takes the held money of a payment, or a part of it; the rest of the hold is free again.
    ///
    /// # Errors
    /// Not this merchant's payment, not authorised, captured before, expired; more than is held;
    /// [`StoreError::IdempotencyConflict`].
    pub async fn capture_once<F>(
        &self,
        merchant: MerchantId,
        intent: IntentId,
        part: Option<Amount>,
        once: Idempotency,
        render: F,
        now: Timestamp,
    ) -> Result<Replied, StoreError>
    where
        F: FnOnce(&Intent) -> SavedReply + Send + 'static,
    {
        once.check()?;
        self.write(move |tx| {
            replay_or(tx, &once, now, |tx| capture(tx, merchant, intent, part, now).map(|taken| render(&taken)))
        })
        .await
    }
}

fn capture(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    id: IntentId,
    part: Option<Amount>,
    now: Timestamp,
) -> Result<Intent, StoreError> {
    let mut intent = intents::load(tx.conn, id, now)?;
    if intent.merchant != merchant {
        return Err(StoreError::NotFound("payment intent"));
    }
    intent.status = intent.after(IntentEvent::Captured)?;
    let missing = || StoreError::Internal("an authorised payment has no hold".to_owned());
    let (hold, payer) = (intent.hold.ok_or_else(missing)?, intent.payer.ok_or_else(missing)?);
    let step = transfers::settle(tx, hold, |held, from, to| ledger::post(held, part, now, from, to))?;
    tx.keep_settled(&step, now)?;
    intent.transfer = Some(hold);
    intent.captured = part.unwrap_or(intent.amount).minor();
    let sql = "UPDATE intents SET status = ?2, transfer = ?3, captured = ?4 WHERE id = ?1";
    tx.run(sql, params![id.key(), intent.status.as_str(), hold.key(), intent.captured])?;
    let event = derived("captured", id.key());
    outbox::emit(tx, merchant, event, "payment_intent.succeeded", &intent, now)?;
    let subject = crate::payers::subject_of(tx, payer)?;
    let detail = serde_json::json!({
        "intent": id, "transfer": hold, "amount": intent.captured, "currency": intent.amount.currency()
    });
    tx.audit_of(&payer, now, "payment.captured", &subject, &detail.to_string())?;
    Ok(intent)
}

/// Gives the hold of an authorised payment back; nothing to do for one that was never authorised.
pub(crate) fn give_hold_back(tx: &mut Tx<'_>, intent: &Intent, now: Timestamp) -> Result<(), StoreError> {
    let Some(hold) = intent.hold.filter(|_| intent.status == IntentStatus::RequiresCapture) else { return Ok(()) };
    let step = transfers::settle(tx, hold, |held, from, to| ledger::release(held, false, now, from, to))?;
    tx.keep_settled(&step, now)
}

/// After the hold of a payment has expired: the payment has, too.
pub(crate) fn hold_expired(tx: &mut Tx<'_>, hold: TransferId, now: Timestamp) -> Result<(), StoreError> {
    let sql = "SELECT id FROM intents WHERE hold = ?1 AND status = 'requires_capture'";
    let found: Option<IntentId> = tx.one(sql, [hold.key()], |row| row.id("id"))?;
    let Some(id) = found else { return Ok(()) };
    let sql = "UPDATE intents SET status = 'expired', order_status = 'canceled' WHERE id = ?1";
    tx.run(sql, [id.key()])?;
    let intent = intents::load(tx.conn, id, now)?;
    outbox::emit(tx, intent.merchant, derived("expired", id.key()), "payment_intent.expired", &intent, now)
}
