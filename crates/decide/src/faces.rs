//! Face service: from a comparison to *the same person: yes or no* at three false match rates, and from measurements of a
//! picture to hints. No number leaves here.

use serde::Serialize;

use crate::score::FaceMatch;

/// Whether two sets of pictures show one person, each at a false match rate that one comparison of two strangers has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SamePerson {
    pub fmr_1e4: bool,
    pub fmr_1e5: bool,
    pub fmr_1e6: bool,
}

/// Cosine thresholds of one size of comparison.
struct Thresholds {
    fmr_1e4: f32,
    fmr_1e5: f32,
    fmr_1e6: f32,
}

/// One picture on a side. LFW, all cross pairs (29.6 M impostors): 0.45 → FMR 2e-5, 0.50 → 2e-6, 0.55 → 9.4e-7. On small
/// East-Asian and South-Asian sets the rate at one threshold is four to eight times higher, so each rate takes the
/// threshold of the next stricter one there is.
const SINGLE: Thresholds = Thresholds { fmr_1e4: 0.45, fmr_1e5: 0.50, fmr_1e6: 0.55 };
/// Several pictures on a side raise the scores of strangers, too. 5×3 at 0.60: 0 of 499,000 (500 mixed people), 1.3e-3 in the
/// worst group; 0.65: 7e-5 there. 1e-6 was not measured at this size: it takes what no measured stranger reached.
const SEVERAL: Thresholds = Thresholds { fmr_1e4: 0.60, fmr_1e5: 0.65, fmr_1e6: 0.70 };

/// Judges one comparison.
pub fn same_person(m: FaceMatch) -> SamePerson {
    let several = m.size.views > 1 || m.size.frames > 1;
    let at = if several { SEVERAL } else { SINGLE };
    let score = m.score.get();
    SamePerson { fmr_1e4: score >= at.fmr_1e4, fmr_1e5: score >= at.fmr_1e5, fmr_1e6: score >= at.fmr_1e6 }
}

/// Whether a new face is so like one that is there already that a person should look at the two.
pub fn suspects_duplicate(m: FaceMatch) -> bool {
    same_person(m).fmr_1e5
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

/// Judges the two best candidates of a search.
pub fn identify(best: Option<FaceMatch>, second: Option<FaceMatch>) -> Identified {
    let found = best.map(same_person).filter(|s| s.fmr_1e4);
    match (found, second.map(same_person)) {
        (None, _) => Identified::Nobody,
        (Some(best), Some(second)) if second.fmr_1e4 => Identified::Close(best),
        (Some(best), _) => Identified::One(best),
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
    fn a_stricter_rate_never_says_yes_where_a_looser_one_says_no() {
        for (views, frames) in [(1, 1), (1, 3), (5, 1), (5, 3)] {
            let mut before = SamePerson { fmr_1e4: false, fmr_1e5: false, fmr_1e6: false };
            for score in -100_i8..=100 {
                let now = same_person(matched(f32::from(score) / 100.0, views, frames));
                assert!(now.fmr_1e4 >= now.fmr_1e5 && now.fmr_1e5 >= now.fmr_1e6);
                assert!(now.fmr_1e4 >= before.fmr_1e4 && now.fmr_1e6 >= before.fmr_1e6);
                before = now;
            }
            assert!(before.fmr_1e6);
            assert!(!same_person(matched(0.3, views, frames)).fmr_1e4);
        }
    }

    #[test]
    fn two_candidates_who_both_look_the_same_need_a_second_factor() {
        let (sure, near, far) = (matched(0.9, 5, 1), matched(0.75, 5, 1), matched(0.3, 5, 1));
        assert_eq!(identify(None, None), Identified::Nobody);
        assert_eq!(identify(Some(far), None), Identified::Nobody);
        assert!(matches!(identify(Some(sure), Some(far)), Identified::One(s) if s.fmr_1e6));
        assert!(matches!(identify(Some(sure), Some(near)), Identified::Close(_)));
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
