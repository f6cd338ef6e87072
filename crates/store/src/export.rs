//! What is kept about one payer beside templates and consents, column by column as a document.

use base::AccountId;
use serde_json::{Map, Value};

use crate::key::Key;
use crate::sql::{Row, Value as Column, all, params};
use crate::{Store, StoreError};

/// Name in the document, columns, and where they are read. Columns that prove knowledge (hashes, sealed secrets) are left out by name.
const PARTS: &[(&str, &[&str], &str)] = &[
    ("sessions", &["id", "created_at", "expires_at"], "FROM sessions WHERE account = ?1 ORDER BY created_at"),
    (
        "enrolments",
        &["id", "method", "consent", "state", "tries", "created_at"],
        "FROM enrolments WHERE account = ?1 ORDER BY created_at",
    ),
    (
        "passkeys",
        &["id", "name", "public_key", "counter", "created_at", "last_used_at", "revoked_at", "revoked_by"],
        "FROM passkeys WHERE account = ?1 ORDER BY created_at",
    ),
    ("abilities", &["smiles", "turns", "colours", "changed_at"], "FROM abilities WHERE account = ?1"),
    ("phone_number", &["changed_at"], "FROM phones WHERE account = ?1"),
    ("one_time_codes", &["confirmed", "created_at"], "FROM otp WHERE account = ?1"),
    (
        "balances",
        &["id", "currency", "posted", "pending_out", "pending_in"],
        "FROM ledger_accounts WHERE owner = ?1 AND kind = 'wallet'",
    ),
    (
        "postings",
        &["e.transfer", "e.minor", "a.currency", "t.created_at"],
        "FROM entries e JOIN ledger_accounts a ON a.id = e.account JOIN transfers t ON t.id = e.transfer \
         WHERE a.owner = ?1 AND a.kind = 'wallet' ORDER BY e.seq",
    ),
    (
        "payments",
        &[
            "r.id",
            "r.intent",
            "r.methods",
            "r.paid_at",
            "i.amount",
            "i.currency",
            "i.description",
            "i.item",
            "i.ship_to",
            "i.refunded",
            "m.name",
        ],
        "FROM receipts r JOIN intents i ON i.id = r.intent JOIN merchants m ON m.id = i.merchant \
         WHERE r.account = ?1 ORDER BY r.paid_at",
    ),
    (
        "attempts",
        &["id", "intent", "method", "outcome", "decided_at"],
        "FROM authentications WHERE account = ?1 ORDER BY decided_at",
    ),
    ("captures_remembered", &["created_at"], "FROM fingerprints WHERE account = ?1 ORDER BY seq"),
    ("failures", &["failures", "locked_until", "last_at"], "FROM failures WHERE account = ?1"),
    ("notices", &["kind", "detail", "created_at"], "FROM notices WHERE account = ?1 ORDER BY seq"),
];

impl Store {
    /// Every record of this payer, for the payer: a JSON object of lists. Times are milliseconds since 1970, amounts minor
    /// units, ids hexadecimal digits.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn records_of(&self, account: AccountId) -> Result<Value, StoreError> {
        self.read(move |conn| {
            let mut document = Map::new();
            for (name, columns, from) in PARTS {
                let sql = format!("SELECT {} {from}", columns.join(", "));
                let rows = all(conn, &sql, params![account.key()], |row| object(row, columns))?;
                document.insert((*name).to_owned(), Value::Array(rows));
            }
            Ok(Value::Object(document))
        })
        .await
    }
}

fn object(row: &Row<'_>, columns: &[&str]) -> Result<Value, StoreError> {
    let mut fields = Map::new();
    for (at, name) in columns.iter().enumerate() {
        let value = match row.raw(at)? {
            Column::Null => Value::Null,
            Column::Int(number) => Value::from(number),
            Column::Text(text) => Value::from(text),
            Column::Blob(bytes) => Value::from(hex::encode(bytes)),
        };
        // Without the table's letter: every name stands once in its part.
        fields.insert(name.rsplit('.').next().unwrap_or(name).to_owned(), value);
    }
    Ok(Value::Object(fields))
}
