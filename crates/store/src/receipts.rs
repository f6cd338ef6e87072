use base::{AccountId, IntentId, MerchantId, Method, OrderId, ReceiptId, Timestamp, TransferId};
use ledger::OrderStatus;
use money::Amount;
use serde::Serialize;

use crate::decisions::{methods, names};
use crate::key::{Columns, Key};
use crate::limits::MAX_LIST;
use crate::paying::Authorisation;
use crate::sql::{Row, params};
use crate::tx::{Tx, all, one};
use crate::{Intent, Order, Store, StoreError, intents};

/// Proof of a payment, for the payer and the merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    pub id: ReceiptId,
    pub intent: IntentId,
    pub account: AccountId,
    pub merchant: MerchantId,
    pub payee: String,
    #[serde(flatten)]
    pub amount: Amount,
    pub description: String,
    /// All methods it was paid with.
    pub methods: Vec<Method>,
    pub transfer: TransferId,
    pub paid_at: Timestamp,
    /// Minor units that went back since.
    pub refunded: i64,
    pub order: Order,
}

/// One line of a payer's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentSummary {
    pub intent: IntentId,
    pub receipt: ReceiptId,
    pub order: OrderId,
    pub order_status: OrderStatus,
    pub payee: String,
    #[serde(flatten)]
    pub amount: Amount,
    pub item: String,
    /// All methods it was paid with.
    pub methods: Vec<Method>,
    pub paid_at: Timestamp,
    pub promised_at: Option<Timestamp>,
    pub refunded: i64,
}

/// What a receipt's own row holds; the rest is the intent's.
pub(crate) struct Slip {
    id: ReceiptId,
    account: AccountId,
    methods: Vec<Method>,
    transfer: TransferId,
    paid_at: Timestamp,
}

impl Slip {
    pub(crate) fn with(self, intent: &Intent) -> Receipt {
        let Self { id, account, methods, transfer, paid_at } = self;
        Receipt {
            id,
            intent: intent.id,
            account,
            merchant: intent.merchant,
            payee: intent.payee.clone(),
            amount: intent.amount,
            description: intent.description.clone(),
            methods,
            transfer,
            paid_at,
            refunded: intent.refunded,
            order: intent.order.clone(),
        }
    }
}

impl Store {
    /// # Errors
    /// Database failures only.
    pub async fn receipt(&self, id: ReceiptId) -> Result<Option<Receipt>, StoreError> {
        self.read(move |conn| {
            let found = one(conn, "SELECT * FROM receipts WHERE id = ?1", [id.key()], |row| {
                Ok((slip(row)?, row.id("intent")?))
            })?;
            let Some((slip, intent)) = found else { return Ok(None) };
            let at = slip.paid_at;
            Ok(Some(slip.with(&intents::load(conn, intent, at)?)))
        })
        .await
    }

    /// A payer's payments, newest first, at most `limit` (and [`MAX_LIST`]); `before` for the next page.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn payments(
        &self,
        account: AccountId,
        before: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<PaymentSummary>, StoreError> {
        let limit = i64::try_from(limit.min(MAX_LIST)).unwrap_or(0);
        self.read(move |conn| {
            let sql = "SELECT r.*, i.order_id, i.order_status, i.amount, i.currency, i.item, i.promised_at, i.refunded, \
                       m.name AS payee FROM receipts r JOIN intents i ON i.id = r.intent \
                       JOIN merchants m ON m.id = i.merchant \
                       WHERE r.account = ?1 AND r.paid_at < ?2 ORDER BY r.paid_at DESC, r.id DESC LIMIT ?3";
            let before = before.map_or(i64::MAX, Timestamp::as_millis);
            all(conn, sql, params![account.key(), before, limit], summary)
        })
        .await
    }
}

fn summary(row: &Row<'_>) -> Result<PaymentSummary, StoreError> {
    Ok(PaymentSummary {
        intent: row.id("intent")?,
        receipt: row.id("id")?,
        order: row.id("order_id")?,
        order_status: row.named("order_status", OrderStatus::from_name)?,
        payee: row.value("payee")?,
        amount: row.amount("amount", "currency")?,
        item: row.value("item")?,
        methods: methods_of(row)?,
        paid_at: row.time("paid_at")?,
        promised_at: row.maybe_time("promised_at")?,
        refunded: row.value("refunded")?,
    })
}

fn slip(row: &Row<'_>) -> Result<Slip, StoreError> {
    Ok(Slip {
        id: row.id("id")?,
        account: row.id("account")?,
        methods: methods_of(row)?,
        transfer: row.id("transfer")?,
        paid_at: row.time("paid_at")?,
    })
}

pub(crate) fn add(tx: &Tx<'_>, allow: &Authorisation, now: Timestamp) -> Result<Slip, StoreError> {
    let sql = "INSERT INTO receipts (id, intent, account, method, transfer, paid_at, methods) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let Authorisation { receipt: id, account, method, transfer, .. } = *allow;
    let row = params![
        id.key(),
        allow.intent.key(),
        account.key(),
        method.as_str(),
        transfer.key(),
        now.as_millis(),
        names(&allow.proven)
    ];
    tx.insert("receipt", sql, row)?;
    Ok(Slip { id, account, methods: allow.proven.clone(), transfer, paid_at: now })
}

fn methods_of(row: &Row<'_>) -> Result<Vec<Method>, StoreError> {
    let found = methods(&row.value::<String>("methods")?);
    // Receipts from before migration 2 name one method.
    if found.is_empty() { Ok(vec![row.method("method")?]) } else { Ok(found) }
}
