use base::{AccountId, Timestamp};

use crate::key::{Columns, Key};
use crate::sql::{Row, params};
use crate::tx::one;
use crate::{Store, StoreError, notices, payers};

/// What a payer can be asked for before the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbilitiesRow {
    pub smiles: bool,
    pub turns: bool,
    pub colours: bool,
}

impl Store {
    /// `None` while the payer never chose.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn abilities(&self, account: AccountId) -> Result<Option<AbilitiesRow>, StoreError> {
        self.read(move |conn| one(conn, "SELECT * FROM abilities WHERE account = ?1", [account.key()], row)).await
    }

    /// Keeps the payer's choice and tells them of it.
    ///
    /// # Errors
    /// No such payer.
    pub async fn set_abilities(
        &self,
        account: AccountId,
        chosen: AbilitiesRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let subject = payers::subject_of(tx, account)?;
            let AbilitiesRow { smiles, turns, colours } = chosen;
            let sql = "INSERT INTO abilities (account, smiles, turns, colours, changed_at) VALUES (?1, ?2, ?3, ?4, ?5) \
                       ON CONFLICT (account) DO UPDATE SET smiles = ?2, turns = ?3, colours = ?4, changed_at = ?5";
            let flags = (i64::from(smiles), i64::from(turns), i64::from(colours));
            tx.run(sql, params![account.key(), flags.0, flags.1, flags.2, now.as_millis()])?;
            notices::add(tx, account, "abilities.changed", "{}", now)?;
            tx.audit_of(&account, now, "abilities.changed", &subject, "{}")
        })
        .await
    }
}

fn row(row: &Row<'_>) -> Result<AbilitiesRow, StoreError> {
    let on = |name| row.value::<i64>(name).map(|flag| flag == 1);
    Ok(AbilitiesRow { smiles: on("smiles")?, turns: on("turns")?, colours: on("colours")? })
}
