//! The suite on PostgreSQL, and what only a server can do: be gone. One test, so that all of it shares one server.
//! Without PostgreSQL on this machine it says so and passes.

#![allow(clippy::unwrap_used, reason = "helpers of tests may stop the test")]

mod suite;

use std::time::Duration;

use base::TransferId;
use store::load::{Cluster, Disk};
use store::{Store, StoreError, StoreOptions};
use suite::common::{CLUSTER, NOW, World, eur, keys, uuid};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_suite_on_postgresql() {
    let dir = tempfile::tempdir().unwrap();
    let Some(cluster) = Cluster::start(dir.path(), Disk::Unsynced).unwrap() else {
        println!("PostgreSQL is not installed here (no initdb): its half of the suite was left out");
        return;
    };
    let _ends_with_the_test = Stop;
    CLUSTER.set(cluster).ok().unwrap();
    macro_rules! on_postgres {
        ($module:ident $name:ident) => {
            println!("{}", stringify!($name));
            suite::$module::$name().await;
        };
    }
    a_killed_server_loses_nothing_and_the_store_goes_on().await;
    a_second_writer_is_kept_out_and_everything_is_there_after_reopening().await;
    suite::every_test!(on_postgres);
}

/// A static is never dropped; the server has to be stopped all the same.
struct Stop;

impl Drop for Stop {
    fn drop(&mut self) {
        if let Some(cluster) = CLUSTER.get() {
            cluster.stop();
        }
    }
}

async fn a_second_writer_is_kept_out_and_everything_is_there_after_reopening() {
    let world = World::new().await;
    let paid = world.pay(2_000).await.unwrap().intent;
    let options = StoreOptions { lock_wait: Duration::from_millis(100), ..StoreOptions::default() };
    let second = Store::open_in(&world.location, keys(), options).err();
    assert_eq!(second, Some(StoreError::WrittenByAnother));
    let World { location, store, .. } = world;
    drop(store);
    let store = Store::open_in(&location, keys(), StoreOptions::default()).unwrap();
    assert_eq!(store.intent(paid.id, NOW).await.unwrap().unwrap(), paid);
    assert!(store.check_books().await.unwrap().is_sound());
}

async fn a_killed_server_loses_nothing_and_the_store_goes_on() {
    let world = World::new().await;
    let paid = world.pay(2_000).await.unwrap().intent;
    CLUSTER.get().unwrap().kill_and_restart(Duration::from_millis(50)).unwrap();
    // The first one may hear that the session was lost; from then on all is well again.
    let top_up = || world.store.top_up(world.payer, eur(1), TransferId::from_uuid(uuid()), NOW);
    let first = top_up().await;
    assert!(matches!(first, Ok(()) | Err(StoreError::Unreachable(_))), "{first:?}");
    top_up().await.unwrap();
    assert_eq!(world.store.intent(paid.id, NOW).await.unwrap().unwrap(), paid);
    world.books_are_sound().await;
}
