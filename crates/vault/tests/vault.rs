//! The vault on a real directory: what opens, what must not, and what is left after an erasure.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may; the helpers here are part of them"
)]
use std::collections::BTreeMap;
use std::path::Path;

use base::{AccountId, Method, TemplateId, Timestamp};
use uuid::Uuid;
use vault::{
    ErasureProof, ErasureReceipt, Features, Label, MasterKeySource, ReceiptError, SealedTemplate, Vault, VaultConfig,
    VaultError,
};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn config(dir: &Path) -> VaultConfig {
    VaultConfig { key_dir: dir.join("keys"), master: MasterKeySource::File(dir.join("master.key")) }
}

fn label(n: u128) -> Label {
    Label {
        account: AccountId::from_uuid(Uuid::from_u128(n)),
        method: Method::Face,
        template: TemplateId::from_uuid(Uuid::from_u128(n + 1_000)),
    }
}

fn features(seed: u32, model: &str) -> Features {
    let raw: Vec<f32> = (0..128).map(|i| ((i * 37 + seed * 101) as f32 * 0.7).sin()).collect();
    let length = raw.iter().map(|x| x * x).sum::<f32>().sqrt();
    Features::new(raw.iter().map(|x| x / length).collect(), 5, 0.31, model).unwrap()
}

/// Every file below `dir` with its bytes.
fn snapshot(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(snapshot(&path));
        } else {
            all.insert(path.display().to_string(), std::fs::read(&path).unwrap());
        }
    }
    all
}

fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

fn refused(result: Result<Vault, VaultError>) -> VaultError {
    match result {
        Err(error) => error,
        Ok(_) => panic!("the vault opened"),
    }
}

#[test]
fn sealed_features_come_back_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let sealed = Vault::init(config(dir.path())).unwrap().seal(&label(1), &features(1, "sface")).unwrap();
    let vault = Vault::open(config(dir.path())).unwrap();
    let sealed = SealedTemplate::from_bytes(sealed.as_bytes().to_vec()).unwrap();
    assert_eq!(sealed.model(), "sface");
    let original = features(1, "sface");
    vault
        .with_template(&label(1), &sealed, |f| {
            assert!((f.cosine(original.values()).unwrap() - 1.0).abs() < 1e-5);
            assert_eq!((f.views(), f.eye_openness(), f.model()), (5, 0.31, "sface"));
        })
        .unwrap();
    let probe = features(2, "sface");
    let compared = vault.compare(&label(1), &sealed, &probe).unwrap();
    assert!((compared.cosine - original.cosine(probe.values()).unwrap()).abs() < 1e-5);
}

#[test]
fn the_plain_vector_is_in_no_file_and_not_in_the_sealed_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::init(config(dir.path())).unwrap();
    let plain = features(1, "sface");
    let sealed = vault.seal(&label(1), &plain).unwrap();
    let needle: Vec<u8> = plain.values().iter().take(2).flat_map(|v| v.to_le_bytes()).collect();
    let mut places = snapshot(dir.path());
    places.insert("sealed".into(), sealed.as_bytes().to_vec());
    for (place, bytes) in places {
        assert!(!bytes.windows(needle.len()).any(|w| w == needle), "{place}");
    }
}

#[test]
fn a_receipt_is_checked_without_the_vault_and_any_change_shows() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::init(config(dir.path())).unwrap();
    vault.seal(&label(1), &features(1, "sface")).unwrap();
    let proof = vault.erase(label(1).template, NOW).unwrap();
    let receipt = vault.receipt(&proof, Method::Face).unwrap();
    let key = config(dir.path()).receipt_key().unwrap();
    assert_eq!(key, vault.receipt_key().unwrap());
    assert_eq!(receipt.verify(Some(key)), Ok(()));
    assert_eq!(receipt.verify(None), Ok(()));
    assert_eq!(receipt.verify(Some([1; 32])), Err(ReceiptError::OtherKey));
    let changes: [fn(&mut ErasureReceipt); 6] = [
        |r: &mut ErasureReceipt| r.method = Method::Voice,
        |r: &mut ErasureReceipt| r.erased_at = Timestamp::from_millis(5),
        |r: &mut ErasureReceipt| r.template = label(2).template,
        |r: &mut ErasureReceipt| r.key_digest.replace_range(0..1, "z"),
        |r: &mut ErasureReceipt| r.signature.replace_range(0..2, "00"),
        |r: &mut ErasureReceipt| r.public_key.replace_range(0..2, "00"),
    ];
    for change in changes {
        let mut changed = receipt.clone();
        change(&mut changed);
        if changed != receipt {
            assert_eq!(changed.verify(None), Err(ReceiptError::Changed), "{changed:?}");
        }
    }
    let foreign = ErasureProof { key_digest: "00".into(), ..proof };
    assert!(vault.receipt(&foreign, Method::Face).is_err(), "nothing is signed that did not happen");
}

