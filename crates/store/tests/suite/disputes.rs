//! Disputes and their money.

use super::common::{NOW, World, eur, later, uuid};
use base::{DisputeId, IntentId, MovementId, Span, TransferId};
use ledger::{DisputeError, DisputeEvent, DisputeStatus, MovementStatus, OrderStatus};
use store::{Dispute, Idempotency, NewDispute, NewMovement, Route, SavedReply, Settles, StoreError};

fn once(what: &str) -> Idempotency {
    Idempotency { scope: what.into(), key: uuid().to_string(), body_hash: [1; 32] }
}

async fn open(world: &World, intent: IntentId, minor: Option<i64>) -> Result<DisputeId, StoreError> {
    let id = DisputeId::from_uuid(uuid());
    let (amount, transfer) = (minor.map(eur), TransferId::from_uuid(uuid()));
    let new = NewDispute { id, intent, payer: world.payer, amount, reason: "not_received".into(), transfer };
    let render = |_: &Dispute| SavedReply { status: 201, body: String::new() };
    world.store.dispute_once(new, once("dispute"), render, NOW).await.map(|_| id)
}

async fn step(world: &World, id: DisputeId, event: DisputeEvent) -> Result<DisputeStatus, StoreError> {
    world.store.dispute_event(id, event, None, NOW).await.map(|d| d.status)
}

async fn earned(world: &World) -> i64 {
    world.store.merchant_balances(world.merchant).await.unwrap()[0].minor()
}

pub async fn an_open_dispute_holds_its_money_and_ends_once() {
    let world = World::new().await;
    let paid = world.pay(2_000).await.unwrap().intent.id;
    let id = open(&world, paid, None).await.unwrap();
    assert_eq!((earned(&world).await, world.available().await), (0, 8_000), "held, not moved");
    assert_eq!(open(&world, paid, None).await, Err(StoreError::Dispute(DisputeError::Again)));
    assert_eq!(step(&world, id, DisputeEvent::DecidedForPayer).await, Err(StoreError::Dispute(DisputeError::NotReady)));
    let sent =
        world.store.dispute_event(id, DisputeEvent::EvidenceSent, Some("parcel slip".into()), NOW).await.unwrap();
    assert_eq!((sent.status, sent.evidence.as_deref()), (DisputeStatus::UnderReview, Some("parcel slip")));
    assert_eq!(world.store.close_overdue_disputes(10, later(Span::days(15))).await, Ok(0), "evidence came in time");
    assert_eq!(step(&world, id, DisputeEvent::DecidedForMerchant).await, Ok(DisputeStatus::Won));
    assert_eq!((earned(&world).await, world.available().await), (2_000, 8_000));
    assert_eq!(step(&world, id, DisputeEvent::Accepted).await, Err(StoreError::Dispute(DisputeError::Over)));

    let other = world.pay(1_000).await.unwrap().intent.id;
    let id = open(&world, other, None).await.unwrap();
    assert_eq!(world.store.close_overdue_disputes(10, later(Span::days(13))).await, Ok(0));
    assert_eq!(world.store.close_overdue_disputes(10, later(Span::days(15))).await, Ok(1));
    assert_eq!(world.store.dispute(id).await.unwrap().unwrap().status, DisputeStatus::Lost);
    assert_eq!((earned(&world).await, world.available().await), (2_000, 8_000));
    let intent = world.store.intent(other, NOW).await.unwrap().unwrap();
    assert_eq!((intent.disputed, intent.order.status), (1_000, OrderStatus::Refunded));
    world.books_are_sound().await;
}

pub async fn a_lost_dispute_is_paid_back_even_when_the_merchant_has_nothing() {
    let world = World::new().await;
    let paid = world.pay(2_000).await.unwrap().intent.id;
    let payout = NewMovement {
        id: MovementId::from_uuid(uuid()),
        route: Route::Payout(world.merchant),
        amount: store::HowMuch::Exactly(eur(1_500)),
        rail: "test".into(),
        note: String::new(),
        settles: Settles::Now,
        transfer: TransferId::from_uuid(uuid()),
    };
    let render = |m: &store::Movement| {
        assert_eq!(m.status, MovementStatus::Succeeded);
        SavedReply { status: 201, body: String::new() }
    };
    world.store.move_once(payout, once("payout"), render, NOW).await.unwrap();
    let id = open(&world, paid, None).await.unwrap();
    assert_eq!(earned(&world).await, 500, "too little for a hold");
    assert_eq!(step(&world, id, DisputeEvent::Accepted).await, Ok(DisputeStatus::Lost));
    assert_eq!((earned(&world).await, world.available().await), (500, 10_000));
    let lines = world.store.settlement(world.merchant, NOW, later(Span::days(1))).await.unwrap();
    assert_eq!(lines.iter().map(|l| l.sum).sum::<i64>(), 500);
    world.books_are_sound().await;
}

pub async fn disputes_and_refunds_together_never_exceed_the_payment() {
    let world = World::new().await;
    let paid = world.pay(2_000).await.unwrap().intent.id;
    world.store.refund(world.refund(paid, Some(500)), NOW).await.unwrap();
    let more = open(&world, paid, Some(1_501)).await;
    assert!(matches!(more, Err(StoreError::Dispute(DisputeError::MoreThanLeft { .. }))), "{more:?}");
    let id = open(&world, paid, Some(1_000)).await.unwrap();
    assert!(matches!(world.store.refund(world.refund(paid, Some(501)), NOW).await, Err(StoreError::Refund(_))));
    world.store.refund(world.refund(paid, None), NOW).await.unwrap();
    assert_eq!(step(&world, id, DisputeEvent::Accepted).await, Ok(DisputeStatus::Lost));
    assert_eq!((earned(&world).await, world.available().await), (0, 10_000));
    assert!(matches!(world.store.refund(world.refund(paid, None), NOW).await, Err(StoreError::Refund(_))));
    world.books_are_sound().await;
}
