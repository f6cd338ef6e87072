//! The operator's policy: every number that turns a measurement into yes or no, with where it comes from.
//!
//! Defaults are the calibrated ones. An operator's file may make them stricter or looser, but [`Policy::check`]
//! refuses values outside the range in which the measurements mean anything.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::calibration::{Calibration, CalibrationError};
use crate::kiosk::KioskPolicy;
use crate::kungfu::KungfuPolicy;
use crate::region::Region;
use crate::retention::RetentionPolicy;
use crate::rules::RuleTable;
use crate::usual::UsualPolicy;
use crate::voice::VoicePolicy;

/// Whether real or play money moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Play money; a challenge may be pinned.
    Test,
    #[default]
    Live,
}

/// All rules of one operator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// What the operator calls it, such as `eu-rts`.
    pub profile: String,
    pub mode: Mode,
    pub face: FacePolicy,
    pub liveness: LivenessPolicy,
    pub voice: VoicePolicy,
    pub kungfu: KungfuPolicy,
    pub kiosk: KioskPolicy,
    pub retention: RetentionPolicy,
    /// What makes a payment unusual beyond its proof.
    pub usual: UsualPolicy,
    /// Which proven methods may pay how much.
    pub rules: RuleTable,
    /// Where it holds. Has files of its own; set by [`Policy::in_region`].
    #[serde(skip)]
    pub region: Region,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            profile: "eu-rts".to_owned(),
            mode: Mode::default(),
            face: FacePolicy::default(),
            liveness: LivenessPolicy::default(),
            voice: VoicePolicy::default(),
            kungfu: KungfuPolicy::default(),
            kiosk: KioskPolicy::default(),
            retention: RetentionPolicy::default(),
            usual: UsualPolicy::default(),
            rules: RuleTable::default(),
            region: Region::default(),
        }
    }
}

/// Face comparison: log-likelihood ratios of the recogniser's [`Calibration`], so that one threshold means the same false match
/// rate whatever the number of views and frames. Thresholds are set by the *worst* set of people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FacePolicy {
    /// Name of the operating point that a payment must reach. Default: the calibration's own default point, whose measured
    /// FMR and FNMR on people it was not fitted on stand in the calibration and in docs/accuracy.md.
    pub point: Option<String>,
    /// A template of fewer views never pays alone (asks for the second factor). Default 5: at 3 frames 5 views are the
    /// size at which the default point was measured to refuse at most 1 % in every set.
    pub min_views: u8,
    /// A probe of fewer frames is retaken. Default 3: at 5 views 1 frame gives FNMR 1.1 % at FMR 1e-5, 3 frames 0 of 500.
    pub min_frames: u8,
    /// Eyes open less than this share of the payer's own enrolled openness: retake. Default 0.35 (closed lids). A hint
    /// within one person, never an absolute number, never a refusal.
    pub eyes_closed_below: f32,
    /// What scores are worth and what each operating point buys. Default: the one shipped for the shipped recogniser.
    pub calibration: Calibration,
    /// Those of recognisers that templates are still of: a template is judged by the calibration of the network that made it,
    /// at the point of the same name (at that calibration's own default point where it has none of that name).
    pub former: Vec<Calibration>,
}

impl Default for FacePolicy {
    fn default() -> Self {
        Self {
            calibration: Calibration::shipped(),
            former: Vec::new(),
            point: None,
            min_views: 5,
            min_frames: 3,
            eyes_closed_below: 0.35,
        }
    }
}

impl FacePolicy {
    /// The policy for templates of `model`; `None` for a recogniser that has no calibration here.
    pub fn for_model(&self, model: &str) -> Option<Cow<'_, Self>> {
        if self.calibration.model == model {
            return Some(Cow::Borrowed(self));
        }
        let calibration = self.former.iter().find(|c| c.model == model)?.clone();
        let point = self.point.clone().filter(|name| calibration.point(name).is_some());
        Some(Cow::Owned(Self { calibration, point, former: Vec::new(), ..self.clone() }))
    }

    /// The log-likelihood ratio that pays; infinite when the named point does not exist ([`Policy::check`] refuses that).
    pub fn match_from(&self) -> f32 {
        match &self.point {
            Some(name) => self.calibration.point(name).map_or(f32::INFINITY, |p| p.llr),
            None => self.calibration.default_llr(),
        }
    }

    /// Between this and [`FacePolicy::match_from`] a second factor is asked instead of refusing.
    pub fn grey_from(&self) -> f32 {
        self.calibration.grey_llr()
    }
}

