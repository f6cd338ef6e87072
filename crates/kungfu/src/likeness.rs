use crate::geometry::{Judge, agree};
use crate::matching::{Nearness, Pair, pairs};
use crate::seen::{Kind, Object};

/// What makes two local features a pair.
const NEARNESS: Nearness = Nearness { cosine: 0.75, ratio: 0.95 };
/// How far a pair may lie off the map: a share of the larger side of the matched features' extent. Bodies bend.
const TOLERANCE: f32 = 0.03;

/// How alike two views of objects are: evidence, never a decision. It stays in the process, so it cannot be printed.
#[derive(Clone, Copy)]
pub struct Likeness {
    /// What thresholds are compared with. Tattoos: places that agree on one motion of the skin (0, 1, 2, …). Pets: cosine −1..=1.
    pub score: f32,
    /// Local features that pair up.
    pub pairs: u32,
    /// Of these, places that agree on one motion.
    pub inliers: u32,
    /// Share of the smaller view's extent that the agreeing places span, 0..=1.
    pub spread: f32,
}

impl Likeness {
    pub(crate) const NONE: Self = Self { score: 0.0, pairs: 0, inliers: 0, spread: 0.0 };

    /// The higher score.
    pub(crate) fn better(self, other: Self) -> Self {
        if other.score > self.score { other } else { self }
    }
}

/// One photo against another.
pub(crate) fn between(kind: Kind, a: &Object, b: &Object) -> Likeness {
    match kind {
        Kind::Tattoo => of_features(a, b),
        Kind::Pet => Likeness { score: cosine(a, b), ..Likeness::NONE },
    }
}

fn cosine(a: &Object, b: &Object) -> f32 {
    a.embedding.as_ref().zip(b.embedding.as_ref()).map_or(-1.0, |(a, b)| a.cosine(b))
}

fn of_features(a: &Object, b: &Object) -> Likeness {
    let found = pairs(&a.features, &b.features, NEARNESS);
    let tolerance = TOLERANCE * extent(b.features.spots().iter().map(|s| [s.x, s.y]));
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let Some(found_out) = agree(&found, Judge { tolerance, oriented: false }) else {
        return Likeness { pairs: count(found.len()), ..Likeness::NONE };
    };
    let side = |of: fn(&Pair) -> [f32; 2]| extent(found_out.inliers.iter().map(of));
    let whole = |o: &Object| extent(o.features.spots().iter().map(|s| [s.x, s.y])).max(1.0);
    let spread = (side(|p| [p.a.x, p.a.y]) / whole(a)).max(side(|p| [p.b.x, p.b.y]) / whole(b)).min(1.0);
    let inliers = count(found_out.inliers.len());
    Likeness { score: inliers as f32, pairs: count(found.len()), inliers, spread }
}

/// The larger side of the box around the places.
fn extent(places: impl Iterator<Item = [f32; 2]>) -> f32 {
    let empty = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
    let (low, high) =
        places.fold(empty, |(low, high), [x, y]| ([low[0].min(x), low[1].min(y)], [high[0].max(x), high[1].max(y)]));
    (high[0] - low[0]).max(high[1] - low[1]).max(0.0)
}
