//! Payments that are captured by hand.

use super::common::{NOW, World, eur, later, uuid};
use base::{EventId, IntentId, Span};
use ledger::{CaptureMethod, IntentError, IntentStatus, LedgerError, OrderStatus};
use store::{Idempotency, Replied, SavedReply, StoreError};

fn once(key: &str) -> Idempotency {
    Idempotency { scope: "shop capture".into(), key: key.into(), body_hash: [1; 32] }
}

async fn authorised(world: &World, minor: i64) -> IntentId {
    let mut new = super::common::new_intent(world.merchant, minor);
    new.capture_method = CaptureMethod::Manual;
    let id = world.store.create_intent(new, NOW).await.unwrap().id;
    let paid = world.store.authorise_and_post(world.allow(id, minor), NOW).await.unwrap();
    assert_eq!((paid.intent.status, paid.intent.captured), (IntentStatus::RequiresCapture, 0));
    assert_eq!(world.store.intent(id, NOW).await.unwrap().unwrap(), paid.intent);
    id
}

async fn capture(world: &World, id: IntentId, part: Option<i64>, key: &str) -> Result<Replied, StoreError> {
    let render = |i: &store::Intent| SavedReply { status: 200, body: i.captured.to_string() };
    world.store.capture_once(world.merchant, id, part.map(eur), once(key), render, NOW).await
}

async fn earned(world: &World) -> i64 {
    world.store.merchant_balances(world.merchant).await.unwrap().first().map_or(0, |m| m.minor())
}

pub async fn a_hold_is_captured_once_and_the_rest_is_free_again() {
    let world = World::new().await;
    let id = authorised(&world, 2_000).await;
    assert_eq!((world.available().await, earned(&world).await), (8_000, 0));
    let again = world.store.authorise_and_post(world.allow(id, 2_000), NOW).await.unwrap_err();
    assert_eq!(again, StoreError::Intent(IntentError::AlreadyAuthorised));
    let more = capture(&world, id, Some(2_001), "more").await.unwrap_err();
    assert!(matches!(more, StoreError::Ledger(LedgerError::MoreThanHeld { .. })), "{more}");
    assert!(matches!(world.store.refund(world.refund(id, None), NOW).await, Err(StoreError::Refund(_))));

    assert_eq!(capture(&world, id, Some(1_500), "a").await.unwrap().reply.body, "1500");
    assert!(capture(&world, id, Some(1_500), "a").await.unwrap().replayed);
    let twice = capture(&world, id, None, "b").await.unwrap_err();
    assert_eq!(twice, StoreError::Intent(IntentError::AlreadySucceeded));
    assert_eq!((world.available().await, earned(&world).await), (8_500, 1_500));
    let intent = world.store.intent(id, NOW).await.unwrap().unwrap();
    assert_eq!((intent.status, intent.captured), (IntentStatus::Succeeded, 1_500));

    let over = world.store.refund(world.refund(id, Some(1_501)), NOW).await;
    assert!(matches!(over, Err(StoreError::Refund(_))), "no more goes back than was taken");
    world.store.refund(world.refund(id, None), NOW).await.unwrap();
    assert_eq!((world.available().await, earned(&world).await), (10_000, 0));
    let intent = world.store.intent(id, NOW).await.unwrap().unwrap();
    assert_eq!(intent.order.status, OrderStatus::Refunded);
    world.books_are_sound().await;
}

pub async fn an_authorised_payment_is_canceled_or_expires_and_its_money_comes_back() {
    let world = World::new().await;
    let (canceled, expired) = (authorised(&world, 2_000).await, authorised(&world, 3_000).await);
    assert_eq!(world.available().await, 5_000);
    let event = || EventId::from_uuid(uuid());
    let intent = world.store.cancel_intent(world.merchant, canceled, event(), NOW).await.unwrap();
    assert_eq!((intent.status, intent.order.status), (IntentStatus::Canceled, OrderStatus::Canceled));
    assert_eq!(world.available().await, 7_000);
    assert_eq!(capture(&world, canceled, None, "c").await.unwrap_err(), StoreError::Intent(IntentError::Canceled));

    let day_8 = later(Span::days(8));
    let intent = world.store.intent(expired, day_8).await.unwrap().unwrap();
    assert_eq!(intent.status, IntentStatus::Expired, "it reads as expired before anything has run");
    let render = |_: &store::Intent| SavedReply { status: 200, body: String::new() };
    let late = world.store.capture_once(world.merchant, expired, None, once("late"), render, day_8).await;
    assert_eq!(late, Err(StoreError::Intent(IntentError::Expired)));
    assert_eq!(world.store.expire_holds(10, day_8).await, Ok(1));
    assert_eq!(world.store.expire_holds(10, day_8).await, Ok(0));
    assert_eq!((world.available().await, earned(&world).await), (10_000, 0));
    let kinds: Vec<String> =
        world.store.events(world.merchant, 0, 20).await.unwrap().into_iter().map(|e| e.kind).collect();
    for kind in ["payment_intent.amount_capturable_updated", "payment_intent.canceled", "payment_intent.expired"] {
        assert!(kinds.iter().any(|k| k == kind), "{kind}");
    }
    world.books_are_sound().await;
}

pub async fn captures_cancels_and_expiry_at_once_end_the_hold_once() {
    let world = World::new().await;
    let id = authorised(&world, 4_000).await;
    let tries = (0..40).map(|n| {
        let world = &world;
        async move {
            if n % 3 == 0 {
                world.store.cancel_intent(world.merchant, id, EventId::from_uuid(uuid()), NOW).await.map(|_| ())
            } else {
                capture(world, id, Some(1_000 + n), &format!("k{n}")).await.map(|_| ())
            }
        }
    });
    let ended: Vec<_> = futures_util::future::join_all(tries).await;
    let wins = ended.iter().filter(|e| e.is_ok()).count();
    let intent = world.store.intent(id, NOW).await.unwrap().unwrap();
    match intent.status {
        // Canceling a canceled one answers it again.
        IntentStatus::Canceled => assert_eq!((world.available().await, earned(&world).await), (10_000, 0)),
        IntentStatus::Succeeded => {
            assert_eq!(wins, 1);
            assert_eq!((world.available().await, earned(&world).await), (10_000 - intent.captured, intent.captured));
        }
        other => assert_eq!(other, IntentStatus::Succeeded, "the hold has to end"),
    }
    world.books_are_sound().await;
}
