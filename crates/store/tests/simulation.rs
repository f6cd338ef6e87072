//! The simulation itself: seeds replay exactly, and a store that forgets or doubles would be found.

#![allow(clippy::unwrap_used, reason = "helpers of tests may stop the test")]

use store::load::{simulate, simulate_seed};

#[tokio::test]
async fn seeds_replay_exactly_and_hold_every_invariant() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = simulate(one.path(), 0, 8).await.unwrap();
    assert!(first.failed.is_none(), "{:#?}", first.failed);
    assert!(first.crashes > 0 && first.full_disks > 0 && first.lost_replies > 0, "{first:?}");
    assert!(
        first.duplicates > 0 && first.delayed > 0 && first.clock_jumps > 0 && first.acknowledged > 100,
        "{first:?}"
    );
    assert_eq!(simulate(two.path(), 0, 8).await.unwrap().digest, first.digest);
    let (_, trace) = simulate_seed(one.path(), 7).await.unwrap();
    let (_, again) = simulate_seed(two.path(), 7).await.unwrap();
    assert_eq!(trace, again);
}
