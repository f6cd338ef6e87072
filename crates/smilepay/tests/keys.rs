//! `smilepay keys rotate` as a process that is killed again and again: no template is unusable at any moment, and it ends.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may; the helpers here are part of them"
)]
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use base::{AccountId, ConsentId, EnrolmentId, Method, Purpose, Span, TemplateId, Timestamp};
use store::{NewConsent, NewEnrolment, NewPayer, NewTemplate, Store, StoreKeys};
use uuid::Uuid;
use vault::{Features, Label, MasterKeySource, SealedTemplate, Vault, VaultConfig};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const PEOPLE: u128 = 200;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn label(n: u128) -> Label {
    let (account, template) = (AccountId::from_uuid(id(n)), TemplateId::from_uuid(id(n + 100_000)));
    Label { account, method: Method::Face, template }
}

fn features(n: u128) -> Features {
    let raw: Vec<f32> = (0..128).map(|i| ((i * 37 + n as i32 * 101) as f32 * 0.7).sin()).collect();
    let length = raw.iter().map(|x| x * x).sum::<f32>().sqrt();
    Features::new(raw.iter().map(|x| x / length).collect(), 5, 0.31, "m").unwrap()
}

fn config(dir: &Path) -> VaultConfig {
    VaultConfig { key_dir: dir.join("keys"), master: MasterKeySource::File(dir.join("master.key")) }
}

fn store(dir: &Path, vault: &Vault) -> Store {
    let keys = StoreKeys { audit_signing: *vault.derive_key("audit signing").unwrap() };
    Store::open(&dir.join("smilepay.db"), keys).unwrap()
}

async fn enrol(store: &Store, vault: &Vault, n: u128) {
    let label = label(n);
    let payer = NewPayer {
        id: label.account,
        email: format!("p{n}@example.org"),
        name: "Ada".into(),
        passphrase_hash: "hash".into(),
        audit_salt: [3; 16],
    };
    store.create_payer(payer, NOW).await.unwrap();
    let consent = NewConsent {
        id: ConsentId::from_uuid(id(n + 200_000)),
        purpose: Purpose::Payment,
        text_version: "test".into(),
        text_digest: [0; 32],
        locale: "en".into(),
        guardian: None,
    };
    let enrolment = EnrolmentId::from_uuid(id(n + 300_000));
    let mut token_hash = [7; 32];
    token_hash[..16].copy_from_slice(enrolment.as_uuid().as_bytes());
    let expires_at = NOW.plus(Span::minutes(5));
    let (account, method) = (label.account, Method::Face);
    let new = NewEnrolment { id: enrolment, account, method, kind: None, consent, token_hash, expires_at };
    store.create_enrolment(new, NOW).await.unwrap();
    store.take_enrolment(enrolment, token_hash, NOW).await.unwrap();
    let sealed = vault.seal(&label, &features(n)).unwrap().as_bytes().to_vec();
    let (id, model) = (label.template, "m".to_owned());
    let new =
        NewTemplate { id, account, method, kind: None, model, views: 5, sealed, small_amounts_until: NOW, enrolment };
    store.add_template(new, NOW).await.unwrap();
}

/// Compares every template with its person; the sealed forms as they are now.
async fn all_usable(dir: &Path) -> Vec<Vec<u8>> {
    let vault = Vault::open(config(dir)).unwrap();
    let store = store(dir, &vault);
    let mut forms = Vec::new();
    for n in 1..=PEOPLE {
        let row = store.active_template(label(n).account, Method::Face).await.unwrap().unwrap();
        let sealed = SealedTemplate::from_bytes(row.sealed.clone()).unwrap();
        let cosine = vault.compare(&label(n), &sealed, &features(n)).unwrap().cosine;
        assert!((cosine - 1.0).abs() < 1e-4, "{n}: {cosine}");
        forms.push(row.sealed);
    }
    forms
}

/// Starts a rotation and kills it `after` its first word; `true` when it ended by itself.
fn rotate(dir: &Path, after: Duration) -> bool {
    let mut child = Command::new(env!("CARGO_BIN_EXE_smilepay"))
        .args(["keys", "rotate", "--data-dir"])
        .arg(dir)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut first).unwrap();
    std::thread::sleep(after);
    let ended = child.try_wait().unwrap().is_some();
    child.kill().unwrap();
    let status = child.wait().unwrap();
    ended && status.success()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_is_killed_again_and_again_ends_and_every_template_is_usable_all_the_time() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::init(config(dir.path())).unwrap();
    let rooms = store(dir.path(), &vault);
    let people: Vec<u128> = (1..=PEOPLE).collect();
    for batch in people.chunks(50) {
        futures_util::future::join_all(batch.iter().map(|n| enrol(&rooms, &vault, *n))).await;
    }
    drop((rooms, vault));
    let before = all_usable(dir.path()).await;
    let (mut kills, mut ended) = (0, false);
    for round in 0..40 {
        // From at once to long enough: somewhere every step is hit.
        ended = rotate(dir.path(), Duration::from_millis(round * round / 4));
        let overview = config(dir.path()).overview().unwrap();
        println!("round {round}: {overview:?}");
        if overview.rotating {
            kills += 1;
        }
        all_usable(dir.path()).await;
        if ended {
            break;
        }
    }
    assert!(ended, "it never ended");
    assert!(kills > 0, "no kill came in the middle");
    let after = all_usable(dir.path()).await;
    assert!(before.iter().zip(&after).all(|(old, new)| old != new), "every sealed form is new");
    let overview = config(dir.path()).overview().unwrap();
    assert!(!overview.rotating && overview.newest == PEOPLE as usize, "{overview:?}");
}
