//! Keys of a merchant: found by hash while they work, changed for another, never the last one taken.

use base::{ApiKeyId, Span};
use store::{KeyKind, NewApiKey, StoreError};

use super::common::{NOW, World, later, uuid};

fn new(world: &World, kind: KeyKind, hash: u8) -> NewApiKey {
    NewApiKey {
        id: ApiKeyId::from_uuid(uuid()),
        merchant: world.merchant,
        key_hash: [hash; 32],
        kind,
        label: "till".into(),
        scopes: "refunds.read".into(),
        per_minute: 7,
        version: "2026-11-24".into(),
    }
}

pub async fn a_key_is_found_while_it_works_and_its_successor_may_do_the_same() {
    let world = World::new().await;
    let (store, shop) = (&world.store, world.merchant);
    let first = new(&world, KeyKind::Restricted, 1);
    store.create_api_key(first.clone(), NOW).await.unwrap();
    let found = store.api_key([1; 32], NOW).await.unwrap().unwrap();
    assert_eq!((found.id, found.kind, found.per_minute), (first.id, KeyKind::Restricted, 7));
    assert_eq!((found.scopes.as_str(), found.version.as_str()), ("refunds.read", "2026-11-24"));
    let (second, until) = (ApiKeyId::from_uuid(uuid()), later(Span::hours(1)));
    let made = store.rotate_api_key(shop, first.id, (second, [2; 32]), until, NOW).await.unwrap();
    assert_eq!((made.label, made.scopes, made.per_minute), (found.label, found.scopes, 7));
    let again = store.rotate_api_key(shop, first.id, (ApiKeyId::from_uuid(uuid()), [3; 32]), until, NOW).await;
    assert_eq!(again, Err(StoreError::NotFound("key")), "one successor");
    assert!(store.api_key([1; 32], NOW).await.unwrap().is_some());
    assert!(store.api_key([1; 32], until).await.unwrap().is_none());
    assert_eq!(store.api_keys(shop, until).await.unwrap().len(), 1);
    store.note_key_uses(vec![(second, until)]).await.unwrap();
    assert_eq!(store.api_key([2; 32], until).await.unwrap().unwrap().last_used_at, Some(until));
    let twice = NewApiKey { key_hash: [2; 32], ..new(&world, KeyKind::Restricted, 2) };
    assert_eq!(store.create_api_key(twice, until).await, Err(StoreError::Exists("key")));
    store.revoke_api_key(shop, second, until).await.unwrap();
    assert!(store.api_key([2; 32], until).await.unwrap().is_none());
    assert_eq!(store.revoke_api_key(shop, second, until).await, Err(StoreError::NotFound("key")));
}

pub async fn the_last_secret_key_stays() {
    let world = World::new().await;
    let (store, shop) = (&world.store, world.merchant);
    let (one, two) = (new(&world, KeyKind::Secret, 1), new(&world, KeyKind::Secret, 2));
    let (first, second) = (one.id, two.id);
    store.create_api_key(one, NOW).await.unwrap();
    store.create_api_key(new(&world, KeyKind::Publishable, 3), NOW).await.unwrap();
    assert_eq!(store.revoke_api_key(shop, first, NOW).await, Err(StoreError::LastKey));
    store.create_api_key(two, NOW).await.unwrap();
    store.revoke_api_key(shop, first, NOW).await.unwrap();
    assert_eq!(store.revoke_api_key(shop, second, NOW).await, Err(StoreError::LastKey));
    // Its successor takes its place.
    let next = (ApiKeyId::from_uuid(uuid()), [4; 32]);
    store.rotate_api_key(shop, second, next, later(Span::hours(1)), NOW).await.unwrap();
    store.revoke_api_key(shop, second, NOW).await.unwrap();
    assert_eq!(store.api_keys(shop, NOW).await.unwrap().len(), 2);
}
