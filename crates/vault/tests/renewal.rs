//! Renewal of templates: usable after every step, wherever it is cut off; nothing of the old opens or looks like the new.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may; the helpers here are part of them"
)]
use std::path::{Path, PathBuf};

use base::{AccountId, Method, TemplateId, Timestamp};
use uuid::Uuid;
use vault::{
    Answer, Errand, Features, KeyOverview, Label, MasterKeySource, Renewed, SealedTemplate, Vault, VaultConfig,
    VaultError,
};

fn config(dir: &Path) -> VaultConfig {
    VaultConfig { key_dir: dir.join("keys"), master: MasterKeySource::File(dir.join("master.key")) }
}

fn label(n: u128) -> Label {
    Label {
        account: AccountId::from_uuid(Uuid::from_u128(n)),
        method: if n.is_multiple_of(2) { Method::Face } else { Method::Voice },
        template: TemplateId::from_uuid(Uuid::from_u128(n + 1_000)),
    }
}

fn features(n: u128) -> Features {
    let length = if n.is_multiple_of(2) { 128 } else { 192 };
    let raw: Vec<f32> = (0..length).map(|i| ((i * 37 + n as i32 * 101) as f32 * 0.7).sin()).collect();
    let norm = raw.iter().map(|x| x * x).sum::<f32>().sqrt();
    Features::new(raw.iter().map(|x| x / norm).collect(), 5, 0.31, "m").unwrap()
}

/// What stands for the database: label and sealed form.
type Rows = Vec<(Label, SealedTemplate)>;

fn all_open(vault: &Vault, rows: &Rows) {
    for (label, sealed) in rows {
        let n = label.account.as_uuid().as_u128();
        let cosine = vault.compare(label, sealed, &features(n)).unwrap().cosine;
        assert!((cosine - 1.0).abs() < 1e-4, "{label:?}: {cosine}");
    }
}

/// One round as the service does it; `stop` ends it after so many steps, as a crash would.
fn rotate(vault: &Vault, rows: &mut Rows, stop: usize) -> bool {
    let mut steps = 0;
    let mut step = |vault: &Vault, rows: &Rows| {
        all_open(vault, rows);
        steps += 1;
        steps >= stop
    };
    vault.begin_rotation().unwrap();
    if step(vault, rows) {
        return false;
    }
    let stale = vault.stale(usize::MAX).unwrap();
    for batch in stale.chunks(2) {
        let places: Vec<usize> =
            batch.iter().map(|t| rows.iter().position(|(l, _)| l.template == *t).unwrap()).collect();
        let taken: Rows = places.iter().map(|i| rows[*i].clone()).collect();
        let renewed = vault.renew(&taken).unwrap();
        if step(vault, rows) {
            return false;
        }
        let mut settled = Vec::new();
        for ((place, answer), template) in places.iter().zip(renewed).zip(batch) {
            match answer {
                Renewed::Sealed(sealed) => rows[*place].1 = sealed,
                Renewed::Waiting => {}
                Renewed::Done => continue,
            }
            settled.push(*template);
            if step(vault, rows) {
                return false;
            }
        }
        vault.settle(&settled).unwrap();
        if step(vault, rows) {
            return false;
        }
    }
    vault.finish_rotation().unwrap();
    all_open(vault, rows);
    true
}

#[test]
fn every_template_is_usable_wherever_a_rotation_is_cut_off_and_it_ends_when_it_goes_on() {
    let mut cuts = 0;
    for stop in 1.. {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::init(config(dir.path())).unwrap();
        let mut rows: Rows = (1..=5).map(|n| (label(n), vault.seal(&label(n), &features(n)).unwrap())).collect();
        let old = rows.clone();
        let whole = rotate(&vault, &mut rows, stop);
        drop(vault);
        let vault = Vault::open(config(dir.path())).unwrap();
        all_open(&vault, &rows);
        if !whole {
            cuts += 1;
            assert!(vault.rotation().unwrap().is_some());
            // Cut off again, a step later; then to the end.
            rotate(&vault, &mut rows, 2);
            drop(vault);
            let vault = Vault::open(config(dir.path())).unwrap();
            assert!(rotate(&vault, &mut rows, usize::MAX));
        }
        drop(old_is_dead(dir.path(), &old));
        if whole {
            break;
        }
    }
    assert!(cuts >= 12, "{cuts}");
}

