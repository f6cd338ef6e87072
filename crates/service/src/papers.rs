//! Receipts and orders.

use base::{OrderId, ReceiptId, Timestamp};
use ledger::{OrderEvent, OrderStatus};
use store::Order;

use crate::app::App;
use crate::error::{Error, Result};
use crate::merchant::{Merchant, Viewer};
use crate::view::{DeliveryView, OrderView, ReceiptView};

impl App {
    /// A receipt, for its payer, its merchant, or the holder of the payment's client secret.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anybody else, too.
    pub async fn receipt(&self, id: &str, viewer: &Viewer) -> Result<ReceiptView> {
        let id: ReceiptId = id.parse().map_err(|_| Error::NotFound("receipt"))?;
        let receipt = self.store.receipt(id).await?.ok_or(Error::NotFound("receipt"))?;
        let intent = self.seen_intent(receipt.intent, viewer).await.map_err(|e| named(e, "receipt"))?;
        let payer = self.store.payer(receipt.account).await?.map(|p| p.name).unwrap_or_default();
        Ok(ReceiptView {
            id: receipt.id.to_string(),
            payment_intent: receipt.intent.to_string(),
            order_id: receipt.order.id.to_string(),
            amount: receipt.amount.minor(),
            currency: receipt.amount.currency().code().to_owned(),
            status: state(intent.status).to_owned(),
            amount_captured: intent.captured,
            refunded: receipt.refunded,
            payee: receipt.payee,
            description: receipt.description,
            payer,
            methods: receipt.methods.iter().map(|m| m.as_str().to_owned()).collect(),
            paid_at: receipt.paid_at.rfc3339(),
            delivery: delivery(&receipt.order, self.now()),
        })
    }

    /// The shop says that an order was sent, with the carrier's name for it, or handed over.
    ///
    /// # Errors
    /// Not this merchant's order; not paid, canceled or paid back; `tracking` not 1 to 200 characters of one line.
    pub async fn order_event(
        &self,
        merchant: &Merchant,
        id: &str,
        event: OrderEvent,
        tracking: Option<String>,
    ) -> Result<OrderView> {
        let id: OrderId = id.parse().map_err(|_| Error::NotFound("order"))?;
        self.store.order_event(merchant.id, id, event, tracking, self.now()).await?;
        self.order(&id.to_string(), &Viewer::Merchant(merchant.id)).await
    }

    /// An order and its delivery promise; for the same people as its receipt.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anybody else, too.
    pub async fn order(&self, id: &str, viewer: &Viewer) -> Result<OrderView> {
        let id: OrderId = id.parse().map_err(|_| Error::NotFound("order"))?;
        let found = self.store.intent_by_order(id, self.now()).await?.ok_or(Error::NotFound("order"))?;
        let intent = self.seen_intent(found.id, viewer).await.map_err(|e| named(e, "order"))?;
        Ok(OrderView {
            id: id.to_string(),
            payment_intent: intent.id.to_string(),
            receipt: intent.receipt.map(|r| r.to_string()),
            delivery: delivery(&intent.order, self.now()),
            item: intent.order.item,
            payee: intent.payee,
            amount: intent.amount.minor(),
            currency: intent.amount.currency().code().to_owned(),
            status: intent.order.status.as_str().to_owned(),
            created_at: intent.created_at.rfc3339(),
        })
    }
}

/// What a receipt says of its payment.
const fn state(status: ledger::IntentStatus) -> &'static str {
    match status {
        ledger::IntentStatus::RequiresCapture => "authorised",
        ledger::IntentStatus::Canceled | ledger::IntentStatus::Expired => "released",
        _ => "paid",
    }
}

fn named(error: Error, what: &'static str) -> Error {
    if matches!(error, Error::NotFound(_)) { Error::NotFound(what) } else { error }
}

fn delivery(order: &Order, now: Timestamp) -> DeliveryView {
    let promise = order.promised_at.map(ledger::late_from);
    // By the clock, too, before upkeep has noticed; never for orders that nobody marks.
    let overdue = order.status.is_awaited() && order.is_watched && promise.is_some_and(|late| now >= late);
    let broken = order.delivered_at.zip(promise).is_some_and(|(at, late)| at >= late);
    let late = order.late_at.is_some() || overdue || broken;
    DeliveryView {
        to: order.ship_to.clone(),
        promised: order.promised_at.map(Timestamp::date).unwrap_or_default(),
        status: match order.status {
            status if status.is_awaited() && late => "late",
            OrderStatus::Confirmed => "promised",
            status => status.as_str(),
        }
        .to_owned(),
        late,
        shipped_at: order.shipped_at.map(Timestamp::rfc3339),
        delivered_at: order.delivered_at.map(Timestamp::rfc3339),
        tracking: order.tracking.clone(),
    }
}
