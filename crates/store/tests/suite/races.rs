//! Many tries at the same money. More of them: `smilepay bench race`.

use store::Location;
use store::load::race_in;

use super::common::CLUSTER;

pub async fn races_let_through_what_there_is_money_for() {
    let dir = tempfile::tempdir().unwrap();
    let location = match CLUSTER.get() {
        Some(cluster) => cluster.new_database().unwrap(),
        None => Location::File(dir.path().join("race.db")),
    };
    let report = race_in(&location, 500).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.races.iter().map(|race| race.tries).collect::<Vec<_>>(), [500; 3]);
}
