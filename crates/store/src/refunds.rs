use base::{EventId, IntentId, MerchantId, RefundId, Timestamp, TransferId};
use ledger::{AccountKind, IntentStatus, NewTransfer, RefundBook, RefundError, RefundStatus, TransferKind};
use money::Amount;
use serde::Serialize;

use crate::idempotency::{Idempotency, Replied, SavedReply, replay_or};
use crate::key::{Columns, Key};
use crate::limits::MAX_LIST;
use crate::sql::{Row, params};
use crate::tx::{Tx, Why, all};
use crate::{Store, StoreError, intents, outbox};

/// A refund to be.
#[derive(Clone, Copy, Debug)]
pub struct NewRefund {
    pub id: RefundId,
    pub merchant: MerchantId,
    pub intent: IntentId,
    /// All that is left when `None`.
    pub amount: Option<Amount>,
    pub transfer: TransferId,
    pub event: EventId,
}

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refund {
    pub id: RefundId,
    pub payment_intent: IntentId,
    #[serde(flatten)]
    pub amount: Amount,
    pub status: RefundStatus,
    pub created_at: Timestamp,
}

impl Store {
    /// Gives money back out of the merchant's balance. All refunds of a payment together never exceed it, however many
    /// arrive at once.
    ///
    /// # Errors
    /// Not this merchant's payment, not paid, more than is left, or the merchant has too little.
    pub async fn refund(&self, new: NewRefund, now: Timestamp) -> Result<Refund, StoreError> {
        self.write(move |tx| give_back(tx, &new, now)).await
    }

    /// As [`Store::refund`] under an idempotency key; see [`Store::create_intent_once`].
    ///
    /// # Errors
    /// As [`Store::refund`]; [`StoreError::IdempotencyConflict`].
    pub async fn refund_once<F>(
        &self,
        new: NewRefund,
        once: Idempotency,
        render: F,
        now: Timestamp,
    ) -> Result<Replied, StoreError>
    where
        F: FnOnce(&Refund) -> SavedReply + Send + 'static,
    {
        once.check()?;
        self.write(move |tx| replay_or(tx, &once, now, |tx| give_back(tx, &new, now).map(|refund| render(&refund))))
            .await
    }

    /// The refunds of a payment, oldest first.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn refunds(&self, intent: IntentId) -> Result<Vec<Refund>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT * FROM refunds WHERE intent = ?1 ORDER BY created_at, id LIMIT ?2";
            all(conn, sql, params![intent.key(), MAX_LIST as i64], refund)
        })
        .await
    }
}

fn give_back(tx: &mut Tx<'_>, new: &NewRefund, now: Timestamp) -> Result<Refund, StoreError> {
    let intent = intents::load(tx.conn, new.intent, now)?;
    if intent.merchant != new.merchant {
        return Err(StoreError::NotFound("payment intent"));
    }
    let payer = match (intent.status, intent.payer) {
        (IntentStatus::Succeeded, Some(payer)) => payer,
        _ => return Err(RefundError::NotCaptured.into()),
    };
    // What is disputed counts as gone: it is either held or went back already.
    let gone = intent.refunded.saturating_add(intent.disputed);
    let (amount, book) = RefundBook { captured: intent.captured_amount()?, refunded: gone }.admit(new.amount)?;
    let subject = crate::payers::subject_of(tx, payer)?;
    let from = tx.side_of(AccountKind::MerchantAvailable, new.merchant.key(), amount.currency())?;
    let to = tx.side_of(AccountKind::Wallet, payer.key(), amount.currency())?;
    let transfer = NewTransfer { id: new.transfer, amount, lasts: ledger::limits::HOLD_LASTS };
    tx.keep_new(&ledger::post_now(transfer, now, from, to)?, Why::of(TransferKind::Refund, &new.id), now)?;
    let status = RefundStatus::Succeeded;
    let sql = "INSERT INTO refunds (id, intent, amount, currency, status, transfer, created_at, merchant) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let (minor, currency) = (amount.minor(), amount.currency().code());
    let (id, transfer, created) = (new.id.key(), new.transfer.key(), now.as_millis());
    let row = params![id, new.intent.key(), minor, currency, status.as_str(), transfer, created, new.merchant.key()];
    tx.insert("refund", sql, row)?;
    let all_back = book.refunded == intent.captured;
    let order = if all_back { ledger::OrderStatus::Refunded } else { intent.order.status };
    let sql = "UPDATE intents SET refunded = ?2, order_status = ?3 WHERE id = ?1";
    let refunded = intent.refunded.saturating_add(minor);
    tx.run(sql, params![new.intent.key(), refunded, order.as_str()])?;
    let refund = Refund { id: new.id, payment_intent: new.intent, amount, status, created_at: now };
    outbox::emit(tx, new.merchant, new.event, "refund.succeeded", &refund, now)?;
    let detail = serde_json::json!({
        "refund": new.id, "intent": new.intent, "transfer": new.transfer, "amount": minor, "currency": currency
    });
    let detail = detail.to_string();
    crate::notices::add(tx, payer, "payment.refunded", &detail, now)?;
    tx.audit_of(&payer, now, "payment.refunded", &subject, &detail)?;
    Ok(refund)
}

pub(crate) fn refund(row: &Row<'_>) -> Result<Refund, StoreError> {
    Ok(Refund {
        id: row.id("id")?,
        payment_intent: row.id("intent")?,
        amount: row.amount("amount", "currency")?,
        status: row.named("status", RefundStatus::from_name)?,
        created_at: row.time("created_at")?,
    })
}
