//! The rules as a table, and the properties that must hold for every input.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may; the helpers here are part of them"
)]
use base::{AccountId, ChallengeId, IntentId, MerchantId, Method, Span, Timestamp};
use decide::{
    Adapted, Binding, ChallengeKind, Check, CheckName, Cosine, Decision, Evidence, EyeRatio, FaceCase, FaceMatch,
    FactorCase, KioskSearch, LockState, MatchSize, Mode, NextStep, NoEvidence, Outcome, PayerHistory, Policy, Reading,
    Reason, Signals, Stale, decide_face, decide_factor,
};
use money::{Currency, Money};
use proptest::prelude::*;
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn binding() -> Binding {
    Binding {
        intent: IntentId::from_uuid(Uuid::from_u128(1)),
        amount: Money::new(2_000, Currency::EUR),
        payee: MerchantId::from_uuid(Uuid::from_u128(2)),
        account: AccountId::from_uuid(Uuid::from_u128(3)),
        challenge: Some(ChallengeId::from_uuid(Uuid::from_u128(4))),
    }
}

/// Readings of a live payer: the medians of the measured clips.
const LIVE: [(CheckName, f32); 14] = [
    (CheckName::StepsAnswered, 1.0),
    (CheckName::FrameRate, 15.0),
    (CheckName::PoseAnswer, 0.40),
    (CheckName::Depth, 0.45),
    (CheckName::SmileOnset, 0.80),
    (CheckName::Continuity, 0.75),
    (CheckName::FrontContinuity, 0.95),
    (CheckName::Stillness, 0.99),
    (CheckName::Replay, 0.0),
    (CheckName::Jump, 0.20),
    (CheckName::Splice, 0.0),
    (CheckName::SceneCut, 5.0),
    (CheckName::Reaction, 700.0),
    (CheckName::Passive, 0.95),
];

fn live() -> Evidence {
    Evidence { checks: LIVE.iter().map(|(name, v)| Check { name: *name, reading: Reading::Value(*v) }).collect() }
}

fn with(name: CheckName, reading: Reading) -> Evidence {
    let mut evidence = live();
    evidence.checks.iter_mut().filter(|c| c.name == name).for_each(|c| c.reading = reading);
    evidence
}

fn matched(score: f32, views: u8, frames: u8) -> Option<FaceMatch> {
    Some(FaceMatch { score: Cosine::new(score).unwrap(), size: MatchSize { views, frames } })
}

fn case(evidence: &Evidence) -> FaceCase<'_> {
    FaceCase {
        binding: binding(),
        challenge: ChallengeKind::Drawn,
        matched: matched(0.80, 5, 3),
        eyes: EyeRatio::of(0.3, 0.3),
        evidence,
        signals: Signals::default(),
        history: PayerHistory { enrolled_at: NOW, paid_24h: 0, circumstances: decide::Circumstances::QUIET },
        lock: LockState::CLEAR,
        tries_left: 2,
        earlier: Vec::new(),
        kiosk: None,
    }
}

fn decide(case: &FaceCase<'_>) -> Decision {
    decide_face(case, &Policy::in_mode(Mode::Live), NOW)
}

#[test]
fn a_live_payer_buys_the_stamp_on_the_day_of_enrolment() {
    let evidence = live();
    let decision = decide(&case(&evidence));
    assert_eq!((decision.outcome, decision.reasons.as_slice()), (Outcome::Allow, [Reason::FaceMatches].as_slice()));
    assert_eq!(decision.next_step(), NextStep::Done);
    assert_eq!(decision.authorises(&binding(), NOW), Ok(()));
}

