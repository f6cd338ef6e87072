//! Paying at a kiosk: who can be found there, and attempts whose payer is not known until the face has been seen.

use base::{AccountId, ApiKeyId, ChallengeId, IntentId, KioskAttemptId, MerchantId, Method, Purpose, Timestamp};
use ledger::{IntentEvent, Terms};

use crate::challenges::replace_open;
use crate::key::{Columns, Key, SecretHash, check_name, check_text};
use crate::limits::{MAX_REASON, MAX_STEPS, MAX_TRIES};
use crate::sql::{Row, params};
use crate::templates::info;
use crate::tx::{Tx, all};
use crate::{Challenge, SealedRow, Store, StoreError, consents, decisions, intents};

/// A keyed hash of the last digits of a phone number.
pub type PhoneTag = [u8; 32];

/// A capture to be, for whoever stands at a kiosk.
pub struct NewKioskAttempt {
    pub id: KioskAttemptId,
    pub intent: IntentId,
    /// The shop of the kiosk; must be the intent's.
    pub merchant: MerchantId,
    /// The key that the kiosk was paired with.
    pub kiosk: ApiKeyId,
    pub tag: PhoneTag,
    /// The drawn steps as JSON, at most [`MAX_STEPS`] bytes.
    pub steps: String,
    pub token_hash: SecretHash,
    pub expires_at: Timestamp,
    /// Captures of this intent, this one counted; at most [`MAX_TRIES`].
    pub max_tries: u8,
}

/// A capture at a kiosk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KioskAttempt {
    pub id: KioskAttemptId,
    pub intent: IntentId,
    pub kiosk: ApiKeyId,
    pub tag: PhoneTag,
    pub steps: String,
    pub expires_at: Timestamp,
}

/// Faces that a kiosk may look for, each payer's consents and number as they are now.
const FINDABLE: &str = "SELECT t.* FROM templates t JOIN phones p ON p.account = t.account WHERE t.method = 'face' AND t.state = 'active' \
     AND 2 = (SELECT count(DISTINCT c.purpose) FROM consents c WHERE c.account = t.account AND c.method = 'face' \
     AND c.purpose IN ('payment', 'kiosk') AND c.withdrawn_at IS NULL AND c.replaced_at IS NULL) \
     AND p.tag = ?1 ORDER BY t.account LIMIT ?2";

