//! Endpoints and deliveries: who gets which event, what is given up, and what is taken up again.

use base::{EventId, IntentId, Span, WebhookEndpointId};
use store::{DeliveryCursor, DeliveryState, EndpointChange, NewMerchant, NewWebhookEndpoint, Page, StoreError};

use super::common::{NOW, World, later, uuid};

async fn endpoint(world: &World, kinds: &str) -> WebhookEndpointId {
    let id = WebhookEndpointId::from_uuid(uuid());
    let new = NewWebhookEndpoint { id, url: "http://a/".into(), kinds: kinds.into(), secret: b"first".to_vec() };
    world.store.create_webhook_endpoint(world.merchant, new, NOW).await.unwrap();
    id
}

/// Who waits for what now, as (endpoint, kind).
async fn due(world: &World, at: Span) -> Vec<(WebhookEndpointId, String)> {
    let taken = world.store.take_due_deliveries(100, later(at).plus(Span::seconds(60)), later(at)).await.unwrap();
    let mut all: Vec<_> = taken.into_iter().map(|d| (d.endpoint, d.event.kind)).collect();
    all.sort();
    all
}

async fn dead(world: &World) -> Vec<(EventId, WebhookEndpointId)> {
    let page = Page { limit: 100, ..Page::default() };
    let rows = world.store.list_deliveries(world.merchant, Some(DeliveryState::Dead), None, page).await.unwrap();
    rows.data.iter().map(|d| (d.event, d.endpoint)).collect()
}

pub async fn an_endpoint_gets_the_kinds_it_wants_and_nothing_while_it_is_off() {
    let world = World::new().await;
    let (store, shop) = (&world.store, world.merchant);
    let (all, some) = (endpoint(&world, "").await, endpoint(&world, "payment_intent.succeeded refund.succeeded").await);
    // `_` stands for itself, not for any letter.
    let other = endpoint(&world, "payment-intent.created").await;
    world.intent(100).await;
    assert_eq!(due(&world, Span::seconds(0)).await, vec![(all, "payment_intent.created".to_owned())]);
    let off = EndpointChange { enabled: Some(false), ..EndpointChange::default() };
    let changed = store.change_webhook_endpoint(shop, all, off, NOW).await.unwrap();
    assert!(changed.disabled_at.is_some() && changed.kinds.is_empty() && changed.url == "http://a/");
    assert_eq!(dead(&world).await.len(), 1, "what waits for one that is off is dead");
    world.pay(200).await.unwrap();
    assert_eq!(due(&world, Span::minutes(5)).await, vec![(some, "payment_intent.succeeded".to_owned())]);

    assert_eq!(store.replay_dead(Some(shop), None, NOW).await, Ok(0), "it is still off");
    let on = EndpointChange { enabled: Some(true), url: Some("http://b/".into()), kinds: None };
    let changed = store.change_webhook_endpoint(shop, all, on, NOW).await.unwrap();
    assert_eq!((changed.disabled_at, changed.url.as_str()), (None, "http://b/"));
    assert_eq!(store.replay_dead(Some(shop), Some(some), NOW).await, Ok(0));
    assert_eq!(store.replay_dead(None, None, NOW).await, Ok(1));
    store.delete_webhook_endpoint(shop, all, NOW).await.unwrap();
    let gone = store.delete_webhook_endpoint(shop, all, NOW).await;
    assert_eq!(gone, Err(StoreError::NotFound("webhook endpoint")));
    assert_eq!(store.webhook_endpoints(shop).await.unwrap().len(), 2);
    assert_eq!(due(&world, Span::minutes(20)).await, vec![(some, "payment_intent.succeeded".to_owned())]);
    let stranger = base::MerchantId::from_uuid(uuid());
    store.create_merchant(NewMerchant { id: stranger, name: "Other".into() }, NOW).await.unwrap();
    assert!(store.webhook_endpoint(stranger, other).await.unwrap().is_none());
    let foreign = store.rotate_webhook_secret(stranger, other, vec![1], NOW, NOW).await.err();
    assert_eq!(foreign, Some(StoreError::NotFound("webhook endpoint")));
    world.books_are_sound().await;
}