#[test]
fn each_reading_is_judged_at_its_threshold() {
    use {CheckName as C, Outcome as O, Reason as R};
    let table = [
        (C::Depth, 0.80, O::Allow, None),
        (C::Depth, 0.81, O::Retake, Some(R::DepthUncertain)),
        (C::Depth, 0.89, O::Retake, Some(R::DepthUncertain)),
        (C::Depth, 0.90, O::Deny, Some(R::FlatSurface)),
        (C::PoseAnswer, 0.30, O::Allow, None),
        (C::PoseAnswer, 0.29, O::Retake, Some(R::TurnTooSmall)),
        (C::PoseAnswer, -0.5, O::Retake, Some(R::TurnTooSmall)),
        (C::SmileOnset, 0.34, O::Retake, Some(R::SmileNotSeen)),
        (C::Continuity, 0.44, O::Retake, Some(R::IdentityUncertain)),
        (C::FrontContinuity, 0.5, O::Retake, Some(R::IdentityUncertain)),
        (C::Continuity, 0.19, O::Deny, Some(R::IdentityChanged)),
        (C::Stillness, 0.998, O::Allow, None),
        (C::Stillness, 0.999, O::Deny, Some(R::StillPicture)),
        (C::Replay, 0.4, O::Allow, None),
        (C::Replay, 0.5, O::Deny, Some(R::ReplayedFrames)),
        (C::Passive, 0.19, O::Deny, Some(R::PassiveAttack)),
        (C::Passive, 0.49, O::Retake, Some(R::PassiveUncertain)),
        (C::Passive, 0.50, O::Allow, None),
        (C::FrameRate, 9.9, O::Retake, Some(R::FrameRateLow)),
        (C::StepsAnswered, 0.75, O::Retake, Some(R::StepsIncomplete)),
        (C::Jump, 1.1, O::Retake, Some(R::MotionBroken)),
        (C::Depth, f32::NAN, O::Retake, Some(R::NoEvidence)),
    ];
    for (name, value, outcome, reason) in table {
        let evidence = with(name, Reading::Value(value));
        let decision = decide(&case(&evidence));
        assert_eq!(decision.outcome, outcome, "{name:?} {value}");
        assert!(
            reason.is_none_or(|r| decision.reasons.first() == Some(&r)),
            "{name:?} {value}: {:?}",
            decision.reasons
        );
    }
}

/// The cosine that is worth `llr` at this size.
fn cosine_at(policy: &Policy, llr: f32, views: u8, frames: u8) -> f32 {
    policy.face.calibration.score.cosine_at(llr, MatchSize { views, frames })
}

#[test]
fn the_score_is_judged_by_the_size_of_the_comparison() {
    let policy = Policy::in_mode(Mode::Live);
    let (pays, grey) = (policy.face.match_from(), policy.face.grey_from());
    let at = |llr: f32| cosine_at(&policy, llr, 5, 3);
    let table = [
        (at(pays) + 1e-4, 5, 3, Outcome::Allow),
        (at(pays) - 1e-4, 5, 3, Outcome::StepUp),
        (at(grey) + 1e-4, 5, 3, Outcome::StepUp),
        (at(grey) - 1e-4, 5, 3, Outcome::Deny),
        // Fewer views never pay alone, however alike.
        (0.99, 4, 9, Outcome::StepUp),
        (0.99, 1, 3, Outcome::StepUp),
        // Fewer frames are taken again.
        (0.99, 9, 2, Outcome::Retake),
        (0.99, 9, 0, Outcome::Retake),
        (0.10, 9, 2, Outcome::Deny),
    ];
    let evidence = live();
    for (score, views, frames, outcome) in table {
        let decision = decide(&FaceCase { matched: matched(score, views, frames), ..case(&evidence) });
        assert_eq!(decision.outcome, outcome, "{score} {views}×{frames}");
    }
    assert_eq!(decide(&FaceCase { matched: None, ..case(&evidence) }).outcome, Outcome::Retake);
}

#[test]
fn larger_sizes_need_higher_cosines_because_averaging_makes_strangers_more_alike() {
    let mut policy = Policy::default();
    (policy.face.min_views, policy.face.min_frames) = (1, 1);
    let pays = policy.face.match_from();
    let score = cosine_at(&policy, pays, 3, 2) + 1e-3;
    let evidence = live();
    let outcome = |views, frames| {
        decide_face(&FaceCase { matched: matched(score, views, frames), ..case(&evidence) }, &policy, NOW).outcome
    };
    assert_eq!([outcome(1, 1), outcome(3, 2), outcome(5, 5)], [Outcome::Allow, Outcome::Allow, Outcome::StepUp]);
}

