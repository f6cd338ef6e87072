//! Receipts and orders.

use serde::Serialize;
use utoipa::ToSchema;

/// What was paid, by which methods, and what was promised. No scores.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReceiptView {
    pub id: String,
    pub payment_intent: String,
    pub order_id: String,
    pub amount: i64,
    pub currency: String,
    /// `paid`; `authorised` while the money is only held; `released` when the hold was given back.
    pub status: String,
    /// What the merchant took.
    pub amount_captured: i64,
    pub refunded: i64,
    pub payee: String,
    pub description: String,
    pub payer: String,
    pub methods: Vec<String>,
    pub paid_at: String,
    pub delivery: DeliveryView,
}

/// An order and its delivery promise.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderView {
    pub id: String,
    pub payment_intent: String,
    pub receipt: Option<String>,
    pub item: String,
    pub payee: String,
    pub amount: i64,
    pub currency: String,
    pub status: String,
    pub created_at: String,
    pub delivery: DeliveryView,
}

/// Where it goes and when.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    pub to: String,
    /// Calendar date (UTC), such as `2026-11-27`.
    pub promised: String,
    /// `awaiting_payment`, `promised`, `shipped`, `delivered`, `late` (the promised day is over and nothing arrived),
    /// `canceled` or `refunded`.
    pub status: String,
    /// The promise was broken, even if it arrived since.
    pub late: bool,
    pub shipped_at: Option<String>,
    pub delivered_at: Option<String>,
    /// What the carrier calls it.
    pub tracking: Option<String>,
}
