//! `smilepay duplicates` as an operator calls it, on a file and on PostgreSQL.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may; the helpers here are part of them"
)]

use std::path::Path;
use std::process::{Command, Output};

use base::{AccountId, ConsentId, FaceReviewId, Method, Purpose, Timestamp};
use serde_json::Value;
use store::load::{Cluster, Disk};
use store::{Location, NewConsent, NewPayer, Store, StoreKeys, StoreOptions};
use uuid::Uuid;
use vault::{MasterKeySource, Vault, VaultConfig};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn account(n: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(n))
}

fn review(n: u128) -> FaceReviewId {
    FaceReviewId::from_uuid(Uuid::from_u128(900 + n))
}

/// A store with two open reviews: wallets 1 and 2, and a minute later 1 and 3.
async fn with_reviews(location: &Location, vault: &Vault) {
    let keys = StoreKeys { audit_signing: *vault.derive_key("audit signing").unwrap() };
    let store = Store::open_in(location, keys, StoreOptions::default()).unwrap();
    for n in 1..=3 {
        let payer = NewPayer {
            id: account(n),
            email: format!("p{n}@example.org"),
            name: "Ada".into(),
            passphrase_hash: "hash".into(),
            audit_salt: [3; 16],
        };
        store.create_payer(payer, NOW).await.unwrap();
        let consent = NewConsent {
            id: ConsentId::from_uuid(Uuid::from_u128(100 + n)),
            purpose: Purpose::DuplicateSearch,
            text_version: "2026-11".into(),
            text_digest: [0; 32],
            locale: "en".into(),
            guardian: None,
        };
        store.give_consent(account(n), Method::Face, consent, NOW).await.unwrap();
    }
    for (n, other) in [(1, 2), (2, 3)] {
        let at = NOW.plus(base::Span::minutes(i64::try_from(n).unwrap()));
        assert!(store.add_duplicate(review(n), account(1), account(other), at).await.unwrap());
    }
}

struct Operator<'a> {
    dir: &'a Path,
    database: Option<String>,
}

impl Operator<'_> {
    fn says(&self, what: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_smilepay"));
        command.arg("duplicates").args(what).arg("--data-dir").arg(self.dir).env_remove("DATABASE_URL");
        if let Some(address) = &self.database {
            command.arg("--database").arg(address);
        }
        command.output().unwrap()
    }

    fn answer(&self, what: &[&str]) -> String {
        let output = self.says(what);
        assert!(output.status.success(), "{what:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn lists_and_resolves(&self) {
        let (first, second) = (review(1).to_string(), review(2).to_string());
        let list = self.answer(&["list"]);
        let lines: Vec<&str> = list.lines().collect();
        assert_eq!(lines.len(), 3, "{list}");
        assert!(lines[0].starts_with(&first) && lines[1].starts_with(&second), "oldest first: {list}");
        assert!(lines[0].ends_with(&format!("{} and {}", account(1), account(2))), "{list}");
        assert_eq!(lines[2], "2 open");
        for name in ["Ada", "example.org"] {
            assert!(!list.contains(name), "only the wallets' ids are shown");
        }
        let json: Value = serde_json::from_str(&self.answer(&["list", "--json"])).unwrap();
        assert_eq!(json.as_array().unwrap().len(), 2);
        assert_eq!((&json[0]["id"], &json[0]["other"]), (&first.clone().into(), &account(2).to_string().into()));

        assert_eq!(self.answer(&["resolve", &first, "two-people"]).trim(), format!("{first}: two_people"));
        assert!(self.answer(&["list"]).ends_with("1 open\n"));
        let again = self.says(&["resolve", &first, "same-person"]);
        assert!(!again.status.success());
        assert!(String::from_utf8_lossy(&again.stderr).contains("no such review"), "{again:?}");
        assert!(!self.says(&["resolve", &second, "perhaps"]).status.success(), "there are two answers");
        assert!(!self.says(&["resolve", "frv_1", "two-people"]).status.success());
        self.answer(&["resolve", &second, "same-person"]);
        assert_eq!(self.answer(&["list"]), "0 open\n");
        assert_eq!(self.answer(&["list", "--json"]).trim(), "[]");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_lists_and_resolves_duplicates() {
    let dir = tempfile::tempdir().unwrap();
    let master = MasterKeySource::File(dir.path().join("master.key"));
    let vault = Vault::init(VaultConfig { key_dir: dir.path().join("keys"), master }).unwrap();
    with_reviews(&Location::File(dir.path().join("smilepay.db")), &vault).await;
    let cluster_dir = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(cluster_dir.path(), Disk::Unsynced).unwrap();
    let mut places = vec![None];
    match &cluster {
        Some(cluster) => {
            let name = cluster.new_name().unwrap();
            with_reviews(&cluster.location(&name).unwrap(), &vault).await;
            places.push(Some(cluster.address(&name)));
        }
        None => println!("PostgreSQL is not installed here (no initdb): its half was left out"),
    }
    drop(vault);
    for database in places {
        Operator { dir: dir.path(), database }.lists_and_resolves();
    }
}