/// No old sealed form opens, and the store is as if it had never rotated.
fn old_is_dead(dir: &Path, old: &Rows) -> PathBuf {
    let vault = match Vault::open(config(dir)) {
        Ok(vault) => vault,
        Err(VaultError::InUse(path)) => return path,
        Err(other) => panic!("{other}"),
    };
    assert_eq!(vault.rotation().unwrap(), None);
    let overview = config(dir).overview().unwrap();
    assert_eq!(overview, KeyOverview { templates: old.len(), newest: old.len(), rotating: false });
    for (label, sealed) in old {
        assert!(matches!(vault.with_template(label, sealed, |_| ()), Err(VaultError::Tampered)));
    }
    dir.to_owned()
}

#[test]
fn new_templates_are_of_the_new_generation_and_lost_keys_are_wrapped_anew() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::init(config(dir.path())).unwrap();
    // Its row never reached the database.
    let orphan = vault.seal(&label(1), &features(1)).unwrap();
    vault.begin_rotation().unwrap();
    let fresh = vault.seal(&label(2), &features(2)).unwrap();
    assert_eq!(vault.stale(10).unwrap(), [label(1).template]);
    assert!(matches!(vault.finish_rotation(), Err(VaultError::Rotating)));
    vault.rewrap(label(1).template).unwrap();
    vault.finish_rotation().unwrap();
    all_open(&vault, &vec![(label(1), orphan), (label(2), fresh)]);
}

#[test]
fn erasing_during_a_renewal_destroys_both_keys() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::init(config(dir.path())).unwrap();
    let old = vault.seal(&label(1), &features(1)).unwrap();
    vault.begin_rotation().unwrap();
    let Renewed::Sealed(new) = vault.renew(&[(label(1), old.clone())]).unwrap().remove(0) else {
        panic!("not renewed")
    };
    vault.erase(label(1).template, Timestamp::from_millis(1)).unwrap();
    for sealed in [&old, &new] {
        assert!(matches!(vault.with_template(&label(1), sealed, |_| ()), Err(VaultError::Erased { .. })));
    }
    let slots = std::fs::read(dir.path().join("keys/keys.slots")).unwrap();
    assert!(slots[256..].iter().all(|b| *b == 0));
    vault.finish_rotation().unwrap();
}

#[test]
fn an_errand_is_taken_once_and_answered() {
    let dir = tempfile::tempdir().unwrap();
    let (config, vault) = (config(dir.path()), Vault::init(config(dir.path())).unwrap());
    assert_eq!(vault.take_errand(), None);
    let errand = Errand::Rotate { master: Some("env:NEW".parse().unwrap()) };
    for errand in [Errand::Sweep, Errand::Rotate { master: None }, errand] {
        config.ask(&errand).unwrap();
        assert!(!config.is_taken() && config.answer().is_none());
        assert_eq!(vault.take_errand(), Some(errand));
        assert!(config.is_taken() && vault.take_errand().is_none());
        let answer = Answer { well: true, say: "5 faces have new keys".into() };
        vault.answer_errand(&answer).unwrap();
        assert_eq!(config.answer(), Some(answer));
    }
}

#[test]
fn an_objects_envelope_is_renewed_too() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::init(config(dir.path())).unwrap();
    let (label, plain) = (Label { method: Method::Kungfu, ..label(3) }, vec![7; 5_000]);
    let old = vault.seal_object(&label, "xfeat", &plain).unwrap();
    let reads = |sealed: &SealedTemplate| vault.with_object(&label, sealed, |bytes| bytes == plain);
    vault.begin_rotation().unwrap();
    let renewed = vault.renew(&[(label, old.clone())]).unwrap();
    let [Renewed::Sealed(new)] = renewed.as_slice() else { panic!("not sealed again") };
    // Either form is the database's until the exchange.
    assert!(reads(&old).unwrap() && reads(new).unwrap() && new != &old);
    assert!(matches!(vault.renew(&[(label, new.clone())]).unwrap().as_slice(), [Renewed::Waiting]));
    vault.settle(&[label.template]).unwrap();
    vault.finish_rotation().unwrap();
    assert!(reads(new).unwrap() && reads(&old).is_err());
}
