//! Damaged files, full disks, replays, tampering: a clear answer each, and nothing lost.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may stop the test")]

mod suite;

use rusqlite::Connection;
use sha2::{Digest, Sha256};
use store::{Store, StoreError, StoreKeys, StoreOptions, Tampering, verify_audit};
use suite::common::{NOW, SEED, World, eur, keys, new_intent, uuid};

fn hash_of(path: &std::path::Path) -> Vec<u8> {
    Sha256::digest(std::fs::read(path).unwrap()).to_vec()
}

/// A closed store with three payments, and its directory.
async fn closed_world() -> (tempfile::TempDir, std::path::PathBuf, [u8; 32]) {
    let world = World::new().await;
    for _ in 0..3 {
        world.pay(100).await.unwrap();
    }
    let (path, key) = (world.path(), world.store.audit_public_key());
    let World { dir, store, .. } = world;
    drop(store);
    (dir, path, key)
}

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let world = World::new().await;
    let paid = world.pay(2_000).await.unwrap();
    let World { dir, store, .. } = world;
    drop(store);
    let store = Store::open(&dir.path().join("smilepay.db"), keys()).unwrap();
    assert_eq!(store.intent(paid.intent.id, NOW).await.unwrap().unwrap(), paid.intent);
    assert!(store.check_books().await.unwrap().is_sound());
}

#[tokio::test]
async fn a_second_process_is_kept_out() {
    let world = World::new().await;
    let second = Store::open(&world.path(), keys());
    assert!(matches!(second.err(), Some(StoreError::InUse(_))));
    world.pay(100).await.unwrap();
}

#[tokio::test]
async fn a_damaged_page_is_refused_and_left_as_it_is() {
    let (_dir, path, _) = closed_world().await;
    let mut bytes = std::fs::read(&path).unwrap();
    for page in [3, 8, 12] {
        let at = page * 4096;
        bytes[at..at + 200].fill(0xA5);
    }
    std::fs::write(&path, &bytes).unwrap();
    let before = hash_of(&path);
    let error = Store::open(&path, keys()).err().unwrap();
    assert!(matches!(&error, StoreError::Corrupted { .. }), "{error}");
    assert_eq!(hash_of(&path), before);
    std::fs::write(&path, b"this is a letter, not a database at all").unwrap();
    let error = Store::open(&path, keys()).err().unwrap();
    assert!(matches!(&error, StoreError::Corrupted { .. }), "{error}");
    assert!(error.to_string().contains("nothing was changed"), "{error}");
}

#[tokio::test]
async fn what_a_kill_interrupted_before_the_log_was_there_is_undone() {
    let (_dir, path, key) = closed_world().await;
    let writing = Connection::open(&path).unwrap();
    // A cache of one page: what is written goes to the file before the commit, and the journal says how to undo it.
    writing.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; BEGIN IMMEDIATE").unwrap();
    writing.execute("UPDATE audit SET detail = detail || 'x'", []).unwrap();
    writing.execute("UPDATE events SET object = object || 'x'", []).unwrap();
    let killed = tempfile::tempdir().unwrap();
    let copy = killed.path().join("killed.db");
    std::fs::copy(&path, &copy).unwrap();
    std::fs::copy(path.with_extension("db-journal"), copy.with_extension("db-journal")).unwrap();
    assert!(verify_audit(&copy, Some(key)).is_err(), "a reading connection cannot undo it");
    drop(Store::open(&copy, keys()).unwrap());
    assert!(verify_audit(&copy, Some(key)).unwrap().is_intact());
}

#[tokio::test]
async fn schemas_it_does_not_know_are_refused() {
    let (_dir, path, _) = closed_world().await;
    let connection = Connection::open(&path).unwrap();
    connection.execute("UPDATE schema_migrations SET checksum = 'other'", []).unwrap();
    assert_eq!(Store::open(&path, keys()).err(), Some(StoreError::MigrationChanged(1)));
    connection.execute("INSERT INTO schema_migrations VALUES (99, 'later', 'x')", []).unwrap();
    connection.execute("DELETE FROM schema_migrations WHERE version < 99", []).unwrap();
    let error = Store::open(&path, keys()).err().unwrap();
    assert!(matches!(error, StoreError::NewerSchema { found: 99, .. }), "{error}");
}

