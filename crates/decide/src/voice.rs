//! Voice: its thresholds, and the decision on one spoken answer. What voice alone may pay is the step-up table's
//! ([`crate::rules`]): small amounts at low risk; above them it needs another factor.

use base::{Method, Timestamp};
use serde::{Deserialize, Serialize};

use crate::attempt::Attempt;
use crate::liveness::ChallengeKind;
use crate::lock::LockState;
use crate::policy::{ordered, within};
use crate::score::Cosine;
use crate::signals::Signals;
use crate::tiers::PayerHistory;
use crate::{Binding, Decision, Policy, PolicyError, Reason};

/// What was measured of a recording, as `voice` measures it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoundQuality {
    /// Seconds of speech.
    pub speech_seconds: f32,
    /// Level of the speech, dB below full scale.
    pub level_db: f32,
    /// Share of clipped samples.
    pub clipped: f32,
    /// Speech over background, dB.
    pub snr_db: f32,
    /// Energy above 4.2 kHz over that of 0.3–3.4 kHz, dB.
    pub high_band_db: f32,
    /// When speech began after the prompt was shown, seconds.
    pub began_at: f32,
}

/// One comparison of a spoken answer with a template.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VoiceMatch {
    pub score: Cosine,
    /// Utterances averaged in the template.
    pub clips: u8,
}

/// How well what was asked explains what was said: the smallest margin over anything else, natural logarithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PromptMargin {
    /// Of a digit over any other digit.
    Digits(f32),
    /// Of a word over any other words; at most 0.
    Words(f32),
}

/// A check that only some servers or payers use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Extra {
    /// It is not used here.
    NotAsked,
    /// It is used, and there was nothing to measure: never counts as good.
    Unmeasured,
    Measured(f32),
}

/// One attempt to pay by voice. `None` anywhere means that it could not be measured, which never counts as good.
#[derive(Clone, Debug)]
pub struct VoiceCase {
    pub binding: Binding,
    pub challenge: ChallengeKind,
    pub sound: Option<SoundQuality>,
    pub matched: Option<VoiceMatch>,
    pub prompt: Option<PromptMargin>,
    /// Share of the speech that an earlier capture of this account held already, 0..=1.
    pub heard_before: Option<f32>,
    /// The payer's own key phrase in a second utterance: a word's margin as in [`PromptMargin::Words`]. It is judged besides the fresh
    /// prompt and never instead of it: a phrase that is the same each time can be recorded, and then says nothing about now.
    pub key_phrase: Extra,
    /// How closely the mouth before the camera moves with the sound: a correlation, −1..=1.
    pub lips: Extra,
    /// What the operator's anti-spoofing network says: probability of a living voice, 0..=1.
    pub living: Extra,
    pub history: PayerHistory,
    /// Failures of this device on this account.
    pub lock: LockState,
    /// Captures still allowed for this payment after this one; 0 turns *retake* into *deny*.
    pub tries_left: u32,
    /// Methods proven before for this same payment, a few minutes ago at most.
    pub earlier: Vec<Method>,
}

impl VoiceCase {
    const fn attempt(&self) -> Attempt<'_> {
        Attempt {
            binding: &self.binding,
            challenge: self.challenge,
            signals: Signals::NONE,
            history: self.history,
            lock: self.lock,
            tries_left: self.tries_left,
            earlier: self.earlier.as_slice(),
        }
    }
}

