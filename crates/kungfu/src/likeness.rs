use crate::features::Features;
use crate::geometry::{Consensus, Judge, agree};
use crate::matching::{Nearness, Pair, pairs};
use crate::seen::{Kind, Object};

/// What makes two local features of a kind's sort a pair. Tattoos: Lowe's ratio test at 0.85, as the reference did; SIFT's cosines say
/// little by themselves.
const fn nearness(kind: Kind) -> Nearness {
    match kind {
        Kind::Tattoo => Nearness { cosine: 0.0, ratio: 0.85 },
        Kind::Pet => Nearness { cosine: 0.75, ratio: 0.95 },
    }
}

/// How far a pair may lie off the map: a share of the larger side of the second photo's features' extent. Bodies bend.
const TOLERANCE: f32 = 0.035;

/// How alike two views of objects are: evidence, never a decision. It stays in the process, so it cannot be printed.
#[derive(Clone, Copy)]
pub struct Likeness {
    /// What thresholds are compared with. Tattoos: places that agree on one motion of the skin (0, 1, 2, …). Pets: a cosine, −1 to about 1.05
    /// (see [`crate::ObjectTemplate::compare`]).
    pub score: f32,
    /// Local features that pair up; tattoos only, as what follows.
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

/// One photo against another of the same kind.
pub(crate) fn between(kind: Kind, a: &Object, b: &Object) -> Likeness {
    match kind {
        Kind::Tattoo => of_tattoos(&a.features, &b.features),
        Kind::Pet => {
            let both = a.embedding.as_ref().zip(b.embedding.as_ref());
            Likeness { score: both.map_or(-1.0, |(a, b)| a.cosine(b)), ..Likeness::NONE }
        }
    }
}

/// Which pairs of two photos agree on one motion, and how many there were. `tolerance`: share of the second's extent.
pub(crate) fn consensus(kind: Kind, a: &Features, b: &Features, tolerance: f32) -> (usize, Option<Consensus>) {
    let found = pairs(a, b, nearness(kind));
    let judge = Judge { tolerance: tolerance * whole(b), oriented: kind == Kind::Tattoo };
    (found.len(), agree(&found, judge))
}

fn of_tattoos(a: &Features, b: &Features) -> Likeness {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let (found, consensus) = consensus(Kind::Tattoo, a, b, TOLERANCE);
    let Some(consensus) = consensus else { return Likeness { pairs: count(found), ..Likeness::NONE } };
    let side = |of: fn(&Pair) -> [f32; 2]| extent(consensus.inliers.iter().map(of));
    let spread = (side(|p| [p.a.x, p.a.y]) / whole(a)).max(side(|p| [p.b.x, p.b.y]) / whole(b)).min(1.0);
    let inliers = count(consensus.inliers.len());
    Likeness { score: inliers as f32, pairs: count(found), inliers, spread }
}

/// The larger side of the box around a photo's features, at least 1.
pub(crate) fn whole(features: &Features) -> f32 {
    extent(features.spots().iter().map(|s| [s.x, s.y])).max(1.0)
}

/// The larger side of the box around the places.
fn extent(places: impl Iterator<Item = [f32; 2]>) -> f32 {
    let empty = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
    let (low, high) =
        places.fold(empty, |(low, high), [x, y]| ([low[0].min(x), low[1].min(y)], [high[0].max(x), high[1].max(y)]));
    (high[0] - low[0]).max(high[1] - low[1]).max(0.0)
}
