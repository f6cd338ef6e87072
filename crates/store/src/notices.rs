use base::{AccountId, Timestamp};
use serde::Serialize;

use crate::key::{Columns, Key, check_name, check_text};
use crate::limits::{MAX_LIST, MAX_NAME, MAX_TEXT};
use crate::sql::params;
use crate::tx::{Tx, all};
use crate::{Store, StoreError};

/// Something the payer should know, such as `method.enrolled`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    pub kind: String,
    /// JSON.
    pub detail: String,
    pub created_at: Timestamp,
}

impl Store {
    /// Leaves a notice for the payer. Enrolment, erasure and payment leave theirs by themselves.
    ///
    /// # Errors
    /// No such payer; texts too long.
    pub async fn notify(&self, account: AccountId, kind: &str, detail: &str, now: Timestamp) -> Result<(), StoreError> {
        check_name("kind", kind, MAX_NAME)?;
        check_text("detail", detail, MAX_TEXT)?;
        let (kind, detail) = (kind.to_owned(), detail.to_owned());
        self.write(move |tx| add(tx, account, &kind, &detail, now)).await
    }

    /// The payer's notices, newest first.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn notices(&self, account: AccountId) -> Result<Vec<Notice>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT * FROM notices WHERE account = ?1 ORDER BY seq DESC LIMIT ?2";
            all(conn, sql, params![account.key(), MAX_LIST as i64], |row| {
                Ok(Notice {
                    kind: row.value("kind")?,
                    detail: row.value("detail")?,
                    created_at: row.time("created_at")?,
                })
            })
        })
        .await
    }
}

pub(crate) fn add(tx: &Tx<'_>, account: AccountId, kind: &str, detail: &str, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO notices (account, kind, detail, created_at) VALUES (?1, ?2, ?3, ?4)";
    tx.run(sql, params![account.key(), kind, detail, now.as_millis()]).map(|_| ())
}
