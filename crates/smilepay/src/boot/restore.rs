//! What is left of an erased face on the disk, and what a restored backup brings back: nothing.

use std::path::{Path, PathBuf};

use base::{AccountId, ConsentId, EnrolmentId, Method, Purpose, Span, TemplateId, Timestamp};
use store::{NewConsent, NewEnrolment, NewPayer, NewTemplate, TemplateState};
use uuid::Uuid;
use vault::{Features, Label, SealedTemplate};

use super::DataDirArgs;
use super::keys::{self, Rooms};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// Long enough that 0 hits by chance is certain, short enough to lie within one page or slot.
const NEEDLE: usize = 16;

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn data(dir: &Path) -> DataDirArgs {
    DataDirArgs { data_dir: Some(dir.to_owned()), database: None, key_dir: None, master_key: None }
}

fn label(n: u128) -> Label {
    Label {
        account: AccountId::from_uuid(uuid(n)),
        method: Method::Face,
        template: TemplateId::from_uuid(uuid(n + 1_000)),
    }
}

fn features(n: u128) -> Features {
    let raw: Vec<f32> = (0..128).map(|i| ((i * 37 + n as i32 * 101) as f32 * 0.7).sin()).collect();
    let length = raw.iter().map(|x| x * x).sum::<f32>().sqrt();
    Features::new(raw.iter().map(|x| x / length).collect(), 5, 0.31, "sface").unwrap()
}

/// A payer with a sealed face, as the use cases leave it.
async fn enrolled(rooms: &Rooms, n: u128) -> Label {
    let (label, store) = (label(n), &rooms.store);
    let payer = NewPayer {
        id: label.account,
        email: format!("p{n}@example.org"),
        name: "Ada".into(),
        passphrase_hash: "hash".into(),
        audit_salt: [3; 16],
    };
    store.create_payer(payer, NOW).await.unwrap();
    let consent = NewConsent {
        id: ConsentId::from_uuid(uuid(n + 2_000)),
        purpose: Purpose::Payment,
        text_version: "2026-11".into(),
        text_digest: [0; 32],
        locale: "en".into(),
        guardian: None,
    };
    let enrolment = EnrolmentId::from_uuid(uuid(n + 3_000));
    let token_hash = [n as u8; 32];
    let expires_at = NOW.plus(Span::minutes(5));
    let (account, method) = (label.account, Method::Face);
    let new = NewEnrolment { id: enrolment, account, method, kind: None, consent, token_hash, expires_at };
    store.create_enrolment(new, NOW).await.unwrap();
    store.take_enrolment(enrolment, token_hash, NOW).await.unwrap();
    let sealed = rooms.vault.seal(&label, &features(n)).unwrap();
    let new = NewTemplate {
        id: label.template,
        account: label.account,
        method: Method::Face,
        kind: None,
        model: "sface".into(),
        views: 5,
        sealed: sealed.as_bytes().to_vec(),
        small_amounts_until: NOW,
        enrolment,
    };
    store.add_template(new, NOW).await.unwrap();
    label
}

/// Pieces of the sealed template, of its wrapped keys and of the plain vector.
async fn needles(rooms: &Rooms, dir: &Path, label: &Label) -> Vec<Vec<u8>> {
    let row = rooms.store.active_template(label.account, Method::Face).await.unwrap().unwrap();
    let slots = std::fs::read(dir.join("keys/keys.slots")).unwrap();
    let id = label.template.as_uuid().as_bytes();
    let slot = slots.chunks(256).find(|slot| slot[16..32] == id[..]).unwrap();
    let plain: Vec<u8> =
        features(label.account.as_uuid().as_u128()).values().iter().flat_map(|v| v.to_le_bytes()).collect();
    // Behind the readable head (version, model), and both wrapped keys.
    let pieces = row.sealed[16..].chunks_exact(NEEDLE).chain(slot[32..176].chunks_exact(NEEDLE));
    pieces.chain(plain.chunks_exact(NEEDLE)).map(<[u8]>::to_vec).collect()
}

