//! A shop and payers with money; ids follow from names, so that every process makes the same ones.

use std::time::{SystemTime, UNIX_EPOCH};

use base::{AccountId, MerchantId, Timestamp, TransferId};
use money::{Amount, Currency, MoneyError};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{NewMerchant, NewPayer, Store, StoreError, StoreKeys};

/// A fixed key: these stores hold play money and are thrown away.
const SEED: [u8; 32] = *b"smilepay load test, not a secret";
/// What each payer starts with, in minor units: enough for every run.
const POCKET: i64 = 100_000_000_000;

pub(crate) fn keys() -> StoreKeys {
    StoreKeys { audit_signing: SEED }
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

pub(crate) fn amount(minor: i64) -> Result<Amount, StoreError> {
    Amount::new(minor, Currency::EUR).map_err(|e: MoneyError| StoreError::Internal(e.to_string()))
}

/// An id that follows from a name and numbers.
pub(crate) fn named(name: &str, numbers: [u64; 3]) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(name);
    for number in numbers {
        hash.update(number.to_be_bytes());
    }
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    Uuid::from_bytes(id)
}

pub(crate) fn merchant() -> MerchantId {
    MerchantId::from_uuid(named("merchant", [0; 3]))
}

pub(crate) fn payer(number: u64) -> AccountId {
    AccountId::from_uuid(named("payer", [number, 0, 0]))
}

/// Creates what is not there yet; fine after a crash in the middle of it.
pub(crate) async fn set_up(store: &Store, payers: u64) -> Result<(), StoreError> {
    set_up_with(store, payers, POCKET, now()).await
}

/// As [`set_up`], with so much money for each and at that time.
pub(crate) async fn set_up_with(store: &Store, payers: u64, pocket: i64, now: Timestamp) -> Result<(), StoreError> {
    let new = NewMerchant { id: merchant(), name: "Stamp shop".to_owned() };
    fine_if_there(store.create_merchant(new, now).await)?;
    for number in 0..payers {
        let new = NewPayer {
            id: payer(number),
            email: format!("payer-{number}@example.org"),
            name: format!("Payer {number}"),
            passphrase_hash: "none".to_owned(),
            audit_salt: [0; 16],
        };
        fine_if_there(store.create_payer(new, now).await)?;
        let transfer = TransferId::from_uuid(named("pocket money", [number, 0, 0]));
        fine_if_there(store.top_up(payer(number), amount(pocket)?, transfer, now).await)?;
    }
    Ok(())
}

fn fine_if_there(done: Result<(), StoreError>) -> Result<(), StoreError> {
    match done {
        Err(StoreError::Exists(_) | StoreError::EmailTaken) => Ok(()),
        other => other,
    }
}
