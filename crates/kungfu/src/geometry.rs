//! Which pairs agree on one motion of a roughly flat, perhaps slightly bent thing.
//!
//! A similarity is proposed (by one pair of oriented features, or by two places), counted, and refined to an affine map by least
//! squares over the pairs that agree. An arm is no plane: the tolerance is wide, and what is false is sorted out by agreement in size
//! and direction as well, where features have them.

use crate::features::Spot;
use crate::matching::Pair;

/// Proposals from two places each.
const ROUNDS: usize = 600;
/// Tolerances of the fits that refine a proposal, and of the proposals themselves: times the asked one.
const NARROWING: [f32; 5] = [2.0, 2.0, 1.5, 1.0, 1.0];
const PROPOSED: f32 = 2.0;
/// Fewest pairs that an affine map is fitted to: more than determine it.
const FEWEST: usize = 4;
/// Largest change of size between two photos, and of one direction against the other (foreshortening).
const MOST_SCALE: f32 = 5.0;
const MOST_STRETCH: f32 = 3.5;
/// Largest disagreement of a pair with the map: factor in size, radians in direction.
const SIZE_FACTOR: f32 = 1.9;
const TURN: f32 = 0.6;
/// Pairs closer than this (pixels, in either photo) count once: one corner often gives several features.
const SAME_PLACE: f32 = 3.0;

/// `(x, y) → (m0 x + m1 y + m2, m3 x + m4 y + m5)`.
#[derive(Clone, Copy)]
pub(crate) struct Affine(pub(crate) [f32; 6]);

/// Pairs that agree, and on what.
pub(crate) struct Consensus {
    pub(crate) inliers: Vec<Pair>,
    pub(crate) map: Affine,
}

impl Affine {
    fn similarity(a: f32, b: f32, from: [f32; 2], to: [f32; 2]) -> Self {
        Self([a, -b, to[0] - a * from[0] + b * from[1], b, a, to[1] - b * from[0] - a * from[1]])
    }

    /// The similarity that one pair of oriented features stands for.
    fn of_pair(pair: &Pair) -> Self {
        let (scale, turn) = (pair.b.size / pair.a.size, pair.b.angle - pair.a.angle);
        Self::similarity(scale * turn.cos(), scale * turn.sin(), [pair.a.x, pair.a.y], [pair.b.x, pair.b.y])
    }

    /// The similarity through two pairs of places.
    fn of_two(p: &Pair, q: &Pair) -> Option<Self> {
        let (ux, uy) = (q.a.x - p.a.x, q.a.y - p.a.y);
        let (vx, vy) = (q.b.x - p.b.x, q.b.y - p.b.y);
        let square = ux * ux + uy * uy;
        let (a, b) = ((ux * vx + uy * vy) / square, (ux * vy - uy * vx) / square);
        (square > 64.0).then(|| Self::similarity(a, b, [p.a.x, p.a.y], [p.b.x, p.b.y]))
    }

    pub(crate) fn apply(&self, x: f32, y: f32) -> [f32; 2] {
        let [a, b, c, d, e, f] = self.0;
        [a * x + b * y + c, d * x + e * y + f]
    }

    /// Square root of how much areas grow; 0 for a mirror image.
    pub(crate) fn scale(&self) -> f32 {
        let [a, b, _, d, e, _] = self.0;
        (a * e - b * d).max(0.0).sqrt()
    }

    /// Mean turn, radians.
    pub(crate) fn turn(&self) -> f32 {
        let [a, b, _, d, e, _] = self.0;
        (d - b).atan2(a + e)
    }

    /// Neither mirrored nor scaled nor stretched beyond what a camera sees of one thing.
    fn is_plausible(&self) -> bool {
        let [a, b, _, d, e, _] = self.0;
        let scale = self.scale();
        // Singular values from the half sums and differences of the matrix.
        let (sum, difference) = ((a + e).hypot(d - b) / 2.0, (a - e).hypot(d + b) / 2.0);
        let (large, small) = (sum + difference, sum - difference);
        scale > 1.0 / MOST_SCALE && scale < MOST_SCALE && small > 0.0 && large < MOST_STRETCH * small
    }