/// Liveness checks. `liveness` measures, these judge.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LivenessPolicy {
    /// Homography inlier share at or above which the face is flat: refuse. Default 0.90: flat puppets and a well-tracked
    /// phone replay ≥0.99.
    pub flat_from: f32,
    /// At or below which it has depth. Default 0.80: live turns 0.24–0.53 (8 clips), 3-D puppet 0.51–0.77. Between: retake.
    pub deep_to: f32,
    /// Smallest peak nose offset / eye distance over the asked turns. Default 0.30: 47 hand-moved prints stayed within 0.11
    /// (95th percentile; one hard-tilted phone 0.43, which `flat_from` catches), people who turn exceed 0.28.
    pub turn_from: f32,
    /// Rise of the happy score over this payer's own neutral. Default 0.35: 93 within-person pairs (JAFFE) rose by ≥0.60
    /// at the 5th percentile; half of it leaves room for a small smile.
    pub smile_rise_from: f32,
    /// Smallest cosine of neighbouring frames at which it is surely one person. Default 0.45 (impostor 2.1e-5 on LFW).
    pub same_person_from: f32,
    /// Smallest cosine of near-frontal frames that follow each other at which it is surely one person. Default 0.60.
    pub same_front_from: f32,
    /// Below this the person changed: refuse. Default 0.20: genuine pairs of *different photographs* fall below 0.30 in
    /// 0.7 % (LFW), neighbouring frames of one capture far less.
    pub other_person_below: f32,
    /// Cosine of neighbouring still frames at or above which it is a photograph held still: refuse. Default 0.999.
    pub still_from: f32,
    /// A larger share of frames seen before is a replay: refuse. Default 0.45: re-encoded captures differ by ≤1
    /// bit at the median (3 clips), so at least half counts; the other half of a clip by ≥2 (6 clips), so less than half does.
    /// The shares themselves were not measured. A splice with fewer old frames is left to the other checks.
    pub duplicates_to: f32,
    /// Frames per second below which nothing can be tracked: retake. Default 10: prints at ~5 fps lost their tracks.
    pub frame_rate_from: f32,
    /// Largest jump between neighbouring frames in eye distances: retake above. Default 1.0. Quick real motion reaches
    /// 0.24 at the 95th percentile and a hard cut starts at 0.14, so a jump alone never refuses.
    pub jump_to: f32,
    /// This many moving frames of an earlier capture, in its order, are a splice: refuse. Default 6 (0.4 s at 15 fps).
    pub splice_from: f32,
    /// Largest change of the whole picture between neighbouring frames, bits of 64, less its
    /// neighbours' change: retake above. Default 30: puppets that answer stay within 28 (12 captures), two persons swapped between
    /// two frames reach 31–39 (12 captures).
    pub scene_cut_to: f32,
    /// A turn or an approach that is there sooner after it was asked for was not an answer: retake. Default 120 ms; simple
    /// reactions of people take 180 ms and more, and the movement comes on top.
    pub reaction_from_ms: f32,
    /// Median of the operator's passive networks below which they saw an attack: refuse. Default 0.20. Judged only where one is
    /// plugged in; what it buys is that network's own figure (`evaluate pad --passive`).
    pub passive_attack_below: f32,
    /// From which they saw a living face; between the two: retake. Default 0.50.
    pub passive_live_from: f32,
    /// Asks payers who have not switched colours off for a last step in which the screen shows drawn colours. Default off: it is
    /// measured on puppets only, because no recordings of real faces under changing screens are to be had.
    pub colours: bool,
    /// Share of the best sequence's fit that the drawn colours must reach: retake below. Default 0.90. A face whose light shows
    /// nothing is judged by the other checks.
    pub colours_from: f32,
    /// Peak of the face's spectrum from which it is a screen's pixel grid: retake, as are the two below, because too few real screens
    /// and real faces were to be had for a refusal. Default 4.5: 14 real live clips reach 3.0 and none of 197 live stills 4.5, generated phones 2.8–6.0.
    pub moire_from: f32,
    /// Straightness of edges on both sides that grow with the face from which they are a rim. Default 0.90: 3 real live clips
    /// that come close enough reach 0.54, puppets 0.58, generated phones 0.42–1.00.
    pub bezel_from: f32,
    /// Waves of brightness over the face that its surroundings do not show, from which they are a screen's refresh. Default
    /// 0.02: faces 0.00 (few real clips are still enough), generated screens 0.02–0.06.
    pub flicker_from: f32,
    /// Fewer equally likely challenges than this ask for another factor. Default 500: a recording of an earlier answer fits a
    /// fresh challenge once in 536 (848 without smiles), counted exactly in `liveness`.
    pub one_in_from: u32,
}

