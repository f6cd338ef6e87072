//! Kiosks find who agreed, by the digits that were kept, and make an ordinary challenge of it, once.

use super::common::{DEVICE, NOW, World, later, payer, uuid};
use base::{
    AccountId, ApiKeyId, AuthenticationId, ChallengeId, ConsentId, EnrolmentId, IntentId, KioskAttemptId, MerchantId,
    Method, Purpose, Span, TemplateId,
};
use store::{Authorisation, NewConsent, NewEnrolment, NewKioskAttempt, NewMerchant, NewTemplate, StoreError};

const DIGITS: [u8; 32] = [4; 32];

fn consent(purpose: Purpose) -> NewConsent {
    NewConsent {
        id: ConsentId::from_uuid(uuid()),
        purpose,
        text_version: "2026-11".into(),
        text_digest: [1; 32],
        locale: "en".into(),
        guardian: None,
    }
}

async fn enrol(world: &World, account: AccountId) -> TemplateId {
    let (id, template) = (EnrolmentId::from_uuid(uuid()), TemplateId::from_uuid(uuid()));
    let (method, expires_at) = (Method::Face, later(Span::minutes(5)));
    let mut token_hash = [9; 32];
    token_hash[..16].copy_from_slice(id.as_uuid().as_bytes());
    let consent = consent(Purpose::Payment);
    let new = NewEnrolment { id, account, method, kind: None, consent, token_hash, expires_at };
    world.store.create_enrolment(new, NOW).await.unwrap();
    world.store.take_enrolment(id, token_hash, NOW).await.unwrap();
    let new = NewTemplate {
        id: template,
        account,
        method,
        kind: None,
        model: "m".into(),
        views: 5,
        sealed: vec![1; 40],
        small_amounts_until: NOW,
        enrolment: id,
    };
    world.store.add_template(new, NOW).await.unwrap();
    template
}

async fn opts_in(world: &World, account: AccountId) -> ConsentId {
    world.store.set_phone(account, DIGITS, NOW).await.unwrap();
    let new = consent(Purpose::Kiosk);
    let id = new.id;
    world.store.give_consent(account, Method::Face, new, NOW).await.unwrap();
    id
}

async fn found(world: &World, tag: [u8; 32]) -> Vec<AccountId> {
    world.store.kiosk_faces(tag, 10).await.unwrap().into_iter().map(|row| row.info.account).collect()
}

async fn kiosk(world: &World) -> ApiKeyId {
    let id = ApiKeyId::from_uuid(uuid());
    let mut key_hash = [5; 32];
    key_hash[..16].copy_from_slice(id.as_uuid().as_bytes());
    let (label, scopes) = ("kiosk".to_owned(), "kiosk.pay".to_owned());
    let new = store::NewApiKey {
        kind: store::KeyKind::Restricted,
        version: "2026-11-24".into(),
        id,
        merchant: world.merchant,
        key_hash,
        label,
        scopes,
        per_minute: 60,
    };
    world.store.create_api_key(new, NOW).await.unwrap();
    id
}

fn attempt(world: &World, intent: IntentId, kiosk: ApiKeyId, token: u8) -> NewKioskAttempt {
    NewKioskAttempt {
        id: KioskAttemptId::from_uuid(uuid()),
        intent,
        merchant: world.merchant,
        kiosk,
        tag: DIGITS,
        steps: "{}".into(),
        token_hash: [token; 32],
        expires_at: later(Span::minutes(1)),
        max_tries: 3,
    }
}

pub async fn a_kiosk_finds_only_who_agrees_right_now() {
    let world = World::new().await;
    let (store, ada) = (&world.store, world.payer);
    let eve = payer(store, 100).await;
    let (template, _) = (enrol(&world, ada).await, enrol(&world, eve).await);
    assert_eq!(store.phone_since(ada).await.unwrap(), None);
    store.set_phone(ada, DIGITS, NOW).await.unwrap();
    assert_eq!(store.phone_since(ada).await.unwrap(), Some(NOW));
    assert_eq!(found(&world, DIGITS).await, [], "a number is no consent");
    let agreed = opts_in(&world, ada).await;
    assert_eq!(found(&world, DIGITS).await, [ada]);
    assert_eq!(found(&world, [5; 32]).await, [], "other digits");
    opts_in(&world, eve).await;
    assert_eq!(found(&world, DIGITS).await.len(), 2);
    assert_eq!(store.kiosk_faces(DIGITS, 1).await.unwrap().len(), 1, "no more than asked for");
    store.remove_phone(eve, NOW).await.unwrap();
    store.remove_phone(eve, NOW).await.unwrap();
    assert_eq!(found(&world, DIGITS).await, [ada]);
    store.withdraw_consent(ada, agreed, NOW).await.unwrap();
    assert_eq!(found(&world, DIGITS).await, []);
    opts_in(&world, ada).await;
    assert_eq!(found(&world, DIGITS).await, [ada]);
    let (proof, receipt) = ("{}".to_owned(), "{}".to_owned());
    store.erase_template(ada, template, proof, receipt, store::ErasedBecause::Asked, NOW).await.unwrap();
    assert_eq!(found(&world, DIGITS).await, []);
    let records = store.records_of(ada).await.unwrap();
    assert_eq!(records["phone_number"].as_array().unwrap().len(), 1);
    assert!(!records.to_string().contains(&hex::encode(DIGITS)), "not even the payer's own file holds the tag");
    world.books_are_sound().await;
}