#[test]
fn any_other_label_or_any_changed_byte_does_not_open() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::init(config(dir.path())).unwrap();
    let sealed = vault.seal(&label(1), &features(1, "sface")).unwrap();
    let other = vault.seal(&label(2), &features(1, "sface")).unwrap();
    let wrong = [
        Label { account: label(2).account, ..label(1) },
        Label { method: Method::Voice, ..label(1) },
        Label { template: label(2).template, ..label(1) },
    ];
    for label in wrong {
        assert!(matches!(vault.with_template(&label, &sealed, |_| ()), Err(VaultError::Tampered)), "{label:?}");
    }
    assert!(matches!(vault.with_template(&label(1), &other, |_| ()), Err(VaultError::Tampered)));
    // Version, model and ciphertext: every byte counts.
    for i in 0..sealed.as_bytes().len() {
        let mut bytes = sealed.as_bytes().to_vec();
        bytes[i] ^= 1;
        let opened = SealedTemplate::from_bytes(bytes).and_then(|s| vault.with_template(&label(1), &s, |_| ()));
        assert!(opened.is_err(), "byte {i}");
    }
}

#[test]
fn a_probe_of_another_model_is_not_compared() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::init(config(dir.path())).unwrap();
    let sealed = vault.seal(&label(1), &features(1, "sface")).unwrap();
    let compared = vault.compare(&label(1), &sealed, &features(1, "arcface"));
    assert!(matches!(compared, Err(VaultError::OtherModel { .. })));
}

#[test]
fn a_missing_or_wrong_master_key_or_a_damaged_store_refuses_and_touches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let base = config(dir.path());
    drop(Vault::init(base.clone()).unwrap().seal(&label(1), &features(1, "sface")).unwrap());
    let before = snapshot(dir.path());
    let missing = VaultConfig { master: MasterKeySource::File(dir.path().join("nowhere")), ..base.clone() };
    assert!(matches!(refused(Vault::open(missing)), VaultError::MasterMissing(_)));
    let elsewhere = tempfile::tempdir().unwrap();
    drop(Vault::init(config(elsewhere.path())).unwrap());
    let wrong = VaultConfig { master: config(elsewhere.path()).master, ..base.clone() };
    assert!(matches!(refused(Vault::open(wrong)), VaultError::WrongMaster));
    assert!(matches!(refused(Vault::init(base.clone())), VaultError::AlreadyInitialised(_)));
    assert_eq!(snapshot(dir.path()), before);

    let slots = base.key_dir.join("keys.slots");
    let mut bytes = std::fs::read(&slots).unwrap();
    bytes[256 + 40] ^= 1;
    std::fs::write(&slots, &bytes).unwrap();
    let damaged = snapshot(dir.path());
    assert!(matches!(refused(Vault::open(base.clone())), VaultError::Damaged(_)));
    assert_eq!(snapshot(dir.path()), damaged);

    // A store whose root was lost is not a fresh one.
    std::fs::remove_file(base.key_dir.join("root.key")).unwrap();
    assert!(matches!(refused(Vault::open(base.clone())), VaultError::NotInitialised(_)));
    assert!(matches!(refused(Vault::init(base)), VaultError::AlreadyInitialised(_)));
}

#[test]
fn two_processes_cannot_share_a_key_store() {
    let dir = tempfile::tempdir().unwrap();
    let first = Vault::init(config(dir.path())).unwrap();
    assert!(matches!(refused(Vault::open(config(dir.path()))), VaultError::InUse(_)));
    drop(first);
    assert!(Vault::open(config(dir.path())).is_ok());
}

