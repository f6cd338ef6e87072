//! The colours that a screen shows, and how they are drawn.

use serde::{Deserialize, Serialize};

/// Colours of one challenge.
pub const TINTS: usize = 4;
/// How long each is shown, ms: at most 1.3 pairs of changes a second, less than half of the three flashes that WCAG 2.3.1 allows.
pub const TINT_MS: u32 = 400;

/// A colour of the screen: pale, about equally bright (so that no change is a flash at all), and never a saturated red.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tint {
    Amber,
    Green,
    Blue,
    Rose,
}

/// What one challenge shows, in this order.
pub type Tints = [Tint; TINTS];

impl Tint {
    pub const ALL: [Self; 4] = [Self::Amber, Self::Green, Self::Blue, Self::Rose];

    /// sRGB.
    pub const fn rgb(self) -> [u8; 3] {
        match self {
            Self::Amber => [235, 170, 40],
            Self::Green => [90, 205, 90],
            Self::Blue => [120, 180, 255],
            Self::Rose => [255, 150, 235],
        }
    }

    /// As CSS writes it.
    pub fn css(self) -> String {
        let [red, green, blue] = self.rgb();
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// What it adds to the logarithms of red over green and of blue over green, up to a common factor: differences of its
    /// linear light (a Lambertian surface under a small light beside a large one, to first order).
    pub(crate) fn pull(self) -> [f32; 2] {
        let [red, green, blue] = self.rgb().map(linear);
        [red - green, blue - green]
    }
}

/// sRGB to linear light (IEC 61966-2-1).
fn linear(value: u8) -> f32 {
    let share = f32::from(value) / 255.0;
    if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
}

/// Every sequence that may be drawn: no colour follows itself.
pub(crate) fn possible() -> Vec<Tints> {
    let [a, b, c, d] = [(); TINTS].map(|()| Tint::ALL);
    let all = a.into_iter().flat_map(|a| b.map(|b| (a, b)));
    let all = all.flat_map(|(a, b)| c.map(|c| (a, b, c))).flat_map(|(a, b, c)| d.map(|d| [a, b, c, d]));
    all.filter(|tints| tints.windows(2).all(|pair| pair.first() != pair.last())).collect()
}

/// One of [`possible`], each as likely as any other.
pub(crate) fn draw(random: &mut impl FnMut() -> u32) -> Tints {
    let all = possible();
    let count = u32::try_from(all.len()).unwrap_or(1).max(1);
    let pick = usize::try_from(random() % count).unwrap_or(0);
    all.into_iter().nth(pick).unwrap_or([Tint::Amber, Tint::Blue, Tint::Green, Tint::Rose])
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn luminance(tint: Tint) -> f32 {
        let [red, green, blue] = tint.rgb().map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    #[test]
    fn no_change_of_colour_is_a_flash() {
        for (a, b) in Tint::ALL.into_iter().flat_map(|a| Tint::ALL.map(|b| (a, b))) {
            // WCAG 2.3.1: a general flash is a pair of opposing changes of 10 % of relative luminance or more.
            assert!((luminance(a) - luminance(b)).abs() < 0.10, "{a:?} {b:?}");
        }
        for tint in Tint::ALL {
            let [red, green, blue] = tint.rgb().map(linear);
            // Its red flash: red at 0.8 of the sum or more.
            assert!(red / (red + green + blue) < 0.8, "{tint:?}");
        }
        let pairs_a_second = 1_000.0 / (2.0 * f64::from(TINT_MS));
        assert!(pairs_a_second <= 3.0);
    }

    #[test]
    fn sequences_are_drawn_evenly_and_no_colour_follows_itself() {
        let all = possible();
        assert_eq!(all.len(), 108);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 108);
        let mut next = 0u32;
        let drawn: HashSet<Tints> = (0..108)
            .map(|_| {
                next += 1;
                draw(&mut || next)
            })
            .collect();
        assert_eq!(drawn.len(), 108);
        assert_eq!(Tint::Green.css(), "#5acd5a");
    }
}
