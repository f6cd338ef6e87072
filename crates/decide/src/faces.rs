//! Face service: from a comparison to *the same person: yes or no* at three false match rates, and from measurements of a
//! picture to hints. No number leaves here.

use serde::Serialize;

use crate::Calibration;
use crate::score::FaceMatch;

/// Whether two sets of pictures show one person, each at a false match rate that one comparison of two strangers of the set
/// that looks most alike has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SamePerson {
    pub fmr_1e4: bool,
    pub fmr_1e5: bool,
    pub fmr_1e6: bool,
}

/// Whether the calibration's check had enough comparisons of strangers to claim a rate. Where not, the threshold is an
/// exponential tail beyond the data: stricter than the next looser one, but nobody has seen the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Claims {
    pub fmr_1e4: bool,
    pub fmr_1e5: bool,
    pub fmr_1e6: bool,
}

/// Names of the operating points in the calibration, and their rates.
const RATES: [(&str, f64); 3] = [("fmr_1e-4", 1e-4), ("fmr_1e-5", 1e-5), ("fmr_1e-6", 1e-6)];

/// Judges one comparison at the operating points `fmr_1e-4`, `fmr_1e-5` and `fmr_1e-6`: the thresholds that the set which
/// looks most alike asks for, the same false match rate at every size. A point that the calibration does not have says no.
pub fn same_person(calibration: &Calibration, m: FaceMatch) -> SamePerson {
    let llr = calibration.llr(m).get();
    let [fmr_1e4, fmr_1e5, fmr_1e6] = RATES.map(|(name, _)| calibration.point(name).is_some_and(|p| llr >= p.llr));
    SamePerson { fmr_1e4, fmr_1e5, fmr_1e6 }
}

/// Which of the rates may be claimed: those that the upper end of the point's measured 95 % interval does not exceed (without
/// any false match that is the rule of three).
pub fn claims(calibration: &Calibration) -> Claims {
    let [fmr_1e4, fmr_1e5, fmr_1e6] =
        RATES.map(|(name, rate)| calibration.point(name).is_some_and(|p| p.impostor > 0 && p.fmr_upper <= rate));
    Claims { fmr_1e4, fmr_1e5, fmr_1e6 }
}

/// Whether a comparison reaches the point that a payment must reach (the calibration's default; 5×3: FNMR ≤ 1 % and
/// FMR ≤ 2e-3 in every set measured).
fn looks_the_same(calibration: &Calibration, m: FaceMatch) -> bool {
    calibration.llr(m).get() >= calibration.default_llr()
}

/// Whether a new face is so like one that is there already that a person should look at the two. The default point: a
/// review costs little, a missed duplicate much.
pub fn suspects_duplicate(calibration: &Calibration, m: FaceMatch) -> bool {
    looks_the_same(calibration, m)
}

/// What a search may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identified {
    Nobody,
    /// The best candidate, and nobody else comes near.
    One(SamePerson),
    /// The runner-up would be taken for the same person, too: only a second factor can tell them apart.
    Close(SamePerson),
}

/// Judges the two best candidates of a search: found is who reaches the default point, and the answer says at which rates.
pub fn identify(calibration: &Calibration, best: Option<FaceMatch>, second: Option<FaceMatch>) -> Identified {
    let like = |m: &FaceMatch| looks_the_same(calibration, *m);
    match (best.filter(like), second.filter(like)) {
        (None, _) => Identified::Nobody,
        (Some(best), Some(_)) => Identified::Close(same_person(calibration, best)),
        (Some(best), None) => Identified::One(same_person(calibration, best)),
    }
}

/// What was measured of a picture for the face service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PictureReading {
    /// Faces that are not far smaller than the largest.
    pub faces: usize,
    /// Longer side of the face, pixels.
    pub face_px: f32,
    /// Variance of the Laplacian in the aligned crop.
    pub sharpness: f32,
    /// Mean of the inner face, 0..=1.
    pub brightness: f32,
    /// Nose offset in eye distances, signed.
    pub nose_offset: f32,
}

/// What to do about a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureHint {
    NoFace,
    SeveralFaces,
    ComeCloser,
    HoldStill,
    MoreLight,
    LessLight,
    LookAtCamera,
}

