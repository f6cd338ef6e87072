//! What the log tells of money against what the books have: whoever changes a payment in all its rows at once still has
//! the log against them.

use std::collections::HashMap;

use base::{DisputeId, MerchantId, TransferId};
use money::Currency;
use serde::Deserialize;

use super::walk::Tampering;
use crate::StoreError;
use crate::key::Key as _;
use crate::sql::{Connection, Row, params};
use crate::tx::earnings;

type Id = [u8; 16];

/// All that the log tells, by transfer and dispute; some hundred bytes for each.
#[derive(Default)]
pub(super) struct Told {
    transfers: HashMap<Id, OfTransfer>,
    disputes: HashMap<Id, i64>,
    findings: Vec<Tampering>,
}

struct OfTransfer {
    id: TransferId,
    /// The last entry that tells of it.
    seq: i64,
    currency: Currency,
    /// What was held or asked for.
    asked: Option<i64>,
    /// What was moved.
    moved: Option<i64>,
    payee: Option<MerchantId>,
}

/// The details of an entry, as far as they tell of money.
#[derive(Deserialize)]
struct Detail {
    transfer: Option<TransferId>,
    dispute: Option<DisputeId>,
    amount: Option<i64>,
    currency: Option<String>,
    payee: Option<MerchantId>,
}

/// Entries that tell that money was moved, or is held.
fn tells(kind: &str) -> Option<Tells> {
    match kind {
        "payment.succeeded" | "payment.captured" | "payment.refunded" | "wallet.topped_up" => Some(Tells::Moved),
        "payment.authorised" => Some(Tells::Asked),
        _ => match kind.split_once('.')? {
            ("top_up" | "withdrawal" | "transfer" | "payout", "succeeded") => Some(Tells::Moved),
            ("top_up" | "withdrawal" | "transfer" | "payout", "created" | "failed") => Some(Tells::Asked),
            ("dispute", _) => Some(Tells::Dispute),
            _ => None,
        },
    }
}

enum Tells {
    Asked,
    Moved,
    Dispute,
}

impl Told {
    /// Takes what an entry tells.
    pub(super) fn note(&mut self, seq: i64, kind: &str, detail: &str) {
        let Some(tells) = tells(kind) else { return };
        // An entry of the walk is as it was written; what has no such fields tells of no transfer.
        let Ok(Detail { transfer, dispute, amount: Some(amount), currency, payee }) = serde_json::from_str(detail)
        else {
            return;
        };
        if let (Tells::Dispute, Some(dispute)) = (&tells, dispute) {
            self.disputes.insert(dispute.key(), amount);
        }
        let (Some(id), Some(Ok(currency))) = (transfer, currency.map(|code| code.parse())) else { return };
        let new = OfTransfer { id, seq, currency, asked: None, moved: None, payee: None };
        let told = self.transfers.entry(id.key()).or_insert(new);
        told.seq = seq;
        told.payee = payee.or(told.payee);
        let before = match tells {
            Tells::Asked => told.asked.replace(amount).filter(|before| *before != amount),
            Tells::Moved => told.moved.replace(amount),
            Tells::Dispute => None,
        };
        if before.is_some() || told.currency != currency {
            self.findings.push(Tampering::Books { seq, transfer: id });
        }
    }

    /// Compares it with every transfer.
    pub(super) fn compare(mut self, snapshot: &Connection) -> Result<Vec<Tampering>, StoreError> {
        let sql = "SELECT id, payee, amount, currency, state, posted, kind, source FROM transfers";
        snapshot.each(sql, params![], &mut |row| {
            let booked = Booked::read(row)?;
            match self.transfers.remove(&booked.id.key()) {
                Some(told) if booked.is_as(&told) => {}
                Some(told) => self.findings.push(Tampering::Books { seq: told.seq, transfer: told.id }),
                None if self.is_known(&booked) => {}
                None => self.findings.push(Tampering::Untold { transfer: booked.id }),
            }
            Ok(())
        })?;
        let gone = self.transfers.into_values().map(|told| Tampering::Books { seq: told.seq, transfer: told.id });
        self.findings.extend(gone);
        self.findings.sort_by_key(|finding| match finding {
            Tampering::Books { seq, .. } => *seq,
            _ => i64::MAX,
        });
        Ok(self.findings)
    }

    /// A transfer that no entry names: one without a purpose of ours, one that moved nothing, one of a dispute.
    fn is_known(&self, booked: &Booked) -> bool {
        let Some(moved) = booked.moved else { return true };
        match booked.kind.as_str() {
            "dispute" | "dispute_cover" => {
                booked.source.is_some_and(|dispute| self.disputes.get(&dispute) == Some(&moved))
            }
            "payment" | "refund" | "top_up" | "withdrawal" | "transfer" | "payout" => false,
            _ => true,
        }
    }
}

/// A transfer of the books.
struct Booked {
    id: TransferId,
    payee: Id,
    amount: i64,
    currency: Currency,
    /// `None` unless it is posted.
    moved: Option<i64>,
    kind: String,
    source: Option<Id>,
}

impl Booked {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        use crate::key::Columns as _;
        Ok(Self {
            id: row.id("id")?,
            payee: row.value("payee")?,
            amount: row.value("amount")?,
            currency: row.named("currency", |code| code.parse().ok())?,
            moved: row.get::<Option<i64>>(5)?,
            kind: row.value("kind")?,
            source: row.get::<Option<Id>>(7)?,
        })
    }

    fn is_as(&self, told: &OfTransfer) -> bool {
        let to = told.payee.is_none_or(|merchant| earnings(merchant, told.currency).key() == self.payee);
        let asked = told.asked.is_none_or(|asked| asked == self.amount);
        self.currency == told.currency && asked && told.moved == self.moved && to
    }
}