    /// Least squares; `None` when the places lie on a line.
    fn fit(pairs: &[Pair]) -> Option<Self> {
        let count = pairs.len() as f64;
        let mean = |of: fn(&Pair) -> f32| pairs.iter().map(|p| f64::from(of(p))).sum::<f64>() / count;
        let (mx, my) = (mean(|p| p.a.x), mean(|p| p.a.y));
        let (mu, mv) = (mean(|p| p.b.x), mean(|p| p.b.y));
        let mut s = [0.0_f64; 7];
        for p in pairs {
            let (x, y) = (f64::from(p.a.x) - mx, f64::from(p.a.y) - my);
            let (u, v) = (f64::from(p.b.x) - mu, f64::from(p.b.y) - mv);
            for (sum, value) in s.iter_mut().zip([x * x, x * y, y * y, x * u, y * u, x * v, y * v]) {
                *sum += value;
            }
        }
        let [xx, xy, yy, xu, yu, xv, yv] = s;
        let det = xx * yy - xy * xy;
        if det.is_nan() || det <= 1e-4 * (xx + yy) * (xx + yy) {
            return None;
        }
        let (a, b) = ((xu * yy - yu * xy) / det, (yu * xx - xu * xy) / det);
        let (d, e) = ((xv * yy - yv * xy) / det, (yv * xx - xv * xy) / det);
        #[expect(clippy::cast_possible_truncation, reason = "pixels")]
        let values = [a, b, mu - a * mx - b * my, d, e, mv - d * mx - e * my].map(|v| v as f32);
        Some(Self(values))
    }
}

/// How pairs are judged.
#[derive(Clone, Copy)]
pub(crate) struct Judge {
    /// Pixels in the second photo.
    pub(crate) tolerance: f32,
    /// Features have a size and a direction of their own.
    pub(crate) oriented: bool,
}

impl Judge {
    const fn wider(self, times: f32) -> Self {
        Self { tolerance: self.tolerance * times, ..self }
    }

    fn agrees(&self, map: &Affine, pair: &Pair) -> bool {
        let [u, v] = map.apply(pair.a.x, pair.a.y);
        (u - pair.b.x).hypot(v - pair.b.y) <= self.tolerance && (!self.oriented || fits(map, &pair.a, &pair.b))
    }

    fn count(&self, map: &Affine, pairs: &[Pair]) -> usize {
        pairs.iter().filter(|p| self.agrees(map, p)).count()
    }
}

/// Whether a feature's own size and direction changed as the map says.
fn fits(map: &Affine, a: &Spot, b: &Spot) -> bool {
    let size = b.size / (a.size * map.scale()).max(1e-6);
    let turn = (b.angle - a.angle - map.turn()).rem_euclid(std::f32::consts::TAU);
    let turn = turn.min(std::f32::consts::TAU - turn);
    size < SIZE_FACTOR && size * SIZE_FACTOR > 1.0 && turn < TURN
}

/// The largest set of pairs that agree on one map; `None` when no two do. Same pairs, same answer.
pub(crate) fn agree(pairs: &[Pair], judge: Judge) -> Option<Consensus> {
    let mut best: Option<(usize, Affine)> = None;
    let wide = judge.wider(PROPOSED);
    let mut offer = |map: Affine| {
        let count = if map.is_plausible() { wide.count(&map, pairs) } else { 0 };
        if count > best.as_ref().map_or(1, |(most, _)| *most) {
            best = Some((count, map));
        }
    };
    if judge.oriented {
        pairs.iter().for_each(|pair| offer(Affine::of_pair(pair)));
    } else {
        let mut random = Lcg(0x6b75_6e67_6675_0001);
        for _ in 0..ROUNDS.min(pairs.len() * pairs.len()) {
            if let (Some(p), Some(q)) = (random.pick(pairs), random.pick(pairs)) {
                Affine::of_two(p, q).map(&mut offer);
            }
        }
    }
    let (_, proposed) = best?;
    let map = refined(proposed, pairs, judge);
    let inliers = apart(pairs.iter().filter(|p| judge.agrees(&map, p)));
    Some(Consensus { inliers, map })
}

