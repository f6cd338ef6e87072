//! The audit log: hash chains, one for each run of shards, whose heads are signed together with every commit.
//!
//! An entry is linked to the one before it in its own chain only, so writers of different shards never wait for each
//! other; what ties the chains together is the seal: one signature over all heads, kept for good every
//! [`crate::limits::CHECKPOINT_EVERY`] entries. Entries from before there were several chains are the *first chain*;
//! its end is part of every seal.

mod chain;
mod entry;
mod heads;
mod kept;
mod money;
mod proof;
mod seal;
mod walk;

pub(crate) use chain::{Chain, Signer};
pub use kept::{KeptCheckpoint, newest_checkpoint_in};
pub use proof::{AuditProof, BadProof, Neighbour, Proven, ProvenEntry, check_proof, prove_in};
pub(crate) use walk::walk;
pub use walk::{AuditReport, Tampering, audited_receipt, verify_audit, verify_audit_against, verify_audit_in};

#[cfg(test)]
mod tests {
    use base::{MerchantId, Timestamp};
    use ed25519_dalek::{Signer as _, SigningKey};
    use uuid::Uuid;

    use super::entry::{Entry, Mark};
    use super::*;
    use crate::sql::{Connection, SqliteConnection, params};
    use crate::{Location, NewMerchant, Store, StoreError, StoreKeys};

    const SEED: [u8; 32] = [3; 32];
    const NOW: Timestamp = Timestamp::from_millis(1_763_755_200_000);

    /// A store of the time when there was one chain, with `entries` entries and a checkpoint at the second.
    fn old_store(path: &std::path::Path, entries: i64) {
        let connection = Connection::Sqlite(SqliteConnection(rusqlite::Connection::open(path).unwrap()));
        crate::migrate::make_as_of(&connection, 13).unwrap();
        let (key, mut mark) = (SigningKey::from_bytes(&SEED), Mark::START);
        let sign = |mark: Mark| key.sign(&mark.first_chain_message()).to_bytes();
        let execute = |sql: &str, row: &[&dyn crate::sql::ToValue]| connection.execute(sql, row).ok().unwrap();
        for seq in 1..=entries {
            let entry = Entry { at: seq, kind: "old.entry", subject: &[], detail: "{}" };
            mark = entry.after_in_first_chain(mark);
            let sql =
                "INSERT INTO audit (seq, at, kind, subject, detail, hash) VALUES (?1, ?1, 'old.entry', ?2, '{}', ?3)";
            execute(sql, params![seq, Vec::<u8>::new(), mark.hash]);
            if seq == 2 {
                let sql = "INSERT INTO audit_checkpoints (seq, hash, signature) VALUES (?1, ?2, ?3)";
                execute(sql, params![seq, mark.hash, sign(mark)]);
            }
        }
        let sql = "INSERT INTO audit_head (one, seq, hash, signature, public_key) VALUES (1, ?1, ?2, ?3, ?4)";
        execute(sql, params![mark.place, mark.hash, sign(mark), key.verifying_key().to_bytes()]);
    }

    async fn go_on(path: &std::path::Path) -> [u8; 32] {
        let store = Store::open(path, StoreKeys { audit_signing: SEED }).unwrap();
        for number in 0..40 {
            let id = MerchantId::from_uuid(Uuid::from_u128(number * 7));
            store.create_merchant(NewMerchant { id, name: "Shop".to_owned() }, NOW).await.unwrap();
        }
        store.audit_public_key()
    }

