//! Where a shop's orders are, and which promises were broken.

use base::{MerchantId, OrderId, Timestamp};
use ledger::OrderEvent;
use serde::Serialize;

use crate::intents::{self, Order};
use crate::key::{Columns, Key, check_name, derived};
use crate::limits::MAX_NAME;
use crate::sql::params;
use crate::tx::{Tx, all};
use crate::{Store, StoreError, notices, outbox};

/// What an event says of an order. Nothing of the payer.
#[derive(Serialize)]
struct Told<'a> {
    id: OrderId,
    payment_intent: base::IntentId,
    status: &'static str,
    item: &'a str,
    /// Calendar date (UTC).
    promised: Option<String>,
    tracking: Option<&'a str>,
    late: bool,
}

impl Store {
    /// The shop says that an order was sent, or handed over. Saying it again changes nothing.
    ///
    /// # Errors
    /// Not this merchant's order; not paid, canceled or paid back; `tracking` too long or empty.
    pub async fn order_event(
        &self,
        merchant: MerchantId,
        id: OrderId,
        event: OrderEvent,
        tracking: Option<String>,
        now: Timestamp,
    ) -> Result<Order, StoreError> {
        if let Some(tracking) = &tracking {
            check_name("tracking", tracking, MAX_NAME)?;
        }
        self.write(move |tx| {
            let order = of(tx, id, now)?;
            if order.merchant != merchant {
                return Err(StoreError::NotFound("order"));
            }
            let status = order.status.after(event)?;
            if status == order.status {
                return Ok(order);
            }
            let (column, kind) = match event {
                OrderEvent::Shipped => ("shipped_at", "order.shipped"),
                OrderEvent::Delivered => ("delivered_at", "order.delivered"),
            };
            let sql = format!(
                "UPDATE intents SET order_status = ?2, {column} = ?3, tracking = coalesce(?4, tracking) WHERE order_id = ?1"
            );
            tx.run(&sql, params![id.key(), status.as_str(), now.as_millis(), tracking])?;
            let order = of(tx, id, now)?;
            tell(tx, &order, kind, now)?;
            Ok(order)
        })
        .await
    }

    /// Notes every order whose promised day is over and which was not delivered, at most `limit`; answers how many. Each is
    /// told once, to the shop and to the payer.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn note_late_orders(&self, limit: u32, now: Timestamp) -> Result<usize, StoreError> {
        self.write(move |tx| {
            // What was promised for today is not late yet.
            let today = ledger::late_from(now).plus(base::Span::days(-1));
            let sql = "SELECT order_id FROM intents WHERE promised_at < ?1 AND late_at IS NULL \
                       AND order_status IN ('confirmed', 'shipped') ORDER BY promised_at LIMIT ?2";
            let late: Vec<OrderId> = all(tx.conn, sql, params![today.as_millis(), limit], |row| row.id("order_id"))?;
            for id in &late {
                tx.run("UPDATE intents SET late_at = ?2 WHERE order_id = ?1", params![id.key(), now.as_millis()])?;
                let order = of(tx, *id, now)?;
                tell(tx, &order, "order.late", now)?;
            }
            Ok(late.len())
        })
        .await
    }
}

fn of(tx: &Tx<'_>, id: OrderId, now: Timestamp) -> Result<Order, StoreError> {
    let intent = tx.one("SELECT id FROM intents WHERE order_id = ?1", [id.key()], |row| row.id("id"))?;
    Ok(intents::load(tx.conn, intent.ok_or(StoreError::NotFound("order"))?, now)?.order)
}

fn tell(tx: &mut Tx<'_>, order: &Order, kind: &str, now: Timestamp) -> Result<(), StoreError> {
    let told = Told {
        id: order.id,
        payment_intent: order.intent,
        status: order.status.as_str(),
        item: &order.item,
        promised: order.promised_at.map(Timestamp::date),
        tracking: order.tracking.as_deref(),
        late: order.late_at.is_some(),
    };
    outbox::emit(tx, order.merchant, derived(kind, order.id.key()), kind, &told, now)?;
    let payer = tx.one("SELECT payer FROM intents WHERE id = ?1", [order.intent.key()], |row| row.maybe_id("payer"))?;
    let detail = serde_json::json!({"order": order.id, "intent": order.intent}).to_string();
    if let Some(payer) = payer.flatten() {
        notices::add(tx, payer, kind, &detail, now)?;
    }
    tx.audit_of(&order.merchant, now, kind, &[], &detail)
}
