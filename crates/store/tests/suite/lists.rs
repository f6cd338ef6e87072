//! Pages and statements.

use super::common::{NOW, World, eur, later, new_intent};
use base::{IntentId, Span};
use ledger::{IntentStatus, TransferKind};
use money::Currency;
use store::{Between, LedgerSide, Page, StoreError};

pub async fn pages_show_every_row_once_in_both_directions() {
    let world = World::new().await;
    let mut made = Vec::new();
    for second in 0..7 {
        // Two of each second: the id decides between them.
        let at = later(Span::seconds(second / 2));
        made.push(world.store.create_intent(new_intent(world.merchant, 100 + second), at).await.unwrap().id);
    }
    let newest_first: Vec<IntentId> = made.iter().rev().copied().collect();
    let list = async |page, status| {
        let found = world.store.list_intents(world.merchant, status, Between::default(), page, NOW).await.unwrap();
        (found.data.iter().map(|i| i.id).collect::<Vec<_>>(), found.has_more)
    };
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let (ids, more) = list(Page { limit: 3, starting_after: cursor, ending_before: None }, None).await;
        seen.extend(ids);
        cursor = seen.last().copied();
        if !more {
            break;
        }
    }
    assert_eq!(seen, newest_first);
    let before = Page { limit: 2, starting_after: None, ending_before: Some(newest_first[4]) };
    assert_eq!(list(before, None).await, (newest_first[2..4].to_vec(), true));
    let before = Page { limit: 5, starting_after: None, ending_before: Some(newest_first[1]) };
    assert_eq!(list(before, None).await, (newest_first[..1].to_vec(), false));
    world.store.authorise_and_post(world.allow(made[0], 100), NOW).await.unwrap();
    assert_eq!(list(Page::default(), Some(IntentStatus::Succeeded)).await, (vec![made[0]], false));
    assert_eq!(list(Page::default(), Some(IntentStatus::Expired)).await, (vec![], false));
    assert_eq!(list(Page::default(), Some(IntentStatus::RequiresConfirmation)).await.0.len(), 6);
    let between = Between { from: Some(later(Span::seconds(1))), until: Some(later(Span::seconds(3))) };
    let some = world.store.list_intents(world.merchant, None, between, Page::default(), NOW).await.unwrap();
    assert_eq!(some.data.len(), 4);
    let nowhere = Page { starting_after: Some(IntentId::from_uuid(super::common::uuid())), ..Page::default() };
    let lost = world.store.list_intents(world.merchant, None, Between::default(), nowhere, NOW).await;
    assert_eq!(lost, Err(StoreError::NotFound("cursor")));

    let list = async |kind, times, page| world.store.list_events(world.merchant, kind, times, page).await.unwrap();
    let events = list(None, Between::default(), Page { limit: 3, ..Page::default() }).await;
    assert_eq!(
        (events.data.len(), events.has_more, events.data[0].kind.as_str()),
        (3, true, "payment_intent.succeeded")
    );
    let kind = Some("payment_intent.created".to_owned());
    let next = Page { limit: 100, starting_after: Some(events.data[0].id), ending_before: None };
    assert_eq!(list(kind.clone(), Between::default(), next).await.data.len(), 7);
    assert_eq!(list(kind, between, next).await.data.len(), 4, "of the seconds 1 and 2");
    let later = Between { from: Some(later(Span::seconds(4))), until: None };
    assert_eq!(list(None, later, Page::default()).await.data.len(), 0);
}

pub async fn an_account_adds_up_at_any_time() {
    let world = World::new().await;
    let paid = world.pay(2_000).await.unwrap().intent.id;
    let hour = later(Span::hours(1));
    world.store.refund(world.refund(paid, Some(500)), hour).await.unwrap();
    let shop = LedgerSide::Merchant(world.merchant);
    let at = async |time| world.store.balance_at(shop, Currency::EUR, time).await.unwrap().minor();
    assert_eq!(at(later(Span::millis(-1))).await, 0);
    assert_eq!((at(NOW).await, at(later(Span::minutes(59))).await, at(hour).await), (2_000, 2_000, 1_500));
    let lines = world.store.balance_lines(shop, Currency::EUR, Page { limit: 1, ..Page::default() }).await.unwrap();
    assert!(lines.has_more && lines.data[0].kind == TransferKind::Refund && lines.data[0].moved.minor() == -500);
    let next = Page { limit: 10, starting_after: Some(lines.data[0].seq), ending_before: None };
    let lines = world.store.balance_lines(shop, Currency::EUR, next).await.unwrap();
    assert_eq!((lines.data.len(), lines.data[0].moved, lines.has_more), (1, eur(2_000).money(), false));
    assert_eq!(lines.data[0].source, Some(*paid.as_uuid()));
    let trial = store::trial_balance_in(&world.location, None).unwrap();
    assert_eq!(trial.iter().map(|l| l.balance).sum::<i64>(), 0);
    assert_eq!(trial.iter().map(|l| l.kind.as_str()).collect::<Vec<_>>(), ["funding", "merchant_available", "wallet"]);
    let early = store::trial_balance_in(&world.location, Some(NOW)).unwrap();
    assert_eq!(early.iter().find(|l| l.kind == "merchant_available").unwrap().balance, 2_000);
}
