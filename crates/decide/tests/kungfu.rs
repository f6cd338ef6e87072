//! The rules of paying with a tattoo or a pet as a table.

#![allow(clippy::unwrap_used, reason = "tests may")]
use base::{AccountId, ChallengeId, IntentId, MerchantId, Method, ObjectKind, Timestamp};
use decide::{
    Binding, ChallengeKind, KungfuCase, KungfuPolicy, LockState, Mode, ObjectMatch, ObjectMotion, ObjectPhoto,
    ObjectScore, ObjectStep, Outcome, PayerHistory, PhotoFault, Policy, Reason, Signals, StepProgress, StepsShown,
    decide_kungfu,
};
use money::{Currency, Money};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn photo() -> ObjectPhoto {
    let p = KungfuPolicy::default();
    ObjectPhoto {
        sharpness: p.sharp_from * 2.0,
        brightness: 120.0,
        glare: 0.0,
        features: p.features_from * 2,
        spread: 1.0,
        skin: 0.5,
        pet: 0.95,
        face: 0.0,
        lattice: 0.0,
    }
}

/// `above`: over the kind's threshold.
fn matched(kind: ObjectKind, above: f32) -> Option<ObjectMatch> {
    let score = KungfuPolicy::default().of(kind).match_from + above;
    Some(ObjectMatch { score: ObjectScore::new(score).unwrap(), photos: 4 })
}

fn case(kind: ObjectKind) -> KungfuCase {
    KungfuCase {
        binding: Binding {
            intent: IntentId::from_uuid(Uuid::from_u128(1)),
            amount: Money::new(1_000, Currency::EUR),
            payee: MerchantId::from_uuid(Uuid::from_u128(2)),
            account: AccountId::from_uuid(Uuid::from_u128(3)),
            challenge: Some(ChallengeId::from_uuid(Uuid::from_u128(4))),
        },
        challenge: ChallengeKind::Drawn,
        kind,
        photo: Some(photo()),
        lattice: 0.0,
        matched: matched(kind, 0.01),
        steps: StepsShown { asked: 2, answered: 2, other: false },
        seen_before: Some(0.0),
        signals: Signals::NONE,
        history: PayerHistory {
            enrolled_at: Timestamp::from_millis(0),
            paid_24h: 0,
            circumstances: decide::Circumstances::QUIET,
        },
        lock: LockState::CLEAR,
        tries_left: 2,
        earlier: Vec::new(),
    }
}

fn outcome(kind: ObjectKind, change: impl FnOnce(&mut KungfuCase)) -> (Outcome, Vec<Reason>) {
    let mut case = case(kind);
    change(&mut case);
    let decision = decide_kungfu(&case, &Policy::in_mode(Mode::Live), NOW);
    (decision.outcome, decision.reasons)
}

fn grey(kind: ObjectKind) -> Option<ObjectMatch> {
    let thresholds = *KungfuPolicy::default().of(kind);
    matched(kind, thresholds.grey_from - thresholds.match_from)
}

#[test]
fn a_good_capture_pays_a_small_amount() {
    for kind in ObjectKind::ALL {
        assert_eq!(outcome(kind, |_| ()), (Outcome::Allow, vec![Reason::ObjectMatches]), "{kind:?}");
    }
}

#[test]
fn every_fault_has_its_outcome() {
    type Change = fn(&mut KungfuCase);
    let table: &[(Change, Outcome, Reason)] = &[
        (|c| c.matched = matched(c.kind, -100.0), Outcome::Deny, Reason::ObjectDiffers),
        (|c| c.matched = grey(c.kind), Outcome::StepUp, Reason::ObjectUncertain),
        (|c| c.matched = None, Outcome::Retake, Reason::NoProbe),
        (|c| c.matched.as_mut().unwrap().photos = 1, Outcome::StepUp, Reason::TooFewViews),
        (|c| c.photo = None, Outcome::Retake, Reason::NoEvidence),
        (|c| c.photo.as_mut().unwrap().sharpness = f32::NAN, Outcome::Retake, Reason::PhotoUnclear),
        (|c| c.photo.as_mut().unwrap().glare = 0.9, Outcome::Retake, Reason::PhotoUnclear),
        (|c| c.steps.answered = 1, Outcome::Retake, Reason::StepsIncomplete),
        (|c| c.steps.other = true, Outcome::Retake, Reason::StepsIncomplete),
        (|c| c.steps = StepsShown { asked: 0, answered: 0, other: false }, Outcome::Retake, Reason::StepsIncomplete),
        (|c| c.seen_before = Some(0.9), Outcome::Deny, Reason::ReplayedFrames),
        (|c| c.seen_before = Some(f32::NAN), Outcome::Deny, Reason::ReplayedFrames),
        (|c| c.seen_before = None, Outcome::Retake, Reason::NoEvidence),
        (|c| c.binding.amount = Money::new(1_001, Currency::EUR), Outcome::StepUp, Reason::NeedsAnotherFactor),
        (|c| c.history.paid_24h = 1_001, Outcome::StepUp, Reason::NeedsAnotherFactor),
        (|c| c.history.enrolled_at = NOW, Outcome::StepUp, Reason::NeedsAnotherFactor),
        (|c| c.signals.virtual_camera = true, Outcome::StepUp, Reason::VirtualCamera),
        (|c| c.lattice = KungfuPolicy::default().lattice_to + 0.1, Outcome::StepUp, Reason::ScreenPattern),
        (|c| c.challenge = ChallengeKind::PinnedForTest, Outcome::Deny, Reason::PinnedChallenge),
        (|c| c.binding.challenge = None, Outcome::Retake, Reason::NoEvidence),
        (|c| c.lock = (0..5).fold(LockState::CLEAR, |s, _| s.after_failure(NOW)), Outcome::Deny, Reason::SoftLocked),
    ];
    for kind in ObjectKind::ALL {
        for (change, expected, reason) in table {
            let (got, reasons) = outcome(kind, change);
            assert_eq!(got, *expected, "{kind:?} {reason:?}: {reasons:?}");
            assert!(reasons.contains(reason), "{kind:?} {reason:?}: {reasons:?}");
        }
    }
    let last_try = outcome(ObjectKind::Pet, |c| {
        c.steps.answered = 0;
        c.tries_left = 0;
    });
    assert_eq!(last_try.0, Outcome::Deny);
}

