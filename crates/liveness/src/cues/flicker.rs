//! Refresh bands: between two frames of a still scene a screen's brightness changes in waves across its rows. Lamps on the mains
//! do that to the whole picture, so what the surroundings do is taken away first.

use std::ops::Range;

use super::{Seen, median};
use crate::{NoEvidence, Reading};

/// Rows of the profile.
const ROWS: usize = 64;
/// Farthest two frames may be apart (ms), and farthest the face may have moved between them (eye distances).
const WITHIN_MS: f64 = 150.0;
const STILL: f32 = 0.02;
/// Columns of the face, in face widths from its middle, and from where the surroundings begin.
const FACE: f32 = 0.42;
const BESIDE: f32 = 1.4;
/// Rows above and below the face box that are looked at, in its heights.
const BEYOND: f32 = 0.35;
/// Waves over the profile: from most of one to a few.
const WAVES: [f32; 7] = [0.7, 1.0, 1.4, 1.9, 2.5, 3.2, 4.0];
/// Share of the change that one wave must explain to be a band.
const CLEAR: f32 = 0.5;
/// Pairs that a reading needs, and most that are kept.
const LEAST: usize = 6;
const MOST: usize = 400;

/// Rows and columns that are compared; kept while the face is still.
#[derive(Clone)]
struct Place {
    top: usize,
    /// Luma rows in one row of the profile.
    step: usize,
    face: Range<usize>,
    left: Range<usize>,
    right: Range<usize>,
}

/// Mean brightness of each row over the face and beside it, logarithms.
struct Profile {
    at: f64,
    middle: [f32; 2],
    eyes: f32,
    place: Place,
    face: Vec<f32>,
    beside: Vec<f32>,
}

#[derive(Default)]
pub(super) struct FlickerWatch {
    last: Option<Profile>,
    bands: Vec<f32>,
}

impl FlickerWatch {
    pub(super) fn push(&mut self, seen: &Seen<'_>) {
        let still = self.last.as_ref().filter(|last| last.is_still(seen));
        let place = still.map(|last| last.place.clone()).or_else(|| Place::of(seen));
        let now = place.and_then(|place| Profile::of(seen, place));
        if let (Some(last), Some(now), true) = (still, &now, self.bands.len() < MOST) {
            self.bands.push(band(last, now));
        }
        self.last = now;
    }

    /// Amplitude of the waves that only the face shows, median over pairs of still frames, natural logarithm of brightness.
    pub(super) fn reading(&self) -> Reading {
        match median(&self.bands) {
            Some(value) if self.bands.len() >= LEAST => Reading::Value(value),
            _ => Reading::NoEvidence(NoEvidence::TooLittleMotion),
        }
    }
}

impl Place {
    /// `None` where there is nothing beside the face to compare with.
    fn of(seen: &Seen<'_>) -> Option<Self> {
        let [x, y, w, h] = seen.face;
        let width = seen.luma.width() as usize;
        let centre = x + w * 0.5;
        let clip = |v: f32| (v.max(0.0) as usize).min(width);
        let face = clip(centre - FACE * w)..clip(centre + FACE * w);
        let (left, right) = (0..clip(centre - BESIDE * w), clip(centre + BESIDE * w)..width);
        if left.len() + right.len() < width / 12 || face.len() < 16 {
            return None;
        }
        let step = ((1.0 + 2.0 * BEYOND) * h / ROWS as f32).max(1.0) as usize;
        Some(Self { top: (y - BEYOND * h).max(0.0) as usize, step, face, left, right })
    }
}

impl Profile {
    /// Whether the face is where it was, a moment later.
    fn is_still(&self, seen: &Seen<'_>) -> bool {
        let moved = (self.middle[0] - seen.middle[0]).hypot(self.middle[1] - seen.middle[1]);
        let change = moved + (self.eyes - seen.eyes).abs();
        seen.at - self.at <= WITHIN_MS && change / seen.eyes.max(1.0) <= STILL
    }

