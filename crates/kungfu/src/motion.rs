use liveness::plane_share;

use crate::geometry::Affine;
use crate::likeness::consensus;
use crate::matching::Pair;
use crate::seen::Seen;

/// Share of the features' extent that a pair may lie off the first map: wide, so that what stands out of the plane stays in.
const WIDE: f32 = 0.08;
/// Share of the view's larger side within which a pair lies on the plane.
const TIGHT: f32 = 0.006;
/// Fewer pairs say nothing of a motion.
const FEWEST: usize = 12;

/// How the view changed from one photo to another of the same object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Motion {
    /// Size now over size then: above 1 the camera came closer.
    pub scale: f32,
    /// Where the middle of the object went, in shares of the view's width and height: right and down are positive.
    pub shift: [f32; 2],
    /// Turn in the picture's plane, degrees, clockwise positive, −180..=180.
    pub turn: f32,
    /// How far the camera went around the object sideways: how much more the object's right half grew than its left half (natural
    /// logarithm). Negative: seen from its left, as the camera sees it.
    pub aside: f32,
    /// Share of the pairs that one plane explains exactly, 0..=1: near 1 for flat pictures, lower for bodies seen from two sides. Told
    /// of tattoos only: the places of a pet's features are too coarse (a flat drawing got 0.51).
    pub flat: f32,
    /// Pairs that this rests on.
    pub pairs: u32,
}

/// The motion from `before` to `after`; `None` when too little is found in both.
pub fn motion_between(before: &Seen, after: &Seen) -> Option<Motion> {
    if before.kind != after.kind {
        return None;
    }
    let (_, rough) = consensus(before.kind, &before.object.features, &after.object.features, WIDE);
    let rough = rough.filter(|r| r.inliers.len() >= FEWEST)?;
    let side = after.extent[0].max(after.extent[1]);
    let tight: Vec<_> = rough.inliers.iter().map(|p| ([p.a.x, p.a.y], [p.b.x, p.b.y])).collect();
    let middle = middle(&rough.inliers);
    let [x, y] = rough.map.apply(middle[0], middle[1]);
    Some(Motion {
        scale: rough.map.scale(),
        shift: [(x - middle[0]) / after.extent[0].max(1.0), (y - middle[1]) / after.extent[1].max(1.0)],
        turn: rough.map.turn().to_degrees(),
        aside: aside(&rough.inliers, &rough.map, middle[0]),
        flat: plane_share(&tight, TIGHT * side),
        pairs: u32::try_from(rough.inliers.len()).unwrap_or(u32::MAX),
    })
}

fn middle(pairs: &[Pair]) -> [f32; 2] {
    let count = pairs.len().max(1) as f32;
    let sum = pairs.iter().fold([0.0; 2], |s, p| [s[0] + p.a.x, s[1] + p.a.y]);
    sum.map(|s| s / count)
}

/// A quadratic term of the horizontal motion: `u ≈ map + q·(x − middle)²` grows to the right when the right half comes closer. The
/// horizontal scale changes by 2q for each pixel; told over the width of the matched places.
fn aside(pairs: &[Pair], map: &Affine, middle: f32) -> f32 {
    let count = pairs.len().max(1) as f32;
    let spread = (pairs.iter().map(|p| (p.a.x - middle).powi(2)).sum::<f32>() / count).sqrt().max(1e-3);
    // Along the map's own direction of x, so that a turn in the plane does not matter.
    let [a, _, _, d, _, _] = map.0;
    let along = a.hypot(d).max(1e-6);
    let (mut top, mut bottom) = (0.0, 0.0);
    for p in pairs {
        let [u, v] = map.apply(p.a.x, p.a.y);
        let off = ((p.b.x - u) * a + (p.b.y - v) * d) / (along * along * spread);
        let place = (p.a.x - middle) / spread;
        // What a line through the places leaves of the square: for centred places of deviation 1 that is their square less 1.
        let curve = place * place - 1.0;
        top += off * curve;
        bottom += curve * curve;
    }
    // Scale at ±1 deviation: 1 ± 2q.
    4.0 * top / bottom.max(1e-6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Spot;
    use crate::geometry::{Judge, agree};

    #[test]
    fn a_side_that_comes_closer_is_told_from_the_other() {
        // A plane turned about its upright middle by ±20°, seen from two widths away.
        for (degrees, left_closer) in [(20.0_f32, true), (-20.0, false)] {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let pairs: Vec<Pair> = (0..60)
                .map(|i| {
                    let (x, y) = ((i % 10) as f32 * 20.0 - 90.0, (i / 10) as f32 * 30.0 - 75.0);
                    let depth = 400.0 + x * sin;
                    let spot = |x, y| Spot { x: x + 200.0, y: y + 150.0, size: 8.0, angle: 0.0 };
                    Pair { a: spot(x, y), b: spot(400.0 * x * cos / depth, 400.0 * y / depth) }
                })
                .collect();
            let found = agree(&pairs, Judge { tolerance: 30.0, oriented: false }).unwrap();
            let aside = aside(&found.inliers, &found.map, middle(&found.inliers)[0]);
            assert_eq!(aside < -0.05, left_closer, "{degrees}: {aside}");
            assert_eq!(aside > 0.05, !left_closer, "{degrees}: {aside}");
        }
    }
}