pub async fn a_new_secret_stands_beside_the_old_one() {
    let world = World::new().await;
    let id = endpoint(&world, "").await;
    let until = later(Span::hours(1));
    let changed = world.store.rotate_webhook_secret(world.merchant, id, b"second".to_vec(), until, NOW).await.unwrap();
    assert_eq!((changed.secret.as_slice(), changed.old_secret), (&b"second"[..], Some((b"first".to_vec(), until))));
    world.intent(100).await;
    let taken = world.store.take_due_deliveries(10, until, NOW).await.unwrap();
    let both: Vec<_> = taken.iter().map(|d| (d.secret.clone(), d.old_secret.clone().map(|(s, _)| s))).collect();
    assert_eq!(both, vec![(b"second".to_vec(), Some(b"first".to_vec()))]);
}

pub async fn what_was_given_up_is_listed_and_taken_up_again() {
    let world = World::new().await;
    let (store, shop) = (&world.store, world.merchant);
    let (first, second) = (endpoint(&world, "").await, endpoint(&world, "").await);
    let mut made: Vec<IntentId> = Vec::new();
    for _ in 0..3 {
        made.push(world.intent(100).await);
    }
    for delivery in store.take_due_deliveries(100, NOW, NOW).await.unwrap() {
        assert_eq!(delivery.since, NOW);
        store.mark_failed(delivery.event.seq, delivery.endpoint, "no answer", None, NOW).await.unwrap();
    }
    let all = dead(&world).await;
    assert_eq!(all.len(), 6);
    let mut paged = Vec::new();
    let mut page = Page { limit: 4, starting_after: None, ending_before: None };
    loop {
        let found = store.list_deliveries(shop, Some(DeliveryState::Dead), None, page).await.unwrap();
        paged.extend(found.data.iter().map(|d| (d.event, d.endpoint)));
        let Some(last) = found.data.last().filter(|_| found.has_more) else { break };
        assert_eq!((last.last_error.as_deref(), last.attempts, last.next_at), (Some("no answer"), 1, None));
        page.starting_after = Some(DeliveryCursor { event: last.event, endpoint: last.endpoint });
    }
    assert_eq!(paged, all);
    let (event, endpoint) = all[3];
    let before = Page { limit: 2, starting_after: None, ending_before: Some(DeliveryCursor { event, endpoint }) };
    let found = store.list_deliveries(shop, None, None, before).await.unwrap();
    let rows: Vec<_> = found.data.iter().map(|d| (d.event, d.endpoint)).collect();
    assert_eq!((rows.as_slice(), found.has_more), (&all[1..3], true));
    let location = world.location.clone();
    let beside = tokio::task::spawn_blocking(move || store::dead_deliveries_in(&location)).await.unwrap();
    assert_eq!(beside.unwrap().len(), 6);

    // Replayed later, its tries begin anew; once more while it is under way changes nothing.
    let at = later(Span::days(4));
    assert_eq!(store.replay_event(shop, event, Some(first), at).await, Ok(1));
    assert_eq!(store.replay_event(shop, event, Some(first), at).await, Ok(1));
    let taken = store.take_due_deliveries(100, at, at).await.unwrap();
    let taken: Vec<_> = taken.iter().map(|d| (d.event.id, d.endpoint, d.since, d.attempts)).collect();
    assert_eq!(taken, vec![(event, first, at, 0)]);
    store.mark_delivered(1, second, at).await.unwrap();
    assert_eq!(store.replay_dead(Some(shop), Some(second), at).await, Ok(2));
    // One that was made afterwards gets it, too.
    let third = self::endpoint(&world, "").await;
    assert_eq!(store.replay_event(shop, event, None, at).await, Ok(3));
    assert!(due(&world, Span::days(5)).await.iter().any(|(id, _)| *id == third));
    let unknown = store.replay_event(shop, EventId::from_uuid(uuid()), None, at).await;
    assert_eq!(unknown, Err(StoreError::NotFound("event")));
}
