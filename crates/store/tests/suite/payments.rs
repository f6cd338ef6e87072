//! The bugs users reported in other ledgers, and the money invariants under concurrency.

use super::common::{DEVICE, NOW, World, eur, later, payer, uuid};
use base::{AuthenticationId, Span, TransferId};
use ledger::{IntentError, IntentStatus, LedgerError, NewTransfer, OrderStatus, RefundError};
use money::Currency;
use store::{LedgerSide, StoreError};

pub async fn a_payment_by_face_leaves_receipt_promise_event_and_audit() {
    let world = World::new().await;
    let intent = world.intent(2_000).await;
    let new = world.challenge(intent, 2_000, 1);
    let challenge = new.id;
    assert_eq!(world.store.create_challenge(new, NOW).await, Ok(2));
    let waiting = world.store.intent(intent, NOW).await.unwrap().unwrap();
    assert_eq!(waiting.status, IntentStatus::RequiresAction);
    world.store.take_challenge(challenge, [1; 32], NOW).await.unwrap();
    let mut allow = world.allow(intent, 2_000);
    (allow.challenge, allow.method) = (Some(challenge), base::Method::Face);
    let receipt = allow.receipt;
    let paid = world.store.authorise_and_post(allow, later(Span::seconds(3))).await.unwrap();
    assert_eq!(paid.intent.order.promised_at.unwrap().date(), "2025-11-27");

    let intent = world.store.intent(intent, NOW).await.unwrap().unwrap();
    assert_eq!(intent, paid.intent);
    assert_eq!((intent.status, intent.order.status), (IntentStatus::Succeeded, OrderStatus::Confirmed));
    assert_eq!(world.store.receipt(receipt).await.unwrap().unwrap(), paid.receipt);
    let history = world.store.payments(world.payer, None, 10).await.unwrap();
    assert_eq!((history.len(), history[0].receipt), (1, receipt));
    assert_eq!(world.available().await, 8_000);
    assert_eq!(world.store.merchant_balances(world.merchant).await.unwrap()[0].minor(), 2_000);
    let events = world.store.events(world.merchant, 0, 10).await.unwrap();
    let kinds: Vec<_> = events.iter().map(|e| e.kind.as_str()).collect();
    assert_eq!(kinds, ["payment_intent.created", "payment_intent.succeeded"]);
    assert!(events[1].object.contains(r#""status":"succeeded""#) && events[1].object.contains(r#""amount":2000"#));
    world.books_are_sound().await;
}

pub async fn available_counts_holds() {
    let world = World::new().await;
    let (from, to) = (LedgerSide::Wallet(world.payer), LedgerSide::Merchant(world.merchant));
    let new = NewTransfer { id: TransferId::from_uuid(uuid()), amount: eur(6_000), lasts: Span::days(1) };
    world.store.hold(new, from, to, NOW).await.unwrap();
    assert_eq!(world.available().await, 4_000);
    let refused = world.pay(5_000).await.unwrap_err();
    assert!(matches!(refused, StoreError::Ledger(LedgerError::InsufficientFunds { .. })), "{refused}");
    // Money on its way in cannot be spent either: the merchant has nothing posted yet.
    assert_eq!(world.store.merchant_balances(world.merchant).await.unwrap()[0].minor(), 0);
    world.books_are_sound().await;
}

pub async fn a_hold_ends_once() {
    let world = World::new().await;
    let (from, to) = (LedgerSide::Wallet(world.payer), LedgerSide::Merchant(world.merchant));
    let id = || TransferId::from_uuid(uuid());
    let hold = async |id, minor| {
        let new = NewTransfer { id, amount: eur(minor), lasts: Span::hours(1) };
        world.store.hold(new, from, to, NOW).await
    };
    let (voided, posted, partial, old) = (id(), id(), id(), id());
    for (transfer, minor) in [(voided, 100), (posted, 200), (partial, 300), (old, 400)] {
        hold(transfer, minor).await.unwrap();
    }
    assert_eq!(hold(posted, 200).await, Err(StoreError::Exists("transfer")), "a retry makes no second hold");
    world.store.void(voided, NOW).await.unwrap();
    assert_eq!(world.store.post(voided, None, NOW).await, Err(LedgerError::Voided.into()));
    world.store.post(posted, None, NOW).await.unwrap();
    assert_eq!(world.store.post(posted, None, NOW).await, Err(LedgerError::AlreadyPosted.into()));
    assert_eq!(world.store.void(posted, NOW).await, Err(LedgerError::AlreadyPosted.into()));
    let more = world.store.post(partial, Some(eur(301)), NOW).await;
    assert_eq!(more, Err(LedgerError::MoreThanHeld { held: eur(300) }.into()));
    world.store.post(partial, Some(eur(50)), NOW).await.unwrap();
    let after = later(Span::hours(1));
    assert_eq!(world.store.post(old, None, after).await, Err(LedgerError::Expired.into()));
    assert_eq!(world.store.expire_holds(10, after).await, Ok(1));
    assert_eq!(world.store.post(old, None, NOW).await, Err(LedgerError::Expired.into()), "a clock jump back");
    let balance = world.store.balance(from, Currency::EUR).await.unwrap();
    assert_eq!((balance.posted, balance.pending_out), (10_000 - 250, 0));
    world.books_are_sound().await;
}

/// Both phases and their repetitions at once, so that they meet in few batches and see each other before the database does.
pub async fn one_transfer_named_often_in_a_batch_moves_once() {
    let world = World::new().await;
    let (from, to) = (LedgerSide::Wallet(world.payer), LedgerSide::Merchant(world.merchant));
    for _ in 0..20 {
        let id = TransferId::from_uuid(uuid());
        let hold = || {
            let new = NewTransfer { id, amount: eur(100), lasts: Span::hours(1) };
            world.store.hold(new, from, to, NOW)
        };
        let too_much = NewTransfer { id: TransferId::from_uuid(uuid()), amount: eur(50_000), lasts: Span::hours(1) };
        let (first, second, refused, post, void, again) = tokio::join!(
            hold(),
            hold(),
            world.store.hold(too_much, from, to, NOW),
            world.store.post(id, None, NOW),
            world.store.void(id, NOW),
            world.store.post(id, None, NOW)
        );
        assert_eq!((first, second), (Ok(()), Err(StoreError::Exists("transfer"))));
        assert!(matches!(refused, Err(StoreError::Ledger(LedgerError::InsufficientFunds { .. }))), "{refused:?}");
        let posted = Err(LedgerError::AlreadyPosted.into());
        assert_eq!((post, void, again), (Ok(()), posted.clone(), posted));
        let kept = world.store.transfer(id).await.unwrap().map(|transfer| transfer.state);
        assert_eq!(kept, Some(ledger::TransferState::Posted { amount: eur(100) }));
        assert_eq!(world.store.transfer(too_much.id).await, Ok(None));
    }
    assert_eq!(world.available().await, 10_000 - 2_000);
    world.books_are_sound().await;
}

pub async fn a_hundred_confirms_of_one_intent_pay_once() {
    let world = World::new().await;
    let intent = world.intent(1_000).await;
    let confirms: Vec<_> = (0..100)
        .map(|_| {
            let (store, allow) = (world.store.clone(), world.allow(intent, 1_000));
            tokio::spawn(async move { store.authorise_and_post(allow, NOW).await })
        })
        .collect();
    let mut paid = 0;
    for confirm in confirms {
        match confirm.await.unwrap() {
            Ok(_) => paid += 1,
            Err(error) => assert_eq!(error, IntentError::AlreadySucceeded.into()),
        }
    }
    assert_eq!((paid, world.available().await), (1, 9_000));
    world.books_are_sound().await;
}

pub async fn many_payments_at_once_never_overdraw() {
    let world = World::new().await;
    let mut payments = Vec::new();
    for _ in 0..40 {
        let intent = world.intent(300).await;
        let (store, allow) = (world.store.clone(), world.allow(intent, 300));
        payments.push(tokio::spawn(async move { store.authorise_and_post(allow, NOW).await.is_ok() }));
    }
    let mut paid = 0;
    for payment in payments {
        paid += i64::from(payment.await.unwrap());
    }
    assert_eq!((paid, world.available().await), (33, 100));
    world.books_are_sound().await;
}

pub async fn refunds_at_once_never_exceed_the_payment() {
    let world = World::new().await;
    let paid = world.pay(1_000).await.unwrap().intent.id;
    world.pay(5_000).await.unwrap();
    let refunds: Vec<_> = (0..20)
        .map(|_| {
            let (store, new) = (world.store.clone(), world.refund(paid, Some(300)));
            tokio::spawn(async move { store.refund(new, NOW).await })
        })
        .collect();
    let mut done = 0;
    for refund in refunds {
        match refund.await.unwrap() {
            Ok(_) => done += 1,
            Err(error) => assert!(matches!(error, StoreError::Refund(RefundError::MoreThanLeft { .. })), "{error}"),
        }
    }
    assert_eq!(done, 3);
    world.store.refund(world.refund(paid, None), NOW).await.unwrap();
    let again = world.store.refund(world.refund(paid, Some(1)), NOW).await;
    assert_eq!(again.unwrap_err(), RefundError::NothingLeft.into());
    let intent = world.store.intent(paid, NOW).await.unwrap().unwrap();
    assert_eq!((intent.refunded, intent.order.status), (1_000, OrderStatus::Refunded));
    assert_eq!(world.available().await, 5_000);
    world.books_are_sound().await;
}

pub async fn a_refund_needs_a_payment_of_that_merchant_and_its_money() {
    let world = World::new().await;
    let unpaid = world.intent(100).await;
    assert_eq!(world.store.refund(world.refund(unpaid, None), NOW).await.unwrap_err(), RefundError::NotCaptured.into());
    let paid = world.pay(1_000).await.unwrap().intent.id;
    let mut foreign = world.refund(paid, None);
    foreign.merchant = base::MerchantId::from_uuid(uuid());
    assert_eq!(world.store.refund(foreign, NOW).await.unwrap_err(), StoreError::NotFound("payment intent"));
    let (shop, other) = (LedgerSide::Merchant(world.merchant), LedgerSide::Wallet(payer(&world.store, 1).await));
    let paid_out = NewTransfer { id: TransferId::from_uuid(uuid()), amount: eur(500), lasts: Span::days(1) };
    world.store.hold(paid_out, shop, other, NOW).await.unwrap();
    let error = world.store.refund(world.refund(paid, None), NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::Ledger(LedgerError::InsufficientFunds { .. })), "{error}");
    assert_eq!(world.store.refunds(paid).await.unwrap(), []);
    world.books_are_sound().await;
}

pub async fn a_decision_is_for_its_terms_payer_and_minute_and_works_once() {
    let world = World::new().await;
    let intent = world.intent(2_000).await;
    let try_with = async |change: &dyn Fn(&mut store::Authorisation), at| {
        let mut allow = world.allow(intent, 2_000);
        change(&mut allow);
        world.store.authorise_and_post(allow, at).await.unwrap_err()
    };
    let changed = StoreError::from(IntentError::TermsChanged);
    assert_eq!(try_with(&|a| a.terms.amount = eur(200), NOW).await, changed);
    assert_eq!(try_with(&|a| a.terms.payee = base::MerchantId::from_uuid(uuid()), NOW).await, changed);
    assert_eq!(try_with(&|_| {}, later(Span::seconds(60))).await, StoreError::DecisionExpired);
    assert_eq!(try_with(&|a| a.decided_at = later(Span::hours(1)), NOW).await, StoreError::DecisionExpired);
    assert_eq!(try_with(&|a| a.method = base::Method::Face, NOW).await, StoreError::DecisionForAnother);
    assert_eq!(try_with(&|a| a.account = base::AccountId::from_uuid(uuid()), NOW).await, StoreError::NotFound("payer"));
    let used = world.allow(intent, 2_000).authentication;
    let mut first = world.allow(intent, 2_000);
    first.authentication = used;
    world.store.authorise_and_post(first, NOW).await.unwrap();
    let other = world.intent(2_000).await;
    let mut replay = world.allow(other, 2_000);
    replay.authentication = used;
    assert_eq!(world.store.authorise_and_post(replay, NOW).await.unwrap_err(), StoreError::DecisionUsed);
    assert_eq!(world.available().await, 8_000);
    world.books_are_sound().await;
}

pub async fn a_challenge_is_taken_once_and_only_for_its_payment() {
    let world = World::new().await;
    let (intent, other) = (world.intent(2_000).await, world.intent(2_000).await);
    let first = world.challenge(intent, 2_000, 1);
    let second = world.challenge(intent, 2_000, 2);
    let (one, two) = (first.id, second.id);
    let mut cheap = world.challenge(intent, 2_000, 9);
    cheap.terms.amount = eur(1);
    assert_eq!(world.store.create_challenge(cheap, NOW).await, Err(IntentError::TermsChanged.into()));
    world.store.create_challenge(first, NOW).await.unwrap();
    world.store.create_challenge(second, NOW).await.unwrap();
    let replaced = world.store.take_challenge(one, [1; 32], NOW).await;
    assert_eq!(replaced, Err(StoreError::TokenUsed("challenge")), "a newer challenge voids the older");
    assert_eq!(world.store.take_challenge(two, [1; 32], NOW).await, Err(StoreError::NotFound("challenge")));
    let late = world.store.take_challenge(two, [2; 32], later(Span::seconds(60))).await;
    assert_eq!(late, Err(StoreError::TokenExpired("challenge")));
    let face = |intent, challenge| {
        let mut allow = world.allow(intent, 2_000);
        (allow.challenge, allow.method) = (Some(challenge), base::Method::Face);
        allow
    };
    let untaken = world.store.authorise_and_post(face(intent, two), NOW).await;
    assert_eq!(untaken.unwrap_err(), StoreError::TokenUsed("challenge"));
    world.store.take_challenge(two, [2; 32], NOW).await.unwrap();
    let again = world.store.take_challenge(two, [2; 32], NOW).await;
    assert_eq!(again, Err(StoreError::TokenUsed("challenge")));
    let moved = world.store.authorise_and_post(face(other, two), NOW).await;
    assert_eq!(moved.unwrap_err(), StoreError::DecisionForAnother);
    world.store.authorise_and_post(face(intent, two), NOW).await.unwrap();
    let replay = world.store.authorise_and_post(face(other, two), NOW).await;
    assert_eq!(replay.unwrap_err(), StoreError::DecisionUsed);
    world.books_are_sound().await;
}

pub async fn tries_end_and_failures_lock_one_device_only() {
    let world = World::new().await;
    let lock: store::LockRule = |failures| (failures >= 3).then_some(Span::minutes(5));
    let intent = world.intent(2_000).await;
    for token in 1..=3 {
        let new = world.challenge(intent, 2_000, token);
        let id = new.id;
        assert_eq!(world.store.create_challenge(new, NOW).await, Ok(3 - token));
        world.store.take_challenge(id, [token; 32], NOW).await.unwrap();
        let mut deny = world.deny(intent, 2_000);
        (deny.challenge, deny.method) = (Some(id), base::Method::Face);
        let refused = world.store.decline(deny, lock, NOW).await.unwrap();
        assert_eq!(refused.intent.status, IntentStatus::RequiresConfirmation);
        assert_eq!(refused.failures.unwrap().failures, u32::from(token));
    }
    assert_eq!(world.store.create_challenge(world.challenge(intent, 2_000, 4), NOW).await, Err(StoreError::TriesSpent));
    let until = later(Span::minutes(5));
    let locked = world.store.authorise_and_post(world.allow(intent, 2_000), NOW).await;
    assert_eq!(locked.unwrap_err(), StoreError::Locked { until });
    let mut elsewhere = world.allow(intent, 2_000);
    elsewhere.device = Some(store::DeviceKey([4; 32]));
    world.store.authorise_and_post(elsewhere, NOW).await.unwrap();
    assert_eq!(world.store.failures(world.payer, DEVICE).await.unwrap().locked_until, Some(until));
    world.books_are_sound().await;
}

pub async fn canceled_and_expired_intents_cannot_be_paid() {
    let world = World::new().await;
    let (canceled, overdue) = (world.intent(100).await, world.intent(100).await);
    let event = || base::EventId::from_uuid(uuid());
    for _ in 0..2 {
        let intent = world.store.cancel_intent(world.merchant, canceled, event(), NOW).await.unwrap();
        assert_eq!(intent.status, IntentStatus::Canceled);
    }
    let error = world.store.authorise_and_post(world.allow(canceled, 100), NOW).await.unwrap_err();
    assert_eq!(error, IntentError::Canceled.into());
    let late = later(Span::minutes(30));
    let mut allow = world.allow(overdue, 100);
    allow.decided_at = late;
    assert_eq!(world.store.authorise_and_post(allow, late).await.unwrap_err(), IntentError::Expired.into());
    let paid = world.pay(100).await.unwrap().intent.id;
    let error = world.store.cancel_intent(world.merchant, paid, event(), NOW).await.unwrap_err();
    assert_eq!(error, IntentError::AlreadySucceeded.into());
    world.books_are_sound().await;
}

pub async fn a_refused_payment_leaves_nothing_behind() {
    let world = World::new().await;
    let intent = world.intent(99_999).await;
    let allow = world.allow(intent, 99_999);
    let (authentication, receipt) = (allow.authentication, allow.receipt);
    let before = world.store.events(world.merchant, 0, 10).await.unwrap().len();
    let error = world.store.authorise_and_post(allow, NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::Ledger(LedgerError::InsufficientFunds { .. })), "{error}");
    assert_eq!(world.store.receipt(receipt).await, Ok(None));
    assert_eq!(world.store.events(world.merchant, 0, 10).await.unwrap().len(), before);
    world.store.top_up(world.payer, eur(99_999), TransferId::from_uuid(uuid()), NOW).await.unwrap();
    let mut retry = world.allow(intent, 99_999);
    retry.authentication = AuthenticationId::from_uuid(*authentication.as_uuid());
    world.store.authorise_and_post(retry, NOW).await.unwrap();
    world.books_are_sound().await;
}

