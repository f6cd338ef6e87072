//! Does the face's colour change as the screen's does?
//!
//! A screen adds a little of its own light to what falls on a face and much less to the wall behind it. The ratio of the
//! face's chromaticity to its surroundings' therefore follows the drawn colours, some time later (network, page, camera),
//! while a change of the camera's white balance moves both alike and cancels. Of all sequences that could have been drawn,
//! the one that explains the change best is looked for: it should be the drawn one.

use std::sync::LazyLock;

use face::FaceColour;

use crate::tint::{TINT_MS, TINTS, Tints, possible};
use crate::{NoEvidence, Reading};

/// How late the light may be seen, ms after it was asked for, and how finely that is searched.
const LAGS_MS: std::ops::RangeInclusive<u16> = 0..=900;
const LAG_STEP_MS: usize = 30;
/// The step lasts so long, ms: the sequence and the delay with which most phones show it. Its last colour stays on.
pub(crate) const STEP_MS: f64 = (TINTS as u32 * TINT_MS) as f64 + 600.0;
/// Frames kept at most: 3 s at 60 fps.
const MOST: usize = 180;
/// Fewer frames after the delay say nothing.
const LEAST: usize = 12;
/// Share of the colour's variance that the best sequence must explain for there to be a response.
const CLEAR: f32 = 0.60;
/// Root mean square of the explained change of the log chromaticities: below it, it is noise.
const STRONG: f32 = 0.008;

static POSSIBLE: LazyLock<Vec<Tints>> = LazyLock::new(possible);

/// A frame's log chromaticities (red and blue over green), relative to the surroundings where they are seen.
#[derive(Clone, Copy)]
struct Sample {
    at: f64,
    chroma: [f32; 2],
}

/// The colours of a face while the screen changes.
#[derive(Default)]
pub(crate) struct ColourWatch {
    samples: Vec<Sample>,
    /// Frames whose surroundings were seen.
    with_around: usize,
    skins: Vec<Sample>,
}

impl ColourWatch {
    /// `since`: ms since the colours were asked for.
    pub(crate) fn push(&mut self, since: f64, colour: &FaceColour) {
        if self.skins.len() >= MOST || !since.is_finite() {
            return;
        }
        let Some(skin) = chroma(colour.skin) else { return };
        self.skins.push(Sample { at: since, chroma: skin });
        let around = colour.around.and_then(chroma);
        if let Some([red, blue]) = around {
            self.with_around += 1;
            self.samples.push(Sample { at: since, chroma: [skin[0] - red, skin[1] - blue] });
        }
    }

    /// How much of the step is over, 0..=1.
    pub(crate) fn share(&self) -> f32 {
        self.skins.last().map_or(0.0, |last| (last.at / STEP_MS).clamp(0.0, 1.0) as f32)
    }

    /// What `drawn` explains as a share of what the best sequence explains.
    pub(crate) fn reading(&self, drawn: Option<&Tints>) -> Reading {
        let Some(drawn) = drawn else { return Reading::NoEvidence(NoEvidence::NotAsked) };
        // The surroundings help only where every frame shows them: else it is the skin alone.
        let samples = if self.with_around == self.skins.len() { &self.samples } else { &self.skins };
        if samples.len() < LEAST {
            return Reading::NoEvidence(NoEvidence::TooFewFrames);
        }
        let fits = POSSIBLE.iter().map(|tints| (tints, best_fit(samples, tints)));
        let (mut best, mut own) = (Fit::default(), Fit::default());
        for (tints, fit) in fits {
            if fit.share > best.share {
                best = fit;
            }
            if tints == drawn {
                own = fit;
            }
        }
        if best.share < CLEAR || best.strength < STRONG {
            return Reading::NoEvidence(NoEvidence::TooWeak);
        }
        Reading::Value((own.share / best.share).clamp(0.0, 1.0))
    }
}

/// Logarithms of red over green and blue over green; `None` without light.
fn chroma([red, green, blue]: [f32; 3]) -> Option<[f32; 2]> {
    let value = [(red / green).ln(), (blue / green).ln()];
    value.iter().all(|v| v.is_finite()).then_some(value)
}

/// How well a sequence explains the samples.
#[derive(Clone, Copy, Default)]
struct Fit {
    /// Share of the variance, 0..=1.
    share: f32,
    /// Root mean square of the explained part.
    strength: f32,
}

/// At the delay that fits best.
fn best_fit(samples: &[Sample], tints: &Tints) -> Fit {
    let lags = LAGS_MS.step_by(LAG_STEP_MS).map(|lag| fit(samples, tints, f64::from(lag)));
    lags.max_by(|a, b| a.share.total_cmp(&b.share)).unwrap_or_default()
}

/// Least squares with one gain for each chromaticity: how much of it the screen adds depends on the other light's colour. A
/// gain below zero is no reflection.
fn fit(samples: &[Sample], tints: &Tints, lag: f64) -> Fit {
    let mut sums = [Sums::default(); 2];
    let mut count = 0usize;
    for sample in samples.iter().filter(|sample| sample.at >= lag) {
        let slot = ((sample.at - lag) / f64::from(TINT_MS)) as usize;
        let Some(tint) = tints.get(slot.min(TINTS - 1)) else { continue };
        for ((sum, pull), value) in sums.iter_mut().zip(tint.pull()).zip(sample.chroma) {
            sum.add(pull, value);
        }
        count += 1;
    }
    if count < LEAST {
        return Fit::default();
    }
    let n = count as f32;
    let (explained, whole) = sums.iter().fold((0.0, 0.0), |(explained, whole), sum| {
        let (part, all) = sum.explained(n);
        (explained + part, whole + all)
    });
    if whole <= f32::EPSILON {
        return Fit::default();
    }
    Fit { share: (explained / whole).clamp(0.0, 1.0), strength: (explained / n).max(0.0).sqrt() }
}