#[test]
fn eyes_are_a_hint_within_one_person_and_never_refuse() {
    let evidence = live();
    let outcome =
        |probe, enrolled| decide(&FaceCase { eyes: EyeRatio::of(probe, enrolled), ..case(&evidence) }).outcome;
    assert_eq!(outcome(0.12, 0.13), Outcome::Allow, "narrow eyes are open eyes");
    assert_eq!(outcome(0.03, 0.13), Outcome::Retake);
    assert_eq!(outcome(0.0, 0.13), Outcome::Retake);
    assert_eq!(decide(&FaceCase { eyes: None, ..case(&evidence) }).outcome, Outcome::Allow);
}

#[test]
fn steps_may_be_left_out_only_by_a_pinned_challenge_in_test_mode() {
    let not_asked = Reading::NoEvidence(NoEvidence::NotAsked);
    let mut evidence = with(CheckName::Depth, not_asked);
    evidence.checks.iter_mut().filter(|c| c.name == CheckName::PoseAnswer).for_each(|c| c.reading = not_asked);
    let outcome =
        |challenge, mode| decide_face(&FaceCase { challenge, ..case(&evidence) }, &Policy::in_mode(mode), NOW).outcome;
    assert_eq!(outcome(ChallengeKind::PinnedForTest, Mode::Test), Outcome::Allow);
    assert_eq!(outcome(ChallengeKind::PinnedForTest, Mode::Live), Outcome::Deny);
    assert_eq!(outcome(ChallengeKind::Drawn, Mode::Test), Outcome::Retake);
    for name in [CheckName::Stillness, CheckName::Replay, CheckName::StepsAnswered] {
        let evidence = with(name, not_asked);
        let pinned = FaceCase { challenge: ChallengeKind::PinnedForTest, ..case(&evidence) };
        assert_eq!(
            decide_face(&pinned, &Policy::in_mode(Mode::Test), NOW).outcome,
            Outcome::Retake,
            "{name:?} is no step"
        );
    }
}

#[test]
fn a_payer_who_leaves_steps_out_pays_alone_only_while_the_rest_is_hard_to_guess_and_shows_depth() {
    let without = |names: &[CheckName]| {
        let mut evidence = live();
        let left_out = evidence.checks.iter_mut().filter(|c| names.contains(&c.name));
        left_out.for_each(|c| c.reading = Reading::NoEvidence(NoEvidence::NotAsked));
        evidence
    };
    let judged = |names: &[CheckName], left, earlier: &[Method]| {
        let evidence = without(names);
        let challenge = ChallengeKind::Adapted(left);
        decide(&FaceCase { challenge, earlier: earlier.to_vec(), ..case(&evidence) })
    };
    let smile = [CheckName::SmileOnset];
    let unsmiling = Adapted { turns: true, smile: false, one_in: 848 };
    assert_eq!(judged(&smile, unsmiling, &[]).outcome, Outcome::Allow);
    assert_eq!(judged(&smile, Adapted { smile: true, ..unsmiling }, &[]).outcome, Outcome::Retake, "it was asked");
    assert_eq!(judged(&smile, Adapted { one_in: 499, ..unsmiling }, &[]).outcome, Outcome::StepUp);

    let turns = [CheckName::PoseAnswer, CheckName::Depth];
    let still = Adapted { turns: false, smile: true, one_in: 5_000 };
    let asked = judged(&turns, still, &[]);
    assert_eq!((asked.outcome, asked.needs.is_empty()), (Outcome::StepUp, false));
    assert!(asked.reasons.contains(&Reason::ChallengeWeak) && asked.methods == [Method::Face]);
    assert_eq!(judged(&turns, still, &[Method::Passphrase]).outcome, Outcome::Allow);
    assert_eq!(judged(&turns, unsmiling, &[Method::Passphrase]).outcome, Outcome::Retake, "turns were asked");
}