impl Default for LivenessPolicy {
    fn default() -> Self {
        Self {
            flat_from: 0.90,
            deep_to: 0.80,
            turn_from: 0.30,
            smile_rise_from: 0.35,
            same_person_from: 0.45,
            same_front_from: 0.60,
            other_person_below: 0.20,
            still_from: 0.999,
            duplicates_to: 0.45,
            frame_rate_from: 10.0,
            jump_to: 1.0,
            splice_from: 6.0,
            scene_cut_to: 30.0,
            reaction_from_ms: 120.0,
            passive_attack_below: 0.20,
            passive_live_from: 0.50,
            colours: false,
            colours_from: 0.90,
            moire_from: 4.5,
            bezel_from: 0.90,
            flicker_from: 0.02,
            one_in_from: 500,
        }
    }
}

/// Why a policy is not usable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("policy: {name} must be between {low} and {high}")]
    OutOfRange { name: &'static str, low: &'static str, high: &'static str },
    #[error("policy: {smaller} must not be above {larger}")]
    Order { smaller: &'static str, larger: &'static str },
    #[error("policy: {0}")]
    Rules(String),
    #[error("region: {0}")]
    Region(&'static str),
    #[error("policy: face.calibration: {0}")]
    Calibration(CalibrationError),
    #[error("policy: face.point names `{0}`, which the calibration does not have")]
    NoPoint(String),
}

impl Policy {
    /// The default policy in `mode`.
    pub fn in_mode(mode: Mode) -> Self {
        Self { mode, ..Self::default() }
    }

    /// The same policy in `region`: methods that are not enabled there prove nothing and are not asked for.
    #[must_use]
    pub fn in_region(mut self, region: Region) -> Self {
        self.rules.enabled = Some(region.methods.clone());
        self.region = region;
        self
    }

    /// Refuses a policy whose numbers cannot mean what they say. Call once, at start.
    ///
    /// # Errors
    /// The first [`PolicyError`] found.
    pub fn check(&self) -> Result<(), PolicyError> {
        self.face.check()?;
        self.liveness.check()?;
        self.voice.check()?;
        self.kungfu.check()?;
        self.kiosk.check()?;
        self.region.check()?;
        self.retention.check()?;
        self.usual.check()?;
        self.rules.check()
    }
}

pub(crate) fn within(
    name: &'static str,
    value: f32,
    low: (f32, &'static str),
    high: (f32, &'static str),
) -> Result<(), PolicyError> {
    let ok = value.is_finite() && value >= low.0 && value <= high.0;
    if ok { Ok(()) } else { Err(PolicyError::OutOfRange { name, low: low.1, high: high.1 }) }
}

pub(crate) fn ordered(smaller: (&'static str, f32), larger: (&'static str, f32)) -> Result<(), PolicyError> {
    if smaller.1 <= larger.1 { Ok(()) } else { Err(PolicyError::Order { smaller: smaller.0, larger: larger.0 }) }
}

impl FacePolicy {
    fn check(&self) -> Result<(), PolicyError> {
        self.calibration.check()?;
        for former in &self.former {
            former.check()?;
        }
        if !self.match_from().is_finite() {
            return Err(PolicyError::NoPoint(self.point.clone().unwrap_or_default()));
        }
        ordered(("the calibration's grey point", self.grey_from()), ("face.point", self.match_from()))?;
        within("face.min_views", f32::from(self.min_views), (1.0, "1"), (32.0, "32"))?;
        within("face.min_frames", f32::from(self.min_frames), (1.0, "1"), (32.0, "32"))?;
        within("face.eyes_closed_below", self.eyes_closed_below, (0.0, "0"), (0.6, "0.6"))
    }
}

impl LivenessPolicy {
    fn check(&self) -> Result<(), PolicyError> {
        within("liveness.flat_from", self.flat_from, (0.80, "0.80"), (0.99, "0.99"))?;
        within("liveness.deep_to", self.deep_to, (0.5, "0.5"), (0.90, "0.90"))?;
        ordered(("liveness.deep_to", self.deep_to), ("liveness.flat_from", self.flat_from))?;
        within("liveness.turn_from", self.turn_from, (0.2, "0.2"), (0.8, "0.8"))?;
        within("liveness.smile_rise_from", self.smile_rise_from, (0.1, "0.1"), (0.9, "0.9"))?;
        within("liveness.same_front_from", self.same_front_from, (0.3, "0.3"), (0.95, "0.95"))?;
        within("liveness.same_person_from", self.same_person_from, (0.3, "0.3"), (0.95, "0.95"))?;
        within("liveness.other_person_below", self.other_person_below, (0.0, "0"), (0.45, "0.45"))?;
        ordered(
            ("liveness.other_person_below", self.other_person_below),
            ("liveness.same_person_from", self.same_person_from),
        )?;
        within("liveness.still_from", self.still_from, (0.99, "0.99"), (1.0, "1"))?;
        within("liveness.duplicates_to", self.duplicates_to, (0.1, "0.1"), (0.9, "0.9"))?;
        within("liveness.frame_rate_from", self.frame_rate_from, (5.0, "5"), (30.0, "30"))?;
        within("liveness.jump_to", self.jump_to, (0.3, "0.3"), (3.0, "3"))?;
        within("liveness.splice_from", self.splice_from, (3.0, "3"), (60.0, "60"))?;
        within("liveness.scene_cut_to", self.scene_cut_to, (8.0, "8"), (64.0, "64"))?;
        within("liveness.reaction_from_ms", self.reaction_from_ms, (0.0, "0"), (300.0, "300"))?;
        within("liveness.passive_attack_below", self.passive_attack_below, (0.0, "0"), (0.9, "0.9"))?;
        within("liveness.moire_from", self.moire_from, (3.0, "3"), (100.0, "100"))?;
        within("liveness.bezel_from", self.bezel_from, (0.6, "0.6"), (2.0, "2"))?;
        within("liveness.flicker_from", self.flicker_from, (0.005, "0.005"), (1.0, "1"))?;
        within("liveness.colours_from", self.colours_from, (0.5, "0.5"), (0.99, "0.99"))?;
        within("liveness.passive_live_from", self.passive_live_from, (0.1, "0.1"), (0.99, "0.99"))?;
        ordered(
            ("liveness.passive_attack_below", self.passive_attack_below),
            ("liveness.passive_live_from", self.passive_live_from),
        )?;
        match self.one_in_from {
            30..=100_000 => Ok(()),
            _ => Err(PolicyError::OutOfRange { name: "liveness.one_in_from", low: "30", high: "100000" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid() {
        assert_eq!(Policy::default().check(), Ok(()));
        assert_eq!(Policy::default().mode, Mode::Live, "forgetting the mode must not open the test doors");
    }

    #[test]
    fn nonsense_is_refused() {
        let face = |change: fn(&mut FacePolicy)| {
            let mut policy = Policy::default();
            change(&mut policy.face);
            policy.check()
        };
        assert_eq!(face(|f| f.point = Some("none".to_owned())), Err(PolicyError::NoPoint("none".to_owned())));
        assert!(matches!(face(|f| f.calibration.score.slope = f32::NAN), Err(PolicyError::Calibration(_))));
        assert!(face(|f| f.min_frames = 0).is_err());
        let mut policy = Policy::default();
        policy.liveness.flat_from = 1.5;
        assert!(policy.check().is_err());
    }

    #[test]
    fn a_template_is_judged_by_the_calibration_of_its_own_recogniser() {
        let mut face = FacePolicy::default();
        let former = Calibration { model: "former".to_owned(), ..Calibration::shipped() };
        face.former.push(Calibration { default_point: "fmr_1e-4".to_owned(), ..former });
        let shipped = face.for_model(&Calibration::shipped().model).unwrap();
        assert!(matches!(shipped, Cow::Borrowed(_)));
        let theirs = face.for_model("former").unwrap();
        assert!(theirs.match_from() > face.match_from());
        assert!(face.for_model("unknown").is_none());
        face.point = Some("fmr_1e-5".to_owned());
        assert_eq!(face.for_model("former").unwrap().match_from(), face.match_from());
    }

    #[test]
    fn an_operators_file_may_name_only_what_it_changes_and_nothing_unknown() {
        let grey = Calibration::shipped().grey_point;
        let policy: Policy = serde_json::from_str(&format!(r#"{{"face":{{"point":"{grey}"}}}}"#)).unwrap();
        assert!(policy.face.match_from() <= policy.face.grey_from() && policy.face.min_views == 5);
        assert!(serde_json::from_str::<Policy>(r#"{"fase":{}}"#).is_err());
    }
}
