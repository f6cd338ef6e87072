//! Why a decision fell as it did (for the operator) and what the payer can do next (for the payer).
//! The two never mix: the payer's side must not say which factor failed (RTS (EU) 2018/389, art. 4(3)(a)).

use serde::{Deserialize, Serialize};

use crate::Outcome;

/// An operator's reason code. Stable: stored in the audit chain. Holds no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    // The face.
    FaceMatches,
    FaceUncertain,
    FaceDiffers,
    NoProbe,
    TooFewViews,
    TooFewFrames,
    EyesClosed,
    /// At a kiosk: another wallet's face comes close.
    CandidatesClose,
    /// At a kiosk: no wallet of those digits has this face.
    NobodyFound,
    /// At a kiosk: more wallets have those digits than one face may be compared with.
    TooManyWallets,
    // Liveness: attack shapes.
    FlatSurface,
    IdentityChanged,
    StillPicture,
    ReplayedFrames,
    PassiveAttack,
    // Liveness: not shown.
    StepsIncomplete,
    FrameRateLow,
    TurnTooSmall,
    DepthUncertain,
    SmileNotSeen,
    IdentityUncertain,
    MotionBroken,
    SceneCut,
    AnsweredTooSoon,
    PassiveUncertain,
    ColoursDiffer,
    /// Moiré, a rim or refresh bands of a screen.
    ScreenSeen,
    NoEvidence,
    /// The payer can do too little of what is drawn from: another factor joins.
    ChallengeWeak,
    PinnedChallenge,
    // Signs of injected or shown pictures: they raise the risk and decide nothing alone.
    VirtualCamera,
    FramesUnlinked,
    ClockDrifts,
    ScreenPattern,
    // What is unusual about the payment: it raises the risk and decides nothing alone.
    ManyPayments,
    NewDevice,
    OtherCountry,
    // The voice.
    VoiceMatches,
    VoiceUncertain,
    VoiceDiffers,
    PromptUncertain,
    PromptDiffers,
    HeardBefore,
    KeyPhraseDiffers,
    LipsDisagree,
    VoiceNotLiving,
    TooLittleSpeech,
    SoundUnclear,
    SpokeTooSoon,
    // The object.
    ObjectMatches,
    ObjectUncertain,
    ObjectDiffers,
    PhotoUnclear,
    // Money and history.
    NeedsAnotherFactor,
    DeniedByRule,
    SecondFactorGiven,
    // Attempts.
    SoftLocked,
    TriesUsedUp,
    // The other ways to pay, and second factors.
    PassphraseAccepted,
    PassphraseWrong,
    PasskeyAccepted,
    PasskeyWrong,
    OtpAccepted,
    OtpWrong,
}