#[test]
fn erasure_leaves_no_key_bytes_and_a_proof_that_holds() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::init(config(dir.path())).unwrap();
    let kept = vault.seal(&label(1), &features(1, "sface")).unwrap();
    let sealed = vault.seal(&label(2), &features(2, "sface")).unwrap();
    let slots = config(dir.path()).key_dir.join("keys.slots");
    let wrapped = std::fs::read(&slots).unwrap()[2 * 256 + 32..2 * 256 + 176].to_vec();
    assert!(wrapped.iter().any(|b| *b != 0));

    let proof = vault.erase(label(2).template, NOW).unwrap();
    for (path, bytes) in snapshot(dir.path()) {
        assert!(!wrapped.chunks(16).any(|part| bytes.windows(16).any(|w| w == part)), "{path}");
    }
    assert!(vault.verify(&proof));
    let stored: ErasureProof = serde_json::from_str(&serde_json::to_string(&proof).unwrap()).unwrap();
    assert!(vault.verify(&stored));
    let forged = ErasureProof { erased_at: Timestamp::from_millis(0), ..proof.clone() };
    assert!(!vault.verify(&forged));

    let opened = vault.with_template(&label(2), &sealed, |_| ());
    assert!(matches!(opened, Err(VaultError::Erased { at: NOW, .. })));
    assert!(vault.with_template(&label(1), &kept, |_| ()).is_ok());
    // Again: the same proof. The id stays used. Another id was never here.
    assert_eq!(vault.erase(label(2).template, Timestamp::from_millis(5)).unwrap(), proof);
    assert!(matches!(vault.seal(&label(2), &features(2, "sface")), Err(VaultError::Duplicate(_))));
    assert!(matches!(vault.erase(label(9).template, NOW), Err(VaultError::UnknownTemplate(_))));
}

#[test]
fn an_erased_slot_is_used_again_and_everything_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::init(config(dir.path())).unwrap();
    let sealed: Vec<_> = (0..6).map(|n| vault.seal(&label(n), &features(1, "m")).unwrap()).collect();
    vault.erase(label(3).template, NOW).unwrap();
    let again = vault.seal(&label(50), &features(7, "m")).unwrap();
    assert_eq!(std::fs::metadata(config(dir.path()).key_dir.join("keys.slots")).unwrap().len(), 7 * 256);
    drop(vault);
    let vault = Vault::open(config(dir.path())).unwrap();
    assert_eq!(vault.live_keys(), 6);
    assert!(vault.with_template(&label(50), &again, |_| ()).is_ok());
    for n in [0, 1, 2, 4, 5] {
        assert!(vault.with_template(&label(n), &sealed[n as usize], |_| ()).is_ok(), "{n}");
    }
}

#[test]
fn a_restored_key_store_loses_what_was_erased_since() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path());
    let vault = Vault::init(config.clone()).unwrap();
    let sealed = vault.seal(&label(1), &features(1, "m")).unwrap();
    let backup = dir.path().join("backup");
    copy_dir(&config.key_dir, &backup);
    let proof = vault.erase(label(1).template, NOW).unwrap();
    drop(vault);

    // The slots come from the backup, the log is the newer one.
    std::fs::copy(backup.join("keys.slots"), config.key_dir.join("keys.slots")).unwrap();
    let vault = Vault::open(config.clone()).unwrap();
    assert!(matches!(vault.with_template(&label(1), &sealed, |_| ()), Err(VaultError::Erased { .. })));
    assert_eq!(vault.live_keys(), 0);
    drop(vault);

    // Slots and log both come from the backup: the database's proofs erase again.
    copy_dir(&backup, &config.key_dir);
    let vault = Vault::open(config).unwrap();
    assert_eq!(vault.live_keys(), 1);
    let forged = ErasureProof { template: label(4).template, ..proof.clone() };
    assert!(vault.replay_erasures(&[proof.clone(), forged]).is_err());
    assert_eq!(vault.live_keys(), 1, "a forged proof erases nothing");
    assert_eq!(vault.replay_erasures(&[proof]).unwrap(), 1);
    assert!(matches!(vault.with_template(&label(1), &sealed, |_| ()), Err(VaultError::Erased { .. })));
}

