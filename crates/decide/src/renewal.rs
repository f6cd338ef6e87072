//! When a template may change without a new enrolment: it grows older with its payer, or moves to another recogniser.
//!
//! Both happen only behind a payment that was made, never behind a doubtful comparison, and never at a stranger's wish:
//! a template that is moved wholesale needs what an enrolment needs, an independent factor beside the face.

use base::{Method, Span, Timestamp};

use crate::rules::independent;
use crate::score::FaceMatch;
use crate::tiers::FIRST_DAY;
use crate::{Calibration, FacePolicy, Outcome};

/// The operating point at or above which a face alone is strong enough to move its own template a little. At 5×3 it refuses
/// 1.3 % of genuine payers (670) and had no false match among 11,850 comparisons of unseen people (docs/accuracy.md); it means
/// FMR 1e-4 in the set that looks most alike, a hundred times less than what a payment must reach there.
const STRONG_POINT: &str = "fmr_1e-4";

/// A template changes at most once in so long: several captures of one day show one look.
pub const AGEING_EVERY: Span = Span::hours(24);

/// How far towards the probe a template moves at once. One addition of the person's own pictures left the cosine to what was before at
/// 0.9979 or more (27 people, `smilepay evaluate ageing`).
const AGEING_SHARE: f32 = 0.10;

/// A template that would be less like the enrolled one stays as it is (cosine; within 11.5°). Fitted with `smilepay evaluate ageing`
/// on 27 people (in-sample): of the bounds that were tried it leaves the owner's own later pictures the most (+0.022 of cosine at the
/// median; 0.90 leaves +0.001, 0.99 +0.018). The most alike stranger, had every addition been let in, would then be accepted by 2 of
/// 27 templates (0.90: 10 of 27); by the rule none of them was let in (BENCHMARKS.md, *Ageing*).
const ANCHOR_FROM: f32 = 0.98;

/// What is known when a payment was made.
#[derive(Clone, Debug)]
pub struct RenewalCase<'a> {
    /// What became of the payment.
    pub outcome: Outcome,
    /// Methods proven for it.
    pub proven: &'a [Method],
    /// This payment's comparison of faces; `None` when it was made minutes ago, before the second factor.
    pub matched: Option<FaceMatch>,
    /// Whether the template is of the recogniser in use.
    pub current: bool,
    pub enrolled_at: Timestamp,
    /// When the template changed last.
    pub changed_at: Option<Timestamp>,
    /// Frames joined in the probe of the recogniser in use.
    pub frames: u8,
    /// Whether the payer agreed to controlled ageing.
    pub ageing_consent: bool,
}

/// What may become of the template.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Renewal {
    Leave,
    /// Move it towards the probe by this share of the way, and keep the result only where [`near_enough`].
    Age {
        share: f32,
    },
    /// Enrol the probe's views under the recogniser in use.
    Replace,
}

/// Judges whether a payment may change the template that it was made with.
pub fn decide_renewal(case: &RenewalCase<'_>, policy: &FacePolicy, now: Timestamp) -> Renewal {
    if case.outcome != Outcome::Allow || !case.proven.contains(&Method::Face) {
        return Renewal::Leave;
    }
    let two_elements = independent(case.proven) >= 2;
    if !case.current {
        let enough = two_elements && case.frames >= policy.min_views;
        return if enough { Renewal::Replace } else { Renewal::Leave };
    }
    let since = case.changed_at.unwrap_or(case.enrolled_at);
    let later = now.since(since) >= AGEING_EVERY && now.since(case.enrolled_at) >= FIRST_DAY;
    let strong = two_elements || case.matched.is_some_and(|m| is_strong(m, policy));
    let enough = case.ageing_consent && later && strong && case.frames >= policy.min_frames;
    if enough { Renewal::Age { share: AGEING_SHARE } } else { Renewal::Leave }
}

fn is_strong(matched: FaceMatch, policy: &FacePolicy) -> bool {
    ages_by_itself(&policy.calibration, matched) && policy.calibration.llr(matched).get() >= policy.match_from()
}

/// Whether a comparison is strong enough to move its own template without a second factor.
pub fn ages_by_itself(calibration: &Calibration, matched: FaceMatch) -> bool {
    calibration.point(STRONG_POINT).is_some_and(|p| calibration.llr(matched).get() >= p.llr)
}

