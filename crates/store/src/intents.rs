use base::{AccountId, EventId, IntentId, MerchantId, OrderId, ReceiptId, Timestamp, TransferId};
use ledger::{CaptureMethod, IntentEvent, IntentStatus, OrderStatus, Terms};
use money::Amount;
use serde::Serialize;

use crate::idempotency::{Idempotency, Replied, SavedReply, replay_or};
use crate::key::{Columns, Key, SecretHash, check_name, check_text};
use crate::limits::{MAX_NAME, MAX_TEXT, MAX_URL};
use crate::sql::{Connection, Row, params};
use crate::tx::{Tx, one};
use crate::{Store, StoreError, outbox};

/// An intent to be, with its order.
#[derive(Clone)]
pub struct NewIntent {
    pub id: IntentId,
    pub merchant: MerchantId,
    pub amount: Amount,
    pub description: String,
    pub secret_hash: SecretHash,
    pub success_url: Option<String>,
    pub capture_method: CaptureMethod,
    pub expires_at: Timestamp,
    pub order: NewOrder,
    /// Id of its `payment_intent.created` event.
    pub event: EventId,
}

/// What was bought.
#[derive(Clone, Debug)]
pub struct NewOrder {
    pub id: OrderId,
    pub item: String,
    pub ship_to: String,
    /// Days from payment to the promised delivery; at most [`ledger::limits::MAX_DELIVERY_DAYS`].
    pub delivery_days: u16,
}

/// A payment intent. Serialises as it stands in events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Intent {
    pub id: IntentId,
    pub merchant: MerchantId,
    /// The merchant's name.
    pub payee: String,
    #[serde(flatten)]
    pub amount: Amount,
    pub description: String,
    pub status: IntentStatus,
    pub capture_method: CaptureMethod,
    pub success_url: Option<String>,
    /// Who paid.
    pub payer: Option<AccountId>,
    pub receipt: Option<ReceiptId>,
    /// The posted transfer.
    #[serde(skip)]
    pub transfer: Option<TransferId>,
    /// The hold of a payment that is captured by hand.
    #[serde(skip)]
    pub hold: Option<TransferId>,
    /// Minor units that the merchant took.
    #[serde(rename = "amount_captured")]
    pub captured: i64,
    /// Minor units that went back.
    pub refunded: i64,
    /// Minor units that are disputed, or went back by a dispute.
    pub disputed: i64,
    /// A generic reason; never which factor failed.
    pub last_error: Option<String>,
    /// Challenges taken so far.
    #[serde(skip)]
    pub tries: u8,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub order: Order,
}

/// A shop's order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Order {
    pub id: OrderId,
    pub intent: IntentId,
    pub merchant: MerchantId,
    pub status: OrderStatus,
    pub item: String,
    pub ship_to: String,
    pub delivery_days: u16,
    /// The promised moment; set when the order is confirmed. Payers are told its date.
    pub promised_at: Option<Timestamp>,
    pub shipped_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    /// What the carrier calls it.
    pub tracking: Option<String>,
    /// When it was noticed that the promise was broken.
    pub late_at: Option<Timestamp>,
    /// Its promise is watched; not so for orders from before shops could say where one is.
    #[serde(skip)]
    pub is_watched: bool,
}

impl Intent {
    pub fn terms(&self) -> Terms {
        Terms { amount: self.amount, payee: self.merchant }
    }

    /// What the merchant took.
    ///
    /// # Errors
    /// Nothing was taken.
    pub(crate) fn captured_amount(&self) -> Result<Amount, StoreError> {
        let amount = Amount::new(self.captured, self.amount.currency());
        amount.map_err(|_| StoreError::Refund(ledger::RefundError::NotCaptured))
    }

    /// Moves on, with expiry seen first.
    pub(crate) fn after(&self, event: IntentEvent) -> Result<IntentStatus, StoreError> {
        Ok(self.status.after(event)?)
    }
}

impl NewIntent {
    fn check(&self) -> Result<(), StoreError> {
        check_text("description", &self.description, MAX_TEXT)?;
        check_name("item", &self.order.item, MAX_NAME)?;
        check_name("delivery address", &self.order.ship_to, MAX_TEXT)?;
        check_text("success URL", self.success_url.as_deref().unwrap_or_default(), MAX_URL)?;
        if self.order.delivery_days > ledger::limits::MAX_DELIVERY_DAYS {
            return Err(StoreError::Malformed("number of delivery days"));
        }
        Ok(())
    }
}