    #[tokio::test]
    async fn the_chain_of_older_stores_is_kept_and_still_watched() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.db");
        old_store(&path, 5);
        let location = Location::File(path.clone());
        let key = go_on(&path).await;
        let report = verify_audit(&path, Some(key)).unwrap();
        assert!(report.is_intact() && report.entries == 45 && report.chains > 20, "{report:?}");
        assert!(matches!(prove_in(&location, 3), Err(StoreError::NotFound(_))), "an old entry has neighbours to show");
        check_proof(&prove_in(&location, 6).unwrap(), key).unwrap();
        let other = rusqlite::Connection::open(&path).unwrap();
        other.execute("DELETE FROM audit WHERE seq = 5", []).unwrap();
        let cut = Tampering::CutOff { chain: None, place: 4, signed: 5 };
        assert_eq!(verify_audit(&path, Some(key)).unwrap().tampering, [cut]);
    }

    #[tokio::test]
    async fn a_proof_holds_for_its_entry_and_under_its_key_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.db");
        let key = go_on(&path).await;
        let location = Location::File(path);
        let (one, other) = (prove_in(&location, 9).unwrap(), prove_in(&location, 10).unwrap());
        assert_eq!(check_proof(&one, key).unwrap().entry, one.entry);
        assert!(check_proof(&one, [7; 32]).is_err());
        let swapped = AuditProof { entry: other.entry.clone(), ..one.clone() };
        assert_eq!(check_proof(&swapped, key), Err(BadProof::Unsigned));
        let invented = ProvenEntry { detail: r#"{"merchant":"mer_none"}"#.to_owned(), ..one.entry.clone() };
        assert_eq!(check_proof(&AuditProof { entry: invented, ..one }, key), Err(BadProof::Unsigned));
    }

    #[tokio::test]
    async fn a_changed_end_of_the_old_chain_is_refused_at_the_start() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.db");
        old_store(&path, 5);
        let other = rusqlite::Connection::open(&path).unwrap();
        other.execute("DELETE FROM audit WHERE seq = 5", []).unwrap();
        drop(other);
        assert_eq!(Store::open(&path, StoreKeys { audit_signing: SEED }).err(), Some(StoreError::AuditBroken));
    }

    #[tokio::test]
    async fn chains_are_found_rolled_back_gone_or_rewritten() {
        let dir = tempfile::tempdir().unwrap();
        let tampered = async |sql: &str| {
            let path = dir.path().join(format!("{:x}.db", sql.len()));
            let key = go_on(&path).await;
            let before = verify_audit(&path, Some(key)).unwrap();
            assert!(before.is_intact() && before.chains > 20, "{before:?}");
            let kept = newest_checkpoint_in(&Location::File(path.clone())).unwrap().unwrap();
            rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
            let found = verify_audit(&path, Some(key)).unwrap().tampering;
            (found, verify_audit_against(&Location::File(path), key, &kept).unwrap().tampering)
        };
        // Merchant 8 lives in shard 56, merchant 9 in 63: chain 7 has two entries, the numbers 9 and 10.
        let (gone, _) = tampered("DELETE FROM audit WHERE shard BETWEEN 56 AND 63").await;
        assert_eq!(gone, [Tampering::CutOff { chain: Some(7), place: 0, signed: 2 }]);
        let (back, _) = tampered("DELETE FROM audit WHERE seq = 10").await;
        assert_eq!(back, [Tampering::CutOff { chain: Some(7), place: 1, signed: 2 }]);
        let (moved, _) = tampered("UPDATE audit SET shard = 57 WHERE seq = 9").await;
        assert_eq!(moved, [Tampering::Changed { seq: 9 }]);
        let rewritten = "UPDATE audit SET hash = zeroblob(32) WHERE seq = 10 ";
        let (rewritten, _) = tampered(rewritten).await;
        assert_eq!(rewritten, [Tampering::Changed { seq: 10 }, Tampering::Rewritten { chain: Some(7), place: 2 }]);
        // Everything put back to the first checkpoint, signature and all: only what was kept elsewhere tells.
        let back = "DELETE FROM audit; DELETE FROM audit_head; DELETE FROM audit_checkpoints;    ";
        let (nothing, against) = tampered(back).await;
        assert!(nothing.is_empty() && against.len() > 20, "{against:?}");
    }
}
