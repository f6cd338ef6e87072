use store::{BadProof, Neighbour, check_proof, newest_checkpoint_in, prove_in, verify_audit_against};

use super::common::World;

/// The proof holds for what it says and nothing else, with the public key alone.
pub async fn an_entry_is_proven_by_the_key_alone() {
    let world = World::new().await;
    for _ in 0..4 {
        world.pay(100).await.unwrap();
    }
    let key = world.store.audit_public_key();
    for seq in [1, 4, 7] {
        let proof = prove_in(&world.location, seq).unwrap();
        let proven = check_proof(&proof, key).unwrap();
        assert_eq!(proven.entry, proof.entry);
        let text = serde_json::to_string(&proof).unwrap();
        assert_eq!(text.matches("\"kind\"").count(), 1, "neighbours are not shown");
        let mut wrong = Vec::new();
        for change in 0..8 {
            let mut other = proof.clone();
            match change {
                0 => other.entry.at += 1,
                1 => other.entry.kind.push('x'),
                2 => other.entry.detail.push(' '),
                3 => other.entry.place += 1,
                4 => other.entry.shard ^= 1,
                5 => other.entries += 1,
                6 => other.previous = "00".repeat(32),
                _ => other.after.push(Neighbour { shard: other.entry.shard, content: "00".repeat(32) }),
            }
            if other != proof {
                wrong.push(check_proof(&other, key));
            }
        }
        assert!(wrong.len() >= 7 && wrong.iter().all(|w| *w == Err(BadProof::Unsigned)), "{wrong:?}");
        assert!(check_proof(&proof, [1; 32]).is_err(), "another key");
    }
    assert!(prove_in(&world.location, 9_999).is_err());
    let kept = newest_checkpoint_in(&world.location).unwrap().unwrap();
    world.pay(100).await.unwrap();
    assert!(verify_audit_against(&world.location, key, &kept).unwrap().is_intact());
    // A proof from before the newest seal still holds: it has its own.
    world.books_are_sound().await;
}