impl Store {
    /// Creates an intent with its order.
    ///
    /// # Errors
    /// No such merchant; the id exists already; texts too long.
    pub async fn create_intent(&self, new: NewIntent, now: Timestamp) -> Result<Intent, StoreError> {
        new.check()?;
        self.write(move |tx| create(tx, &new, now)).await
    }

    /// As [`Store::create_intent`] under an idempotency key: `render` makes the reply that is saved with it, in the
    /// same commit. The reply is stored in clear: leave secrets out of it and add them afterwards.
    ///
    /// # Errors
    /// As [`Store::create_intent`]; [`StoreError::IdempotencyConflict`] for another body under the same key.
    pub async fn create_intent_once<F>(
        &self,
        new: NewIntent,
        once: Idempotency,
        render: F,
        now: Timestamp,
    ) -> Result<Replied, StoreError>
    where
        F: FnOnce(&Intent) -> SavedReply + Send + 'static,
    {
        new.check()?;
        once.check()?;
        self.write(move |tx| replay_or(tx, &once, now, |tx| create(tx, &new, now).map(|intent| render(&intent)))).await
    }

    /// An intent as it stands at `now` (an overdue one reads as expired).
    ///
    /// # Errors
    /// Database failures only.
    pub async fn intent(&self, id: IntentId, now: Timestamp) -> Result<Option<Intent>, StoreError> {
        self.read(move |conn| find(conn, id, now)).await
    }

    /// The intent, if `secret_hash` is that of its client secret.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn intent_by_secret(
        &self,
        id: IntentId,
        secret_hash: SecretHash,
        now: Timestamp,
    ) -> Result<Option<Intent>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT secret_hash FROM intents WHERE id = ?1";
            let kept: Option<SecretHash> = one(conn, sql, [id.key()], |row| row.value("secret_hash"))?;
            // Both are hashes of high-entropy secrets, so the time of this comparison tells nothing useful.
            if kept == Some(secret_hash) { find(conn, id, now) } else { Ok(None) }
        })
        .await
    }

    /// The intent of an order, which holds the order.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn intent_by_order(&self, order: OrderId, now: Timestamp) -> Result<Option<Intent>, StoreError> {
        self.read(move |conn| {
            let id = one(conn, "SELECT id FROM intents WHERE order_id = ?1", [order.key()], |row| row.id("id"))?;
            id.map_or(Ok(None), |id| find(conn, id, now))
        })
        .await
    }

    /// Cancels an intent that has not been paid; canceling a canceled one answers it again.
    ///
    /// # Errors
    /// No such intent of this merchant; paid, being paid, or expired already.
    pub async fn cancel_intent(
        &self,
        merchant: MerchantId,
        id: IntentId,
        event: EventId,
        now: Timestamp,
    ) -> Result<Intent, StoreError> {
        self.write(move |tx| {
            let intent = load(tx.conn, id, now)?;
            if intent.merchant != merchant {
                return Err(StoreError::NotFound("payment intent"));
            }
            if intent.status == IntentStatus::Canceled {
                return Ok(intent);
            }
            let status = intent.after(IntentEvent::Cancel)?;
            let sql = "UPDATE intents SET status = ?2, order_status = 'canceled' WHERE id = ?1";
            tx.run(sql, params![id.key(), status.as_str()])?;
            crate::challenges::replace_open(tx, id)?;
            crate::capture::give_hold_back(tx, &intent, now)?;
            let intent = load(tx.conn, id, now)?;
            outbox::emit(tx, merchant, event, "payment_intent.canceled", &intent, now)?;
            tx.audit_of(&merchant, now, "intent.canceled", &[], &serde_json::json!({"intent": id}).to_string())?;
            Ok(intent)
        })
        .await
    }
}