pub async fn an_attempt_becomes_one_challenge_of_one_payer_and_pays_once() {
    let world = World::new().await;
    let (store, ada) = (&world.store, world.payer);
    let template = enrol(&world, ada).await;
    let agreed = opts_in(&world, ada).await;
    let (key, terms) = (kiosk(&world).await, world.terms(700));
    let intent = world.intent(700).await;

    let other = MerchantId::from_uuid(uuid());
    store.create_merchant(NewMerchant { id: other, name: "Another".into() }, NOW).await.unwrap();
    let foreign = NewKioskAttempt { merchant: other, ..attempt(&world, intent, key, 1) };
    let refused = store.create_kiosk_attempt(foreign, NOW).await;
    assert_eq!(refused, Err(StoreError::NotFound("payment intent")), "another shop's");

    let first = attempt(&world, intent, key, 2);
    let first_id = first.id;
    assert_eq!(store.create_kiosk_attempt(first, NOW).await.unwrap(), 2);
    let new = attempt(&world, intent, key, 3);
    let id = new.id;
    store.create_kiosk_attempt(new, NOW).await.unwrap();
    let replaced = store.take_kiosk_attempt(first_id, [2; 32], NOW).await;
    assert_eq!(replaced.err(), Some(StoreError::TokenUsed("kiosk attempt")));
    let wrong = store.take_kiosk_attempt(id, [2; 32], NOW).await;
    assert_eq!(wrong.err(), Some(StoreError::NotFound("kiosk attempt")));
    let late = store.take_kiosk_attempt(id, [3; 32], later(Span::minutes(1))).await;
    assert_eq!(late.err(), Some(StoreError::TokenExpired("kiosk attempt")));
    let challenge = || ChallengeId::from_uuid(uuid());
    let early = store.know_at_kiosk(id, challenge(), ada, terms, NOW).await;
    assert_eq!(early.err(), Some(StoreError::TokenUsed("kiosk attempt")), "nobody was seen yet");
    store.take_kiosk_attempt(id, [3; 32], NOW).await.unwrap();
    assert_eq!(store.intent(intent, NOW).await.unwrap().unwrap().tries, 1);

    let eve = payer(store, 10_000).await;
    assert_eq!(store.know_at_kiosk(id, challenge(), eve, terms, NOW).await.err(), Some(StoreError::NoConsent));
    let dearer = store.know_at_kiosk(id, challenge(), ada, world.terms(701), NOW).await;
    assert!(dearer.is_err(), "for what was shown, and nothing else");
    let known = store.know_at_kiosk(id, challenge(), ada, terms, NOW).await.unwrap();
    assert_eq!((known.account, known.intent, known.terms), (ada, intent, terms));
    let twice = store.know_at_kiosk(id, challenge(), ada, terms, NOW).await;
    assert_eq!(twice.err(), Some(StoreError::TokenUsed("kiosk attempt")));

    let allow = || Authorisation {
        authentication: AuthenticationId::from_uuid(uuid()),
        challenge: Some(known.id),
        method: Method::Face,
        proven: vec![Method::Face],
        device: Some(DEVICE),
        template: Some(template),
        ..world.allow(intent, 700)
    };
    // Taken back while the camera ran: what it proved is not used.
    store.withdraw_consent(ada, agreed, NOW).await.unwrap();
    assert_eq!(store.authorise_and_post(allow(), NOW).await.err(), Some(StoreError::NoConsent));
    assert_eq!(world.available().await, 10_000);
    opts_in(&world, ada).await;
    let paid = store.authorise_and_post(allow(), NOW).await.unwrap();
    assert_eq!(paid.receipt.methods, [Method::Face]);
    assert_eq!(world.available().await, 9_300);
    assert!(store.authorise_and_post(allow(), NOW).await.is_err(), "once");
    world.books_are_sound().await;
}

pub async fn an_attempt_that_tells_nobody_ends_and_the_payment_waits() {
    let world = World::new().await;
    let (store, key) = (&world.store, kiosk(&world).await);
    let intent = world.intent(700).await;
    for token in 1..=3_u8 {
        let new = attempt(&world, intent, key, token);
        let id = new.id;
        assert_eq!(store.create_kiosk_attempt(new, NOW).await.unwrap(), 3 - token);
        store.take_kiosk_attempt(id, [token; 32], NOW).await.unwrap();
        let end = |reason: &str| store.end_kiosk_attempt(id, vec![reason.to_owned()], "authentication_incomplete", NOW);
        assert_eq!(end("nobody_found").await.unwrap(), token);
        assert_eq!(end("nobody_found").await.err(), Some(StoreError::TokenUsed("kiosk attempt")));
        let now = store.intent(intent, NOW).await.unwrap().unwrap();
        assert_eq!(now.status, ledger::IntentStatus::RequiresConfirmation);
    }
    let fourth = store.create_kiosk_attempt(attempt(&world, intent, key, 4), NOW).await;
    assert_eq!(fourth.err(), Some(StoreError::TriesSpent));
    world.books_are_sound().await;
}