/// In how many files below `dir`, which piece of the needles lies.
fn found(dir: &Path, needles: &[Vec<u8>]) -> Vec<(PathBuf, usize)> {
    let mut hits = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            hits.extend(found(&path, needles));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let windows: std::collections::HashSet<&[u8]> = bytes.windows(NEEDLE).collect();
        let count = needles.iter().filter(|n| windows.contains(n.as_slice())).count();
        if count > 0 {
            hits.push((path, count));
        }
    }
    hits
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { std::fs::copy(&path, &target).map(|_| ()).unwrap() }
    }
}

/// As `App::erase_method` does: keys, row, log.
async fn erase(rooms: &Rooms, label: &Label) {
    rooms.vault.erase(label.template, NOW).unwrap();
    rooms.replay_erasures().await.unwrap();
}

async fn is_erased(rooms: &Rooms, label: &Label) -> bool {
    let kept = rooms.store.template(label.account, label.template).await.unwrap().unwrap();
    kept.state == TemplateState::Erased && kept.receipt.is_some()
}

#[tokio::test]
async fn after_an_erasure_no_byte_of_the_template_or_its_keys_is_in_the_data_directory() {
    let dir = tempfile::tempdir().unwrap();
    let rooms = keys::open(&data(dir.path())).unwrap();
    // Others around it, so that its page and slot are shared, and one that comes and goes in the free pages.
    let mut labels = Vec::new();
    for n in 1..=20 {
        labels.push(enrolled(&rooms, n).await);
    }
    let (gone, stays) = (labels[7], labels[8]);
    let needles_gone = needles(&rooms, dir.path(), &gone).await;
    let needles_stay = needles(&rooms, dir.path(), &stays).await;
    assert!(needles_gone.len() > 60, "{}", needles_gone.len());
    let before: usize = found(dir.path(), &needles_gone).iter().map(|(_, n)| n).sum();
    assert!(before > 30, "the search must find what is there: {before}");
    // The plain vector never was there.
    let plain = &needles_gone[needles_gone.len() - 32..];
    assert_eq!(found(dir.path(), plain), []);

    erase(&rooms, &gone).await;
    assert_eq!(found(dir.path(), &needles_gone), []);
    assert!(!found(dir.path(), &needles_stay).is_empty());
    assert!(is_erased(&rooms, &gone).await);

    // Nor after the restart, with new templates in the freed places.
    drop(rooms);
    let rooms = keys::open(&data(dir.path())).unwrap();
    enrolled(&rooms, 21).await;
    assert_eq!(found(dir.path(), &needles_gone), []);
    let row = rooms.store.active_template(stays.account, Method::Face).await.unwrap().unwrap();
    let sealed = SealedTemplate::from_bytes(row.sealed).unwrap();
    assert!(rooms.vault.with_template(&stays, &sealed, |_| ()).is_ok());
}

#[tokio::test]
async fn a_restored_backup_brings_no_erased_face_back() {
    // What is restored from the old backup: the database, the key store, both but the erasure log.
    for restored in [&["smilepay.db"][..], &["keys/keys.slots"], &["smilepay.db", "keys/keys.slots"]] {
        let dir = tempfile::tempdir().unwrap();
        let (live, backup) = (dir.path().join("live"), dir.path().join("backup"));
        let rooms = keys::open(&data(&live)).unwrap();
        let (gone, stays) = (enrolled(&rooms, 1).await, enrolled(&rooms, 2).await);
        drop(rooms);
        copy(&live, &backup);
        let rooms = keys::open(&data(&live)).unwrap();
        let needles = needles(&rooms, &live, &gone).await;
        erase(&rooms, &gone).await;
        drop(rooms);
        for name in restored {
            std::fs::copy(backup.join(name), live.join(name)).unwrap();
        }
        assert!(!found(&live, &needles).is_empty(), "the backup brings bytes back: {restored:?}");

        let rooms = keys::open(&data(&live)).unwrap();
        rooms.replay_erasures().await.unwrap();
        assert!(is_erased(&rooms, &gone).await, "{restored:?}");
        assert!(!is_erased(&rooms, &stays).await, "{restored:?}");
        assert_eq!(found(&live, &needles), [], "{restored:?}");
        assert_eq!(rooms.vault.live_keys(), 1);
    }
}
