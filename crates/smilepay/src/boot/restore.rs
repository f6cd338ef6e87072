//! What is left of an erased face on the disk, and what a restored backup brings back: nothing.

use base::Method;
use store::TemplateState;
use vault::{Label, SealedTemplate};

use super::enrolled::{NOW, copy, data, enrolled, found, needles};
use super::keys::{self, Rooms};

/// As `App::erase_method` does: keys, row, log.
pub async fn erase(rooms: &Rooms, label: &Label) {
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
