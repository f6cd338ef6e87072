//! Pairs of wallets that seem to belong to one person: noted once, told, looked at.

use super::common::{NOW, World, later, payer, uuid};
use base::{AccountId, ConsentId, FaceReviewId, Method, Purpose, Span};
use store::{NewConsent, StoreError, duplicate_reviews_in};

fn review() -> FaceReviewId {
    FaceReviewId::from_uuid(uuid())
}

async fn agrees(world: &World, account: AccountId) -> ConsentId {
    let new = NewConsent {
        id: ConsentId::from_uuid(uuid()),
        purpose: Purpose::DuplicateSearch,
        text_version: "2026-11".into(),
        text_digest: [1; 32],
        locale: "en".into(),
        guardian: None,
    };
    let id = new.id;
    world.store.give_consent(account, Method::Face, new, NOW).await.unwrap();
    id
}

pub async fn a_pair_is_noted_once_and_only_while_both_agree() {
    let world = World::new().await;
    let (store, one) = (&world.store, world.payer);
    let (two, three) = (payer(store, 100).await, payer(store, 100).await);
    let found = || duplicate_reviews_in(&world.location).unwrap();
    agrees(&world, one).await;
    assert!(!store.add_duplicate(review(), one, two, NOW).await.unwrap(), "the other one did not agree");
    let consent = agrees(&world, two).await;
    let first = review();
    assert!(store.add_duplicate(first, one, two, NOW).await.unwrap());
    assert!(!store.add_duplicate(review(), two, one, NOW).await.unwrap(), "the same pair the other way round");
    agrees(&world, three).await;
    let second = review();
    assert!(store.add_duplicate(second, three, one, later(Span::minutes(1))).await.unwrap());
    let open = found();
    assert_eq!(open.iter().map(|r| r.id).collect::<Vec<_>>(), [first, second], "oldest first");
    assert_eq!((open[0].account, open[0].other, open[0].found_at), (one, two, NOW));
    for (account, told) in [(one, 2), (two, 1), (three, 1)] {
        let notices = store.notices(account).await.unwrap();
        assert_eq!(notices.iter().filter(|n| n.kind == "duplicate.suspected").count(), told);
    }

    store.resolve_duplicate(first, "two_people", later(Span::hours(1))).await.unwrap();
    let again = store.resolve_duplicate(first, "same_person", later(Span::hours(2))).await;
    assert_eq!(again, Err(StoreError::NotFound("review")));
    assert_eq!(store.resolve_duplicate(review(), "two_people", NOW).await, Err(StoreError::NotFound("review")));
    assert_eq!(found().iter().map(|r| r.id).collect::<Vec<_>>(), [second]);

    // Looked at once, a pair is not noted anew, whatever becomes of the consents.
    store.withdraw_consent(two, consent, NOW).await.unwrap();
    agrees(&world, two).await;
    assert!(!store.add_duplicate(review(), one, two, NOW).await.unwrap());
    world.books_are_sound().await;
}