/// Speaker comparison (CAM++, cosine), prompt and recording.
///
/// Data: 110 LibriSpeech clips of 61 readers, 90 clips of emotional television speech (14 speakers), six-digit strings of 3
/// speakers over a telephone band; figures and commands in BENCHMARKS.md, *Voice*. Small sets: an operator calibrates anew.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VoicePolicy {
    /// Cosine for ≥ 3 s of clean wide-band speech against a template of ≥ 3 utterances.
    pub clean: f32,
    /// Added where the background is loud (below `noisy_below_db`): impostors of the noisy set reach higher.
    pub noisy_more: f32,
    /// Added where the sound came through a telephone band.
    pub narrow_more: f32,
    /// Added for each second of speech that is missing to 3 s.
    pub short_more: f32,
    /// So far below the threshold a second factor is asked instead of refusing.
    pub grey: f32,
    /// Speech over background below which a recording is noisy, dB.
    pub noisy_below_db: f32,
    /// High band over middle band below which it came through a telephone band, dB.
    pub narrow_below_db: f32,
    /// Fewest utterances of a template that pays alone.
    pub min_clips: u8,
    /// Smallest prompt margin that accepts the digits.
    pub prompt_from: f32,
    /// Below this margin other digits were said: refuse. Between: once more, with a new prompt.
    pub prompt_wrong_below: f32,
    /// Smallest margin that accepts a phrase. Default −4: 71 recorded words of one speaker, spliced to 4-word phrases: the best of
    /// 72 wrong ones reached −8.4.
    pub phrase_from: f32,
    /// Below this margin other words were said: refuse. Between: once more, with a new prompt.
    pub phrase_wrong_below: f32,
    /// Smallest correlation of mouth and sound. Default 0.65: a puppet whose mouth is driven by the sound reaches 0.85 and more (15
    /// strings), the same mouth against the sound shifted by 0.4 to 1.5 s at most 0.67 (60). People's lips were not measured.
    pub lips_from: f32,
    /// Whether paying by voice asks for the camera, too.
    pub with_camera: bool,
    /// Smallest probability of a living voice where a network was plugged in. Not measured: no such network is shipped.
    pub living_from: f32,
    /// Share of speech heard before above which it is a replay: refuse.
    pub heard_before_to: f32,
    /// Seconds of speech of a payment's answer: retake below. Six digits take 2 to 4 s.
    pub answer_from_s: f32,
    /// Speech that begins sooner after the prompt than anybody can read it: retake.
    pub began_from_s: f32,
    /// Level of speech below which it is too quiet, dB below full scale: retake.
    pub level_from_db: f32,
    /// Speech over background below which nothing can be told: retake.
    pub snr_from_db: f32,
    /// Share of clipped samples above which it is distorted: retake.
    pub clipped_to: f32,
    /// Seconds of speech of each enrolled utterance.
    pub enrol_from_s: f32,
    /// Smallest cosine between the utterances of one enrolment at which they are one speaker's.
    pub one_speaker_from: f32,
}

impl Default for VoicePolicy {
    fn default() -> Self {
        Self {
            clean: 0.50,
            noisy_more: 0.08,
            narrow_more: 0.08,
            short_more: 0.03,
            grey: 0.10,
            noisy_below_db: 15.0,
            narrow_below_db: -38.0,
            min_clips: 3,
            prompt_from: -0.30,
            prompt_wrong_below: -2.0,
            phrase_from: -4.0,
            phrase_wrong_below: -10.0,
            lips_from: 0.65,
            with_camera: false,
            living_from: 0.5,
            heard_before_to: 0.30,
            answer_from_s: 1.2,
            began_from_s: 0.15,
            level_from_db: -50.0,
            snr_from_db: 5.0,
            clipped_to: 0.02,
            enrol_from_s: 3.0,
            one_speaker_from: 0.45,
        }
    }
}

/// What an enrolled utterance lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UtteranceFault {
    TooShort,
    TooQuiet,
    TooNoisy,
    Clipped,
}

impl VoicePolicy {
    /// The cosine that this recording must reach.
    pub fn threshold(&self, clips: u8, sound: &SoundQuality) -> f32 {
        let mut threshold = self.clean + (3.0 - sound.speech_seconds).clamp(0.0, 3.0) * self.short_more;
        if sound.snr_db < self.noisy_below_db {
            threshold += self.noisy_more;
        }
        if sound.high_band_db < self.narrow_below_db {
            threshold += self.narrow_more;
        }
        if clips < self.min_clips {
            threshold += self.noisy_more;
        }
        threshold
    }

