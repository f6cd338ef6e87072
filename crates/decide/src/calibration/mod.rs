//! What a cosine is worth: the calibration artefact of one recogniser, from cosine and sizes to a log-likelihood ratio.
//!
//! [`Calibration::llr`] is the one way from a score to a number that a threshold may be compared with. The running payment and
//! `smilepay evaluate` both use it; `smilepay evaluate calibrate` writes it.

mod model;

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

pub use model::ScoreModel;

use crate::{FaceMatch, PolicyError};

/// The only format so far.
const FORMAT: u32 = 1;
/// Most operating points of one artefact.
const MAX_POINTS: usize = 32;
/// Longest text in an artefact, bytes.
const MAX_TEXT: usize = 400;

/// Natural logarithm of how much likelier a comparison is between two views of one person than between two people of the
/// group that looks most alike. 0 = says nothing.
///
/// Like a score it never leaves the process: no `Serialize`, and `Debug` hides it.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub struct Llr(f32);

impl Llr {
    pub const fn get(self) -> f32 {
        self.0
    }
}

impl fmt::Debug for Llr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Llr(hidden)")
    }
}

/// The calibration of one recogniser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    pub format: u32,
    /// Id of the recogniser and its alignment; scores of another one mean nothing here.
    pub model: String,
    pub made: Provenance,
    pub score: ScoreModel,
    /// Name of the operating point that a payment must reach.
    pub default_point: String,
    /// Name of the operating point below which a second factor does not help.
    pub grey_point: String,
    /// Loosest first.
    pub points: Vec<OperatingPoint>,
}

/// Where a calibration comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The command that wrote it.
    pub command: String,
    /// SHA-256 of the list of pictures and every picture, hex.
    pub data_sha256: String,
    /// People of the half it was fitted on.
    pub people: u32,
    /// Sets of the list; the one that decides `score` is the one whose people look most alike.
    pub sets: Vec<String>,
    /// That set.
    pub worst_set: String,
}

/// A threshold and what it was measured to buy on the half of the people that it was not fitted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatingPoint {
    pub name: String,
    /// Log-likelihood ratio to reach.
    pub llr: f32,
    /// What it was chosen for, in words.
    pub aim: String,
    /// Comparisons of two people in the check, and how many reached the threshold.
    pub impostor: u64,
    pub false_matches: u64,
    /// Upper end of the 95 % interval of the false match rate (exact binomial; 3/n without any).
    pub fmr_upper: f64,
    pub genuine: u64,
    pub false_non_matches: u64,
}

/// Why a calibration file is not usable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalibrationError {
    #[error("the calibration cannot be read ({0}): make it again with `smilepay evaluate calibrate`")]
    Unreadable(String),
    #[error("the calibration is not usable ({0}): make it again with `smilepay evaluate calibrate`")]
    Invalid(&'static str),
}

static SHIPPED: LazyLock<Option<Calibration>> =
    LazyLock::new(|| Calibration::parse(include_str!("../../calibration/sface-2021dec.json")).ok());

impl Calibration {
    /// The one that ships, for the recogniser that ships.
    pub fn shipped() -> Self {
        // A unit test parses the embedded file, so this never falls back; the fallback matches nothing.
        SHIPPED.clone().unwrap_or_else(Self::closed)
    }

    /// Reads and checks an artefact.
    ///
    /// # Errors
    /// Not JSON of this shape, or numbers that mean nothing.
    pub fn parse(json: &str) -> Result<Self, CalibrationError> {
        let read: Self = serde_json::from_str(json).map_err(|e| CalibrationError::Unreadable(e.to_string()))?;
        read.check()?;
        Ok(read)
    }

    /// Refuses what [`Calibration::parse`] refuses.
    ///
    /// # Errors
    /// The first problem found.
    pub fn check(&self) -> Result<(), CalibrationError> {
        let invalid = CalibrationError::Invalid;
        if self.format != FORMAT {
            return Err(invalid("its format is unknown"));
        }
        let texts = [&self.model, &self.made.command, &self.made.data_sha256, &self.made.worst_set];
        if self.model.is_empty() || texts.iter().any(|t| t.len() > MAX_TEXT) {
            return Err(invalid("a text is missing or too long"));
        }
        self.score.check()?;
        let ascending = self.points.windows(2).all(|w| matches!(w, [a, b] if a.llr <= b.llr));
        let finite = self.points.iter().all(|p| p.llr.is_finite() && (0.0..=1.0).contains(&p.fmr_upper));
        if self.points.is_empty() || self.points.len() > MAX_POINTS || !ascending || !finite {
            return Err(invalid("its operating points are not in order"));
        }
        let (Some(default), Some(grey)) = (self.point(&self.default_point), self.point(&self.grey_point)) else {
            return Err(invalid("a named operating point is missing"));
        };
        if grey.llr > default.llr { Err(invalid("the grey zone lies above the threshold")) } else { Ok(()) }
    }

    /// The operating point of that name.
    pub fn point(&self, name: &str) -> Option<&OperatingPoint> {
        self.points.iter().find(|p| p.name == name)
    }

    /// The log-likelihood ratio of a comparison.
    pub fn llr(&self, matched: FaceMatch) -> Llr {
        Llr(self.score.llr(matched.score.get(), matched.size))
    }

    /// Threshold of the default point.
    pub fn default_llr(&self) -> f32 {
        self.point(&self.default_point).map_or(f32::INFINITY, |p| p.llr)
    }

    /// Lower end of the grey zone.
    pub fn grey_llr(&self) -> f32 {
        self.point(&self.grey_point).map_or(f32::INFINITY, |p| p.llr)
    }

    /// Accepts nobody.
    fn closed() -> Self {
        Self {
            format: FORMAT,
            model: String::new(),
            made: Provenance {
                command: String::new(),
                data_sha256: String::new(),
                people: 0,
                sets: Vec::new(),
                worst_set: String::new(),
            },
            score: ScoreModel { reliability: 0.5, resemblance: 0.4, spread: 0.1, offset: 0.0, slope: 1.0 },
            default_point: String::new(),
            grey_point: String::new(),
            points: Vec::new(),
        }
    }
}

impl From<CalibrationError> for PolicyError {
    fn from(error: CalibrationError) -> Self {
        Self::Calibration(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cosine, MatchSize};

    #[test]
    fn the_shipped_artefact_is_valid_and_names_its_points() {
        let shipped = Calibration::parse(include_str!("../../calibration/sface-2021dec.json")).unwrap();
        assert_eq!(shipped, Calibration::shipped());
        assert!(shipped.default_llr().is_finite() && shipped.grey_llr() < shipped.default_llr());
    }

    #[test]
    fn damaged_artefacts_are_refused() {
        let good = Calibration::shipped();
        let broken = |change: fn(&mut Calibration)| {
            let mut c = good.clone();
            change(&mut c);
            c.check().is_err()
        };
        assert!(broken(|c| c.format = 2));
        assert!(broken(|c| c.score.spread = 0.0));
        assert!(broken(|c| c.score.slope = -1.0));
        assert!(broken(|c| c.score.offset = f32::NAN));
        assert!(broken(|c| c.default_point = "none".to_owned()));
        assert!(broken(|c| c.points.reverse()));
        assert!(broken(|c| std::mem::swap(&mut c.default_point, &mut c.grey_point)));
        assert!(Calibration::parse("{").is_err());
        assert!(Calibration::closed().check().is_err());
        let closed = Calibration::closed();
        let best = FaceMatch { score: Cosine::new(1.0).unwrap(), size: MatchSize { views: 9, frames: 9 } };
        assert!(closed.llr(best).get() < closed.default_llr());
    }
}