#[test]
fn a_power_cut_in_a_write_loses_only_what_was_not_acknowledged() {
    use std::io::Write;
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path());
    let vault = Vault::init(config.clone()).unwrap();
    let sealed = vault.seal(&label(1), &features(1, "m")).unwrap();
    let gone = vault.seal(&label(2), &features(1, "m")).unwrap();
    vault.erase(label(2).template, NOW).unwrap();
    drop(vault);
    let append = |name: &str, bytes: &[u8]| {
        let mut file = std::fs::OpenOptions::new().append(true).open(config.key_dir.join(name)).unwrap();
        file.write_all(bytes).unwrap();
    };
    append("keys.slots", &[9; 100]);
    append("erasures.log", br#"{"template":"tpl_00"#);
    let vault = Vault::open(config.clone()).unwrap();
    assert!(vault.with_template(&label(1), &sealed, |_| ()).is_ok());
    assert!(vault.with_template(&label(2), &gone, |_| ()).is_err());
    let third = vault.seal(&label(3), &features(3, "m")).unwrap();
    vault.erase(label(1).template, NOW).unwrap();
    drop(vault);
    let vault = Vault::open(config).unwrap();
    assert!(vault.with_template(&label(3), &third, |_| ()).is_ok());
    assert!(matches!(vault.with_template(&label(1), &sealed, |_| ()), Err(VaultError::Erased { .. })));
}

#[test]
fn a_new_master_key_opens_everything_and_the_old_one_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path());
    let vault = Vault::init(config.clone()).unwrap();
    let sealed = vault.seal(&label(1), &features(1, "m")).unwrap();
    let secret = vault.seal_secret("webhook we_1", b"whsec_123").unwrap();
    let new = MasterKeySource::File(dir.path().join("new.key"));
    let derived = vault.derive_key("audit").unwrap();
    assert_ne!(*derived, *vault.derive_key("tokens").unwrap());
    vault.change_master(new.clone()).unwrap();
    drop(vault);
    assert!(matches!(refused(Vault::open(config.clone())), VaultError::WrongMaster));
    let vault = Vault::open(VaultConfig { master: new, ..config }).unwrap();
    assert!(vault.with_template(&label(1), &sealed, |_| ()).is_ok());
    assert_eq!(vault.open_secret("webhook we_1", &secret).unwrap().as_slice(), b"whsec_123");
}

#[test]
fn a_small_secret_opens_only_for_its_purpose() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::init(config(dir.path())).unwrap();
    let sealed = vault.seal_secret("webhook we_1", b"whsec_123").unwrap();
    assert!(vault.open_secret("webhook we_2", &sealed).is_err());
    assert!(vault.open_secret("webhook we_1", &sealed[..10]).is_err());
    assert!(matches!(vault.seal_secret("x", &[0; 65 * 1024]), Err(VaultError::SecretTooLong)));
}

#[test]
fn features_that_are_no_unit_vector_are_refused() {
    for bad in [vec![], vec![0.5; 3], vec![f32::NAN; 4], vec![1.0; 4_096]] {
        assert!(matches!(Features::new(bad, 5, 0.3, "m"), Err(VaultError::BadFeatures)));
    }
    assert!(Features::new(vec![1.0], 0, 0.3, "m").is_err());
    assert!(Features::new(vec![1.0], 1, f32::NAN, "m").is_err());
    assert!(Features::new(vec![1.0], 1, 0.3, "").is_err());
}