    /// Whether a comparison is good enough by itself, whatever else speaks.
    pub fn accepts(&self, matched: VoiceMatch, sound: &SoundQuality) -> bool {
        matched.score.get() >= self.threshold(matched.clips, sound)
    }

    /// Whether the prompt counts as said.
    pub fn accepts_prompt(&self, margin: PromptMargin) -> bool {
        match margin {
            PromptMargin::Digits(value) => value >= self.prompt_from,
            PromptMargin::Words(value) => value >= self.phrase_from,
        }
    }

    /// Whether something else was said.
    fn is_another_prompt(&self, margin: PromptMargin) -> bool {
        match margin {
            PromptMargin::Digits(value) => value < self.prompt_wrong_below,
            PromptMargin::Words(value) => value < self.phrase_wrong_below,
        }
    }

    /// Whether so much of it was heard before that it is a replay.
    pub fn is_replay(&self, heard_before: f32) -> bool {
        heard_before > self.heard_before_to
    }

    /// What is wrong with an utterance to enrol; `Ok` when nothing is.
    ///
    /// # Errors
    /// The first fault.
    pub fn judge_utterance(&self, sound: &SoundQuality) -> Result<(), UtteranceFault> {
        match sound {
            s if s.speech_seconds < self.enrol_from_s => Err(UtteranceFault::TooShort),
            s if s.level_db < self.level_from_db => Err(UtteranceFault::TooQuiet),
            s if s.clipped > self.clipped_to => Err(UtteranceFault::Clipped),
            s if s.snr_db < self.snr_from_db => Err(UtteranceFault::TooNoisy),
            _ => Ok(()),
        }
    }

    /// Whether utterances whose smallest cosine is this are one speaker's.
    pub fn one_speaker(&self, smallest: f32) -> bool {
        smallest >= self.one_speaker_from
    }

    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        within("voice.clean", self.clean, (0.40, "0.40"), (0.9, "0.9"))?;
        within("voice.noisy_more", self.noisy_more, (0.0, "0"), (0.3, "0.3"))?;
        within("voice.narrow_more", self.narrow_more, (0.0, "0"), (0.3, "0.3"))?;
        within("voice.short_more", self.short_more, (0.0, "0"), (0.2, "0.2"))?;
        within("voice.grey", self.grey, (0.0, "0"), (0.2, "0.2"))?;
        within("voice.prompt_from", self.prompt_from, (-1.0, "-1"), (3.0, "3"))?;
        within("voice.prompt_wrong_below", self.prompt_wrong_below, (-10.0, "-10"), (0.0, "0"))?;
        ordered(("voice.prompt_wrong_below", self.prompt_wrong_below), ("voice.prompt_from", self.prompt_from))?;
        within("voice.phrase_from", self.phrase_from, (-8.0, "-8"), (0.0, "0"))?;
        within("voice.phrase_wrong_below", self.phrase_wrong_below, (-30.0, "-30"), (0.0, "0"))?;
        ordered(("voice.phrase_wrong_below", self.phrase_wrong_below), ("voice.phrase_from", self.phrase_from))?;
        within("voice.lips_from", self.lips_from, (0.0, "0"), (0.9, "0.9"))?;
        within("voice.living_from", self.living_from, (0.05, "0.05"), (1.0, "1"))?;
        within("voice.heard_before_to", self.heard_before_to, (0.05, "0.05"), (0.8, "0.8"))?;
        within("voice.answer_from_s", self.answer_from_s, (0.5, "0.5"), (5.0, "5"))?;
        within("voice.enrol_from_s", self.enrol_from_s, (1.0, "1"), (10.0, "10"))?;
        within("voice.one_speaker_from", self.one_speaker_from, (0.3, "0.3"), (0.9, "0.9"))?;
        within("voice.min_clips", f32::from(self.min_clips), (1.0, "1"), (32.0, "32"))
    }
}

