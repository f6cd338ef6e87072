//! The rules of paying by voice as a table.

#![allow(clippy::unwrap_used, reason = "tests may")]
use base::{AccountId, ChallengeId, IntentId, MerchantId, Method, Timestamp};
use decide::{
    Binding, ChallengeKind, Cosine, Extra, LockState, Mode, Outcome, PayerHistory, Policy, PromptMargin, Reason,
    SoundQuality, UtteranceFault, VoiceCase, VoiceMatch, VoicePolicy, decide_voice,
};
use money::{Currency, Money};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn sound() -> SoundQuality {
    SoundQuality {
        speech_seconds: 3.2,
        level_db: -22.0,
        clipped: 0.0,
        snr_db: 30.0,
        high_band_db: -15.0,
        began_at: 0.6,
    }
}

fn matched(score: f32) -> Option<VoiceMatch> {
    Some(VoiceMatch { score: Cosine::new(score).unwrap(), clips: 3 })
}

fn case() -> VoiceCase {
    VoiceCase {
        binding: Binding {
            intent: IntentId::from_uuid(Uuid::from_u128(1)),
            amount: Money::new(1_000, Currency::EUR),
            payee: MerchantId::from_uuid(Uuid::from_u128(2)),
            account: AccountId::from_uuid(Uuid::from_u128(3)),
            challenge: Some(ChallengeId::from_uuid(Uuid::from_u128(4))),
        },
        challenge: ChallengeKind::Drawn,
        sound: Some(sound()),
        matched: matched(0.8),
        prompt: Some(PromptMargin::Digits(1.5)),
        heard_before: Some(0.0),
        key_phrase: Extra::NotAsked,
        lips: Extra::NotAsked,
        living: Extra::NotAsked,
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

fn outcome(change: impl FnOnce(&mut VoiceCase)) -> (Outcome, Vec<Reason>) {
    let mut case = case();
    change(&mut case);
    let decision = decide_voice(&case, &Policy::in_mode(Mode::Live), NOW);
    (decision.outcome, decision.reasons)
}

#[test]
fn a_good_answer_pays_a_small_amount() {
    let (allowed, reasons) = outcome(|_| ());
    assert_eq!((allowed, reasons), (Outcome::Allow, vec![Reason::VoiceMatches]));
}

#[test]
fn extra_evidence_never_stands_in_for_a_fresh_prompt() {
    let all_good = |c: &mut VoiceCase| {
        (c.key_phrase, c.lips, c.living) = (Extra::Measured(0.0), Extra::Measured(0.9), Extra::Measured(0.99));
    };
    assert_eq!(outcome(all_good).0, Outcome::Allow);
    let (without, reasons) = outcome(|c| {
        all_good(c);
        c.prompt = None;
    });
    assert!(without == Outcome::Retake && reasons.contains(&Reason::NoEvidence), "{reasons:?}");
    let (other, reasons) = outcome(|c| {
        all_good(c);
        c.prompt = Some(PromptMargin::Digits(-5.0));
    });
    assert!(other == Outcome::Deny && reasons.contains(&Reason::PromptDiffers), "{reasons:?}");
}

#[test]
fn every_fault_has_its_outcome() {
    type Change = fn(&mut VoiceCase);

    let table: &[(Change, Outcome, Reason)] = &[
        (|c| c.matched = matched(0.2), Outcome::Deny, Reason::VoiceDiffers),
        (|c| c.matched = matched(0.45), Outcome::StepUp, Reason::VoiceUncertain),
        (|c| c.matched = None, Outcome::Retake, Reason::NoProbe),
        (|c| c.prompt = Some(PromptMargin::Digits(-5.0)), Outcome::Deny, Reason::PromptDiffers),
        (|c| c.prompt = Some(PromptMargin::Digits(-1.0)), Outcome::Retake, Reason::PromptUncertain),
        (|c| c.prompt = Some(PromptMargin::Digits(f32::NAN)), Outcome::Retake, Reason::NoEvidence),
        (|c| c.prompt = None, Outcome::Retake, Reason::NoEvidence),
        (|c| c.prompt = Some(PromptMargin::Words(-20.0)), Outcome::Deny, Reason::PromptDiffers),
        (|c| c.prompt = Some(PromptMargin::Words(-6.0)), Outcome::Retake, Reason::PromptUncertain),
        (|c| c.key_phrase = Extra::Measured(-9.0), Outcome::Deny, Reason::KeyPhraseDiffers),
        (|c| c.key_phrase = Extra::Unmeasured, Outcome::Retake, Reason::NoEvidence),
        (|c| c.lips = Extra::Measured(0.5), Outcome::Retake, Reason::LipsDisagree),
        (|c| c.lips = Extra::Measured(f32::NAN), Outcome::Retake, Reason::NoEvidence),
        (|c| c.living = Extra::Measured(0.2), Outcome::Deny, Reason::VoiceNotLiving),
        (|c| c.living = Extra::Unmeasured, Outcome::Retake, Reason::NoEvidence),
        (|c| c.heard_before = Some(0.9), Outcome::Deny, Reason::HeardBefore),
        (|c| c.heard_before = Some(f32::NAN), Outcome::Deny, Reason::HeardBefore),
        (|c| c.heard_before = None, Outcome::Retake, Reason::NoEvidence),
        (|c| c.sound = None, Outcome::Retake, Reason::NoEvidence),
        (|c| c.sound.as_mut().unwrap().speech_seconds = 0.6, Outcome::Retake, Reason::TooLittleSpeech),
        (|c| c.sound.as_mut().unwrap().clipped = 0.2, Outcome::Retake, Reason::SoundUnclear),
        (|c| c.sound.as_mut().unwrap().level_db = -70.0, Outcome::Retake, Reason::SoundUnclear),
        (|c| c.sound.as_mut().unwrap().snr_db = f32::NAN, Outcome::Retake, Reason::NoEvidence),
        (|c| c.sound.as_mut().unwrap().began_at = 0.0, Outcome::Retake, Reason::SpokeTooSoon),
        (|c| c.binding.amount = Money::new(1_501, Currency::EUR), Outcome::StepUp, Reason::NeedsAnotherFactor),
        (|c| c.history.paid_24h = 3_501, Outcome::StepUp, Reason::NeedsAnotherFactor),
        (|c| c.history.enrolled_at = NOW, Outcome::StepUp, Reason::NeedsAnotherFactor),
        (|c| c.challenge = ChallengeKind::PinnedForTest, Outcome::Deny, Reason::PinnedChallenge),
        (|c| c.binding.challenge = None, Outcome::Retake, Reason::NoEvidence),
        (|c| c.lock = (0..5).fold(LockState::CLEAR, |s, _| s.after_failure(NOW)), Outcome::Deny, Reason::SoftLocked),
        (|c| c.matched.as_mut().unwrap().clips = 1, Outcome::StepUp, Reason::TooFewViews),
    ];
    for (change, expected, reason) in table {
        let (got, reasons) = outcome(change);
        assert_eq!(got, *expected, "{reason:?}: {reasons:?}");
        assert!(reasons.contains(reason), "{reason:?}: {reasons:?}");
    }
}

#[test]
fn a_second_factor_answers_the_amount_and_nothing_else() {
    let with = |earlier: Method, change: fn(&mut VoiceCase)| {
        outcome(|c| {
            c.earlier = vec![earlier];
            change(c);
        })
        .0
    };
    let large: fn(&mut VoiceCase) = |c| c.binding.amount = Money::new(90_000, Currency::EUR);
    assert_eq!(with(Method::Passkey, large), Outcome::Allow);
    assert_eq!(with(Method::Passphrase, large), Outcome::Allow);
    assert_eq!(with(Method::Face, large), Outcome::StepUp, "another biometric is no second factor");
    assert_eq!(with(Method::Passkey, |c| c.matched = matched(0.1)), Outcome::Deny);
    assert_eq!(with(Method::Passkey, |c| c.prompt = Some(PromptMargin::Digits(-5.0))), Outcome::Deny);
    assert_eq!(with(Method::Passkey, |c| c.heard_before = Some(0.9)), Outcome::Deny);
    assert_eq!(with(Method::Passkey, |c| c.sound = None), Outcome::Retake);
}

#[test]
fn the_last_unclear_try_is_a_refusal() {
    let (got, reasons) = outcome(|c| {
        c.prompt = Some(PromptMargin::Digits(-1.0));
        c.tries_left = 0;
    });
    assert_eq!(got, Outcome::Deny);
    assert!(reasons.contains(&Reason::TriesUsedUp));
}

#[test]
fn short_noisy_and_narrow_recordings_need_more() {
    let policy = VoicePolicy::default();
    let base = policy.threshold(3, &sound());
    let with = |change: fn(&mut SoundQuality)| {
        let mut s = sound();
        change(&mut s);
        policy.threshold(3, &s)
    };
    assert!(with(|s| s.speech_seconds = 1.5) > base);
    assert!(with(|s| s.snr_db = 8.0) > base);
    assert!(with(|s| s.high_band_db = -60.0) > base);
    assert!(policy.threshold(1, &sound()) > base);
}

#[test]
fn utterances_to_enrol_are_judged() {
    let policy = VoicePolicy::default();
    assert_eq!(policy.judge_utterance(&sound()), Ok(()));
    let short = SoundQuality { speech_seconds: 1.0, ..sound() };
    assert_eq!(policy.judge_utterance(&short), Err(UtteranceFault::TooShort));
    let loud = SoundQuality { clipped: 0.1, ..sound() };
    assert_eq!(policy.judge_utterance(&loud), Err(UtteranceFault::Clipped));
    assert!(policy.one_speaker(0.7) && !policy.one_speaker(0.2));
}
