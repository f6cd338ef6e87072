//! The key phrase of a voice: kept sealed with its template, and gone with it.

use base::{ConsentId, EnrolmentId, Method, Purpose, Span, TemplateId};
use store::{ErasedBecause, NewConsent, NewEnrolment, NewTemplate, StoreError};

use super::common::{NOW, World, payer, uuid};

async fn voice(world: &World) -> TemplateId {
    let consent = NewConsent {
        id: ConsentId::from_uuid(uuid()),
        purpose: Purpose::Payment,
        text_version: "2026-11".to_owned(),
        text_digest: [0; 32],
        locale: "en".to_owned(),
        guardian: None,
    };
    let (enrolment, token_hash) = (EnrolmentId::from_uuid(uuid()), [9; 32]);
    let (account, method, expires_at) = (world.payer, Method::Voice, NOW.plus(Span::minutes(5)));
    let new = NewEnrolment { id: enrolment, account, method, kind: None, consent, token_hash, expires_at };
    world.store.create_enrolment(new, NOW).await.unwrap();
    world.store.take_enrolment(enrolment, token_hash, NOW).await.unwrap();
    let id = TemplateId::from_uuid(uuid());
    let new = NewTemplate {
        id,
        account,
        method,
        kind: None,
        model: "campplus".to_owned(),
        views: 3,
        sealed: vec![1; 64],
        small_amounts_until: NOW,
        enrolment,
    };
    world.store.add_template(new, NOW).await.unwrap();
    id
}

pub async fn a_key_phrase_is_its_voices_and_goes_with_it() {
    let world = World::new().await;
    let id = voice(&world).await;
    let kept = async || world.store.key_phrase(world.payer, id).await.unwrap();
    let shown = async || world.store.template(world.payer, id).await.unwrap().unwrap().has_key_phrase;
    assert!(kept().await.is_none() && !shown().await);
    world.store.set_key_phrase(world.payer, id, Some(vec![5; 40]), NOW).await.unwrap();
    assert!(kept().await == Some(vec![5; 40]) && shown().await);
    let other = payer(&world.store, 1).await;
    assert_eq!(
        world.store.set_key_phrase(other, id, None, NOW).await,
        Err(StoreError::NotFound("template")),
        "somebody else's"
    );
    assert_eq!(world.store.key_phrase(other, id).await, Ok(None));
    world.store.set_key_phrase(world.payer, id, None, NOW).await.unwrap();
    assert!(kept().await.is_none() && !shown().await);
    world.store.set_key_phrase(world.payer, id, Some(vec![6; 40]), NOW).await.unwrap();
    let asked = ErasedBecause::Asked;
    world.store.erase_template(world.payer, id, "proof".to_owned(), "receipt".to_owned(), asked, NOW).await.unwrap();
    assert!(kept().await.is_none() && !shown().await, "erased");
    world.books_are_sound().await;
}
