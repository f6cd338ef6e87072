//! Disputes: opened by the payer, answered by the merchant, decided by the operator.

use base::{DisputeId, TransferId};
use ledger::{DisputeEvent, DisputeStatus};
use store::{Dispute, NewDispute};

use crate::app::App;
use crate::config::Mode;
use crate::error::{Error, Result};
use crate::intent::{derived, once, parse_amount, parse_id, saved};
use crate::limits::EVIDENCE_BYTES;
use crate::lists::{ListFilter, PageAsked, listed};
use crate::merchant::{Merchant, Viewer};
use crate::once::replied;
use crate::session::PayerSession;
use crate::view::{DisputeFactsView, DisputeReason, DisputeView, ListView};

/// In test mode evidence with one of these words decides at once.
const WINS: &str = "winning_evidence";
const LOSES: &str = "losing_evidence";

impl App {
    /// Contests a paid payment, all of it or `amount`. Its money is held out of the merchant's balance meanwhile.
    ///
    /// # Errors
    /// Not this payer's payment; not paid, disputed before, too old, more than is left.
    pub async fn dispute(
        &self,
        payer: &PayerSession,
        key: &str,
        intent: &str,
        amount: Option<i64>,
        reason: DisputeReason,
    ) -> Result<DisputeView> {
        let reason = reason.as_str();
        let once = once(&payer.account, "me/disputes", key, &serde_json::json!([intent, amount, reason]).to_string())?;
        let intent = self.seen_intent(parse_id(intent)?, &Viewer::Payer(payer.account)).await?;
        let new = NewDispute {
            id: DisputeId::from_uuid(derived(&once, "dispute")),
            intent: intent.id,
            payer: payer.account,
            amount: amount.map(|minor| parse_amount(minor, intent.amount.currency().code())).transpose()?,
            reason: reason.to_owned(),
            transfer: TransferId::from_uuid(derived(&once, "transfer")),
        };
        replied(self.store.dispute_once(new, once, |made| saved(&view(made)), self.now()).await?)
    }

    /// The payer takes a dispute back.
    ///
    /// # Errors
    /// Not this payer's, or over.
    pub async fn withdraw_dispute(&self, payer: &PayerSession, id: &str) -> Result<DisputeView> {
        let found = self.store.dispute(parse(id)?).await?.filter(|d| d.payer == payer.account);
        let dispute = found.ok_or(Error::NotFound("dispute"))?;
        let work = self.store.dispute_event(dispute.id, DisputeEvent::Withdrawn, None, self.now());
        Ok(view(&self.answering(200, view, work).await?))
    }

    /// The merchant's disputes, newest first.
    ///
    /// # Errors
    /// A cursor or status that is not there.
    pub async fn disputes(
        &self,
        merchant: &Merchant,
        filter: &ListFilter,
        page: PageAsked,
    ) -> Result<ListView<DisputeView>> {
        let status = filter.status(DisputeStatus::from_name)?;
        let (times, page) = (filter.between()?, page.of()?);
        Ok(listed(self.store.list_disputes(merchant.id, status, times, page).await?, view))
    }

    /// A dispute with the facts that the server itself can say about its payment.
    ///
    /// # Errors
    /// Not this merchant's.
    pub async fn merchants_dispute(&self, merchant: &Merchant, id: &str) -> Result<DisputeView> {
        let dispute = self.owned(merchant, id).await?;
        let intent = self.store.intent(dispute.payment_intent, self.now()).await?.ok_or(Error::NotFound("dispute"))?;
        let receipt = match intent.receipt {
            Some(id) => self.store.receipt(id).await?,
            None => None,
        };
        let facts = receipt.map(|receipt| DisputeFactsView {
            paid_at: receipt.paid_at.rfc3339(),
            methods: receipt.methods.iter().map(|m| m.as_str().to_owned()).collect(),
            bound_to_amount_and_payee: true,
            ship_to: receipt.order.ship_to,
            promised: receipt.order.promised_at.map(base::Timestamp::date),
            refunded: receipt.refunded,
        });
        Ok(DisputeView { facts, ..view(&dispute) })
    }

    /// The merchant's answer to a dispute.
    ///
    /// # Errors
    /// Not this merchant's, answered before, over.
    pub async fn send_evidence(&self, merchant: &Merchant, id: &str, evidence: String) -> Result<DisputeView> {
        let odd = |c: char| c.is_control() && c != '\n';
        if evidence.trim().is_empty() || evidence.len() > EVIDENCE_BYTES || evidence.contains(odd) {
            return Err(Error::invalid("evidence", format!("give 1 to {EVIDENCE_BYTES} bytes of text")));
        }
        let dispute = self.owned(merchant, id).await?;
        let decided = match evidence.as_str() {
            WINS if self.mode() == Mode::Test => Some(DisputeEvent::DecidedForMerchant),
            LOSES if self.mode() == Mode::Test => Some(DisputeEvent::DecidedForPayer),
            _ => None,
        };
        let now = self.now();
        let sent = self.store.dispute_event(dispute.id, DisputeEvent::EvidenceSent, Some(evidence), now);
        match decided {
            Some(event) => {
                sent.await?;
                let work = self.store.dispute_event(dispute.id, event, None, now);
                Ok(view(&self.answering(200, view, work).await?))
            }
            None => Ok(view(&self.answering(200, view, sent).await?)),
        }
    }

    /// The merchant gives in: the money goes back.
    ///
    /// # Errors
    /// Not this merchant's, or over.
    pub async fn accept_dispute(&self, merchant: &Merchant, id: &str) -> Result<DisputeView> {
        let dispute = self.owned(merchant, id).await?;
        let work = self.store.dispute_event(dispute.id, DisputeEvent::Accepted, None, self.now());
        Ok(view(&self.answering(200, view, work).await?))
    }

    async fn owned(&self, merchant: &Merchant, id: &str) -> Result<Dispute> {
        let found = self.store.dispute(parse(id)?).await?;
        found.filter(|d| d.merchant == merchant.id).ok_or(Error::NotFound("dispute"))
    }
}

fn parse(id: &str) -> Result<DisputeId> {
    id.parse().map_err(|_| Error::NotFound("dispute"))
}

pub(crate) fn view(dispute: &Dispute) -> DisputeView {
    DisputeView {
        id: dispute.id.to_string(),
        payment_intent: dispute.payment_intent.to_string(),
        amount: dispute.amount.minor(),
        currency: dispute.amount.currency().code().to_owned(),
        reason: dispute.reason.clone(),
        status: dispute.status.as_str().to_owned(),
        evidence: dispute.evidence.clone(),
        evidence_due_by: dispute.evidence_due_by.rfc3339(),
        created_at: dispute.created_at.rfc3339(),
        facts: None,
    }
}
