//! An enrolled payer without a camera, and what of a face lies where: for the tests of this module.

use std::path::{Path, PathBuf};

use base::{AccountId, ConsentId, EnrolmentId, Method, Purpose, Span, TemplateId, Timestamp};
use store::{NewConsent, NewEnrolment, NewPayer, NewTemplate};
use uuid::Uuid;
use vault::{Features, Label};

use super::DataDirArgs;
use super::keys::Rooms;

pub const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// Long enough that 0 hits by chance is certain, short enough to lie within one page or slot.
pub const NEEDLE: usize = 16;

pub fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn data(dir: &Path) -> DataDirArgs {
    DataDirArgs { data_dir: Some(dir.to_owned()), database: None, key_dir: None, master_key: None }
}

pub fn label(n: u128) -> Label {
    Label {
        account: AccountId::from_uuid(uuid(n)),
        method: Method::Face,
        template: TemplateId::from_uuid(uuid(n + 1_000)),
    }
}

pub fn features(n: u128) -> Features {
    let raw: Vec<f32> = (0..128).map(|i| ((i * 37 + n as i32 * 101) as f32 * 0.7).sin()).collect();
    let length = raw.iter().map(|x| x * x).sum::<f32>().sqrt();
    Features::new(raw.iter().map(|x| x / length).collect(), 5, 0.31, "sface").unwrap()
}

/// A payer with a sealed face, as the use cases leave it.
pub async fn enrolled(rooms: &Rooms, n: u128) -> Label {
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
    let new = NewEnrolment {
        id: enrolment,
        account: label.account,
        method: Method::Face,
        kind: None,
        consent,
        token_hash,
        expires_at,
    };
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

/// Pieces of the sealed template, behind its readable head (version, model).
pub async fn sealed_needles(rooms: &Rooms, label: &Label) -> Vec<Vec<u8>> {
    let row = rooms.store.active_template(label.account, Method::Face).await.unwrap().unwrap();
    row.sealed[16..].chunks_exact(NEEDLE).map(<[u8]>::to_vec).collect()
}

/// Pieces of both wrapped keys and of the plain vector.
pub fn secret_needles(dir: &Path, label: &Label) -> Vec<Vec<u8>> {
    let slots = std::fs::read(dir.join("keys/keys.slots")).unwrap();
    let id = label.template.as_uuid().as_bytes();
    let slot = slots.chunks(256).find(|slot| slot[16..32] == id[..]).unwrap();
    let plain: Vec<u8> =
        features(label.account.as_uuid().as_u128()).values().iter().flat_map(|v| v.to_le_bytes()).collect();
    slot[32..176].chunks_exact(NEEDLE).chain(plain.chunks_exact(NEEDLE)).map(<[u8]>::to_vec).collect()
}

/// All of them; those of the plain vector come last.
pub async fn needles(rooms: &Rooms, dir: &Path, label: &Label) -> Vec<Vec<u8>> {
    let mut all = sealed_needles(rooms, label).await;
    all.extend(secret_needles(dir, label));
    all
}

/// In how many files below `dir`, which piece of the needles lies.
pub fn found(dir: &Path, needles: &[Vec<u8>]) -> Vec<(PathBuf, usize)> {
    let finder = aho_corasick::AhoCorasick::new(needles).unwrap();
    let mut hits = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            hits.extend(found(&path, needles));
            continue;
        }
        // Sockets are no files, and a server may drop one of its own meanwhile.
        let bytes = if path.is_file() { std::fs::read(&path).unwrap_or_default() } else { continue };
        let seen: std::collections::HashSet<_> =
            finder.find_overlapping_iter(&bytes).map(|hit| hit.pattern()).collect();
        let count = seen.len();
        if count > 0 {
            hits.push((path, count));
        }
    }
    hits
}

pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { std::fs::copy(&path, &target).map(|_| ()).unwrap() }
    }
}