#[tokio::test]
async fn another_audit_key_is_refused() {
    let (_dir, path, _) = closed_world().await;
    let mut other = SEED;
    other[0] ^= 1;
    assert_eq!(Store::open(&path, StoreKeys { audit_signing: other }).err(), Some(StoreError::AuditBroken));
}

#[tokio::test]
async fn tampering_with_the_audit_chain_is_found_and_located() {
    let tampered = async |sql: &str| {
        let (_dir, path, key) = closed_world().await;
        let before = verify_audit(&path, Some(key)).unwrap();
        assert!(before.is_intact() && before.entries >= 9, "{before:?}");
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let reopened = Store::open(&path, keys()).err();
        (verify_audit(&path, Some(key)).unwrap().tampering, reopened)
    };
    let (changed, _) = tampered("UPDATE audit SET detail = '{}' WHERE seq = 5").await;
    assert_eq!(changed, [Tampering::Changed { seq: 5 }]);
    let (moved, _) = tampered("UPDATE audit SET at = at + 1 WHERE seq = 2").await;
    assert_eq!(moved, [Tampering::Changed { seq: 2 }]);
    let (removed, _) = tampered("DELETE FROM audit WHERE seq = 4").await;
    assert_eq!(removed, [Tampering::Missing { seq: 5 }]);
    let swap = "UPDATE audit SET seq = -4 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 6; \
                UPDATE audit SET seq = 6 WHERE seq = -4;";
    let (swapped, _) = tampered(swap).await;
    assert_eq!(swapped[0], Tampering::Missing { seq: 4 });
    assert!(swapped.contains(&Tampering::Changed { seq: 5 }), "{swapped:?}");
    let (cut, reopened) = tampered("DELETE FROM audit WHERE seq > 6").await;
    assert!(matches!(cut[..], [Tampering::CutOff { chain: Some(_), place: 6, signed: 9 }]), "{cut:?}");
    assert_eq!(reopened, Some(StoreError::AuditBroken), "appending would cover it up");
    let (signature, _) = tampered("UPDATE audit_head SET signature = zeroblob(64)").await;
    assert!(matches!(signature[..], [Tampering::BadSignature { .. }]), "{signature:?}");
    let (all_gone, _) = tampered("DELETE FROM audit_head; DELETE FROM audit_checkpoints").await;
    assert_eq!(all_gone, [Tampering::NoSignature { seq: 1 }]);
}

#[tokio::test]
async fn a_full_disk_refuses_the_payment_and_loses_nothing() {
    let world = World::with(StoreOptions { max_pages: Some(110), ..StoreOptions::default() }).await;
    let mut paid = 0;
    let error = loop {
        let intent = match world.store.create_intent(new_intent(world.merchant, 1), NOW).await {
            Ok(intent) => intent.id,
            Err(error) => break error,
        };
        match world.store.authorise_and_post(world.allow(intent, 1), NOW).await {
            Ok(_) => paid += 1,
            Err(error) => break error,
        }
        assert!(paid < 5_000, "the disk never filled");
    };
    assert_eq!(error, StoreError::DiskFull);
    assert!(paid > 5, "{paid}");
    assert_eq!(world.available().await, 10_000 - paid);
    world.books_are_sound().await;
    let path = world.path();
    let World { dir: _dir, store, payer, .. } = world;
    drop(store);
    let store = Store::open(&path, keys()).unwrap();
    assert!(store.check_books().await.unwrap().is_sound());
    assert_eq!(store.balances(payer).await.unwrap()[0].minor(), 10_000 - paid);
    store.top_up(payer, eur(1), base::TransferId::from_uuid(uuid()), NOW).await.unwrap();
}
