//! What was decided about attempts: each decision is kept once, with its challenge; those that are not *allow* end here.

use base::{AccountId, AuthenticationId, ChallengeId, EventId, IntentId, Method, Timestamp};
use ledger::{IntentEvent, Terms};

use crate::failures::{DeviceKey, FailureRecord, LockRule};
use crate::key::{Columns, Key, check_name};
use crate::limits::{MAX_REASON, MAX_REASONS};
use crate::sql::params;
use crate::tx::{Tx, all};
use crate::{Challenge, Intent, Store, StoreError, challenges, failures, intents, outbox};

/// What was decided about one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Allow,
    StepUp,
    Deny,
    Retake,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::StepUp => "step_up",
            Self::Deny => "deny",
            Self::Retake => "retake",
        }
    }
}

/// A decision that is not *allow*.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub authentication: AuthenticationId,
    pub challenge: Option<ChallengeId>,
    pub intent: IntentId,
    pub account: AccountId,
    pub method: Method,
    /// What was proven all the same; a later attempt may build on it (see [`Store::proven_before`]).
    pub proven: Vec<Method>,
    pub terms: Terms,
    /// Not [`Outcome::Allow`].
    pub outcome: Outcome,
    /// Reason codes, no scores.
    pub reasons: Vec<String>,
    pub decided_at: Timestamp,
    /// Where a *deny* is counted.
    pub device: Option<DeviceKey>,
    /// What anyone may be told, such as `authentication_failed`.
    pub public_error: String,
    pub event: EventId,
}

/// The intent after a refusal, and the failures of this payer on this device.
#[derive(Clone, Debug)]
pub struct Refused {
    pub intent: Intent,
    pub failures: Option<FailureRecord>,
}

impl Store {
    /// Records a decision that is not *allow* and takes the intent back to `requires_confirmation`. A *deny* counts
    /// against (account, device); `lock` says for how long it is locked after how many failures.
    ///
    /// # Errors
    /// Decision used or for other terms; intent paid, canceled or expired.
    pub async fn decline(&self, refusal: Refusal, lock: LockRule, now: Timestamp) -> Result<Refused, StoreError> {
        check_reasons(&refusal.reasons)?;
        check_name("public error", &refusal.public_error, MAX_REASON)?;
        self.write(move |tx| refuse(tx, &refusal, lock, now)).await
    }

    /// Methods that this payer proved for this intent since `since`, in attempts that asked for one more.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn proven_before(
        &self,
        intent: IntentId,
        account: AccountId,
        since: Timestamp,
    ) -> Result<Vec<Method>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT proven FROM authentications WHERE intent = ?1 AND account = ?2 AND decided_at >= ?3 \
                       AND outcome = 'step_up' ORDER BY decided_at";
            let rows = all(conn, sql, params![intent.key(), account.key(), since.as_millis()], |row| {
                row.value::<String>("proven")
            })?;
            let mut found: Vec<Method> = Vec::new();
            for method in rows.iter().flat_map(|row| methods(row)) {
                if !found.contains(&method) {
                    found.push(method);
                }
            }
            Ok(found)
        })
        .await
    }
}

/// Method names joined by commas.
pub(crate) fn names(methods: &[Method]) -> String {
    methods.iter().map(|m| m.as_str()).collect::<Vec<_>>().join(",")
}

/// What [`names`] wrote.
pub(crate) fn methods(names: &str) -> Vec<Method> {
    names.split(',').filter_map(|name| Method::ALL.into_iter().find(|m| m.as_str() == name)).collect()
}

fn refuse(tx: &mut Tx<'_>, refusal: &Refusal, lock: LockRule, now: Timestamp) -> Result<Refused, StoreError> {
    if refusal.outcome == Outcome::Allow {
        return Err(StoreError::Malformed("refusal"));
    }
    let subject = crate::payers::subject_of(tx, refusal.account)?;
    let intent = intents::load(tx.conn, refusal.intent, now)?;
    intent.terms().must_equal(&refusal.terms)?;
    let status = intent.after(IntentEvent::Declined)?;
    let decided = Decided {
        id: refusal.authentication,
        challenge: refusal.challenge,
        intent: refusal.intent,
        account: refusal.account,
        method: refusal.method,
        terms: refusal.terms,
        outcome: refusal.outcome,
        proven: &refusal.proven,
        reasons: &refusal.reasons,
        at: refusal.decided_at,
    };
    decided.record(tx)?;
    let sql = "UPDATE intents SET status = ?2, last_error = ?3 WHERE id = ?1";
    tx.run(sql, params![intent.id.key(), status.as_str(), refusal.public_error])?;
    let counted = refusal.device.filter(|_| refusal.outcome == Outcome::Deny);
    let failures = counted.map(|device| failures::count(tx, refusal.account, device, lock, now)).transpose()?;
    let mut intent = intent;
    intent.status = status;
    intent.last_error = Some(refusal.public_error.clone());
    if refusal.outcome == Outcome::Deny {
        outbox::emit(tx, intent.merchant, refusal.event, "payment_intent.payment_failed", &intent, now)?;
    }
    let detail = serde_json::json!({
        "intent": intent.id, "authentication": refusal.authentication, "method": refusal.method,
        "proven": refusal.proven, "outcome": refusal.outcome.as_str(), "reasons": refusal.reasons,
    });
    tx.audit_of(&refusal.account, now, "payment.refused", &subject, &detail.to_string())?;
    Ok(Refused { intent, failures })
}

/// The record of a decision.
pub(crate) struct Decided<'a> {
    pub(crate) id: AuthenticationId,
    pub(crate) challenge: Option<ChallengeId>,
    pub(crate) intent: IntentId,
    pub(crate) account: AccountId,
    pub(crate) method: Method,
    pub(crate) terms: Terms,
    pub(crate) outcome: Outcome,
    pub(crate) proven: &'a [Method],
    pub(crate) reasons: &'a [String],
    pub(crate) at: Timestamp,
}

impl Decided<'_> {
    /// Writes it and uses its challenge up; a second time either fails.
    pub(crate) fn record(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        let needs_challenge = !matches!(self.method, Method::Passphrase | Method::Otp);
        match self.challenge {
            Some(id) => {
                let decided = Challenge {
                    id,
                    intent: self.intent,
                    account: self.account,
                    method: self.method,
                    terms: self.terms,
                    steps: String::new(),
                    expires_at: self.at,
                };
                challenges::finish(tx, id, &decided, self.outcome == Outcome::Allow)?;
            }
            None if needs_challenge => return Err(StoreError::DecisionForAnother),
            None => {}
        }
        let reasons = serde_json::Value::from(self.reasons.to_vec()).to_string();
        let sql = "INSERT INTO authentications (id, intent, account, challenge, method, outcome, reasons, decided_at, \
                   proven) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let (challenge, method, outcome) =
            (self.challenge.map(|c| c.key()), self.method.as_str(), self.outcome.as_str());
        let row = params![
            self.id.key(),
            self.intent.key(),
            self.account.key(),
            challenge,
            method,
            outcome,
            reasons,
            self.at.as_millis(),
            names(self.proven)
        ];
        tx.insert("decision", sql, row).map_err(|e| match e {
            StoreError::Exists(_) => StoreError::DecisionUsed,
            other => other,
        })
    }
}

pub(crate) fn check_reasons(reasons: &[String]) -> Result<(), StoreError> {
    if reasons.len() > MAX_REASONS {
        return Err(StoreError::TooMany { what: "reasons", limit: MAX_REASONS });
    }
    reasons.iter().try_for_each(|reason| check_name("reason", reason, MAX_REASON))
}
