//! Exchanging sealed forms, and who has not been here for long.

use base::{ConsentId, EnrolmentId, Method, Purpose, Span, TemplateId, Timestamp};
use store::{Exchange, NewConsent, NewEnrolment, NewTemplate, SealedIn, Store};

use super::common::{NOW, World, later, payer, uuid};

async fn enrol(store: &Store, account: base::AccountId, at: Timestamp) -> TemplateId {
    let (id, template) = (EnrolmentId::from_uuid(uuid()), TemplateId::from_uuid(uuid()));
    let consent = NewConsent {
        id: ConsentId::from_uuid(uuid()),
        purpose: Purpose::Payment,
        text_version: "test".into(),
        text_digest: [0; 32],
        locale: "en".into(),
        guardian: None,
    };
    let mut token_hash = [7; 32];
    token_hash[..16].copy_from_slice(id.as_uuid().as_bytes());
    let (method, expires_at) = (Method::Face, at.plus(Span::minutes(1)));
    store
        .create_enrolment(NewEnrolment { id, account, method, kind: None, consent, token_hash, expires_at }, at)
        .await
        .unwrap();
    store.take_enrolment(id, token_hash, at).await.unwrap();
    let new = NewTemplate {
        id: template,
        account,
        method: Method::Face,
        kind: None,
        model: "m".into(),
        views: 5,
        sealed: vec![1; 64],
        small_amounts_until: at,
        enrolment: id,
    };
    store.add_template(new, at).await.unwrap();
    template
}

pub async fn a_sealed_form_is_exchanged_only_for_the_one_that_is_there() {
    let world = World::new().await;
    let store = &world.store;
    let template = enrol(store, world.payer, NOW).await;
    let nobody = TemplateId::from_uuid(uuid());
    let forms = store.sealed_forms(vec![nobody, template]).await.unwrap();
    let [form] = forms.as_slice() else { panic!("{}", forms.len()) };
    assert_eq!((form.id, form.owner, form.method), (template, world.payer, Method::Face));
    assert!(form.place == SealedIn::Templates && form.sealed == [1; 64]);
    let exchange = |id, before: u8, after: u8| Exchange {
        place: SealedIn::Templates,
        id,
        before: vec![before; 64],
        after: vec![after; 64],
    };
    let all = vec![exchange(template, 9, 2), exchange(nobody, 1, 2), exchange(template, 1, 3)];
    assert_eq!(store.exchange_sealed(all, NOW).await.unwrap(), [false, false, true]);
    assert_eq!(store.sealed_forms(vec![template]).await.unwrap()[0].sealed, [3; 64]);
    assert!(
        store
            .exchange_sealed(
                vec![exchange(template, 3, 4), Exchange { after: vec![], ..exchange(template, 3, 4) }],
                NOW
            )
            .await
            .is_err()
    );
    world.books_are_sound().await;
}

pub async fn only_what_nobody_used_for_long_is_found() {
    let world = World::new().await;
    let store = &world.store;
    let old = enrol(store, world.payer, NOW).await;
    let second = payer(store, 100).await;
    let newer = enrol(store, second, later(Span::days(10))).await;
    let unused = |days, most| store.unused_templates(Method::Face, later(Span::days(days)), most);
    assert_eq!(unused(0, 10).await.unwrap(), []);
    assert_eq!(unused(5, 10).await.unwrap(), [(world.payer, old)]);
    assert_eq!(unused(11, 10).await.unwrap(), [(world.payer, old), (second, newer)]);
    assert_eq!(unused(11, 1).await.unwrap(), [(world.payer, old)]);
    assert_eq!(store.unused_templates(Method::Voice, later(Span::days(99)), 10).await.unwrap(), []);
    // A payment with it counts from then on.
    let intent = world.intent(1_000).await;
    let new = world.challenge(intent, 1_000, 1);
    let challenge = new.id;
    store.create_challenge(new, NOW).await.unwrap();
    store.take_challenge(challenge, [1; 32], NOW).await.unwrap();
    let mut allow = world.allow(intent, 1_000);
    allow.challenge = Some(challenge);
    (allow.method, allow.proven, allow.template) = (Method::Face, vec![Method::Face], Some(old));
    store.authorise_and_post(allow, NOW).await.unwrap();
    assert_eq!(unused(0, 10).await.unwrap(), []);
}
