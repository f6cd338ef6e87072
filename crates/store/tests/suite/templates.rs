//! A template changes only with its payer's consent, and only from what it was.

use super::common::{NOW, World, later, uuid};
use base::{ConsentId, EnrolmentId, Method, Purpose, Span, TemplateId};
use store::{ChangeKind, NewConsent, NewEnrolment, NewTemplate, TemplateChange};

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

async fn enrolled(world: &World) -> TemplateId {
    let (id, template) = (EnrolmentId::from_uuid(uuid()), TemplateId::from_uuid(uuid()));
    let new = NewEnrolment {
        id,
        account: world.payer,
        method: Method::Face,
        kind: None,
        consent: consent(Purpose::Payment),
        token_hash: [9; 32],
        expires_at: later(Span::minutes(5)),
    };
    world.store.create_enrolment(new, NOW).await.unwrap();
    world.store.take_enrolment(id, [9; 32], NOW).await.unwrap();
    let new = NewTemplate {
        id: template,
        account: world.payer,
        method: Method::Face,
        kind: None,
        model: "old".into(),
        views: 5,
        sealed: vec![1; 40],
        small_amounts_until: NOW,
        enrolment: id,
    };
    world.store.add_template(new, NOW).await.unwrap();
    template
}

pub async fn a_template_changes_only_with_consent_and_from_what_it_was() {
    let world = World::new().await;
    let id = enrolled(&world).await;
    let change = |before: u8, after: u8, kind| TemplateChange {
        id,
        account: world.payer,
        method: Method::Face,
        before: vec![before; 40],
        model: if kind == ChangeKind::Replaced { "new" } else { "old" }.into(),
        views: 5,
        sealed: vec![after; 40],
        kind,
    };
    let at = later(Span::days(2));
    let give =
        async |purpose| world.store.give_consent(world.payer, Method::Face, consent(purpose), NOW).await.unwrap();

    assert!(!world.store.change_template(change(1, 2, ChangeKind::Aged), at).await.unwrap(), "no consent to ageing");
    give(Purpose::ControlledAgeing).await;
    assert!(world.store.change_template(change(1, 2, ChangeKind::Aged), at).await.unwrap());
    assert!(!world.store.change_template(change(1, 3, ChangeKind::Aged), at).await.unwrap(), "made from older bytes");
    let row = world.store.active_template(world.payer, Method::Face).await.unwrap().unwrap();
    assert_eq!((row.sealed, row.info.changes, row.info.changed_at), (vec![2; 40], 1, Some(at)));
    assert_eq!((row.info.created_at, row.info.model.as_str()), (NOW, "old"));

    let all = world.store.consents(world.payer).await.unwrap();
    let of = |purpose| all.iter().find(|c| c.purpose == purpose && c.is_open()).unwrap().id;
    world.store.withdraw_consent(world.payer, of(Purpose::ControlledAgeing), at).await.unwrap();
    assert!(!world.store.change_template(change(2, 3, ChangeKind::Aged), at).await.unwrap(), "withdrawn");
    assert!(world.store.change_template(change(2, 4, ChangeKind::Replaced), at).await.unwrap(), "not ageing");
    let row = world.store.active_template(world.payer, Method::Face).await.unwrap().unwrap();
    assert_eq!((row.info.model.as_str(), row.info.changes), ("new", 2));
    let told = world.store.notices(world.payer).await.unwrap();
    assert_eq!(told.iter().filter(|n| n.kind == "method.renewed").count(), 1);

    world.store.withdraw_consent(world.payer, of(Purpose::Payment), at).await.unwrap();
    assert!(!world.store.change_template(change(4, 5, ChangeKind::Replaced), at).await.unwrap(), "no consent to pay");
}