/// A face smaller than this is drawn larger for the recogniser's 112-pixel crop than it is: detail is missing.
const FACE_PX: f32 = 80.0;
/// A blurred face is below about 30, a crisp one above 100 (`face::Quality`).
const SHARPNESS: f32 = 30.0;
/// Darker, and the noise of the camera is as large as the face's features.
const DARK: f32 = 0.18;
/// Brighter, and cheeks and forehead are burnt out.
const BRIGHT: f32 = 0.90;
/// Beyond it the face is clearly turned (people who turn exceed it, BENCHMARKS.md).
const TURNED: f32 = 0.28;

/// Hints for a picture, the most important first; none: nothing to mend.
pub fn picture_hints(reading: Option<PictureReading>) -> Vec<PictureHint> {
    let Some(r) = reading.filter(|r| r.faces > 0) else { return vec![PictureHint::NoFace] };
    let checks = [
        (r.faces > 1, PictureHint::SeveralFaces),
        (r.face_px < FACE_PX, PictureHint::ComeCloser),
        (r.sharpness < SHARPNESS, PictureHint::HoldStill),
        (r.brightness < DARK, PictureHint::MoreLight),
        (r.brightness > BRIGHT, PictureHint::LessLight),
        (r.nose_offset.abs() > TURNED, PictureHint::LookAtCamera),
    ];
    checks.into_iter().filter(|(wrong, _)| *wrong).map(|(_, hint)| hint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cosine, MatchSize};

    fn matched(score: f32, views: u8, frames: u8) -> FaceMatch {
        FaceMatch { score: Cosine::new(score).unwrap(), size: MatchSize { views, frames } }
    }

    #[test]
    fn rates_are_claimed_only_where_strangers_were_counted() {
        let mut calibration = Calibration::shipped();
        // 11,850 comparisons without a false match: below 3.1e-4 with 95 %.
        assert_eq!(claims(&calibration), Claims { fmr_1e4: false, fmr_1e5: false, fmr_1e6: false });
        let point = calibration.points.iter_mut().find(|p| p.name == "fmr_1e-4").unwrap();
        (point.impostor, point.fmr_upper) = (40_000, 9.2e-5);
        assert_eq!(claims(&calibration), Claims { fmr_1e4: true, fmr_1e5: false, fmr_1e6: false });
        calibration.points.retain(|p| p.name != "fmr_1e-6");
        assert!(!same_person(&calibration, matched(1.0, 5, 5)).fmr_1e6);
    }

    #[test]
    fn a_stricter_rate_never_says_yes_where_a_looser_one_says_no() {
        let c = Calibration::shipped();
        for (views, frames) in [(1, 1), (1, 3), (5, 1), (5, 3)] {
            let mut before = SamePerson { fmr_1e4: false, fmr_1e5: false, fmr_1e6: false };
            for score in -100_i8..=100 {
                let now = same_person(&c, matched(f32::from(score) / 100.0, views, frames));
                assert!(now.fmr_1e4 >= now.fmr_1e5 && now.fmr_1e5 >= now.fmr_1e6);
                assert!(now.fmr_1e4 >= before.fmr_1e4 && now.fmr_1e6 >= before.fmr_1e6);
                before = now;
            }
            assert!(before.fmr_1e6);
            assert!(!same_person(&c, matched(0.3, views, frames)).fmr_1e4);
        }
    }

    #[test]
    fn two_candidates_who_both_look_the_same_need_a_second_factor() {
        let c = Calibration::shipped();
        let (sure, near, far) = (matched(0.9, 5, 1), matched(0.75, 5, 1), matched(0.3, 5, 1));
        assert_eq!(identify(&c, None, None), Identified::Nobody);
        assert_eq!(identify(&c, Some(far), None), Identified::Nobody);
        assert!(matches!(identify(&c, Some(sure), Some(far)), Identified::One(s) if s.fmr_1e6));
        assert!(matches!(identify(&c, Some(sure), Some(near)), Identified::Close(_)));
    }

    #[test]
    fn hints_say_what_is_wrong() {
        let good = PictureReading { faces: 1, face_px: 200.0, sharpness: 120.0, brightness: 0.5, nose_offset: 0.05 };
        assert_eq!(picture_hints(Some(good)), []);
        assert_eq!(picture_hints(None), [PictureHint::NoFace]);
        let bad = PictureReading { faces: 2, face_px: 40.0, sharpness: 5.0, brightness: 0.1, nose_offset: -0.5 };
        use PictureHint as H;
        let all = [H::SeveralFaces, H::ComeCloser, H::HoldStill, H::MoreLight, H::LookAtCamera];
        assert_eq!(picture_hints(Some(bad)), all);
        assert_eq!(picture_hints(Some(PictureReading { brightness: 0.95, ..good })), [H::LessLight]);
    }
}