    /// `None` when too few of the rows are in the picture.
    fn of(seen: &Seen<'_>, place: Place) -> Option<Self> {
        let Place { top, step, .. } = place;
        let (width, height) = (seen.luma.width() as usize, seen.luma.height() as usize);
        let row_mean = |row: usize, columns: [&Range<usize>; 2]| {
            let part = |range: &Range<usize>| {
                let pixels = seen.luma.data().get(row * width + range.start..row * width + range.end).unwrap_or(&[]);
                (pixels.iter().map(|v| u32::from(*v)).sum::<u32>(), pixels.len())
            };
            let [(a, n), (b, m)] = columns.map(part);
            (a + b) as f32 / (n + m).max(1) as f32
        };
        let rows = || (0..ROWS).map(|i| top + i * step).filter(|row| row + step <= height);
        let profile = |columns: [&Range<usize>; 2]| -> Vec<f32> {
            let mean = |row: usize| (row..row + step).map(|r| row_mean(r, columns)).sum::<f32>() / step as f32;
            rows().map(|row| (mean(row) + 4.0).ln()).collect()
        };
        let (face, beside) = (profile([&place.face, &(0..0)]), profile([&place.left, &place.right]));
        let enough = face.len() >= ROWS / 2;
        enough.then_some(Self { at: seen.at, middle: seen.middle, eyes: seen.eyes, place, face, beside })
    }
}

/// Amplitude of the wave that explains best what the face's rows did and its surroundings' did not; 0 when none explains much.
fn band(before: &Profile, now: &Profile) -> f32 {
    let change = |a: &[f32], b: &[f32]| -> Vec<f32> { a.iter().zip(b).map(|(a, b)| b - a).collect() };
    let own = change(&before.face, &now.face);
    let other = change(&before.beside, &now.beside);
    let rest: Vec<f32> = own.iter().zip(&other).map(|(own, other)| own - other).collect();
    let (n, mean) = (rest.len() as f32, rest.iter().sum::<f32>() / rest.len().max(1) as f32);
    let whole: f32 = rest.iter().map(|v| (v - mean) * (v - mean)).sum();
    if whole <= 1e-9 {
        return 0.0;
    }
    let fits = WAVES.iter().map(|waves| {
        let (mut c, mut s) = (0.0, 0.0);
        for (i, v) in rest.iter().enumerate() {
            let (sin, cos) = (std::f32::consts::TAU * waves * i as f32 / n).sin_cos();
            c += (v - mean) * cos;
            s += (v - mean) * sin;
        }
        let size = (2.0 / n) * c.hypot(s);
        (size, size * size * n * 0.5 / whole)
    });
    let best = fits.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0.0, 0.0));
    if best.1 >= CLEAR { best.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use face::Luma;

    use super::*;

    /// A face before a wall, with waves over the rows: of the whole picture, and of the middle only.
    fn watch(everywhere: f32, screen: f32) -> Reading {
        let mut watch = FlickerWatch::default();
        for frame in 0..12u16 {
            let data: Vec<u8> = (0..480u16)
                .flat_map(|y| {
                    (0..640u16).map(move |x| {
                        let wave = (std::f32::consts::TAU * (f32::from(y) / 200.0 + f32::from(frame) * 0.23)).cos();
                        let inside = (170..470).contains(&x);
                        let light = 1.0 + wave * (everywhere + if inside { screen } else { 0.0 });
                        let rough = f32::from((x * 7 + y * 13 + frame * 5) % 9);
                        (110.0 * light + rough) as u8
                    })
                })
                .collect();
            let luma = Luma::new(640, 480, data).unwrap();
            let seen = Seen {
                at: f64::from(frame) * 67.0,
                luma: &luma,
                scale: 1.0,
                middle: [320.0, 220.0],
                eyes: 70.0,
                across: [1.0, 0.0],
                face: [245.0, 140.0, 150.0, 200.0],
            };
            watch.push(&seen);
        }
        watch.reading()
    }

    #[test]
    fn a_screens_bands_are_seen_and_a_lamps_are_not() {
        let value = |reading| match reading {
            Reading::Value(value) => value,
            Reading::NoEvidence(why) => panic!("{why:?}"),
        };
        let (screen, lamp) = (value(watch(0.0, 0.04)), value(watch(0.06, 0.0)));
        println!("screen {screen:.4}, lamp {lamp:.4}");
        assert!(screen > 0.02 && lamp < 0.006);
    }
}