#[test]
fn an_objects_features_are_in_an_envelope_that_only_their_label_opens() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::init(config(dir.path())).unwrap();
    let label = Label { method: Method::Kungfu, ..label(1) };
    let plain: Vec<u8> = (0..50_000_u32).flat_map(u32::to_le_bytes).collect();
    let sealed = vault.seal_object(&label, "xfeat", &plain).unwrap();
    let sealed = SealedTemplate::from_bytes(sealed.as_bytes().to_vec()).unwrap();
    assert_eq!(sealed.model(), "xfeat");
    vault.with_object(&label, &sealed, |bytes| assert_eq!(bytes, plain)).unwrap();
    let mut places = snapshot(dir.path());
    places.insert("sealed".into(), sealed.as_bytes().to_vec());
    for (place, bytes) in places {
        assert!(!bytes.windows(32).any(|w| w == &plain[1_000..1_032]), "{place}");
    }
    let other = Label { method: Method::Face, ..label };
    assert!(matches!(vault.with_object(&other, &sealed, |_| ()), Err(VaultError::Tampered)));
    // Neither form is taken for the other, and the byte that tells them is authenticated.
    assert!(matches!(vault.with_template(&label, &sealed, |_| ()), Err(VaultError::BadFeatures)));
    let mut vector = sealed.as_bytes().to_vec();
    vector[0] = 1;
    let taken = SealedTemplate::from_bytes(vector).and_then(|s| vault.with_template(&label, &s, |_| ()));
    assert!(matches!(taken, Err(VaultError::Tampered)));
    let face = vault.seal(
        &Label { template: base::TemplateId::from_uuid(uuid::Uuid::from_u128(9)), ..label },
        &features(1, "sface"),
    );
    assert!(matches!(vault.with_object(&label, &face.unwrap(), |_| ()), Err(VaultError::BadFeatures)));
    for size in [0, vault::limits::MAX_OBJECT_BYTES + 1] {
        assert!(matches!(vault.seal_object(&label, "xfeat", &vec![1; size]), Err(VaultError::BadFeatures)));
    }
    vault.erase(label.template, NOW).unwrap();
    assert!(matches!(vault.with_object(&label, &sealed, |_| ()), Err(VaultError::Erased { .. })));
}

#[test]
fn a_template_grows_older_by_small_steps_and_remembers_what_was_enrolled() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::init(config(dir.path())).unwrap();
    let enrolled = features(1, "sface");
    let mut sealed = vault.seal(&label(1), &enrolled).unwrap();
    let stranger = features(2, "sface");
    let far = enrolled.cosine(stranger.values()).unwrap();
    let mut last = 1.0;
    for _ in 0..200 {
        let moved = vault.with_template(&label(1), &sealed, |f| f.towards(&stranger, 0.1)).unwrap().unwrap();
        // Always measured against the enrolled vector, through every sealing.
        let true_cosine = enrolled.cosine(moved.features.values()).unwrap();
        assert!((moved.anchor_cosine - true_cosine).abs() < 1e-3);
        assert!(moved.anchor_cosine <= last + 1e-3);
        last = moved.anchor_cosine;
        if moved.anchor_cosine < 0.9 {
            break;
        }
        sealed = vault.reseal(&label(1), &sealed, &moved.features).unwrap();
    }
    assert!(far < 0.9 && last < 0.9, "a stranger would take over without the bound");
    vault.with_template(&label(1), &sealed, |f| assert!(f.cosine(enrolled.values()).unwrap() >= 0.899)).unwrap();
    // New keys keep the anchor.
    vault.begin_rotation().unwrap();
    let bytes = SealedTemplate::from_bytes(sealed.as_bytes().to_vec()).unwrap();
    let renewed = match vault.renew(&[(label(1), bytes)]).unwrap().pop().unwrap() {
        vault::Renewed::Sealed(sealed) => sealed,
        _ => panic!("not renewed"),
    };
    vault.settle(&[label(1).template]).unwrap();
    let moved = vault.with_template(&label(1), &renewed, |f| f.towards(&stranger, 0.0)).unwrap().unwrap();
    assert!((moved.anchor_cosine - 0.9).abs() < 0.05 && moved.anchor_cosine < 0.99, "{}", moved.anchor_cosine);
    assert!(enrolled.towards(&features(3, "other"), 0.1).is_err());
}

#[test]
fn another_networks_features_are_sealed_under_the_same_keys() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::init(config(dir.path())).unwrap();
    let before = vault.seal(&label(1), &features(1, "sface")).unwrap();
    let after = vault.reseal(&label(1), &before, &features(4, "newer")).unwrap();
    assert_eq!(after.model(), "newer");
    assert!(vault.compare(&label(1), &after, &features(4, "newer")).unwrap().cosine > 0.999);
    assert!(vault.compare(&label(1), &after, &features(1, "sface")).is_err());
    assert!(matches!(vault.reseal(&label(2), &before, &features(4, "newer")), Err(VaultError::UnknownTemplate(_))));
}
