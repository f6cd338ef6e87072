//! Refunds.

use base::{EventId, RefundId, TransferId};
use store::NewRefund;

use crate::app::App;
use crate::error::Result;
use crate::intent::{derived, once, parse_amount, parse_id, saved};
use crate::merchant::{Merchant, Viewer};
use crate::once::replied;
use crate::view::RefundView;

impl App {
    /// Gives money back; `amount` in minor units of the payment's currency, all that is left when `None`.
    ///
    /// # Errors
    /// Not this merchant's payment, not paid, more than is left.
    pub async fn refund(
        &self,
        merchant: &Merchant,
        key: &str,
        intent: &str,
        amount: Option<i64>,
    ) -> Result<RefundView> {
        let canonical = serde_json::json!([intent, amount]).to_string();
        let once = once(&merchant.id, "refunds", key, &canonical)?;
        let intent = self.seen_intent(parse_id(intent)?, &Viewer::Merchant(merchant.id)).await?;
        let currency = intent.amount.currency();
        let amount = amount.map(|minor| parse_amount(minor, currency.code())).transpose()?;
        let new = NewRefund {
            // Both follow from the key: whatever happens to a reply, a retry can never give back twice.
            id: RefundId::from_uuid(derived(&once, "refund")),
            merchant: merchant.id,
            intent: intent.id,
            amount,
            transfer: TransferId::from_uuid(derived(&once, "transfer")),
            event: EventId::from_uuid(self.uuid()?),
        };
        replied(self.store.refund_once(new, once, |made| saved(&view(made)), self.now()).await?)
    }
}

pub(crate) fn view(refund: &store::Refund) -> RefundView {
    RefundView {
        id: refund.id.to_string(),
        payment_intent: refund.payment_intent.to_string(),
        amount: refund.amount.minor(),
        currency: refund.amount.currency().code().to_owned(),
        status: refund.status.as_str().to_owned(),
        created_at: refund.created_at.rfc3339(),
    }
}
