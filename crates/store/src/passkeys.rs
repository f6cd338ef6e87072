use base::{AccountId, Timestamp};

use crate::key::{Columns, Key, check_name, check_text};
use crate::limits::{MAX_NAME, MAX_PASSKEY_ID, MAX_PASSKEYS, MAX_PUBLIC_KEY};
use crate::sql::{Row, params};
use crate::tx::{Tx, all, one};
use crate::{Store, StoreError, notices, payers};

/// A device to be registered.
pub struct NewPasskey {
    /// The credential's id, 1–1,023 bytes.
    pub id: Vec<u8>,
    pub account: AccountId,
    pub name: String,
    pub public_key: String,
}

/// A registered device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyRow {
    pub id: Vec<u8>,
    pub account: AccountId,
    pub name: String,
    pub public_key: String,
    /// The last signature counter seen.
    pub counter: u32,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// Whether a signature's counter can be the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterCheck {
    Fresh,
    /// Not above the last one: two devices hold the same key. The passkey is revoked now.
    Cloned,
}

impl Store {
    /// Registers a device.
    ///
    /// # Errors
    /// Registered before (by anybody, revoked ones too); [`MAX_PASSKEYS`] reached.
    pub async fn add_passkey(&self, new: NewPasskey, now: Timestamp) -> Result<(), StoreError> {
        check_name("name", &new.name, MAX_NAME)?;
        check_text("public key", &new.public_key, MAX_PUBLIC_KEY)?;
        if new.id.is_empty() || new.id.len() > MAX_PASSKEY_ID {
            return Err(StoreError::Malformed("credential id"));
        }
        self.write(move |tx| {
            let subject = payers::subject_of(tx, new.account)?;
            let held = all(tx.conn, LIVE_OF, [new.account.key()], |_| Ok(()))?.len();
            if held >= MAX_PASSKEYS {
                return Err(StoreError::TooMany { what: "passkeys", limit: MAX_PASSKEYS });
            }
            let sql = "INSERT INTO passkeys (id, account, name, public_key, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
            let row = params![new.id, new.account.key(), new.name, new.public_key, now.as_millis()];
            tx.insert("passkey", sql, row)?;
            notices::add(tx, new.account, "passkey.added", "{}", now)?;
            tx.audit_of(&new.account, now, "passkey.added", &subject, "{}")
        })
        .await
    }

    /// A payer's devices that are not revoked, oldest first.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn passkeys(&self, account: AccountId) -> Result<Vec<PasskeyRow>, StoreError> {
        self.read(move |conn| all(conn, LIVE_OF, [account.key()], passkey)).await
    }

    /// A device by its credential id, if it is not revoked.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn passkey(&self, id: Vec<u8>) -> Result<Option<PasskeyRow>, StoreError> {
        let sql = "SELECT * FROM passkeys WHERE id = ?1 AND revoked_at IS NULL";
        self.read(move |conn| one(conn, sql, [id], passkey)).await
    }

    /// Notes a verified signature. A counter that is not above the last one revokes the device (devices that keep no
    /// counter always say 0; WebAuthn level 3, § 6.1.1).
    ///
    /// # Errors
    /// No such device, or revoked.
    pub async fn use_passkey(&self, id: Vec<u8>, counter: u32, now: Timestamp) -> Result<CounterCheck, StoreError> {
        self.write(move |tx| {
            let sql = "SELECT * FROM passkeys WHERE id = ?1 AND revoked_at IS NULL";
            let kept = tx.one(sql, [&id], passkey)?.ok_or(StoreError::NotFound("passkey"))?;
            let fresh = counter > kept.counter || (counter == 0 && kept.counter == 0);
            if !fresh {
                revoke(tx, &kept, "cloned", now)?;
                return Ok(CounterCheck::Cloned);
            }
            let sql = "UPDATE passkeys SET counter = ?2, last_used_at = ?3 WHERE id = ?1";
            tx.run(sql, params![id, counter, now.as_millis()])?;
            Ok(CounterCheck::Fresh)
        })
        .await
    }

    /// # Errors
    /// No such device of this payer; an empty or long name.
    pub async fn rename_passkey(&self, account: AccountId, id: Vec<u8>, name: String) -> Result<(), StoreError> {
        check_name("name", &name, MAX_NAME)?;
        self.write(move |tx| {
            let sql = "UPDATE passkeys SET name = ?3 WHERE id = ?1 AND account = ?2 AND revoked_at IS NULL";
            match tx.run(sql, params![id, account.key(), name])? {
                1 => Ok(()),
                _ => Err(StoreError::NotFound("passkey")),
            }
        })
        .await
    }

    /// # Errors
    /// No such device of this payer.
    pub async fn revoke_passkey(&self, account: AccountId, id: Vec<u8>, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "SELECT * FROM passkeys WHERE id = ?1 AND account = ?2 AND revoked_at IS NULL";
            let kept = tx.one(sql, params![id, account.key()], passkey)?.ok_or(StoreError::NotFound("passkey"))?;
            revoke(tx, &kept, "payer", now)
        })
        .await
    }
}

const LIVE_OF: &str = "SELECT * FROM passkeys WHERE account = ?1 AND revoked_at IS NULL ORDER BY created_at, id";

fn revoke(tx: &mut Tx<'_>, kept: &PasskeyRow, by: &str, now: Timestamp) -> Result<(), StoreError> {
    let subject = payers::subject_of(tx, kept.account)?;
    let sql = "UPDATE passkeys SET revoked_at = ?2, revoked_by = ?3 WHERE id = ?1";
    tx.run(sql, params![kept.id, now.as_millis(), by])?;
    let kind = if by == "cloned" { "passkey.cloned" } else { "passkey.revoked" };
    notices::add(tx, kept.account, kind, "{}", now)?;
    tx.audit_of(&kept.account, now, kind, &subject, "{}")
}

fn passkey(row: &Row<'_>) -> Result<PasskeyRow, StoreError> {
    Ok(PasskeyRow {
        id: row.value("id")?,
        account: row.id("account")?,
        name: row.value("name")?,
        public_key: row.value("public_key")?,
        counter: row.value("counter")?,
        created_at: row.time("created_at")?,
        last_used_at: row.maybe_time("last_used_at")?,
    })
}