fn create(tx: &mut Tx<'_>, new: &NewIntent, now: Timestamp) -> Result<Intent, StoreError> {
    let sql = "SELECT name FROM merchants WHERE id = ?1";
    let payee: Option<String> = tx.one(sql, [new.merchant.key()], |row| row.value("name"))?;
    let payee = payee.ok_or(StoreError::NotFound("merchant"))?;
    let sql = "INSERT INTO intents (id, merchant, amount, currency, description, status, secret_hash, success_url, \
               created_at, expires_at, order_id, order_status, item, ship_to, delivery_days, capture_method) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    let NewIntent { id, merchant, amount, description, secret_hash, success_url, expires_at, order, .. } = new.clone();
    let capture_method = new.capture_method;
    let (status, order_status) = (IntentStatus::RequiresConfirmation, OrderStatus::AwaitingPayment);
    let row = params![
        id.key(),
        merchant.key(),
        amount.minor(),
        amount.currency().code(),
        description,
        status.as_str(),
        secret_hash,
        success_url,
        now.as_millis(),
        expires_at.as_millis(),
        order.id.key(),
        order_status.as_str(),
        order.item,
        order.ship_to,
        order.delivery_days,
        capture_method.as_str(),
    ];
    tx.insert("payment intent", sql, row)?;
    let intent = Intent {
        id,
        merchant,
        payee,
        amount,
        description,
        status,
        capture_method,
        success_url,
        payer: None,
        receipt: None,
        transfer: None,
        hold: None,
        captured: 0,
        refunded: 0,
        disputed: 0,
        last_error: None,
        tries: 0,
        created_at: now,
        expires_at,
        order: Order {
            id: order.id,
            intent: id,
            merchant,
            status: order_status,
            item: order.item,
            ship_to: order.ship_to,
            delivery_days: order.delivery_days,
            promised_at: None,
            shipped_at: None,
            delivered_at: None,
            tracking: None,
            late_at: None,
            is_watched: true,
        },
    };
    outbox::emit(tx, merchant, new.event, "payment_intent.created", &intent, now)?;
    let detail = serde_json::json!({
        "intent": id, "merchant": merchant, "amount": amount.minor(), "currency": amount.currency()
    });
    tx.audit_of(&merchant, now, "intent.created", &[], &detail.to_string())?;
    Ok(intent)
}

/// The intent or an error, inside a job.
pub(crate) fn load(conn: &Connection, id: IntentId, now: Timestamp) -> Result<Intent, StoreError> {
    find(conn, id, now)?.ok_or(StoreError::NotFound("payment intent"))
}

pub(crate) fn find(conn: &Connection, id: IntentId, now: Timestamp) -> Result<Option<Intent>, StoreError> {
    let sql = "SELECT i.*, m.name AS payee FROM intents i JOIN merchants m ON m.id = i.merchant WHERE i.id = ?1";
    one(conn, sql, [id.key()], |row| intent(row, now))
}

pub(crate) fn intent(row: &Row<'_>, now: Timestamp) -> Result<Intent, StoreError> {
    let (id, merchant) = (row.id("id")?, row.id("merchant")?);
    let kept = row.named("status", IntentStatus::from_name)?;
    let expires_at = row.time("expires_at")?;
    // Nothing has to run at the moment an intent expires: an overdue one is treated as expired by every reader.
    let overdue = !kept.is_final() && now >= expires_at;
    let late = row.maybe_time("late_at")?;
    Ok(Intent {
        id,
        merchant,
        payee: row.value("payee")?,
        amount: row.amount("amount", "currency")?,
        description: row.value("description")?,
        status: if overdue { IntentStatus::Expired } else { kept },
        capture_method: row.named("capture_method", CaptureMethod::from_name)?,
        success_url: row.value("success_url")?,
        payer: row.maybe_id("payer")?,
        receipt: row.maybe_id("receipt")?,
        transfer: row.maybe_id("transfer")?,
        hold: row.maybe_id("hold")?,
        captured: row.value("captured")?,
        refunded: row.value("refunded")?,
        disputed: row.value("disputed")?,
        last_error: row.value("last_error")?,
        tries: row.value("tries")?,
        created_at: row.time("created_at")?,
        expires_at,
        order: Order {
            id: row.id("order_id")?,
            intent: id,
            merchant,
            status: row.named("order_status", OrderStatus::from_name)?,
            item: row.value("item")?,
            ship_to: row.value("ship_to")?,
            delivery_days: row.value("delivery_days")?,
            promised_at: row.maybe_time("promised_at")?,
            shipped_at: row.maybe_time("shipped_at")?,
            delivered_at: row.maybe_time("delivered_at")?,
            tracking: row.value("tracking")?,
            late_at: late.filter(|at| at.as_millis() > 0),
            is_watched: late.is_none_or(|at| at.as_millis() > 0),
        },
    })
}
