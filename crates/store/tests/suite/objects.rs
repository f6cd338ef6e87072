//! What is chosen to pay with: its kind is kept, its template may be large, and others' are found for a comparison.

use base::{AccountId, ConsentId, EnrolmentId, Method, ObjectKind, Purpose, Span, TemplateId};
use store::limits::{MAX_SEALED, MAX_SEALED_OBJECT};
use store::{NewConsent, NewEnrolment, NewTemplate, StoreError};

use super::common::{NOW, World, later, payer, uuid};

async fn enrol(
    world: &World,
    account: AccountId,
    method: Method,
    kind: Option<ObjectKind>,
    bytes: usize,
) -> Result<TemplateId, StoreError> {
    let (id, token_hash) = (EnrolmentId::from_uuid(uuid()), [7; 32]);
    let consent = NewConsent {
        id: ConsentId::from_uuid(uuid()),
        purpose: Purpose::Payment,
        text_version: "test".into(),
        text_digest: [0; 32],
        locale: "en".into(),
        guardian: None,
    };
    let mut hash = token_hash;
    hash[..16].copy_from_slice(id.as_uuid().as_bytes());
    let expires_at = later(Span::minutes(5));
    let new = NewEnrolment { id, account, method, kind, consent, token_hash: hash, expires_at };
    world.store.create_enrolment(new, NOW).await?;
    assert_eq!(world.store.take_enrolment(id, hash, NOW).await?.kind, kind);
    let template = TemplateId::from_uuid(uuid());
    let new = NewTemplate {
        id: template,
        account,
        method,
        kind,
        model: "xfeat".into(),
        views: 4,
        sealed: vec![3; bytes],
        small_amounts_until: NOW,
        enrolment: id,
    };
    world.store.add_template(new, NOW).await.map(|_| template)
}

pub async fn an_object_keeps_its_kind_and_is_found_for_comparison() {
    use ObjectKind::{Pet, Tattoo};
    let world = World::new().await;
    let (me, other, third) = (world.payer, payer(&world.store, 100).await, payer(&world.store, 100).await);
    let large = MAX_SEALED + 1;
    enrol(&world, me, Method::Kungfu, Some(Tattoo), large).await.unwrap();
    let theirs = enrol(&world, other, Method::Kungfu, Some(Tattoo), large).await.unwrap();
    enrol(&world, third, Method::Kungfu, Some(Pet), 100).await.unwrap();
    let row = world.store.active_template(other, Method::Kungfu).await.unwrap().unwrap();
    assert_eq!((row.info.kind, row.sealed.len()), (Some(Tattoo), large));

    let others = async |kind, most| world.store.others_with(me, kind, most).await.unwrap();
    assert_eq!(others(Tattoo, 10).await, [other], "one's own is not another's");
    assert_eq!(others(Pet, 10).await, [third]);
    assert!(others(Tattoo, 0).await.is_empty());
    // Erased ones are gone, and so are those that another kind took the place of.
    world
        .store
        .erase_template(other, theirs, "proof".into(), "receipt".into(), store::ErasedBecause::Asked, NOW)
        .await
        .unwrap();
    assert!(others(Tattoo, 10).await.is_empty());
    enrol(&world, third, Method::Kungfu, Some(Tattoo), 100).await.unwrap();
    assert_eq!((others(Tattoo, 10).await, others(Pet, 10).await), (vec![third], vec![]));

    let too_long = |limit| Err(StoreError::TooLong { what: "sealed template", limit });
    let face = enrol(&world, me, Method::Face, None, large).await;
    assert_eq!(face, too_long(MAX_SEALED), "a face is a short vector");
    assert_eq!(enrol(&world, me, Method::Kungfu, Some(Pet), MAX_SEALED_OBJECT + 1).await, too_long(MAX_SEALED_OBJECT));
}