impl Store {
    /// Keeps the tag of a payer's number; one that was kept before is replaced.
    ///
    /// # Errors
    /// No such payer.
    pub async fn set_phone(&self, account: AccountId, tag: PhoneTag, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            let subject = crate::payers::subject_of(tx, account)?;
            let sql = "INSERT INTO phones (account, tag, changed_at) VALUES (?1, ?2, ?3) \
                       ON CONFLICT (account) DO UPDATE SET tag = ?2, changed_at = ?3";
            tx.run(sql, params![account.key(), tag, now.as_millis()])?;
            tx.audit_of(&account, now, "payer.phone_set", &subject, "{}")
        })
        .await
    }

    /// Forgets a payer's number; repeating it changes nothing.
    ///
    /// # Errors
    /// No such payer.
    pub async fn remove_phone(&self, account: AccountId, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            let subject = crate::payers::subject_of(tx, account)?;
            if tx.run("DELETE FROM phones WHERE account = ?1", params![account.key()])? == 1 {
                tx.audit_of(&account, now, "payer.phone_removed", &subject, "{}")?;
            }
            Ok(())
        })
        .await
    }

    /// Since when a number is kept of this payer.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn phone_since(&self, account: AccountId) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT changed_at FROM phones WHERE account = ?1";
        self.read(move |conn| crate::tx::one(conn, sql, [account.key()], |row| row.time("changed_at"))).await
    }

    /// Faces that a kiosk may look for, of payers whose number ends in these digits; `most` at most.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn kiosk_faces(&self, tag: PhoneTag, most: u32) -> Result<Vec<SealedRow>, StoreError> {
        self.read(move |conn| {
            all(conn, FINDABLE, params![tag, most], |row| {
                Ok(SealedRow { info: info(row)?, sealed: row.value("sealed")? })
            })
        })
        .await
    }

    /// Issues a capture for whoever stands at the kiosk and moves the intent to `requires_action`; what was issued for it and
    /// not taken is void. Answers how many tries are left after this one.
    ///
    /// # Errors
    /// Not this shop's intent; paid, canceled or expired; [`StoreError::TriesSpent`].
    pub async fn create_kiosk_attempt(&self, new: NewKioskAttempt, now: Timestamp) -> Result<u8, StoreError> {
        check_text("list of steps", &new.steps, MAX_STEPS)?;
        self.write(move |tx| {
            let intent = intents::load(tx.conn, new.intent, now)?;
            if intent.merchant != new.merchant {
                return Err(StoreError::NotFound("payment intent"));
            }
            let status = intent.after(IntentEvent::ChallengeIssued)?;
            let left = new.max_tries.min(MAX_TRIES).checked_sub(intent.tries.saturating_add(1));
            let left = left.ok_or(StoreError::TriesSpent)?;
            replace_open(tx, new.intent)?;
            let sql = "UPDATE kiosk_attempts SET state = 'replaced' WHERE intent = ?1 AND state = 'issued'";
            tx.run(sql, [new.intent.key()])?;
            let sql = "INSERT INTO kiosk_attempts (id, intent, merchant, kiosk, tag, steps, token_hash, state, created_at, expires_at) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'issued', ?8, ?9)";
            let (at, until) = (now.as_millis(), new.expires_at.as_millis());
            let (id, merchant, kiosk) = (new.id.key(), new.merchant.key(), new.kiosk.key());
            let row = params![id, new.intent.key(), merchant, kiosk, new.tag, new.steps, new.token_hash, at, until];
            tx.insert("kiosk attempt", sql, row)?;
            tx.run("UPDATE intents SET status = ?2 WHERE id = ?1", params![new.intent.key(), status.as_str()])?;
            let detail = serde_json::json!({"attempt": new.id, "intent": new.intent, "kiosk": new.kiosk}).to_string();
            tx.audit_of(&new.merchant, now, "kiosk.asked", &[], &detail)?;
            Ok(left)
        })
        .await
    }

    /// Redeems the token of a kiosk's capture, once. It counts as a try of the intent.
    ///
    /// # Errors
    /// Unknown token, expired, taken or replaced before; the intent is not waiting for it any more.
    pub async fn take_kiosk_attempt(
        &self,
        id: KioskAttemptId,
        token_hash: SecretHash,
        now: Timestamp,
    ) -> Result<KioskAttempt, StoreError> {
        self.write(move |tx| {
            let sql = "SELECT * FROM kiosk_attempts WHERE id = ?1 AND token_hash = ?2";
            let found = tx.one(sql, params![id.key(), token_hash], with_state)?;
            let (attempt, state) = found.ok_or(StoreError::NotFound("kiosk attempt"))?;
            if state != "issued" {
                return Err(StoreError::TokenUsed("kiosk attempt"));
            }
            if now >= attempt.expires_at {
                return Err(StoreError::TokenExpired("kiosk attempt"));
            }
            intents::load(tx.conn, attempt.intent, now)?.after(IntentEvent::Authorised)?;
            tx.run("UPDATE kiosk_attempts SET state = 'taken' WHERE id = ?1", [id.key()])?;
            tx.run("UPDATE intents SET tries = tries + 1 WHERE id = ?1", [attempt.intent.key()])?;
            Ok(attempt)
        })
        .await
    }

    /// The face has told who stands there: the attempt becomes a taken challenge of `account`, for the terms of its intent.
    /// From here on it is judged, paid and written down like any other.
    ///
    /// # Errors
    /// Not a taken attempt; [`StoreError::NoConsent`] where one of the two consents is not open in this very commit; the terms
    /// are not those that were shown; the intent is not waiting any more.
    pub async fn know_at_kiosk(
        &self,
        id: KioskAttemptId,
        challenge: ChallengeId,
        account: AccountId,
        terms: Terms,
        now: Timestamp,
    ) -> Result<Challenge, StoreError> {
        self.write(move |tx| {
            let attempt = taken(tx, id)?;
            for purpose in [Purpose::Payment, Purpose::Kiosk] {
                if !consents::is_open(tx.conn, account, purpose, Method::Face)? {
                    return Err(StoreError::NoConsent);
                }
            }
            let subject = crate::payers::subject_of(tx, account)?;
            let intent = intents::load(tx.conn, attempt.intent, now)?;
            intent.terms().must_equal(&terms)?;
            intent.after(IntentEvent::Authorised)?;
            let sql = "INSERT INTO challenges (id, intent, account, method, amount, currency, merchant, steps, token_hash, \
                       state, created_at, expires_at, kiosk) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'taken', ?10, ?11, ?12)";
            let Terms { amount, payee } = terms;
            let row = params![
                challenge.key(),
                attempt.intent.key(),
                account.key(),
                Method::Face.as_str(),
                amount.minor(),
                amount.currency().code(),
                payee.key(),
                attempt.steps,
                no_token(challenge),
                now.as_millis(),
                attempt.expires_at.as_millis(),
                id.key(),
            ];
            tx.insert("challenge", sql, row)?;
            let sql = "UPDATE kiosk_attempts SET state = 'known', challenge = ?2 WHERE id = ?1";
            tx.run(sql, params![id.key(), challenge.key()])?;
            let detail = serde_json::json!({"attempt": id, "challenge": challenge, "intent": attempt.intent}).to_string();
            tx.audit_of(&account, now, "kiosk.known", &subject, &detail)?;
            Ok(Challenge {
                id: challenge,
                intent: attempt.intent,
                account,
                method: Method::Face,
                terms,
                steps: attempt.steps,
                expires_at: attempt.expires_at,
            })
        })
        .await
    }

    /// Writes down that two wallets are too alike to tell which one it is. The attempt waits for a second factor.
    ///
    /// # Errors
    /// Not a taken attempt; the intent is paid, canceled or expired; reasons too long.
    pub async fn note_kiosk_step_up(
        &self,
        id: KioskAttemptId,
        reasons: Vec<String>,
        public_error: &'static str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        decisions::check_reasons(&reasons)?;
        check_name("public error", public_error, MAX_REASON)?;
        self.write(move |tx| {
            let attempt = taken(tx, id)?;
            let intent = intents::load(tx.conn, attempt.intent, now)?;
            intent.after(IntentEvent::Declined)?;
            tx.run("UPDATE intents SET last_error = ?2 WHERE id = ?1", params![intent.id.key(), public_error])?;
            let detail =
                serde_json::json!({"attempt": id, "intent": intent.id, "kiosk": attempt.kiosk, "reasons": reasons});
            tx.audit_of(&intent.merchant, now, "kiosk.either", &[], &detail.to_string())
        })
        .await
    }

    /// Ends an attempt that told nobody: the intent waits again. Answers the intent's tries so far.
    ///
    /// # Errors
    /// Not a taken attempt; the intent is paid, canceled or expired; reasons too long.
    pub async fn end_kiosk_attempt(
        &self,
        id: KioskAttemptId,
        reasons: Vec<String>,
        public_error: &'static str,
        now: Timestamp,
    ) -> Result<u8, StoreError> {
        decisions::check_reasons(&reasons)?;
        check_name("public error", public_error, MAX_REASON)?;
        self.write(move |tx| {
            let attempt = taken(tx, id)?;
            let intent = intents::load(tx.conn, attempt.intent, now)?;
            let status = intent.after(IntentEvent::Declined)?;
            tx.run("UPDATE kiosk_attempts SET state = 'done' WHERE id = ?1", [id.key()])?;
            let sql = "UPDATE intents SET status = ?2, last_error = ?3 WHERE id = ?1";
            tx.run(sql, params![intent.id.key(), status.as_str(), public_error])?;
            let detail =
                serde_json::json!({"attempt": id, "intent": intent.id, "kiosk": attempt.kiosk, "reasons": reasons});
            tx.audit_of(&intent.merchant, now, "kiosk.nobody", &[], &detail.to_string())?;
            Ok(intent.tries)
        })
        .await
    }
}

fn taken(tx: &Tx<'_>, id: KioskAttemptId) -> Result<KioskAttempt, StoreError> {
    let found = tx.one("SELECT * FROM kiosk_attempts WHERE id = ?1", [id.key()], with_state)?;
    let (attempt, state) = found.ok_or(StoreError::NotFound("kiosk attempt"))?;
    if state == "taken" { Ok(attempt) } else { Err(StoreError::TokenUsed("kiosk attempt")) }
}

/// A challenge that was known when it was made has no token: nothing hashes to this.
fn no_token(challenge: ChallengeId) -> SecretHash {
    let mut hash = [0; 32];
    hash.iter_mut().zip(challenge.key()).for_each(|(to, from)| *to = from);
    hash
}

fn with_state(row: &Row<'_>) -> Result<(KioskAttempt, String), StoreError> {
    let attempt = KioskAttempt {
        id: row.id("id")?,
        intent: row.id("intent")?,
        kiosk: row.id("kiosk")?,
        tag: row.value("tag")?,
        steps: row.value("steps")?,
        expires_at: row.time("expires_at")?,
    };
    Ok((attempt, row.value("state")?))
}
