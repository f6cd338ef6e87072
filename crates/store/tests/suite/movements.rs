//! Money into, out of and between wallets.

use super::common::{NOW, World, eur, later, payer, uuid};
use base::{MovementId, Span, TransferId};
use ledger::{LedgerError, MovementStatus};
use store::{Idempotency, NewMovement, Page, Replied, Route, SavedReply, Settles, StoreError};

async fn go(world: &World, route: Route, minor: i64, settles: Settles, key: &str) -> Result<Replied, StoreError> {
    let new = NewMovement {
        id: MovementId::from_uuid(uuid()),
        route,
        amount: store::HowMuch::Exactly(eur(minor)),
        rail: "test".into(),
        note: "lunch".into(),
        settles,
        transfer: TransferId::from_uuid(uuid()),
    };
    let once = Idempotency { scope: "move".into(), key: key.into(), body_hash: [1; 32] };
    let render = |m: &store::Movement| SavedReply { status: 201, body: m.status.as_str().to_owned() };
    world.store.move_once(new, once, render, NOW).await
}

pub async fn what_leaves_is_held_until_the_rail_answers() {
    let world = World::new().await;
    let (out, soon) = (Route::Withdrawal(world.payer), later(Span::minutes(1)));
    assert_eq!(go(&world, out, 3_000, Settles::At(soon), "w1").await.unwrap().reply.body, "pending");
    assert_eq!(go(&world, out, 2_000, Settles::FailsAt(soon), "w2").await.unwrap().reply.body, "pending");
    assert_eq!(world.available().await, 5_000);
    let over = go(&world, out, 5_001, Settles::Now, "w3").await.unwrap_err();
    assert!(matches!(over, StoreError::Ledger(LedgerError::InsufficientFunds { .. })), "{over}");
    go(&world, Route::TopUp(world.payer), 700, Settles::At(soon), "t1").await.unwrap();
    assert_eq!(world.available().await, 5_000, "what is on its way cannot be spent");
    let waiting = world.store.list_movements(world.payer, Page::default()).await.unwrap().data;
    assert!(waiting.iter().all(|m| m.failure.is_none() || m.status == MovementStatus::Pending));
    assert_eq!(world.store.settle_movements(10, NOW).await, Ok(0));
    assert_eq!(world.store.settle_movements(10, soon).await, Ok(3));
    assert_eq!(world.store.settle_movements(10, soon).await, Ok(0));
    assert_eq!(world.available().await, 7_700);
    let mut ended: Vec<_> = world
        .store
        .list_movements(world.payer, Page::default())
        .await
        .unwrap()
        .data
        .into_iter()
        .map(|m| m.status)
        .collect();
    ended.sort_by_key(|s| s.as_str());
    assert_eq!(ended, [MovementStatus::Failed, MovementStatus::Succeeded, MovementStatus::Succeeded]);
    // A rail that never answers: the hold expires, and with it the movement; the others are settled all the same.
    go(&world, out, 4_000, Settles::At(later(Span::days(9))), "w4").await.unwrap();
    assert_eq!((world.available().await, world.store.expire_holds(10, later(Span::days(8))).await), (3_700, Ok(1)));
    assert_eq!(world.store.settle_movements(10, later(Span::days(10))).await, Ok(0));
    assert_eq!(world.available().await, 7_700);
    world.books_are_sound().await;
}

pub async fn a_transfer_between_wallets_repeats_by_key_and_never_overdraws() {
    let world = World::new().await;
    let eve = payer(&world.store, 100).await;
    let route = Route::Transfer { from: world.payer, to: eve };
    let all = (0..20).map(|n| {
        let world = &world;
        async move { go(world, route, 3_000, Settles::Now, &format!("k{}", n % 10)).await }
    });
    let ended = futures_util::future::join_all(all).await;
    let moved = ended.iter().flatten().filter(|r| !r.replayed).count();
    assert_eq!((moved, world.available().await), (3, 1_000));
    assert_eq!(world.store.balances(eve).await.unwrap()[0].minor(), 9_100);
    let own = go(&world, Route::Transfer { from: eve, to: eve }, 1, Settles::Now, "self").await;
    assert_eq!(own, Err(StoreError::Ledger(LedgerError::SelfTransfer)));
    let nobody = base::AccountId::from_uuid(uuid());
    let lost = go(&world, Route::Transfer { from: eve, to: nobody }, 1, Settles::Now, "nobody").await;
    assert_eq!(lost, Err(StoreError::NotFound("recipient")));
    assert_eq!(world.store.list_movements(eve, Page::default()).await.unwrap().data.len(), 3, "received ones, too");
    world.books_are_sound().await;
}
