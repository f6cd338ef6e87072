//! What a merchant or a payer has, how it came about, and what a day brought.

use base::{Span, Timestamp};
use ledger::TransferKind;
use money::Currency;
use store::{BalanceLine, LedgerSide, Page};

use crate::app::App;
use crate::error::{Error, Result};
use crate::lists::{PageAsked, listed};
use crate::merchant::Merchant;
use crate::session::PayerSession;
use crate::view::{
    BalanceAtView, BalanceTransactionView, ListView, MerchantBalanceLine, MerchantBalanceView, SettlementLineView,
    SettlementView,
};

/// A cursor of balance transactions: `bt_` and the line's number.
const PREFIX: &str = "bt_";

impl App {
    /// What the merchant has now, one line per currency.
    ///
    /// # Errors
    /// Database failures.
    pub async fn merchant_balance(&self, merchant: &Merchant) -> Result<MerchantBalanceView> {
        let lines = self.store.merchant_balance(merchant.id).await?;
        let line = |b: store::BalanceNow| MerchantBalanceLine {
            currency: b.currency.code().to_owned(),
            available: b.available,
            held: b.held,
            incoming: b.incoming,
        };
        Ok(MerchantBalanceView { balances: lines.into_iter().map(line).collect() })
    }

    /// What stood on the merchant's account at a time, in seconds since 1970.
    ///
    /// # Errors
    /// A currency that is not known.
    pub async fn merchant_balance_at(&self, merchant: &Merchant, currency: &str, at: i64) -> Result<BalanceAtView> {
        self.balance_at(LedgerSide::Merchant(merchant.id), currency, at).await
    }

    /// What stood in the wallet at a time, in seconds since 1970.
    ///
    /// # Errors
    /// A currency that is not known.
    pub async fn wallet_balance_at(&self, payer: &PayerSession, currency: &str, at: i64) -> Result<BalanceAtView> {
        self.balance_at(LedgerSide::Wallet(payer.account), currency, at).await
    }

    /// Every line of the merchant's account in one currency, newest first.
    ///
    /// # Errors
    /// A currency or cursor that is not known.
    pub async fn balance_transactions(
        &self,
        merchant: &Merchant,
        currency: &str,
        page: PageAsked,
    ) -> Result<ListView<BalanceTransactionView>> {
        self.lines(LedgerSide::Merchant(merchant.id), currency, page).await
    }

    /// Every line of the wallet in one currency, newest first.
    ///
    /// # Errors
    /// A currency or cursor that is not known.
    pub async fn wallet_transactions(
        &self,
        payer: &PayerSession,
        currency: &str,
        page: PageAsked,
    ) -> Result<ListView<BalanceTransactionView>> {
        self.lines(LedgerSide::Wallet(payer.account), currency, page).await
    }

    /// What a day (UTC) brought the merchant, by currency and kind.
    ///
    /// # Errors
    /// A day that is not in the calendar.
    pub async fn settlement(&self, merchant: &Merchant, day: &str) -> Result<SettlementView> {
        let wrong = || Error::invalid("day", "give a day such as 2026-11-24");
        let date: jiff::civil::Date =
            Some(day).filter(|d| d.len() == 10).and_then(|d| d.parse().ok()).ok_or_else(wrong)?;
        let start = date.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| wrong())?.timestamp().as_millisecond();
        let from = Timestamp::from_millis(start);
        let lines = self.store.settlement(merchant.id, from, from.plus(Span::days(1))).await?;
        let line = |l: store::SettlementLine| SettlementLineView {
            currency: l.currency.code().to_owned(),
            kind: l.kind.as_str().to_owned(),
            count: l.count,
            amount: l.sum,
        };
        Ok(SettlementView { day: day.to_owned(), lines: lines.into_iter().map(line).collect() })
    }

    async fn balance_at(&self, side: LedgerSide, currency: &str, at: i64) -> Result<BalanceAtView> {
        let millis = at.checked_mul(1_000).and_then(|ms| ms.checked_add(999));
        let millis = millis.ok_or_else(|| Error::invalid("at", "seconds since 1970"))?;
        let money = self.store.balance_at(side, parse_currency(currency)?, Timestamp::from_millis(millis)).await?;
        Ok(BalanceAtView { at, currency: money.currency().code().to_owned(), posted: money.minor() })
    }

    async fn lines(
        &self,
        side: LedgerSide,
        currency: &str,
        page: PageAsked,
    ) -> Result<ListView<BalanceTransactionView>> {
        let page: Page<i64> = page.with(|text| text.strip_prefix(PREFIX)?.parse().ok())?;
        Ok(listed(self.store.balance_lines(side, parse_currency(currency)?, page).await?, line))
    }
}

pub(crate) fn parse_currency(code: &str) -> Result<Currency> {
    code.parse().map_err(|e: money::MoneyError| Error::invalid("currency", e.to_string()))
}

fn line(line: &BalanceLine) -> BalanceTransactionView {
    BalanceTransactionView {
        id: format!("{PREFIX}{}", line.seq),
        kind: line.kind.as_str().to_owned(),
        amount: line.moved.minor(),
        currency: line.moved.currency().code().to_owned(),
        source: line.source.map(|id| source(line.kind, id)),
        created_at: line.at.rfc3339(),
    }
}

/// The id of what a line was booked for, as the API writes it.
fn source(kind: TransferKind, id: uuid::Uuid) -> String {
    match kind {
        TransferKind::Payment => base::IntentId::from_uuid(id).to_string(),
        TransferKind::Refund => base::RefundId::from_uuid(id).to_string(),
        TransferKind::Dispute | TransferKind::DisputeCover => base::DisputeId::from_uuid(id).to_string(),
        _ => base::MovementId::from_uuid(id).to_string(),
    }
}