#[test]
fn signs_of_injected_pictures_raise_the_risk_by_one_step_and_decide_nothing_alone() {
    let evidence = live();
    let seen = Signals { virtual_camera: true, ..Signals::default() };
    let at = |signals, enrolled_at, minor| {
        let history = PayerHistory { enrolled_at, paid_24h: 0, circumstances: decide::Circumstances::QUIET };
        let binding = Binding { amount: Money::new(minor, Currency::EUR), ..binding() };
        decide(&FaceCase { signals, history, binding, ..case(&evidence) })
    };
    let long_ago = Timestamp::from_millis(NOW.as_millis() - 100 * 3_600_000);
    assert_eq!(at(Signals::default(), long_ago, 4_000).outcome, Outcome::Allow);
    let raised = at(seen, long_ago, 4_000);
    assert_eq!(raised.outcome, Outcome::StepUp, "as on the first day");
    assert!(raised.reasons.contains(&Reason::VirtualCamera));
    assert_eq!(at(seen, long_ago, 2_000).outcome, Outcome::Allow);
    // On the first day it is the second sign.
    assert_eq!(at(Signals { unlinked: true, ..Signals::default() }, NOW, 2_000).outcome, Outcome::StepUp);
    let nothing = Evidence::default();
    let bare = FaceCase { signals: seen, matched: None, ..case(&nothing) };
    assert_ne!(decide(&bare).outcome, Outcome::Allow);
}

#[test]
fn the_last_try_that_shows_nothing_is_refused() {
    let evidence = with(CheckName::StepsAnswered, Reading::Value(0.3));
    assert_eq!(decide(&FaceCase { tries_left: 1, ..case(&evidence) }).outcome, Outcome::Retake);
    let last = decide(&FaceCase { tries_left: 0, ..case(&evidence) });
    assert_eq!((last.outcome, last.reasons.first()), (Outcome::Deny, Some(&Reason::TriesUsedUp)));
    let good = live();
    assert_eq!(decide(&FaceCase { tries_left: 0, ..case(&good) }).outcome, Outcome::Allow);
}

#[test]
fn a_second_factor_answers_a_step_up_and_nothing_else() {
    let evidence = live();
    let large = Binding { amount: Money::new(90_000, Currency::EUR), ..binding() };
    let step_up = decide(&FaceCase { binding: large.clone(), ..case(&evidence) });
    assert_eq!(
        (step_up.outcome, step_up.needs.as_slice()),
        (Outcome::StepUp, [Method::Passkey, Method::Passphrase, Method::Otp].as_slice())
    );
    assert_eq!(step_up.rule, "otherwise");
    assert_eq!(step_up.authorises(&large, NOW), Err(Stale::NotAllowed));
    let given = FaceCase { binding: large, earlier: vec![Method::Passphrase], ..case(&evidence) };
    assert_eq!(decide(&given).outcome, Outcome::Allow);
    assert_eq!(decide(&given).methods, [Method::Face, Method::Passphrase]);
    let voice = FaceCase { earlier: vec![Method::Voice], ..given.clone() };
    assert_eq!(decide(&voice).outcome, Outcome::StepUp, "another biometric is not a second factor");
    let stranger = FaceCase { matched: matched(0.2, 5, 3), ..given };
    assert_eq!(decide(&stranger).outcome, Outcome::Deny);
}

#[test]
fn a_lock_refuses_the_face_but_not_the_passphrase() {
    let evidence = live();
    let lock = (0..5).fold(LockState::CLEAR, |s, _| s.after_failure(NOW));
    let locked = decide(&FaceCase { lock, ..case(&evidence) });
    assert_eq!((locked.outcome, locked.next_step()), (Outcome::Deny, NextStep::PayAnotherWay));
    let passphrase = |accepted, lock| {
        let case = FactorCase {
            binding: binding(),
            method: Method::Passphrase,
            accepted,
            lock,
            earlier: Vec::new(),
            paid_24h: 0,
            circumstances: decide::Circumstances::QUIET,
        };
        decide_factor(&case, &Policy::default(), NOW)
    };
    assert_eq!(passphrase(true, LockState::CLEAR).outcome, Outcome::Allow);
    assert_eq!(passphrase(false, LockState::CLEAR).outcome, Outcome::Deny);
    assert_eq!(passphrase(true, lock).outcome, Outcome::Deny);
}

