use base::{AccountId, ChallengeId, IntentId, KioskAttemptId, Method, Purpose, Timestamp};
use ledger::{IntentEvent, Terms};

use crate::key::{Columns, Key, SecretHash, check_text};
use crate::limits::{MAX_STEPS, MAX_TRIES};
use crate::sql::{Row, params};
use crate::tx::{Tx, one};
use crate::{Store, StoreError, consents, intents};

/// A challenge to be, bound to everything the payer agrees to.
pub struct NewChallenge {
    pub id: ChallengeId,
    pub intent: IntentId,
    pub account: AccountId,
    pub method: Method,
    /// As shown to the payer; must be the intent's own.
    pub terms: Terms,
    /// The drawn steps as JSON, at most [`MAX_STEPS`] bytes.
    pub steps: String,
    pub token_hash: SecretHash,
    pub expires_at: Timestamp,
    /// Challenges of this intent that may be taken, this one counted; at most [`MAX_TRIES`].
    pub max_tries: u8,
}

/// A server-drawn, one-time challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    pub id: ChallengeId,
    pub intent: IntentId,
    pub account: AccountId,
    pub method: Method,
    pub terms: Terms,
    pub steps: String,
    pub expires_at: Timestamp,
}

impl Store {
    /// Issues a challenge and moves the intent to `requires_action`; an older one not yet taken is void.
    /// Answers how many tries are left after this one.
    ///
    /// # Errors
    /// Terms that are not the intent's; paid, canceled or expired intent; [`StoreError::TriesSpent`].
    pub async fn create_challenge(&self, new: NewChallenge, now: Timestamp) -> Result<u8, StoreError> {
        check_text("list of steps", &new.steps, MAX_STEPS)?;
        self.write(move |tx| {
            let subject = crate::payers::subject_of(tx, new.account)?;
            let intent = intents::load(tx.conn, new.intent, now)?;
            intent.terms().must_equal(&new.terms)?;
            let status = intent.after(IntentEvent::ChallengeIssued)?;
            let left = new.max_tries.min(MAX_TRIES).checked_sub(intent.tries.saturating_add(1));
            let left =
                if new.method == Method::Passkey { left.unwrap_or(0) } else { left.ok_or(StoreError::TriesSpent)? };
            replace_open(tx, new.intent)?;
            let sql = "INSERT INTO challenges (id, intent, account, method, amount, currency, merchant, steps, \
                       token_hash, state, created_at, expires_at) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'issued', ?10, ?11)";
            let Terms { amount, payee } = new.terms;
            let row = params![
                new.id.key(),
                new.intent.key(),
                new.account.key(),
                new.method.as_str(),
                amount.minor(),
                amount.currency().code(),
                payee.key(),
                new.steps,
                new.token_hash,
                now.as_millis(),
                new.expires_at.as_millis(),
            ];
            tx.insert("challenge", sql, row)?;
            let sql = "UPDATE intents SET status = ?2 WHERE id = ?1";
            tx.run(sql, params![new.intent.key(), status.as_str()])?;
            let detail = serde_json::json!({"challenge": new.id, "intent": new.intent, "method": new.method});
            tx.audit_of(&new.account, now, "challenge.issued", &subject, &detail.to_string())?;
            Ok(left)
        })
        .await
    }

    /// Redeems a capture token, once: the challenge can never be taken again, whatever becomes of the capture.
    ///
    /// # Errors
    /// Unknown token, expired, taken or replaced before; the intent is not waiting for it any more.
    pub async fn take_challenge(
        &self,
        id: ChallengeId,
        token_hash: SecretHash,
        now: Timestamp,
    ) -> Result<Challenge, StoreError> {
        self.write(move |tx| {
            let sql = "SELECT * FROM challenges WHERE id = ?1 AND token_hash = ?2";
            let found =
                tx.one(sql, params![id.key(), token_hash], |row| Ok((challenge(row)?, row.value::<String>("state")?)))?;
            let (challenge, state) = found.ok_or(StoreError::NotFound("challenge"))?;
            if state != "issued" {
                return Err(StoreError::TokenUsed("challenge"));
            }
            if now >= challenge.expires_at {
                return Err(StoreError::TokenExpired("challenge"));
            }
            let intent = intents::load(tx.conn, challenge.intent, now)?;
            intent.after(IntentEvent::Authorised)?;
            tx.run("UPDATE challenges SET state = 'taken' WHERE id = ?1", [id.key()])?;
            // Tries bound what a biometric may guess; a signature cannot be guessed.
            if challenge.method != Method::Passkey {
                tx.run("UPDATE intents SET tries = tries + 1 WHERE id = ?1", [challenge.intent.key()])?;
            }
            Ok(challenge)
        })
        .await
    }

    /// # Errors
    /// Database failures only.
    pub async fn challenge(&self, id: ChallengeId) -> Result<Option<Challenge>, StoreError> {
        self.read(move |conn| one(conn, "SELECT * FROM challenges WHERE id = ?1", [id.key()], challenge)).await
    }
}

/// Voids what was issued for the intent and not taken.
pub(crate) fn replace_open(tx: &Tx<'_>, intent: IntentId) -> Result<(), StoreError> {
    let sql = "UPDATE challenges SET state = 'replaced' WHERE intent = ?1 AND state = 'issued'";
    tx.run(sql, [intent.key()]).map(|_| ())
}

/// Uses a taken challenge up for one decision; it must be the decision's own. Where the face was found at a kiosk, that payer's
/// consent to it must still be open when it pays.
pub(crate) fn finish(tx: &Tx<'_>, id: ChallengeId, decided: &Challenge, pays: bool) -> Result<(), StoreError> {
    let found = tx.one("SELECT * FROM challenges WHERE id = ?1", [id.key()], |row| {
        Ok((challenge(row)?, row.value::<String>("state")?, row.maybe_id::<KioskAttemptId>("kiosk")?))
    })?;
    let (kept, state, kiosk) = found.ok_or(StoreError::NotFound("challenge"))?;
    if pays && kiosk.is_some() && !consents::is_open(tx.conn, kept.account, Purpose::Kiosk, kept.method)? {
        return Err(StoreError::NoConsent);
    }
    match state.as_str() {
        "taken" => {}
        "done" => return Err(StoreError::DecisionUsed),
        _ => return Err(StoreError::TokenUsed("challenge")),
    }
    kept.terms.must_equal(&decided.terms)?;
    if kept.intent != decided.intent || kept.account != decided.account || kept.method != decided.method {
        return Err(StoreError::DecisionForAnother);
    }
    tx.run("UPDATE challenges SET state = 'done' WHERE id = ?1", [id.key()]).map(|_| ())
}

fn challenge(row: &Row<'_>) -> Result<Challenge, StoreError> {
    Ok(Challenge {
        id: row.id("id")?,
        intent: row.id("intent")?,
        account: row.id("account")?,
        method: row.method("method")?,
        terms: Terms { amount: row.amount("amount", "currency")?, payee: row.id("merchant")? },
        steps: row.value("steps")?,
        expires_at: row.time("expires_at")?,
    })
}
