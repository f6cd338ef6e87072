//! The same money spent, refunded and confirmed many times at once; what comes through must be what there was.

use std::path::Path;

use base::{
    AccountId, AuthenticationId, EventId, IntentId, MerchantId, Method, OrderId, ReceiptId, RefundId, Span, TransferId,
};
use ledger::Terms;
use money::Amount;
use serde::Serialize;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::bench::{BenchStore, started};
use super::{Disk, rig};
use crate::{
    Authorisation, Location, NewIntent, NewMerchant, NewOrder, NewPayer, NewRefund, Store, StoreError, StoreOptions,
};

/// Tries at one and the same money.
const AT_ONCE: u32 = 100;
/// What a payer owns and a payment costs, in minor units.
const PRICE: i64 = 1_000;
/// What each refund asks for: three fit into a payment.
const REFUND: i64 = 300;

/// One kind of try.
#[derive(Clone, Debug, Serialize)]
pub struct Race {
    pub kind: &'static str,
    pub tries: u32,
    /// Tries that were acknowledged.
    pub wins: u32,
    /// Tries that there was money for.
    pub allowed: u32,
}

impl Race {
    /// Wins beyond what was allowed; must be 0.
    pub fn too_many(&self) -> u32 {
        self.wins.saturating_sub(self.allowed)
    }
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct RaceReport {
    pub races: Vec<Race>,
    pub books_sound: bool,
    pub audit_intact: bool,
}

impl RaceReport {
    /// Exactly what there was money for came through, and everything adds up.
    pub fn is_clean(&self) -> bool {
        self.races.iter().all(|race| race.wins == race.allowed) && self.books_sound && self.audit_intact
    }
}

/// Runs `tries` of each kind in a fresh database under `dir`.
///
/// # Errors
/// The store fails otherwise than by refusing a try.
pub async fn race(dir: &Path, store: BenchStore, tries: u32) -> Result<RaceReport, StoreError> {
    let cluster = match store {
        BenchStore::Sqlite => None,
        BenchStore::Postgres => Some(started(dir, Disk::Synced)?),
    };
    let location = match &cluster {
        Some(cluster) => cluster.new_database()?,
        None => Location::File(dir.join("race.db")),
    };
    race_in(&location, tries).await
}

/// As [`race`], in an empty database.
///
/// # Errors
/// As [`race`].
pub async fn race_in(location: &Location, tries: u32) -> Result<RaceReport, StoreError> {
    let store = Store::open_in(location, rig::keys(), StoreOptions::default())?;
    let merchant = MerchantId::from_uuid(Uuid::now_v7());
    store.create_merchant(NewMerchant { id: merchant, name: "Stamp shop".to_owned() }, rig::now()).await?;
    let rig = Rig { store, merchant };
    let rounds = tries.div_ceil(AT_ONCE).max(1);
    let races = vec![
        rig.repeat("double spend", rounds, 1, Rig::spends).await?,
        rig.repeat("double confirm", rounds, 1, Rig::confirms).await?,
        rig.repeat("double refund", rounds, 3, Rig::refunds).await?,
    ];
    let books_sound = rig.store.check_books().await?.is_sound();
    let audit_intact = rig.store.verify_audit().await?.is_intact();
    Ok(RaceReport { races, books_sound, audit_intact })
}

#[derive(Clone)]
struct Rig {
    store: Store,
    merchant: MerchantId,
}

type Tries = JoinSet<Result<(), StoreError>>;

impl Rig {
    async fn repeat(
        &self,
        kind: &'static str,
        rounds: u32,
        allowed_each: u32,
        start: impl AsyncFn(&Self) -> Result<Tries, StoreError>,
    ) -> Result<Race, StoreError> {
        let mut race = Race { kind, tries: 0, wins: 0, allowed: 0 };
        for _ in 0..rounds {
            let mut tries = start(self).await?;
            while let Some(ended) = tries.join_next().await {
                race.tries += 1;
                match ended.map_err(|e| StoreError::Internal(e.to_string()))? {
                    Ok(()) => race.wins += 1,
                    Err(StoreError::Ledger(_) | StoreError::Intent(_) | StoreError::Refund(_)) => {}
                    Err(other) => return Err(other),
                }
            }
            race.allowed += allowed_each;
        }
        Ok(race)
    }