#[test]
fn a_decision_dies_with_any_change_and_after_a_minute() {
    let evidence = live();
    let decision = decide(&case(&evidence));
    let other = |n| Uuid::from_u128(n);
    let changes = [
        (Binding { intent: IntentId::from_uuid(other(9)), ..binding() }, Stale::OtherIntent),
        (Binding { amount: Money::new(2_001, Currency::EUR), ..binding() }, Stale::AmountChanged),
        (Binding { amount: Money::new(2_000, Currency::USD), ..binding() }, Stale::AmountChanged),
        (Binding { payee: MerchantId::from_uuid(other(9)), ..binding() }, Stale::PayeeChanged),
        (Binding { account: AccountId::from_uuid(other(9)), ..binding() }, Stale::OtherAccount),
        (Binding { challenge: Some(ChallengeId::from_uuid(other(9))), ..binding() }, Stale::OtherChallenge),
        (Binding { challenge: None, ..binding() }, Stale::OtherChallenge),
    ];
    for (changed, stale) in changes {
        assert_eq!(decision.authorises(&changed, NOW), Err(stale));
    }
    let at = |ms| decision.authorises(&binding(), NOW.plus(Span::millis(ms)));
    assert_eq!(
        [at(0), at(59_999), at(60_000), at(-1)],
        [Ok(()), Ok(()), Err(Stale::Expired), Err(Stale::FromTheFuture)]
    );
}

#[test]
fn a_decision_survives_storage_and_holds_no_score() {
    let evidence = live();
    let decision = decide(&FaceCase { matched: matched(0.7123, 5, 3), ..case(&evidence) });
    let stored = serde_json::to_string(&decision).unwrap();
    assert!(!stored.contains("0.71") && !stored.contains("0.45"), "{stored}");
    assert_eq!(serde_json::from_str::<Decision>(&stored).unwrap(), decision);
}

/// Which direction is better, per check.
const fn higher_is_better(name: CheckName) -> bool {
    use CheckName as C;
    matches!(
        name,
        C::StepsAnswered
            | C::FrameRate
            | C::PoseAnswer
            | C::SmileOnset
            | C::Continuity
            | C::FrontContinuity
            | C::Reaction
            | C::Passive
    )
}

prop_compose! {
    /// Any set of readings, most of them near the thresholds.
    fn any_readings()(scale in prop::collection::vec(0.0f32..1.4, 13)) -> Vec<f32> {
        LIVE.iter().zip(scale).map(|((name, live), s)| match name {
            CheckName::Depth | CheckName::Stillness | CheckName::Passive => s / 1.4,
            CheckName::Replay => s,
            CheckName::Splice => s * 10.0,
            CheckName::SceneCut => s * 20.0,
            CheckName::Reaction => s * 200.0,
            _ => live * s,
        }).collect()
    }
}

fn evidence_of(values: &[f32]) -> Evidence {
    let checks = LIVE.iter().zip(values);
    Evidence { checks: checks.map(|((name, _), v)| Check { name: *name, reading: Reading::Value(*v) }).collect() }
}

