//! A small world for tests: one shop, payers with money, ids that count up.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use base::{
    AccountId, AuthenticationId, ChallengeId, EventId, IntentId, MerchantId, Method, OrderId, ReceiptId, RefundId,
    Span, Timestamp, TransferId,
};
use ledger::Terms;
use money::{Amount, Currency};
use store::load::Cluster;
use store::{
    Authorisation, DeviceKey, Location, NewChallenge, NewIntent, NewMerchant, NewOrder, NewPayer, NewRefund, Outcome,
    Paid, Refusal, Store, StoreError, StoreKeys, StoreOptions,
};
use tempfile::TempDir;
use uuid::Uuid;

pub const NOW: Timestamp = Timestamp::from_millis(1_763_755_200_000);
pub const SEED: [u8; 32] = [7; 32];
pub const DEVICE: DeviceKey = DeviceKey([3; 32]);

/// Set by the test that runs the suite on PostgreSQL; without it every world is a file.
pub static CLUSTER: OnceLock<Cluster> = OnceLock::new();

static COUNTER: AtomicU64 = AtomicU64::new(1);

pub fn uuid() -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(COUNTER.fetch_add(1, Ordering::Relaxed)))
}

pub fn later(span: Span) -> Timestamp {
    NOW.plus(span)
}

pub fn eur(minor: i64) -> Amount {
    Amount::new(minor, Currency::EUR).unwrap()
}

pub fn keys() -> StoreKeys {
    StoreKeys { audit_signing: SEED }
}

pub struct World {
    pub dir: TempDir,
    pub location: Location,
    pub store: Store,
    pub merchant: MerchantId,
    pub payer: AccountId,
}

impl World {
    /// A shop, and a payer with 100.00 EUR.
    pub async fn new() -> Self {
        Self::with(StoreOptions::default()).await
    }

    pub async fn with(options: StoreOptions) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let location = match CLUSTER.get() {
            Some(cluster) => cluster.new_database().unwrap(),
            None => Location::File(dir.path().join("smilepay.db")),
        };
        let store = Store::open_in(&location, keys(), options).unwrap();
        let merchant = MerchantId::from_uuid(uuid());
        store.create_merchant(NewMerchant { id: merchant, name: "Stamp shop".to_owned() }, NOW).await.unwrap();
        let payer = payer(&store, 10_000).await;
        Self { dir, location, store, merchant, payer }
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().join("smilepay.db")
    }

    pub async fn intent(&self, minor: i64) -> IntentId {
        let new = new_intent(self.merchant, minor);
        self.store.create_intent(new, NOW).await.unwrap().id
    }

    pub fn terms(&self, minor: i64) -> Terms {
        Terms { amount: eur(minor), payee: self.merchant }
    }

    /// An allow by passphrase.
    pub fn allow(&self, intent: IntentId, minor: i64) -> Authorisation {
        Authorisation {
            authentication: AuthenticationId::from_uuid(uuid()),
            challenge: None,
            intent,
            account: self.payer,
            method: Method::Passphrase,
            proven: vec![Method::Passphrase],
            terms: self.terms(minor),
            reasons: vec![],
            decided_at: NOW,
            device: Some(DEVICE),
            template: None,
            transfer: TransferId::from_uuid(uuid()),
            receipt: ReceiptId::from_uuid(uuid()),
            event: EventId::from_uuid(uuid()),
        }
    }

    pub async fn pay(&self, minor: i64) -> Result<Paid, StoreError> {
        let intent = self.intent(minor).await;
        self.store.authorise_and_post(self.allow(intent, minor), NOW).await
    }

    pub fn challenge(&self, intent: IntentId, minor: i64, token: u8) -> NewChallenge {
        NewChallenge {
            id: ChallengeId::from_uuid(uuid()),
            intent,
            account: self.payer,
            method: Method::Face,
            terms: self.terms(minor),
            steps: r#"["neutral","smile"]"#.to_owned(),
            token_hash: [token; 32],
            expires_at: later(Span::seconds(60)),
            max_tries: 3,
        }
    }

    pub fn deny(&self, intent: IntentId, minor: i64) -> Refusal {
        Refusal {
            authentication: AuthenticationId::from_uuid(uuid()),
            challenge: None,
            intent,
            account: self.payer,
            method: Method::Passphrase,
            proven: vec![],
            terms: self.terms(minor),
            outcome: Outcome::Deny,
            reasons: vec!["no_match".to_owned()],
            decided_at: NOW,
            device: Some(DEVICE),
            public_error: "authentication_failed".to_owned(),
            event: EventId::from_uuid(uuid()),
        }
    }

    pub fn refund(&self, intent: IntentId, minor: Option<i64>) -> NewRefund {
        NewRefund {
            id: RefundId::from_uuid(uuid()),
            merchant: self.merchant,
            intent,
            amount: minor.map(eur),
            transfer: TransferId::from_uuid(uuid()),
            event: EventId::from_uuid(uuid()),
        }
    }

    /// What the payer may spend, in cents.
    pub async fn available(&self) -> i64 {
        self.store.balances(self.payer).await.unwrap()[0].minor()
    }

    pub async fn books_are_sound(&self) {
        let report = self.store.check_books().await.unwrap();
        assert!(report.is_sound(), "{report:?}");
        let audit = self.store.verify_audit().await.unwrap();
        assert!(audit.is_intact(), "{audit:?}");
    }
}

pub fn new_intent(merchant: MerchantId, minor: i64) -> NewIntent {
    NewIntent {
        id: IntentId::from_uuid(uuid()),
        merchant,
        amount: eur(minor),
        description: "1948 Hanover fair stamp".to_owned(),
        secret_hash: [9; 32],
        success_url: None,
        capture_method: ledger::CaptureMethod::Automatic,
        expires_at: later(Span::minutes(30)),
        order: NewOrder {
            id: OrderId::from_uuid(uuid()),
            item: "1948 Hanover fair stamp".to_owned(),
            ship_to: "Office of the mayor of Hanover".to_owned(),
            delivery_days: 6,
        },
        event: EventId::from_uuid(uuid()),
    }
}

pub async fn payer(store: &Store, minor: i64) -> AccountId {
    let id = AccountId::from_uuid(uuid());
    let new = NewPayer {
        id,
        email: format!("{}@example.org", id.as_uuid()),
        name: "Test payer".to_owned(),
        passphrase_hash: "$argon2id$".to_owned(),
        audit_salt: [1; 16],
    };
    store.create_payer(new, NOW).await.unwrap();
    store.top_up(id, eur(minor), TransferId::from_uuid(uuid()), NOW).await.unwrap();
    id
}