impl Reason {
    /// What this reason alone leads to.
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::FaceMatches
            | Self::VirtualCamera
            | Self::FramesUnlinked
            | Self::ClockDrifts
            | Self::ScreenPattern
            | Self::ManyPayments
            | Self::NewDevice
            | Self::OtherCountry
            | Self::VoiceMatches
            | Self::ObjectMatches
            | Self::SecondFactorGiven
            | Self::PassphraseAccepted
            | Self::PasskeyAccepted
            | Self::OtpAccepted => Outcome::Allow,
            Self::FaceUncertain
            | Self::VoiceUncertain
            | Self::ObjectUncertain
            | Self::TooFewViews
            | Self::CandidatesClose
            | Self::ChallengeWeak
            | Self::NeedsAnotherFactor => Outcome::StepUp,
            Self::NoProbe
            | Self::NobodyFound
            | Self::TooFewFrames
            | Self::EyesClosed
            | Self::StepsIncomplete
            | Self::FrameRateLow
            | Self::TurnTooSmall
            | Self::DepthUncertain
            | Self::SmileNotSeen
            | Self::IdentityUncertain
            | Self::MotionBroken
            | Self::PromptUncertain
            | Self::LipsDisagree
            | Self::TooLittleSpeech
            | Self::SoundUnclear
            | Self::SpokeTooSoon
            | Self::PhotoUnclear
            | Self::SceneCut
            | Self::AnsweredTooSoon
            | Self::PassiveUncertain
            | Self::ColoursDiffer
            | Self::ScreenSeen
            | Self::NoEvidence => Outcome::Retake,
            Self::FaceDiffers
            | Self::TooManyWallets
            | Self::VoiceDiffers
            | Self::ObjectDiffers
            | Self::PromptDiffers
            | Self::HeardBefore
            | Self::KeyPhraseDiffers
            | Self::VoiceNotLiving
            | Self::FlatSurface
            | Self::IdentityChanged
            | Self::StillPicture
            | Self::ReplayedFrames
            | Self::PassiveAttack
            | Self::PinnedChallenge
            | Self::SoftLocked
            | Self::TriesUsedUp
            | Self::DeniedByRule
            | Self::PassphraseWrong
            | Self::PasskeyWrong
            | Self::OtpWrong => Outcome::Deny,
        }
    }

    /// The stable text used in the audit chain and the operator's pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FaceMatches => "face_matches",
            Self::FaceUncertain => "face_uncertain",
            Self::FaceDiffers => "face_differs",
            Self::NoProbe => "no_probe",
            Self::TooFewViews => "too_few_views",
            Self::TooFewFrames => "too_few_frames",
            Self::EyesClosed => "eyes_closed",
            Self::CandidatesClose => "candidates_close",
            Self::NobodyFound => "nobody_found",
            Self::TooManyWallets => "too_many_wallets",
            Self::FlatSurface => "flat_surface",
            Self::IdentityChanged => "identity_changed",
            Self::StillPicture => "still_picture",
            Self::ReplayedFrames => "replayed_frames",
            Self::SceneCut => "scene_cut",
            Self::PassiveAttack => "passive_attack",
            Self::PassiveUncertain => "passive_uncertain",
            Self::ColoursDiffer => "colours_differ",
            Self::ScreenSeen => "screen_seen",
            Self::AnsweredTooSoon => "answered_too_soon",
            Self::StepsIncomplete => "steps_incomplete",
            Self::FrameRateLow => "frame_rate_low",
            Self::TurnTooSmall => "turn_too_small",
            Self::DepthUncertain => "depth_uncertain",
            Self::SmileNotSeen => "smile_not_seen",
            Self::IdentityUncertain => "identity_uncertain",
            Self::MotionBroken => "motion_broken",
            Self::NoEvidence => "no_evidence",
            Self::ChallengeWeak => "challenge_weak",
            Self::PinnedChallenge => "pinned_challenge",
            Self::VirtualCamera => "virtual_camera",
            Self::FramesUnlinked => "frames_unlinked",
            Self::ClockDrifts => "clock_drifts",
            Self::ScreenPattern => "screen_pattern",
            Self::ManyPayments => "many_payments",
            Self::NewDevice => "new_device",
            Self::OtherCountry => "other_country",
            Self::NeedsAnotherFactor => "needs_another_factor",
            Self::DeniedByRule => "denied_by_rule",
            Self::VoiceMatches => "voice_matches",
            Self::VoiceUncertain => "voice_uncertain",
            Self::VoiceDiffers => "voice_differs",
            Self::PromptUncertain => "prompt_uncertain",
            Self::PromptDiffers => "prompt_differs",
            Self::HeardBefore => "heard_before",
            Self::KeyPhraseDiffers => "key_phrase_differs",
            Self::LipsDisagree => "lips_disagree",
            Self::VoiceNotLiving => "voice_not_living",
            Self::TooLittleSpeech => "too_little_speech",
            Self::SoundUnclear => "sound_unclear",
            Self::SpokeTooSoon => "spoke_too_soon",
            Self::ObjectMatches => "object_matches",
            Self::ObjectUncertain => "object_uncertain",
            Self::ObjectDiffers => "object_differs",
            Self::PhotoUnclear => "photo_unclear",
            Self::SecondFactorGiven => "second_factor_given",
            Self::SoftLocked => "soft_locked",
            Self::TriesUsedUp => "tries_used_up",
            Self::PassphraseAccepted => "passphrase_accepted",
            Self::PassphraseWrong => "passphrase_wrong",
            Self::PasskeyAccepted => "passkey_accepted",
            Self::PasskeyWrong => "passkey_wrong",
            Self::OtpAccepted => "otp_accepted",
            Self::OtpWrong => "otp_wrong",
        }
    }
}

/// What the payer is told to do next. Never which factor failed; a refused attack and a refused payer read the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// Paid: nothing to do.
    Done,
    /// Another capture of the same payment may succeed.
    TryAgain,
    /// Confirm this payment in one more way.
    ConfirmToo,
    /// This attempt is over; pay another way.
    PayAnotherWay,
}

impl NextStep {
    pub const fn after(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Allow => Self::Done,
            Outcome::StepUp => Self::ConfirmToo,
            Outcome::Retake => Self::TryAgain,
            Outcome::Deny => Self::PayAnotherWay,
        }
    }

    /// Key of the sentence, shown and spoken, in the catalogue of texts.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Done => "end.paid",
            Self::TryAgain => "end.try_again",
            Self::ConfirmToo => "end.confirm_too",
            Self::PayAnotherWay => "end.another_way",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_is_the_stored_form() {
        for reason in [Reason::FaceDiffers, Reason::FlatSurface, Reason::NeedsAnotherFactor, Reason::PassphraseWrong] {
            let stored = serde_json::to_string(&reason).unwrap();
            assert_eq!(stored, format!("\"{}\"", reason.as_str()));
        }
    }
}