pub async fn what_a_step_up_proved_is_remembered_for_its_own_payment_and_for_a_while() {
    let t = World::new().await;
    let (intent, other) = (t.intent(500).await, t.intent(500).await);
    let mut first = t.deny(intent, 500);
    (first.outcome, first.proven) = (store::Outcome::StepUp, vec![base::Method::Passphrase]);
    t.store.decline(first, |_| None, NOW).await.unwrap();
    let mut second = t.deny(intent, 500);
    (second.outcome, second.proven) = (store::Outcome::Deny, vec![base::Method::Otp]);
    t.store.decline(second, |_| None, NOW).await.unwrap();
    let before = |intent, since| t.store.proven_before(intent, t.payer, since);
    assert_eq!(before(intent, NOW).await.unwrap(), [base::Method::Passphrase], "a refusal proves nothing");
    assert_eq!(before(other, NOW).await.unwrap(), []);
    assert_eq!(before(intent, later(Span::millis(1))).await.unwrap(), []);
    let mut allow = t.allow(intent, 500);
    allow.proven = vec![base::Method::Otp, base::Method::Passphrase];
    let paid = t.store.authorise_and_post(allow, NOW).await.unwrap();
    assert_eq!(paid.receipt.methods, [base::Method::Otp, base::Method::Passphrase]);
    let listed = t.store.payments(t.payer, None, 10).await.unwrap();
    assert_eq!(listed[0].methods, paid.receipt.methods);
}
