//! How usable a photo is. Measurements only; what is good enough is decided elsewhere.
#![expect(clippy::cast_precision_loss, reason = "counts below 2^24")]

use face::{Luma, Picture};

use crate::features::Features;
use crate::pet::Odds;

/// Cells each way that features are counted in.
const CELLS: usize = 6;
/// From this value on in all colours a pixel is burnt out.
const BURNT: u8 = 250;

/// What a photo of a pet shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Species {
    Dog,
    Cat,
}

/// Measurements of the framed part of one photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PhotoQuality {
    /// Variance of the Laplacian of grey values 0..=255 with the view shrunk to about 0.1 megapixels.
    pub sharpness: f32,
    /// Mean grey value, 0..=255.
    pub brightness: f32,
    /// Standard deviation of the grey values, 0..=127.
    pub contrast: f32,
    /// Share of burnt-out pixels, 0..=1.
    pub glare: f32,
    /// Local features found.
    pub features: u32,
    /// Share of 6 × 6 cells that hold one, 0..=1.
    pub spread: f32,
    /// Share of pixels with the colour of skin, 0..=1; light and skin colours alike fall in, and so does wood.
    pub skin: f32,
    /// Probability that it shows a dog or a cat, 0..=1; 0 where nobody looked (photos of tattoos).
    pub pet: f32,
    /// The likelier of the two; `None` where nobody looked.
    pub species: Option<Species>,
    /// The network's first guess among ImageNet's classes, 0..1000, breeds of dogs among them; `None` where nobody looked. For
    /// evaluation: it decides nothing.
    pub breed: Option<u16>,
    /// How far a pattern that repeats itself rises above the rest of the spectrum, decibels: high for displays and halftones, 0 where
    /// the picture is too small to tell.
    pub lattice: f32,
}

/// What is seen of a view: its cut-out picture and its grey, with the features in picture pixels from `origin` on.
pub(crate) fn measure(
    picture: &Picture,
    grey: &Luma,
    (features, origin): (&Features, [f32; 2]),
    odds: Option<Odds>,
) -> PhotoQuality {
    let (brightness, contrast) = light(grey);
    let (glare, skin) = colours(picture);
    let species = odds.map(|o| if o.cat > o.dog { Species::Cat } else { Species::Dog });
    PhotoQuality {
        sharpness: laplacian_variance(grey),
        brightness,
        contrast,
        glare,
        features: u32::try_from(features.len()).unwrap_or(u32::MAX),
        spread: spread(features, origin, [picture.width() as f32, picture.height() as f32]),
        skin,
        pet: odds.map_or(0.0, |o| o.dog + o.cat),
        species,
        breed: odds.map(|o| o.class),
        lattice: 0.0,
    }
}

/// Mean and deviation.
fn light(grey: &Luma) -> (f32, f32) {
    let count = grey.data().len().max(1) as f64;
    let (sum, square) = grey.data().iter().fold((0_u64, 0_u64), |(s, q), v| {
        let v = u64::from(*v);
        (s + v, q + v * v)
    });
    let mean = sum as f64 / count;
    #[expect(clippy::cast_possible_truncation, reason = "0..=255")]
    (mean as f32, (square as f64 / count - mean * mean).max(0.0).sqrt() as f32)
}

/// Shares of burnt-out pixels and of pixels with the colour of skin (Chai and Ngan 1999: in Cb, Cr of ITU-R BT.601), of every
/// fourth pixel each way.
fn colours(picture: &Picture) -> (f32, f32) {
    const STEP: usize = 4;
    let (pixels, _) = picture.rgb().as_chunks::<3>();
    let (mut seen, mut burnt, mut skin) = (0_u32, 0_u32, 0_u32);
    for row in pixels.chunks_exact(picture.width() as usize).step_by(STEP) {
        for [r, g, b] in row.iter().step_by(STEP) {
            seen += 1;
            burnt += u32::from(*r.min(g).min(b) >= BURNT);
            let [r, g, b] = [r, g, b].map(|v| f32::from(*v));
            let cb = 128.0 - 0.169 * r - 0.331 * g + 0.5 * b;
            let cr = 128.0 + 0.5 * r - 0.419 * g - 0.081 * b;
            skin += u32::from((77.0..=122.0).contains(&cb) && (138.0..=173.0).contains(&cr));
        }
    }
    let seen = seen.max(1) as f32;
    (burnt as f32 / seen, skin as f32 / seen)
}

/// Variance of the four-neighbour Laplacian.
fn laplacian_variance(grey: &Luma) -> f32 {
    let (w, data) = (grey.width() as usize, grey.data());
    let (mut sum, mut square, mut count) = (0_i64, 0_i64, 0_i64);
    let above = data.chunks_exact(w);
    for ((up, row), down) in above.clone().zip(above.clone().skip(1)).zip(above.skip(2)) {
        for ((u, r), d) in up.iter().skip(1).zip(row.windows(3)).zip(down.iter().skip(1)) {
            let &[left, middle, right] = r else { continue };
            let [u, d, left, middle, right] = [*u, *d, left, middle, right].map(i64::from);
            let value = u + d + left + right - 4 * middle;
            sum += value;
            square += value * value;
            count += 1;
        }
    }
    let count = count.max(1) as f64;
    let mean = sum as f64 / count;
    #[expect(clippy::cast_possible_truncation, reason = "at most 1020²")]
    let variance = (square as f64 / count - mean * mean) as f32;
    variance
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the cells")]
fn spread(features: &Features, origin: [f32; 2], size: [f32; 2]) -> f32 {
    let mut held = [false; CELLS * CELLS];
    for spot in features.spots() {
        let along =
            |v: f32, from: f32, size: f32| (((v - from) / size * CELLS as f32).max(0.0) as usize).min(CELLS - 1);
        let at = along(spot.y, origin[1], size[1]) * CELLS + along(spot.x, origin[0], size[0]);
        if let Some(cell) = held.get_mut(at) {
            *cell = true;
        }
    }
    held.iter().filter(|h| **h).count() as f32 / held.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(value: impl Fn(usize, usize) -> u8) -> Luma {
        Luma::new(100, 80, (0..80).flat_map(|y| (0..100).map(move |x| (x, y))).map(|(x, y)| value(x, y)).collect())
            .unwrap()
    }

    #[test]
    fn sharpness_is_nothing_for_a_ramp_and_much_for_stripes() {
        assert!(laplacian_variance(&grey(|x, _| x as u8)).abs() < 1e-3);
        assert!(laplacian_variance(&grey(|x, _| if x % 2 == 0 { 0 } else { 200 })) > 10_000.0);
    }

    #[test]
    fn light_and_colours_are_counted() {
        let (mean, deviation) = light(&grey(|x, _| if x < 50 { 0 } else { 200 }));
        assert!((mean - 100.0).abs() < 1e-3 && (deviation - 100.0).abs() < 1e-3);
        let of = |rgb: [u8; 3]| colours(&Picture::from_rgb(64, 64, rgb.repeat(64 * 64)).unwrap());
        assert_eq!(of([255, 255, 255]), (1.0, 0.0));
        assert_eq!(of([60, 90, 200]), (0.0, 0.0));
        // A light and a dark skin.
        assert_eq!(of([224, 180, 155]), (0.0, 1.0));
        assert_eq!(of([96, 62, 46]), (0.0, 1.0));
    }
}