    /// Many payments out of a wallet that holds the price of one.
    async fn spends(&self) -> Result<Tries, StoreError> {
        let payer = self.payer(PRICE).await?;
        let mut tries = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (rig, intent) = (self.clone(), self.intent().await?);
            tries.spawn(async move { rig.pay(payer, intent).await });
        }
        Ok(tries)
    }

    /// One payment confirmed by many decisions; the wallet would pay all of them.
    async fn confirms(&self) -> Result<Tries, StoreError> {
        let (payer, intent) = (self.payer(PRICE * i64::from(AT_ONCE)).await?, self.intent().await?);
        let mut tries = JoinSet::new();
        for _ in 0..AT_ONCE {
            let rig = self.clone();
            tries.spawn(async move { rig.pay(payer, intent).await });
        }
        Ok(tries)
    }

    /// Many refunds of one payment, each of nearly a third of it.
    async fn refunds(&self) -> Result<Tries, StoreError> {
        let (payer, intent) = (self.payer(PRICE).await?, self.intent().await?);
        self.pay(payer, intent).await?;
        let mut tries = JoinSet::new();
        for _ in 0..AT_ONCE {
            let new = NewRefund {
                id: RefundId::from_uuid(Uuid::now_v7()),
                merchant: self.merchant,
                intent,
                amount: Some(rig::amount(REFUND)?),
                transfer: TransferId::from_uuid(Uuid::now_v7()),
                event: EventId::from_uuid(Uuid::now_v7()),
            };
            let store = self.store.clone();
            tries.spawn(async move { store.refund(new, rig::now()).await.map(|_| ()) });
        }
        Ok(tries)
    }

    async fn payer(&self, minor: i64) -> Result<AccountId, StoreError> {
        let id = AccountId::from_uuid(Uuid::now_v7());
        let new = NewPayer {
            id,
            email: format!("{id}@example.org"),
            name: "Payer".to_owned(),
            passphrase_hash: "none".to_owned(),
            audit_salt: [0; 16],
        };
        self.store.create_payer(new, rig::now()).await?;
        self.store.top_up(id, rig::amount(minor)?, TransferId::from_uuid(Uuid::now_v7()), rig::now()).await?;
        Ok(id)
    }

    async fn intent(&self) -> Result<IntentId, StoreError> {
        let id = IntentId::from_uuid(Uuid::now_v7());
        let new = NewIntent {
            id,
            merchant: self.merchant,
            amount: rig::amount(PRICE)?,
            description: "stamp".to_owned(),
            secret_hash: [0; 32],
            success_url: None,
            capture_method: ledger::CaptureMethod::Automatic,
            expires_at: rig::now().plus(Span::days(1)),
            order: NewOrder {
                id: OrderId::from_uuid(Uuid::now_v7()),
                item: "stamp".to_owned(),
                ship_to: "Hanover".to_owned(),
                delivery_days: 6,
            },
            event: EventId::from_uuid(Uuid::now_v7()),
        };
        self.store.create_intent(new, rig::now()).await?;
        Ok(id)
    }

    async fn pay(&self, account: AccountId, intent: IntentId) -> Result<(), StoreError> {
        let amount: Amount = rig::amount(PRICE)?;
        let allow = Authorisation {
            authentication: AuthenticationId::from_uuid(Uuid::now_v7()),
            challenge: None,
            intent,
            account,
            method: Method::Passphrase,
            proven: vec![Method::Passphrase],
            terms: Terms { amount, payee: self.merchant },
            reasons: Vec::new(),
            decided_at: rig::now(),
            device: None,
            template: None,
            transfer: TransferId::from_uuid(Uuid::now_v7()),
            receipt: ReceiptId::from_uuid(Uuid::now_v7()),
            event: EventId::from_uuid(Uuid::now_v7()),
        };
        self.store.authorise_and_post(allow, rig::now()).await.map(|_| ())
    }
}
