//! A data directory with a shop, a payer and payments, and the commands beside it.

use std::path::{Path, PathBuf};
use std::process::Command;

use base::{
    AccountId, AuthenticationId, EventId, IntentId, MerchantId, Method, OrderId, ReceiptId, Span, Timestamp, TransferId,
};
use ledger::{CaptureMethod, Terms};
use money::{Amount, Currency};
use serde_json::Value;
use store::{Authorisation, NewIntent, NewMerchant, NewOrder, NewPayer, Store, StoreKeys};
use tempfile::TempDir;
use uuid::Uuid;
use vault::{MasterKeySource, Vault, VaultConfig};

pub const SMILEPAY: &str = env!("CARGO_BIN_EXE_smilepay");
pub const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// What the payer brings in, and what each payment costs.
pub const TOP_UP: i64 = 10_000;
pub const PRICE: i64 = 500;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n << 8 | 1)
}

pub fn merchant() -> MerchantId {
    MerchantId::from_uuid(id(1))
}

/// Lives in the same shard as the merchant, so that all entries stand in one chain.
pub fn payer() -> AccountId {
    AccountId::from_uuid(id(2))
}

fn eur(minor: i64) -> Amount {
    Amount::new(minor, Currency::EUR).unwrap()
}

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// It ended so, and said this on either stream.
    pub fn means(&self, code: i32, word: &str) {
        assert!(self.code == code && (self.out.contains(word) || self.err.contains(word)), "{word}: {self:?}");
        assert!(!self.err.contains("panicked"), "{self:?}");
    }
}

pub fn smilepay(words: &[&str]) -> Said {
    let mut command = Command::new(SMILEPAY);
    for name in ["DATABASE_URL", "SMILEPAY_DATA_DIR", "SMILEPAY_KEY_DIR", "SMILEPAY_LOG"] {
        command.env_remove(name);
    }
    let output = command.args(words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

pub struct Place {
    pub dir: TempDir,
    payments: u128,
}

impl Place {
    /// Keys only.
    pub fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        drop(Vault::init(config(dir.path())).unwrap());
        Self { dir, payments: 0 }
    }

    /// Entries of the log: 1 the shop, 2 the payer, 3 the top-up, then each payment's intent and the payment.
    pub async fn with_payments(number: u128) -> Self {
        let mut place = Self::empty();
        let store = place.store();
        store.create_merchant(NewMerchant { id: merchant(), name: "Stamp shop".into() }, NOW).await.unwrap();
        let new = NewPayer {
            id: payer(),
            email: "ada@example.org".into(),
            name: "Ada".into(),
            passphrase_hash: "hash".into(),
            audit_salt: [3; 16],
        };
        store.create_payer(new, NOW).await.unwrap();
        store.top_up(payer(), eur(TOP_UP), TransferId::from_uuid(id(3)), NOW).await.unwrap();
        drop(store);
        place.pay(number).await;
        place
    }

    fn store(&self) -> Store {
        let vault = Vault::open(config(self.dir.path())).unwrap();
        Store::open(&self.database(), StoreKeys { audit_signing: *vault.derive_key("audit signing").unwrap() }).unwrap()
    }

    /// Payments of [`PRICE`], a minute after each other.
    pub async fn pay(&mut self, number: u128) {
        let store = self.store();
        for _ in 0..number {
            self.payments += 1;
            let n = self.payments * 10 + 100;
            let at = NOW.plus(Span::minutes(i64::try_from(self.payments).unwrap()));
            let intent = IntentId::from_uuid(id(n));
            let new = NewIntent {
                id: intent,
                merchant: merchant(),
                amount: eur(PRICE),
                description: "A stamp".into(),
                secret_hash: [9; 32],
                success_url: None,
                capture_method: CaptureMethod::Automatic,
                expires_at: at.plus(Span::minutes(30)),
                order: NewOrder {
                    id: OrderId::from_uuid(id(n + 1)),
                    item: "A stamp".into(),
                    ship_to: "Hanover".into(),
                    delivery_days: 6,
                },
                event: EventId::from_uuid(id(n + 2)),
            };
            store.create_intent(new, at).await.unwrap();
            let allow = Authorisation {
                authentication: AuthenticationId::from_uuid(id(n + 3)),
                challenge: None,
                intent,
                account: payer(),
                method: Method::Passphrase,
                proven: vec![Method::Passphrase],
                terms: Terms { amount: eur(PRICE), payee: merchant() },
                reasons: vec![],
                decided_at: at,
                device: None,
                template: None,
                transfer: TransferId::from_uuid(id(n + 4)),
                receipt: ReceiptId::from_uuid(id(n + 5)),
                event: EventId::from_uuid(id(n + 6)),
            };
            store.authorise_and_post(allow, at).await.unwrap();
        }
    }

    pub fn database(&self) -> PathBuf {
        self.path("smilepay.db")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file and gives its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    /// A command about this data directory.
    pub fn says(&self, words: &[&str]) -> Said {
        smilepay(&[words, &["--data-dir", self.dir.path().to_str().unwrap()]].concat())
    }

    /// The same about a copy of the database that somebody has changed by hand.
    pub fn says_after(&self, sql: &str, words: &[&str]) -> Said {
        let copy = self.path("changed.db");
        std::fs::copy(self.database(), &copy).unwrap();
        let connection = rusqlite::Connection::open(&copy).unwrap();
        connection.execute_batch(sql).unwrap();
        drop(connection);
        let place = format!("sqlite:{}", copy.display());
        self.says(&[words, &["--database", &place]].concat())
    }
}

fn config(dir: &Path) -> VaultConfig {
    VaultConfig { key_dir: dir.join("keys"), master: MasterKeySource::File(dir.join("master.key")) }
}
