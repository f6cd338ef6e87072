//! Balances, movements and the books.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A part of a list, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListView<T> {
    pub data: Vec<T>,
    /// There are more in the direction that was asked for.
    pub has_more: bool,
}

/// Money into, out of or between wallets, or out of a merchant's balance.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MovementView {
    pub id: String,
    /// `top_up`, `withdrawal`, `transfer` or `payout`.
    pub kind: String,
    pub amount: i64,
    pub currency: String,
    /// `pending`, `succeeded` or `failed`.
    pub status: String,
    /// Account at the bank, or `ledger`.
    pub bank: String,
    /// The recipient of a transfer.
    pub to: Option<String>,
    pub note: String,
    /// Why the bank gave it back.
    pub failure: Option<String>,
    pub created_at: String,
    /// When the bank answers, or answered.
    pub settles_at: String,
}

/// What a merchant has.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MerchantBalanceView {
    pub balances: Vec<MerchantBalanceLine>,
}

/// What a merchant has in one currency. Minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MerchantBalanceLine {
    pub currency: String,
    /// May be paid out.
    pub available: i64,
    /// Held out of it, by disputes and payouts under way.
    pub held: i64,
    /// Held for it, by payments to be captured.
    pub incoming: i64,
}

/// What stood on an account at a time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BalanceAtView {
    /// Seconds since 1970, that second included.
    pub at: i64,
    pub currency: String,
    /// Minor units, holds not taken off.
    pub posted: i64,
}

/// One line of an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BalanceTransactionView {
    pub id: String,
    /// `payment`, `refund`, `top_up`, `withdrawal`, `transfer`, `payout`, `dispute`, `dispute_cover` or `other`.
    pub kind: String,
    /// Minor units; below zero when money left.
    pub amount: i64,
    pub currency: String,
    /// Id of the payment, refund, dispute or movement.
    pub source: Option<String>,
    pub created_at: String,
}

/// What one day brought.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SettlementView {
    /// Calendar date (UTC).
    pub day: String,
    pub lines: Vec<SettlementLineView>,
}

/// All bookings of one kind in one currency on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SettlementLineView {
    pub currency: String,
    pub kind: String,
    pub count: i64,
    /// Minor units; below zero when money left.
    pub amount: i64,
}

/// All accounts by kind and currency.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrialBalanceView {
    /// Seconds since 1970, that second included; absent: now.
    pub at: Option<i64>,
    /// Every currency sums to zero.
    pub balanced: bool,
    pub lines: Vec<TrialLineView>,
}

/// All accounts of one kind in one currency. Minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrialLineView {
    pub kind: String,
    pub currency: String,
    pub accounts: i64,
    /// Everything that left these accounts.
    pub debits: i64,
    /// Everything that came in.
    pub credits: i64,
    pub balance: i64,
}
