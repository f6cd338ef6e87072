use base::{AccountId, Method, Timestamp};

use crate::key::{Columns, Key};
use crate::limits::{FINGERPRINTS_PER_CAPTURE, KEPT_CAPTURES};
use crate::sql::params;
use crate::tx::all;
use crate::{Store, StoreError};

impl Store {
    /// Remembers the fingerprints of a capture (the first [`FINGERPRINTS_PER_CAPTURE`]); of each account and method the last
    /// [`KEPT_CAPTURES`] captures are kept.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn add_fingerprints(
        &self,
        account: AccountId,
        method: Method,
        fingerprints: &[u64],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let bytes: Vec<u8> = fingerprints.iter().take(FINGERPRINTS_PER_CAPTURE).flat_map(|f| f.to_le_bytes()).collect();
        if bytes.is_empty() {
            return Ok(());
        }
        self.write(move |tx| {
            let sql = "INSERT INTO fingerprints (account, method, hashes, created_at) VALUES (?1, ?2, ?3, ?4)";
            tx.run(sql, params![account.key(), method.as_str(), bytes, now.as_millis()])?;
            let sql = "DELETE FROM fingerprints WHERE account = ?1 AND method = ?2 AND seq <= (SELECT seq \
                       FROM fingerprints WHERE account = ?1 AND method = ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?3)";
            tx.run(sql, params![account.key(), method.as_str(), KEPT_CAPTURES as i64]).map(|_| ())
        })
        .await
    }

    /// The remembered captures of an account by one method, newest first, each with its fingerprints.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn fingerprints(&self, account: AccountId, method: Method) -> Result<Vec<Vec<u64>>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT hashes FROM fingerprints WHERE account = ?1 AND method = ?2 ORDER BY seq DESC";
            all(conn, sql, params![account.key(), method.as_str()], |row| {
                let bytes: Vec<u8> = row.value("hashes")?;
                Ok(bytes.as_chunks::<8>().0.iter().map(|chunk| u64::from_le_bytes(*chunk)).collect())
            })
        })
        .await
    }
}