proptest! {
    #[test]
    fn a_better_reading_never_worsens_the_outcome(values in any_readings(), which in 0usize..13, step in 0.0f32..1.0, score in -1.0f32..1.0) {
        let (name, _) = LIVE[which];
        let mut better = values.clone();
        better[which] += if higher_is_better(name) { step } else { -step };
        let (a, b) = (evidence_of(&values), evidence_of(&better));
        let outcome = |e| decide(&FaceCase { matched: matched(score, 5, 3), ..case(e) }).outcome;
        prop_assert!(outcome(&b) <= outcome(&a), "{name:?}: {values:?} → {better:?}");
    }

    #[test]
    fn a_higher_score_never_worsens_the_outcome(low in -1.0f32..1.0, more in 0.0f32..1.0, views in 0u8..12, frames in 0u8..12) {
        let evidence = live();
        let outcome = |s: f32| decide(&FaceCase { matched: matched(s.min(1.0), views, frames), ..case(&evidence) }).outcome;
        prop_assert!(outcome(low + more) <= outcome(low));
    }

    #[test]
    fn a_smaller_amount_and_a_quieter_day_never_worsen_the_outcome(amount in 1i64..40_000, paid in 0i64..40_000, less in 0i64..40_000, hours in 0i64..72) {
        let evidence = live();
        let enrolled_at = Timestamp::from_millis(NOW.as_millis() - Span::hours(hours).as_millis());
        let outcome = |amount: i64, paid: i64| {
            let binding = Binding { amount: Money::new(amount, Currency::EUR), ..binding() };
            let history = PayerHistory { enrolled_at, paid_24h: paid, circumstances: decide::Circumstances::QUIET };
            decide(&FaceCase { binding, history, ..case(&evidence) }).outcome
        };
        prop_assert!(outcome((amount - less).max(1), paid) <= outcome(amount, paid));
        prop_assert!(outcome(amount, (paid - less).max(0)) <= outcome(amount, paid));
    }

    #[test]
    fn silence_of_any_check_is_never_allowed(which in 0usize..12, why in 0usize..6, mode in prop::bool::ANY) {
        let reasons = [NoEvidence::TooLittleMotion, NoEvidence::TooFewFrames, NoEvidence::TracksLost, NoEvidence::NoFace, NoEvidence::NotAsked];
        let mut evidence = live();
        match reasons.get(why) {
            Some(reason) => evidence.checks[which].reading = Reading::NoEvidence(*reason),
            None => { evidence.checks.remove(which); }
        }
        let policy = Policy::in_mode(if mode { Mode::Test } else { Mode::Live });
        let decision = decide_face(&case(&evidence), &policy, NOW);
        prop_assert_eq!(decision.outcome, Outcome::Retake);
        // Nor can a second reading talk over the silence or over an attack.
        if let Some(reason) = reasons.get(why) {
            evidence.checks.push(Check { name: LIVE[which].0, reading: Reading::Value(LIVE[which].1) });
            evidence.checks.push(Check { name: LIVE[which].0, reading: Reading::NoEvidence(*reason) });
            prop_assert_eq!(decide_face(&case(&evidence), &policy, NOW).outcome, Outcome::Retake);
        }
    }
}

fn factor(method: Method, accepted: bool, earlier: &[Method], cents: i64) -> Decision {
    let binding = Binding { amount: Money::new(cents, Currency::EUR), ..binding() };
    let (earlier, lock) = (earlier.to_vec(), LockState::CLEAR);
    let case = FactorCase {
        binding,
        method,
        accepted,
        lock,
        earlier,
        paid_24h: 0,
        circumstances: decide::Circumstances::QUIET,
    };
    decide_factor(&case, &Policy::default(), NOW)
}

#[test]
fn every_method_is_looked_up_in_the_one_table() {
    let outcome = |m, accepted, earlier: &[Method], cents| factor(m, accepted, earlier, cents).outcome;
    assert_eq!(outcome(Method::Passphrase, true, &[], 10_000), Outcome::Allow);
    assert_eq!(outcome(Method::Passphrase, true, &[], 10_001), Outcome::StepUp);
    assert_eq!(outcome(Method::Passphrase, true, &[Method::Face], 10_001), Outcome::Allow);
    assert_eq!(outcome(Method::Passkey, true, &[], 10_000_000), Outcome::Allow);
    assert_eq!(outcome(Method::Otp, true, &[], 100), Outcome::StepUp);
    assert_eq!(outcome(Method::Otp, true, &[Method::Passphrase], 50_000), Outcome::Allow);
    // A wrong proof is refused, whatever was proven before, and never reads as a biometric.
    for method in [Method::Passphrase, Method::Passkey, Method::Otp] {
        assert_eq!(outcome(method, false, &[Method::Face, Method::Passphrase], 100), Outcome::Deny, "{method:?}");
    }
    for method in [Method::Face, Method::Voice, Method::Kungfu] {
        assert_ne!(outcome(method, true, &[], 100), Outcome::Allow, "{method:?} has its own evidence");
    }
}

#[test]
fn an_uncertain_face_is_not_a_proven_one() {
    let evidence = live();
    let grey = |earlier, cents| {
        let binding = Binding { amount: Money::new(cents, Currency::EUR), ..binding() };
        decide(&FaceCase { binding, matched: matched(0.5, 5, 3), earlier, ..case(&evidence) })
    };
    assert_eq!(grey(vec![], 100).outcome, Outcome::StepUp);
    assert_eq!(grey(vec![Method::Passphrase], 100).outcome, Outcome::Allow, "the passphrase pays it alone");
    let large = grey(vec![Method::Passphrase], 20_000);
    assert_eq!((large.outcome, large.methods.as_slice()), (Outcome::StepUp, [Method::Passphrase].as_slice()));
}