/// Fits again to the agreeing pairs, ever more strictly: a similarity is a poor guess of a tilted plane.
fn refined(mut map: Affine, pairs: &[Pair], judge: Judge) -> Affine {
    for width in NARROWING {
        let judge = judge.wider(width);
        let agreeing: Vec<Pair> = pairs.iter().filter(|p| judge.agrees(&map, p)).copied().collect();
        let next = if agreeing.len() < FEWEST { None } else { Affine::fit(&agreeing).filter(Affine::is_plausible) };
        let Some(next) = next else { break };
        map = next;
    }
    map
}

/// Leaves out pairs at a place that another has already.
fn apart<'p>(pairs: impl Iterator<Item = &'p Pair>) -> Vec<Pair> {
    let mut kept: Vec<Pair> = Vec::new();
    for pair in pairs {
        let near = |p: &Spot, q: &Spot| (p.x - q.x).hypot(p.y - q.y) < SAME_PLACE;
        if !kept.iter().any(|k| near(&k.a, &pair.a) || near(&k.b, &pair.b)) {
            kept.push(*pair);
        }
    }
    kept
}

/// A fixed stream of picks: evidence must not depend on luck.
struct Lcg(u64);

impl Lcg {
    fn pick<'p>(&mut self, pairs: &'p [Pair]) -> Option<&'p Pair> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        pairs.get(usize::try_from(self.0 >> 33).unwrap_or(0) % pairs.len().max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scattered(count: usize) -> impl Iterator<Item = [f32; 2]> {
        (0..count).map(|i| [((i * 7919) % 500) as f32, ((i * 104_729) % 400) as f32])
    }

    fn pair(map: &Affine, [x, y]: [f32; 2], off: f32) -> Pair {
        let [u, v] = map.apply(x, y);
        let a = Spot { x, y, size: 4.0, angle: 0.2 };
        Pair { a, b: Spot { x: u + off, y: v, size: 4.0 * map.scale(), angle: 0.2 + map.turn() } }
    }

    #[test]
    fn a_tilted_plane_is_found_among_strays() {
        let map = Affine([0.9, -0.3, 40.0, 0.2, 0.7, -12.0]);
        let mut pairs: Vec<Pair> = scattered(40).map(|p| pair(&map, p, 0.5)).collect();
        pairs.extend(scattered(60).enumerate().map(|(i, p)| pair(&map, p, 60.0 + (i * 37 % 300) as f32)));
        for oriented in [true, false] {
            let found = agree(&pairs, Judge { tolerance: 8.0, oriented }).unwrap();
            assert!((38..=44).contains(&found.inliers.len()), "{oriented}: {}", found.inliers.len());
            assert!((found.map.scale() - map.scale()).abs() < 0.05);
            assert!((found.map.turn() - map.turn()).abs() < 0.05);
        }
    }

    #[test]
    fn mirror_images_and_too_few_pairs_give_nothing() {
        let mirror = Affine([-1.0, 0.0, 500.0, 0.0, 1.0, 0.0]);
        let pairs: Vec<Pair> = scattered(40).map(|p| pair(&mirror, p, 0.0)).collect();
        let found = agree(&pairs, Judge { tolerance: 6.0, oriented: false });
        assert!(found.is_none_or(|f| f.inliers.len() < 12));
        assert!(agree(&[], Judge { tolerance: 6.0, oriented: false }).is_none());
        assert!(agree(&pairs[..1], Judge { tolerance: 6.0, oriented: true }).is_none());
    }

    #[test]
    fn several_features_of_one_corner_count_once() {
        let map = Affine([1.0, 0.0, 5.0, 0.0, 1.0, 0.0]);
        let pairs: Vec<Pair> =
            (0..20).map(|i| pair(&map, [100.0 + (i % 2) as f32, 80.0 * (i / 10) as f32], 0.0)).collect();
        assert_eq!(agree(&pairs, Judge { tolerance: 3.0, oriented: true }).unwrap().inliers.len(), 2);
    }
}