/// Sums for one straight line through pairs.
#[derive(Clone, Copy, Default)]
struct Sums {
    x: f32,
    y: f32,
    xx: f32,
    xy: f32,
    yy: f32,
}

impl Sums {
    fn add(&mut self, x: f32, y: f32) {
        self.x += x;
        self.y += y;
        self.xx += x * x;
        self.xy += x * y;
        self.yy += y * y;
    }

    /// Explained and whole sum of squares of y around its mean, by a slope that is not negative.
    fn explained(&self, n: f32) -> (f32, f32) {
        let (xx, xy, yy) =
            (self.xx - self.x * self.x / n, self.xy - self.x * self.y / n, self.yy - self.y * self.y / n);
        let slope = if xx > f32::EPSILON { (xy / xx).max(0.0) } else { 0.0 };
        (slope * xy, yy.max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tint::Tint;

    const DRAWN: Tints = [Tint::Blue, Tint::Amber, Tint::Green, Tint::Rose];

    /// Frames at `fps` of a face lit by the room and, `lag` ms after the colours were asked for, by `shown` at this strength.
    fn watch(shown: &Tints, strength: f32, lag: f64, fps: f64, noise: f32) -> ColourWatch {
        let mut watch = ColourWatch::default();
        let mut state = 9u64;
        let mut rough = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            noise * ((state >> 40) as f32 / 8_388_608.0 - 1.0)
        };
        let mut at = 0.0;
        while at <= STEP_MS {
            let light = if at < lag {
                [0.5; 3]
            } else {
                let slot = ((at - lag) / f64::from(TINT_MS)) as usize;
                shown[slot.min(TINTS - 1)].rgb().map(|v| (f32::from(v) / 255.0).powf(2.2))
            };
            // The camera's white balance drifts meanwhile: it moves face and wall alike.
            let balance = 1.0 + 0.05 * (at / STEP_MS) as f32;
            let lit = |albedo: [f32; 3], near: f32, room: [f32; 3]| -> [f32; 3] {
                std::array::from_fn(|i| {
                    let drift = if i == 0 { balance } else { 1.0 };
                    albedo[i] * (room[i] + near * light[i]) * drift
                })
            };
            let room = [0.9, 0.8, 0.6];
            let skin = lit([0.4, 0.25, 0.18], strength, room).map(|v| v * (1.0 + rough()));
            let around = lit([0.5, 0.5, 0.5], strength * 0.1, room).map(|v| v * (1.0 + rough()));
            watch.push(at, &FaceColour { skin, around: Some(around) });
            at += 1_000.0 / fps;
        }
        watch
    }

    #[test]
    fn a_face_answers_the_drawn_colours_late_and_through_a_drifting_white_balance() {
        for lag in [60.0, 250.0, 420.0, 640.0] {
            for fps in [10.0, 15.0, 30.0] {
                let reading = watch(&DRAWN, 0.15, lag, fps, 0.004).reading(Some(&DRAWN));
                let Reading::Value(value) = reading else { panic!("{lag} {fps}: {reading:?}") };
                assert!(value > 0.97, "{lag} ms, {fps} fps: {value}");
            }
        }
    }

    #[test]
    fn other_colours_than_the_drawn_ones_fit_worse() {
        let others = POSSIBLE.iter().filter(|tints| **tints != DRAWN);
        let mut values: Vec<f32> = others
            .filter_map(|shown| match watch(shown, 0.15, 250.0, 15.0, 0.004).reading(Some(&DRAWN)) {
                Reading::Value(value) => Some(value),
                Reading::NoEvidence(_) => None,
            })
            .collect();
        values.sort_by(|a, b| b.total_cmp(a));
        println!("{} of 107 other sequences read, the likest {:.3?}", values.len(), values.get(..8));
        assert!(values.len() > 100 && values.iter().filter(|value| **value >= 0.90).count() <= 2, "{values:?}");
    }

    #[test]
    fn a_bright_room_no_frames_and_no_colours_are_no_evidence() {
        let weak = watch(&DRAWN, 0.001, 250.0, 15.0, 0.004).reading(Some(&DRAWN));
        assert_eq!(weak, Reading::NoEvidence(NoEvidence::TooWeak));
        assert_eq!(ColourWatch::default().reading(Some(&DRAWN)), Reading::NoEvidence(NoEvidence::TooFewFrames));
        assert_eq!(ColourWatch::default().reading(None), Reading::NoEvidence(NoEvidence::NotAsked));
        let slow = watch(&DRAWN, 0.15, 250.0, 4.0, 0.0).reading(Some(&DRAWN));
        assert_eq!(slow, Reading::NoEvidence(NoEvidence::TooFewFrames));
        let mut odd = ColourWatch::default();
        odd.push(f64::NAN, &FaceColour { skin: [0.1; 3], around: None });
        odd.push(1.0, &FaceColour { skin: [0.0; 3], around: None });
        odd.push(1.0, &FaceColour { skin: [f32::NAN; 3], around: None });
        assert!(odd.skins.is_empty());
    }
}
