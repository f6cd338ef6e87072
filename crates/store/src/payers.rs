use base::{AccountId, Timestamp, TransferId};
use ledger::{AccountKind, TransferKind};
use money::{Amount, Money};
use sha2::{Digest, Sha256};

use crate::key::{Columns, Key, check_name, check_text};
use crate::limits::{MAX_EMAIL, MAX_HASH_TEXT, MAX_NAME};
use crate::sql::{Row, params};
use crate::tx::{Tx, Why, all, one};
use crate::{Store, StoreError};

/// A payer to be.
pub struct NewPayer {
    pub id: AccountId,
    /// Unique, compared without regard to ASCII case.
    pub email: String,
    pub name: String,
    /// A PHC string (argon2id); never the passphrase.
    pub passphrase_hash: String,
    /// Salt of this payer's commitments in the audit chain: 16 random bytes.
    pub audit_salt: [u8; 16],
}

/// A payer. No `Debug` or `Serialize`: it carries the passphrase hash.
pub struct Payer {
    pub id: AccountId,
    pub email: String,
    pub name: String,
    pub passphrase_hash: String,
    pub created_at: Timestamp,
}

impl Store {
    /// Signs a payer up. Wallet accounts are opened when money first reaches them.
    ///
    /// # Errors
    /// [`StoreError::EmailTaken`]; texts too long or not well formed.
    pub async fn create_payer(&self, new: NewPayer, now: Timestamp) -> Result<(), StoreError> {
        check_name("name", &new.name, MAX_NAME)?;
        check_name("e-mail address", &new.email, MAX_EMAIL)?;
        check_text("passphrase hash", &new.passphrase_hash, MAX_HASH_TEXT)?;
        self.write(move |tx| {
            let sql = "INSERT INTO payers (id, email, name, passphrase_hash, audit_salt, created_at) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let NewPayer { id, email, name, passphrase_hash, audit_salt } = new;
            let row = params![id.key(), email, name, passphrase_hash, audit_salt, now.as_millis()];
            tx.insert("payer", sql, row).map_err(|e| match e {
                StoreError::Exists(_) => StoreError::EmailTaken,
                other => other,
            })?;
            let subject = commitment(audit_salt, id);
            tx.audit_of(&id, now, "payer.created", &subject, "{}")
        })
        .await
    }

    /// Finds a payer by e-mail address.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn payer_by_email(&self, email: &str) -> Result<Option<Payer>, StoreError> {
        let email = email.to_ascii_lowercase();
        self.read(move |conn| one(conn, "SELECT * FROM payers WHERE lower(email) = ?1", [email], payer)).await
    }

    /// # Errors
    /// Database failures only.
    pub async fn payer(&self, id: AccountId) -> Result<Option<Payer>, StoreError> {
        self.read(move |conn| one(conn, "SELECT * FROM payers WHERE id = ?1", [id.key()], payer)).await
    }

    /// Replaces the passphrase hash. Other sessions should be ended by the caller.
    ///
    /// # Errors
    /// No such payer.
    pub async fn set_passphrase(&self, id: AccountId, hash: String, now: Timestamp) -> Result<(), StoreError> {
        check_text("passphrase hash", &hash, MAX_HASH_TEXT)?;
        self.write(move |tx| {
            let subject = subject_of(tx, id)?;
            tx.run("UPDATE payers SET passphrase_hash = ?2 WHERE id = ?1", params![id.key(), hash])?;
            tx.audit_of(&id, now, "payer.passphrase_changed", &subject, "{}")
        })
        .await
    }

    /// What the payer may spend, one line per currency, holds counted.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn balances(&self, id: AccountId) -> Result<Vec<Money>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT currency, posted - pending_out AS available FROM ledger_accounts \
                       WHERE owner = ?1 AND kind = 'wallet' ORDER BY currency";
            all(conn, sql, [id.key()], |row| {
                let currency = row.named("currency", |c| c.parse().ok())?;
                Ok(Money::new(row.value("available")?, currency))
            })
        })
        .await
    }

    /// Test rail: play money from outside into a payer's wallet. Repeating the same transfer id is refused.
    ///
    /// # Errors
    /// No such payer; the transfer exists already; the balance would overflow.
    pub async fn top_up(
        &self,
        id: AccountId,
        amount: Amount,
        transfer: TransferId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let subject = subject_of(tx, id)?;
            let from = tx.side_of(AccountKind::Funding, [0; 16], amount.currency())?;
            let to = tx.side_of(AccountKind::Wallet, id.key(), amount.currency())?;
            let new = ledger::NewTransfer { id: transfer, amount, lasts: ledger::limits::HOLD_LASTS };
            tx.keep_new(&ledger::post_now(new, now, from, to)?, Why::kind(TransferKind::TopUp), now)?;
            let detail =
                serde_json::json!({"transfer": transfer, "amount": amount.minor(), "currency": amount.currency()});
            tx.audit_of(&id, now, "wallet.topped_up", &subject, &detail.to_string())
        })
        .await
    }
}

fn payer(row: &Row<'_>) -> Result<Payer, StoreError> {
    Ok(Payer {
        id: row.id("id")?,
        email: row.value("email")?,
        name: row.value("name")?,
        passphrase_hash: row.value("passphrase_hash")?,
        created_at: row.time("created_at")?,
    })
}

/// How the audit chain names a payer: not reversible once the salt is gone.
pub(crate) fn commitment(salt: [u8; 16], id: AccountId) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"smilepay audit subject v1\0");
    hash.update(salt);
    hash.update(id.key());
    hash.finalize().into()
}

pub(crate) fn subject_of(tx: &Tx<'_>, id: AccountId) -> Result<[u8; 32], StoreError> {
    let salt = tx.one("SELECT audit_salt FROM payers WHERE id = ?1", [id.key()], |row| row.value("audit_salt"))?;
    Ok(commitment(salt.ok_or(StoreError::NotFound("payer"))?, id))
}
