//! What only those who run the installation may do: decide disputes, read all books. Their keys are made by the command line.

use base::{DisputeId, OperatorId, Timestamp};
use ledger::DisputeStatus;

use crate::app::App;
use crate::error::{Error, Result};
use crate::limits::OPERATOR_PER_MINUTE;
use crate::lists::{ListFilter, PageAsked, listed};
use crate::secret;
use crate::view::{DisputeView, ListView, TrialBalanceView, TrialLineView};

/// What an operator's key begins with.
pub const OPERATOR_KEY: &str = "ok_";

/// Somebody who has shown an operator's key.
#[derive(Clone, Debug)]
pub struct Operator {
    pub id: OperatorId,
    pub label: String,
}

impl App {
    /// The operator of a key; counts the request among those that read or those that `change` something.
    ///
    /// # Errors
    /// [`Error::UnknownKey`], [`Error::TooFast`].
    pub async fn operator(&self, key: &str, change: bool) -> Result<Operator> {
        let key = Some(key).filter(|key| key.starts_with(OPERATOR_KEY)).ok_or(Error::UnknownKey)?;
        let found = self.store.operator(secret::hash(key)).await?.ok_or(Error::UnknownKey)?;
        self.operator_rates.take((found.id, change), OPERATOR_PER_MINUTE, self.now())?;
        Ok(Operator { id: found.id, label: found.label })
    }

    /// All accounts by kind and currency at a time in seconds since 1970, now when `None`; each currency sums to zero.
    ///
    /// # Errors
    /// A time that cannot be counted.
    pub async fn trial_balance(&self, _operator: &Operator, at: Option<i64>) -> Result<TrialBalanceView> {
        let end = |at: i64| at.checked_mul(1_000).and_then(|ms| ms.checked_add(999)).map(Timestamp::from_millis);
        let asked = at.map(|at| end(at).ok_or_else(|| Error::invalid("at", "seconds since 1970"))).transpose()?;
        let lines = self.store.trial_balance(asked).await?;
        let sum = |currency| lines.iter().filter(|l| l.currency == currency).map(|l| l.balance).sum::<i64>();
        let line = |l: &store::TrialLine| TrialLineView {
            kind: l.kind.clone(),
            currency: l.currency.code().to_owned(),
            accounts: l.accounts,
            debits: l.debits,
            credits: l.credits,
            balance: l.balance,
        };
        Ok(TrialBalanceView {
            at,
            balanced: lines.iter().all(|l| sum(l.currency) == 0),
            lines: lines.iter().map(line).collect(),
        })
    }

    /// Disputes of every merchant, newest first; `status` `under_review` are those that wait for the operator.
    ///
    /// # Errors
    /// A cursor or status that is not there.
    pub async fn all_disputes(
        &self,
        _operator: &Operator,
        filter: &ListFilter,
        page: PageAsked,
    ) -> Result<ListView<DisputeView>> {
        let status = filter.status(DisputeStatus::from_name)?;
        let (times, page) = (filter.between()?, page.of()?);
        Ok(listed(self.store.list_all_disputes(status, times, page).await?, crate::disputes::view))
    }

    /// Decides a dispute; who did it is in the audit log.
    ///
    /// # Errors
    /// No such dispute; over, or not under review.
    pub async fn decide_dispute(&self, operator: &Operator, id: &str, for_merchant: bool) -> Result<DisputeView> {
        let id: DisputeId = id.parse().map_err(|_| Error::NotFound("dispute"))?;
        let decide = self.store.decide_dispute(operator.id, id, for_merchant, self.now());
        Ok(crate::disputes::view(&decide.await?))
    }
}
