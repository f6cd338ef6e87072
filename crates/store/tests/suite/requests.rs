//! Repeated requests, batches of good and bad jobs, addresses.

use base::Span;
use store::{Idempotency, IdempotencyStart, SavedReply, StoreError};

use super::common::{NOW, World, later, new_intent, payer, uuid};

fn once(key: &str, body: u8) -> Idempotency {
    Idempotency { scope: "shop".to_owned(), key: key.to_owned(), body_hash: [body; 32] }
}

pub async fn one_batch_keeps_good_jobs_and_drops_bad_ones() {
    let world = World::new().await;
    let mut jobs = Vec::new();
    for number in 0..64 {
        let minor = if number % 2 == 0 { 100 } else { 50_000 };
        let intent = world.intent(minor).await;
        let (store, allow) = (world.store.clone(), world.allow(intent, minor));
        jobs.push(tokio::spawn(async move { (minor, store.authorise_and_post(allow, NOW).await.is_ok()) }));
    }
    for job in jobs {
        let (minor, paid) = job.await.unwrap();
        assert_eq!(paid, minor == 100);
    }
    assert_eq!(world.available().await, 10_000 - 3_200);
    world.books_are_sound().await;
}

pub async fn a_repeated_request_gets_the_first_reply() {
    let world = World::new().await;
    let new = new_intent(world.merchant, 500);
    let ask = async |new, once, at| {
        let render = |intent: &store::Intent| SavedReply { status: 201, body: intent.id.to_string() };
        world.store.create_intent_once(new, once, render, at).await
    };
    let first = ask(new.clone(), once("k", 1), NOW).await.unwrap();
    assert!(!first.replayed && first.reply.body == new.id.to_string());
    let second = ask(new_intent(world.merchant, 500), once("k", 1), NOW).await.unwrap();
    assert!(second.replayed && second.reply == first.reply);
    let other = ask(new_intent(world.merchant, 600), once("k", 2), NOW).await;
    assert_eq!(other, Err(StoreError::IdempotencyConflict));
    let failed = ask(new, once("fresh", 1), NOW).await;
    assert_eq!(failed, Err(StoreError::Exists("payment intent")), "failed work saves no reply");
    let retried = ask(new_intent(world.merchant, 500), once("fresh", 1), NOW).await.unwrap();
    assert!(!retried.replayed);
    let next_day = ask(new_intent(world.merchant, 500), once("k", 2), later(Span::hours(24))).await.unwrap();
    assert!(!next_day.replayed, "keys are kept for 24 hours");
    world.books_are_sound().await;
}

pub async fn a_hundred_refunds_under_one_key_are_one_refund() {
    let world = World::new().await;
    let paid = world.pay(1_000).await.unwrap().intent.id;
    let asks: Vec<_> = (0..100)
        .map(|_| {
            let (store, new) = (world.store.clone(), world.refund(paid, Some(10)));
            let render = |refund: &store::Refund| SavedReply { status: 201, body: refund.id.to_string() };
            tokio::spawn(async move { store.refund_once(new, once("r", 1), render, NOW).await.unwrap() })
        })
        .collect();
    let mut bodies = Vec::new();
    for ask in asks {
        bodies.push(ask.await.unwrap().reply.body);
    }
    bodies.dedup();
    assert_eq!((bodies.len(), world.store.refunds(paid).await.unwrap().len()), (1, 1));
    world.books_are_sound().await;
}

pub async fn work_in_several_steps_is_claimed_finished_or_given_back() {
    let world = World::new().await;
    let begin = async |body| world.store.idempotency_begin(once("k", body), NOW).await;
    assert_eq!(begin(1).await, Ok(IdempotencyStart::New));
    assert_eq!(begin(1).await, Err(StoreError::IdempotencyInFlight));
    assert_eq!(begin(2).await, Err(StoreError::IdempotencyConflict));
    world.store.idempotency_abandon(once("k", 1)).await.unwrap();
    assert_eq!(begin(2).await, Ok(IdempotencyStart::New));
    let reply = SavedReply { status: 200, body: "done".to_owned() };
    world.store.idempotency_finish(once("k", 2), reply.clone()).await.unwrap();
    assert_eq!(begin(2).await, Ok(IdempotencyStart::Replay(reply)));
}

pub async fn a_reply_is_saved_in_the_commit_of_its_effect_or_not_at_all() {
    let world = World::new().await;
    let (store, shop) = (world.store.clone(), world.merchant);
    let ask = async |body: u8, id: base::WebhookEndpointId, url: &str| {
        let new = store::NewWebhookEndpoint { id, url: url.to_owned(), kinds: String::new(), secret: vec![1] };
        let work = store.create_webhook_endpoint(shop, new, NOW);
        let render = |once: &Idempotency, (): &()| Ok(SavedReply { status: 201, body: once.key.clone() });
        store::working_for(once("k", body), NOW, store::answering(render, work)).await
    };
    let (id, other) = (base::WebhookEndpointId::from_uuid(uuid()), base::WebhookEndpointId::from_uuid(uuid()));
    assert_eq!(ask(1, id, "").await, (Err(StoreError::Malformed("URL")), false), "refused before it was written");
    assert_eq!(store.saved_reply(once("k", 1), NOW).await, Ok(None));
    assert_eq!(ask(1, id, "http://a/").await, (Ok(()), true));
    let saved = SavedReply { status: 201, body: "k".to_owned() };
    assert_eq!(store.saved_reply(once("k", 1), NOW).await, Ok(Some(saved)));
    assert_eq!(store.saved_reply(once("k", 2), NOW).await, Err(StoreError::IdempotencyConflict));
    // Whoever comes second to the commit leaves nothing, neither reply nor effect.
    assert_eq!(ask(1, other, "http://b/").await, (Err(StoreError::IdempotencyInFlight), true));
    assert_eq!(store.webhook_endpoints(shop).await.unwrap().len(), 1);
    // A write of another kind under the same request is none of the reply's business.
    let (made, saved) = store::working_for(once("n", 1), NOW, payer(&store, 1)).await;
    assert!(store.payer(made).await.unwrap().is_some() && !saved);

    assert_eq!(store.forget_replies(later(Span::hours(23))).await, Ok(0));
    assert_eq!(store.forget_replies(later(Span::hours(24))).await, Ok(1));
    assert_eq!(store.saved_reply(once("k", 1), NOW).await, Ok(None));
    world.books_are_sound().await;
}

pub async fn an_e_mail_address_has_one_account() {
    let world = World::new().await;
    let email = world.store.payer(world.payer).await.unwrap().unwrap().email;
    let new = store::NewPayer {
        id: base::AccountId::from_uuid(uuid()),
        email: email.to_uppercase(),
        name: "Other".to_owned(),
        passphrase_hash: "x".to_owned(),
        audit_salt: [2; 16],
    };
    assert_eq!(world.store.create_payer(new, NOW).await, Err(StoreError::EmailTaken));
    let found = world.store.payer_by_email(&email.to_uppercase()).await.unwrap().unwrap();
    assert_eq!(found.id, world.payer);
    assert_ne!(payer(&world.store, 1).await, world.payer);
}