/// Judges a spoken answer. Pure: the same case, policy and time give the same decision.
pub fn decide_voice(case: &VoiceCase, policy: &Policy, now: Timestamp) -> Decision {
    let voice = &policy.voice;
    let attempt = case.attempt();
    let mut reasons = attempt.judge(policy.mode, now);
    reasons.extend(judge_sound(case.sound.as_ref(), voice));
    reasons.push(judge_match(case, voice));
    if case.matched.is_some_and(|m| m.clips < voice.min_clips) {
        reasons.push(Reason::TooFewViews);
    }
    reasons.extend(judge_prompt(case.prompt, voice));
    reasons.extend(match case.heard_before {
        None => Some(Reason::NoEvidence),
        Some(share) => (!share.is_finite() || voice.is_replay(share)).then_some(Reason::HeardBefore),
    });
    let key_phrase = |margin| policy.voice.accepts_prompt(PromptMargin::Words(margin));
    reasons.extend(judge_extra(case.key_phrase, key_phrase, Reason::KeyPhraseDiffers));
    reasons.extend(judge_extra(case.lips, |v| v >= voice.lips_from, Reason::LipsDisagree));
    reasons.extend(judge_extra(case.living, |v| v >= voice.living_from, Reason::VoiceNotLiving));
    let sure = reasons.contains(&Reason::VoiceMatches) && !reasons.contains(&Reason::TooFewViews);
    attempt.close(reasons, sure.then_some(Method::Voice), policy, now)
}

fn judge_sound(sound: Option<&SoundQuality>, policy: &VoicePolicy) -> Option<Reason> {
    let Some(s) = sound else { return Some(Reason::NoEvidence) };
    let measured = [s.speech_seconds, s.level_db, s.clipped, s.snr_db, s.high_band_db, s.began_at];
    if measured.iter().any(|v| !v.is_finite()) {
        return Some(Reason::NoEvidence);
    }
    if s.speech_seconds < policy.answer_from_s {
        return Some(Reason::TooLittleSpeech);
    }
    let unclear = s.level_db < policy.level_from_db || s.clipped > policy.clipped_to || s.snr_db < policy.snr_from_db;
    if unclear {
        return Some(Reason::SoundUnclear);
    }
    (s.began_at < policy.began_from_s).then_some(Reason::SpokeTooSoon)
}

fn judge_match(case: &VoiceCase, policy: &VoicePolicy) -> Reason {
    let (Some(matched), Some(sound)) = (case.matched, case.sound.as_ref()) else {
        return Reason::NoProbe;
    };
    let missing = policy.threshold(matched.clips, sound) - matched.score.get();
    if missing <= 0.0 {
        Reason::VoiceMatches
    } else if missing <= policy.grey {
        Reason::VoiceUncertain
    } else {
        Reason::VoiceDiffers
    }
}

fn judge_prompt(prompt: Option<PromptMargin>, policy: &VoicePolicy) -> Option<Reason> {
    let (PromptMargin::Digits(value) | PromptMargin::Words(value)) = prompt.unwrap_or(PromptMargin::Digits(f32::NAN));
    match prompt {
        Some(margin) if value.is_finite() => {
            if policy.accepts_prompt(margin) {
                None
            } else if policy.is_another_prompt(margin) {
                Some(Reason::PromptDiffers)
            } else {
                Some(Reason::PromptUncertain)
            }
        }
        _ => Some(Reason::NoEvidence),
    }
}

/// A check that is used must be measured, and passed.
fn judge_extra(extra: Extra, passes: impl Fn(f32) -> bool, otherwise: Reason) -> Option<Reason> {
    match extra {
        Extra::NotAsked => None,
        Extra::Measured(value) if value.is_finite() => (!passes(value)).then_some(otherwise),
        Extra::Unmeasured | Extra::Measured(_) => Some(Reason::NoEvidence),
    }
}
