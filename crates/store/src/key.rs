//! How ids, names, amounts and times are written in rows.

use base::{
    AccountId, ApiKeyId, AuthenticationId, ChallengeId, CollectionId, ConsentId, DisputeId, EnrolmentId, EventId,
    FaceReviewId, IntentId, KioskAttemptId, LedgerAccountId, MerchantId, Method, MovementId, ObjectKind, OperatorId,
    OrderId, PersonId, ReceiptId, RefundId, SessionId, TemplateId, Timestamp, TransferId, WebhookEndpointId,
};
use money::Amount;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::StoreError;
use crate::sql::{FromValue, Row, Value};

/// A SHA-256 of a secret; the secret itself is never stored.
pub type SecretHash = [u8; 32];

/// An id as 16 bytes.
pub(crate) trait Key: Sized {
    fn key(&self) -> [u8; 16];
    fn of(bytes: [u8; 16]) -> Self;
}

macro_rules! keys {
    ($($id:ident)*) => {$(
        impl Key for $id {
            fn key(&self) -> [u8; 16] {
                *self.as_uuid().as_bytes()
            }

            fn of(bytes: [u8; 16]) -> Self {
                Self::from_uuid(Uuid::from_bytes(bytes))
            }
        }
    )*};
}

keys! {
    AccountId ApiKeyId AuthenticationId ChallengeId CollectionId ConsentId FaceReviewId PersonId EnrolmentId EventId IntentId LedgerAccountId MerchantId OrderId
    DisputeId KioskAttemptId MovementId OperatorId ReceiptId RefundId SessionId TemplateId TransferId WebhookEndpointId
}

/// An id that follows from what it belongs to, so that it can be made only once.
pub(crate) fn derived<T: Key>(label: &str, from: [u8; 16]) -> T {
    let mut hash = Sha256::new();
    hash.update(b"smilepay derived id\0");
    hash.update(label);
    hash.update([0]);
    hash.update(from);
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    T::of(*uuid::Builder::from_custom_bytes(id).into_uuid().as_bytes())
}

/// Typed reading of columns.
pub(crate) trait Columns {
    fn id<T: Key>(&self, column: &str) -> Result<T, StoreError>;
    fn maybe_id<T: Key>(&self, column: &str) -> Result<Option<T>, StoreError>;
    fn time(&self, column: &str) -> Result<Timestamp, StoreError>;
    fn maybe_time(&self, column: &str) -> Result<Option<Timestamp>, StoreError>;
    fn amount(&self, minor: &str, currency: &str) -> Result<Amount, StoreError>;
    fn method(&self, column: &str) -> Result<Method, StoreError>;
    fn kind(&self, column: &str) -> Result<Option<ObjectKind>, StoreError>;
    fn named<T>(&self, column: &str, read: fn(&str) -> Option<T>) -> Result<T, StoreError>;
    fn value<T: FromValue>(&self, column: &str) -> Result<T, StoreError>;
}

impl Columns for Row<'_> {
    fn id<T: Key>(&self, column: &str) -> Result<T, StoreError> {
        Ok(T::of(self.get(column)?))
    }

    fn maybe_id<T: Key>(&self, column: &str) -> Result<Option<T>, StoreError> {
        Ok(self.get::<Option<[u8; 16]>>(column)?.map(T::of))
    }

    fn time(&self, column: &str) -> Result<Timestamp, StoreError> {
        Ok(Timestamp::from_millis(self.get(column)?))
    }

    fn maybe_time(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.get::<Option<i64>>(column)?.map(Timestamp::from_millis))
    }

    fn amount(&self, minor: &str, currency: &str) -> Result<Amount, StoreError> {
        let unreadable = || StoreError::Database(format!("the column {minor} holds no amount"));
        let currency = text(self.raw(currency)?).and_then(|c| c.parse().ok()).ok_or_else(unreadable)?;
        Amount::new(self.get(minor)?, currency).map_err(|_| unreadable())
    }

    fn method(&self, column: &str) -> Result<Method, StoreError> {
        self.named(column, |name| Method::ALL.into_iter().find(|m| m.as_str() == name))
    }

    fn kind(&self, column: &str) -> Result<Option<ObjectKind>, StoreError> {
        if matches!(self.raw(column)?, Value::Null) {
            return Ok(None);
        }
        self.named(column, |name| ObjectKind::ALL.into_iter().find(|k| k.as_str() == name)).map(Some)
    }

    fn named<T>(&self, column: &str, read: fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let found = text(self.raw(column)?).and_then(read);
        found.ok_or_else(|| StoreError::Database(format!("the column {column} holds an unknown word")))
    }

    fn value<T: FromValue>(&self, column: &str) -> Result<T, StoreError> {
        self.get(column)
    }
}

fn text(value: Value<'_>) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// Refuses texts that are too long for their column.
pub(crate) fn check_text(what: &'static str, text: &str, limit: usize) -> Result<(), StoreError> {
    if text.len() > limit { Err(StoreError::TooLong { what, limit }) } else { Ok(()) }
}

/// As [`check_text`], and refuses blank texts and control characters.
pub(crate) fn check_name(what: &'static str, text: &str, limit: usize) -> Result<(), StoreError> {
    check_text(what, text, limit)?;
    let fine = !text.trim().is_empty() && !text.chars().any(char::is_control);
    if fine { Ok(()) } else { Err(StoreError::Malformed(what)) }
}