/// Checks that are never missed, and a value of each that speaks against the capture.
const AGAINST: [(CheckName, f32); 4] =
    [(CheckName::Colours, 0.4), (CheckName::Moire, 6.0), (CheckName::Bezel, 1.0), (CheckName::Flicker, 0.05)];

#[test]
fn further_evidence_speaks_against_a_capture_only_and_its_silence_holds_nobody_up() {
    let policy = Policy::in_mode(Mode::Live);
    let outcome = |evidence: &Evidence| decide_face(&case(evidence), &policy, NOW).outcome;
    let plain = outcome(&live());
    assert_eq!(plain, Outcome::Allow);
    assert_eq!(AGAINST.map(|(name, _)| name), decide::liveness::FURTHER);
    for (name, bad) in AGAINST {
        let told = |reading: Reading, base: Evidence| {
            let mut evidence = base;
            evidence.checks.push(Check { name, reading });
            outcome(&evidence)
        };
        for why in [NoEvidence::NotAsked, NoEvidence::TooWeak, NoEvidence::TooFewFrames, NoEvidence::TooLittleMotion] {
            assert_eq!(told(Reading::NoEvidence(why), live()), plain, "{name:?} {why:?}");
        }
        let good = if name == CheckName::Colours { 1.0 } else { 0.0 };
        assert_eq!(told(Reading::Value(good), live()), plain, "{name:?}");
        assert_eq!(told(Reading::Value(bad), live()), Outcome::Retake, "{name:?}");
        assert_eq!(told(Reading::Value(f32::NAN), live()), Outcome::Retake, "{name:?}: what is no number is not taken");
        // The best reading makes nobody live who is not.
        let flat = with(CheckName::Depth, Reading::Value(0.99));
        assert_eq!(told(Reading::Value(good), flat), Outcome::Deny, "{name:?}");
    }
}

#[test]
fn at_a_kiosk_a_face_alone_pays_little_and_only_when_it_stands_out() {
    let evidence = live();
    let search = KioskSearch { searched: 3, close: false, payments_24h: 0 };
    let small = Binding { amount: Money::new(2_000, Currency::EUR), ..binding() };
    let at = |search: KioskSearch, cents: i64, score: f32| {
        let binding = Binding { amount: Money::new(cents, Currency::EUR), ..small.clone() };
        decide(&FaceCase { binding, kiosk: Some(search), matched: matched(score, 5, 3), ..case(&evidence) })
    };
    assert_eq!(at(search, 2_000, 0.80).outcome, Outcome::Allow);
    let more = at(search, 2_001, 0.80);
    assert_eq!((more.outcome, more.rule.as_str()), (Outcome::StepUp, "kiosk"));
    assert_eq!(more.needs, [Method::Passkey, Method::Passphrase, Method::Otp]);
    let often = at(KioskSearch { payments_24h: 10, ..search }, 100, 0.80);
    assert_eq!(often.outcome, Outcome::StepUp);
    let close = at(KioskSearch { close: true, ..search }, 100, 0.80);
    assert_eq!(close.outcome, Outcome::StepUp);
    assert!(close.reasons.contains(&Reason::CandidatesClose) && close.methods == [Method::Face]);
    assert!(!close.needs.is_empty());
    // The second factor ends it, as everywhere.
    let given = FaceCase {
        binding: small.clone(),
        kiosk: Some(KioskSearch { close: true, ..search }),
        earlier: vec![Method::Otp],
        ..case(&evidence)
    };
    assert_eq!(decide(&given).outcome, Outcome::Allow);
    // One comparison's threshold is not enough among two hundred.
    let alone = (0..100).map(|n| 0.4 + f32::from(n as u8) / 200.0);
    let passes = |searched: u32| {
        let search = KioskSearch { searched, ..search };
        alone.clone().find(|score| at(search, 100, *score).outcome == Outcome::Allow).unwrap()
    };
    assert!(passes(1) < passes(20) && passes(20) < passes(200));
}