#[test]
fn it_never_pays_more_than_pocket_money_without_a_factor_that_would_pay_itself() {
    let large: fn(&mut KungfuCase) = |c| c.binding.amount = Money::new(90_000, Currency::EUR);
    let with = |earlier: Method, change: fn(&mut KungfuCase)| {
        outcome(ObjectKind::Tattoo, |c| {
            large(c);
            c.earlier = vec![earlier];
            change(c);
        })
        .0
    };
    assert_eq!(with(Method::Passkey, |_| ()), Outcome::Allow);
    for other in [Method::Passphrase, Method::Face, Method::Voice, Method::Otp] {
        assert_eq!(with(other, |_| ()), Outcome::StepUp, "{other:?} and an object are one element");
    }
    assert_eq!(with(Method::Passkey, |c| c.matched = matched(c.kind, -100.0)), Outcome::Deny);
    assert_eq!(with(Method::Passkey, |c| c.seen_before = Some(1.0)), Outcome::Deny);
}

#[test]
fn what_is_no_tattoo_or_no_pet_is_no_photo() {
    let policy = KungfuPolicy::default();
    let fault = |kind, change: fn(&mut ObjectPhoto)| {
        let mut photo = photo();
        change(&mut photo);
        policy.judge_photo(kind, &photo).err()
    };
    use ObjectKind::{Pet, Tattoo};
    for kind in ObjectKind::ALL {
        assert_eq!(fault(kind, |_| ()), None);
        assert_eq!(fault(kind, |p| p.brightness = 5.0), Some(PhotoFault::TooDark));
        assert_eq!(fault(kind, |p| p.brightness = 254.0), Some(PhotoFault::TooBright));
        assert_eq!(fault(kind, |p| p.glare = 0.8), Some(PhotoFault::Glare));
        assert_eq!(fault(kind, |p| p.sharpness = 0.0), Some(PhotoFault::Blurred));
    }
    assert_eq!(fault(Tattoo, |p| p.features = 3), Some(PhotoFault::NotDistinct));
    assert_eq!(fault(Tattoo, |p| p.spread = 0.01), Some(PhotoFault::NotDistinct), "all in one corner");
    assert_eq!(fault(Tattoo, |p| p.skin = 0.0), Some(PhotoFault::NotDistinct), "a page of print");
    assert_eq!(fault(Tattoo, |p| p.skin = f32::NAN), Some(PhotoFault::NotDistinct));
    assert_eq!(fault(Pet, |p| p.pet = 0.02), Some(PhotoFault::NoPet));
    assert_eq!(fault(Pet, |p| p.pet = f32::NAN), Some(PhotoFault::NoPet));
    assert_eq!(fault(Tattoo, |p| p.pet = 0.0), None);
    assert_eq!(fault(Tattoo, |p| p.face = 0.95), Some(PhotoFault::Face));
    assert_eq!(fault(Pet, |p| p.face = 0.95), None, "who holds the dog may be in the picture");
}

#[test]
fn a_step_is_done_partly_done_or_another_was_done() {
    use ObjectStep::{Back, Closer, FromLeft, FromRight};
    let policy = KungfuPolicy::default();
    let (near, side) = (policy.scale_from, policy.aside_from);
    let progress =
        |step, scale: f32, aside: f32| policy.progress(step, &ObjectMotion { scale, aside }, &ObjectMotion::NONE);
    let (near, side) = (near * 1.001, side * 1.001);
    for (step, (scale, aside), (other_scale, other_aside)) in [
        (Closer, (near, 0.0), (1.0 / near, 0.0)),
        (Back, (1.0 / near, 0.0), (near, 0.0)),
        (FromLeft, (1.0, -side), (1.0, side)),
        (FromRight, (1.0, side), (1.0, -side)),
    ] {
        assert_eq!(progress(step, scale, aside), StepProgress::Done, "{step:?}");
        assert_eq!(progress(step, other_scale, other_aside), StepProgress::Other, "{step:?}");
        assert_eq!(progress(step, 1.0, 0.0), StepProgress::Under(0.0), "{step:?}");
    }
    assert_eq!(progress(Back, near * 1.1, 0.0), StepProgress::Other);
    assert_eq!(progress(Closer, 1.0, side * 3.0), StepProgress::Other, "a clip of another step");
    let half = progress(Closer, policy.scale_from.sqrt(), side);
    assert!(matches!(half, StepProgress::Under(share) if (share - 0.5).abs() < 1e-3), "{half:?}");
    assert_eq!(progress(Closer, f32::NAN, 0.0), StepProgress::Under(0.0));
    assert_eq!(progress(Back, 0.0, 0.0), StepProgress::Under(0.0));
    // Whoever still stands where the step before led did nothing wrong; going on from there is.
    let (left, far_left) = (ObjectMotion { scale: 1.0, aside: -side }, ObjectMotion { scale: 1.0, aside: -2.2 * side });
    assert_eq!(policy.progress(FromRight, &left, &left), StepProgress::Under(0.0));
    assert_eq!(policy.progress(FromRight, &far_left, &left), StepProgress::Other);
    assert_eq!(policy.progress(Closer, &far_left, &far_left), StepProgress::Under(0.0));
}
