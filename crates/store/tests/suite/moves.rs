//! A shop that outgrows its database takes its history along.

use store::{Location, Store, StoreError, StoreOptions, copy};

use super::common::{CLUSTER, NOW, World, keys};

pub async fn a_copy_holds_everything_and_goes_on() {
    let world = World::new().await;
    let (paid, refunded) = (world.pay(2_000).await.unwrap().intent, world.pay(500).await.unwrap().intent.id);
    world.store.refund(world.refund(refunded, Some(100)), NOW).await.unwrap();
    let World { dir, location, store, merchant, payer } = world;
    let file = Location::File(dir.path().join("copy.db"));
    let target = CLUSTER.get().map_or_else(|| file.clone(), |cluster| cluster.new_database().unwrap());
    if CLUSTER.get().is_none() {
        // A running server holds the file; on PostgreSQL a writer is waited for, so this would only take long.
        assert!(matches!(copy(&location, &target, keys), Err(StoreError::InUse(_))));
    }
    drop(store);
    let report = copy(&location, &target, keys).unwrap();
    assert!(report.audit.entries >= 8 && report.books.transfers == 4, "{report:?}");
    assert_eq!(copy(&location, &target, keys).err(), Some(StoreError::Exists("store to copy to")));
    // There and back, from one engine to the other.
    let last = if CLUSTER.get().is_some() { copy(&target, &file, keys).map(|_| file) } else { Ok(target) }.unwrap();
    let store = Store::open_in(&last, keys(), StoreOptions::default()).unwrap();
    assert_eq!(store.intent(paid.id, NOW).await.unwrap().unwrap(), paid);
    let world = World { dir, location: last, store, merchant, payer };
    world.pay(1_000).await.unwrap();
    assert_eq!(world.available().await, 10_000 - 2_000 - 500 + 100 - 1_000);
    world.books_are_sound().await;
}