/// Whether a template that was moved is still near enough to what was enrolled.
pub fn near_enough(anchor_cosine: f32) -> bool {
    anchor_cosine >= ANCHOR_FROM
}

/// The share and the bound, for measuring what they do.
pub const fn ageing_rule() -> (f32, f32) {
    (AGEING_SHARE, ANCHOR_FROM)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cosine, MatchSize};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn hours_ago(h: i64) -> Timestamp {
        Timestamp::from_millis(NOW.as_millis() - Span::hours(h).as_millis())
    }

    fn matched(cosine: f32) -> Option<FaceMatch> {
        Some(FaceMatch { score: Cosine::new(cosine).unwrap(), size: MatchSize { views: 5, frames: 5 } })
    }

    fn strong() -> RenewalCase<'static> {
        RenewalCase {
            outcome: Outcome::Allow,
            proven: &[Method::Face],
            matched: matched(0.95),
            current: true,
            enrolled_at: hours_ago(100),
            changed_at: None,
            frames: 5,
            ageing_consent: true,
        }
    }

    fn judge(case: &RenewalCase<'_>) -> Renewal {
        decide_renewal(case, &FacePolicy::default(), NOW)
    }

    #[test]
    fn a_strong_payment_on_a_later_day_ages_the_template_a_little() {
        assert_eq!(judge(&strong()), Renewal::Age { share: AGEING_SHARE });
        let leaves = [
            ("no consent", RenewalCase { ageing_consent: false, ..strong() }),
            ("same day", RenewalCase { changed_at: Some(hours_ago(23)), ..strong() }),
            ("first day", RenewalCase { enrolled_at: hours_ago(23), ..strong() }),
            ("the clock jumped back", RenewalCase { enrolled_at: hours_ago(-50), ..strong() }),
            ("refused", RenewalCase { outcome: Outcome::Deny, ..strong() }),
            ("asks for more", RenewalCase { outcome: Outcome::StepUp, ..strong() }),
            ("paid without the face", RenewalCase { proven: &[Method::Passphrase, Method::Otp], ..strong() }),
            ("too few frames", RenewalCase { frames: 2, ..strong() }),
            ("not compared", RenewalCase { matched: None, ..strong() }),
        ];
        for (name, case) in leaves {
            assert_eq!(judge(&case), Renewal::Leave, "{name}");
        }
        assert!(matches!(judge(&RenewalCase { changed_at: Some(hours_ago(24)), ..strong() }), Renewal::Age { .. }));
    }

    #[test]
    fn a_grey_or_merely_sufficient_comparison_never_adds() {
        let calibration = Calibration::shipped();
        let strong_from = calibration.point(STRONG_POINT).unwrap().llr;
        assert!(strong_from > calibration.default_llr());
        for step in -100_i16..=100 {
            let m = matched(f32::from(step) / 100.0);
            let llr = calibration.llr(m.unwrap()).get();
            let aged = judge(&RenewalCase { matched: m, ..strong() }) != Renewal::Leave;
            assert_eq!(aged, llr >= strong_from, "{step}");
        }
        // With a second element the face had to match as well: `proven` holds it only then.
        let two = [Method::Passphrase, Method::Face];
        assert!(matches!(judge(&RenewalCase { proven: &two, matched: None, ..strong() }), Renewal::Age { .. }));
    }

    #[test]
    fn another_recogniser_takes_over_only_behind_a_second_element() {
        let two = [Method::Passkey, Method::Face];
        let former = RenewalCase { current: false, ageing_consent: false, matched: None, ..strong() };
        assert_eq!(judge(&RenewalCase { proven: &two, ..former.clone() }), Renewal::Replace);
        assert_eq!(judge(&RenewalCase { matched: matched(1.0), ..former.clone() }), Renewal::Leave, "the face alone");
        assert_eq!(judge(&RenewalCase { proven: &two, frames: 4, ..former.clone() }), Renewal::Leave, "too few views");
        let both = [Method::Face, Method::Voice];
        assert_eq!(judge(&RenewalCase { proven: &both, ..former }), Renewal::Leave, "two of one kind");
    }
}
