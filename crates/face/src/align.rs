use crate::geometry::Point;

/// Where the five points go in a 112×112 face crop: the ArcFace template (InsightFace, `arcface_dst`), in the order of
/// [`crate::FivePoints`].
pub const ARCFACE_TEMPLATE: [Point; 5] = [
    Point::new(38.2946, 51.6963),
    Point::new(73.5318, 51.5014),
    Point::new(56.0252, 71.7366),
    Point::new(41.5493, 92.3655),
    Point::new(70.7299, 92.2041),
];

/// Rotation, uniform scale and shift: `(x, y) → (a·x − b·y + tx, b·x + a·y + ty)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    a: f32,
    b: f32,
    tx: f32,
    ty: f32,
}

impl Similarity {
    /// The similarity that brings `from` onto `to` with the least squared error (Umeyama 1991; in two dimensions and without
    /// reflection it has a closed form). `None` when `from` is a single place or a number is not finite.
    pub fn fit<const N: usize>(from: &[Point; N], to: &[Point; N]) -> Option<Self> {
        let (fm, tm) = (mean(from)?, mean(to)?);
        let (mut dot, mut cross, mut spread) = (0.0_f64, 0.0_f64, 0.0_f64);
        for (p, q) in from.iter().zip(to) {
            let (px, py) = (f64::from(p.x) - fm.0, f64::from(p.y) - fm.1);
            let (qx, qy) = (f64::from(q.x) - tm.0, f64::from(q.y) - tm.1);
            dot += px * qx + py * qy;
            cross += px * qy - py * qx;
            spread += px * px + py * py;
        }
        if !(spread.is_finite() && dot.is_finite() && cross.is_finite() && spread > 1e-9) {
            return None;
        }
        let (a, b) = (dot / spread, cross / spread);
        Some(Self::from_f64(a, b, tm.0 - a * fm.0 + b * fm.1, tm.1 - b * fm.0 - a * fm.1))
    }

    /// Maps pixels of a square crop of `size` pixels onto the picture, so that the crop shows the square of `side` picture
    /// pixels around `center`, turned by `roll_degrees` (a face with that roll becomes upright in the crop).
    pub fn crop_to_picture(center: Point, side: f32, roll_degrees: f32, size: f32) -> Self {
        let (sin, cos) = roll_degrees.to_radians().sin_cos();
        let scale = side / size;
        let (a, b) = (cos * scale, sin * scale);
        let half = size / 2.0;
        Self { a, b, tx: center.x - a * half + b * half, ty: center.y - b * half - a * half }
    }

    /// Where `p` goes.
    pub fn apply(&self, p: Point) -> Point {
        Point::new(self.a * p.x - self.b * p.y + self.tx, self.b * p.x + self.a * p.y + self.ty)
    }

    /// How many target pixels one source pixel becomes.
    pub fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    /// The way back; `None` when everything collapses into one place.
    pub fn inverse(&self) -> Option<Self> {
        let [a, b, tx, ty] = [self.a, self.b, self.tx, self.ty].map(f64::from);
        let det = a * a + b * b;
        if !det.is_finite() || det <= 1e-12 {
            return None;
        }
        let (ia, ib) = (a / det, -b / det);
        Some(Self::from_f64(ia, ib, -(ia * tx - ib * ty), -(ib * tx + ia * ty)))
    }

    #[expect(clippy::cast_possible_truncation, reason = "pixel positions need no more than f32")]
    const fn from_f64(a: f64, b: f64, tx: f64, ty: f64) -> Self {
        Self { a: a as f32, b: b as f32, tx: tx as f32, ty: ty as f32 }
    }
}

fn mean<const N: usize>(points: &[Point; N]) -> Option<(f64, f64)> {
    if N < 2 {
        return None;
    }
    let n = f64::from(u32::try_from(N).ok()?);
    let sum = points.iter().fold((0.0, 0.0), |s, p| (s.0 + f64::from(p.x), s.1 + f64::from(p.y)));
    Some((sum.0 / n, sum.1 / n))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(p: Point, q: Point, by: f32) -> bool {
        p.distance(q) < by
    }

    proptest! {
        #[test]
        fn recovers_any_similarity(angle in -3.1_f32..3.1, scale in 0.05_f32..20.0, tx in -2e3_f32..2e3, ty in -2e3_f32..2e3) {
            let (sin, cos) = angle.sin_cos();
            let truth = Similarity { a: scale * cos, b: scale * sin, tx, ty };
            let moved = ARCFACE_TEMPLATE.map(|p| truth.apply(p));
            let found = Similarity::fit(&ARCFACE_TEMPLATE, &moved).unwrap();
            for p in ARCFACE_TEMPLATE {
                prop_assert!(close(found.apply(p), truth.apply(p), 0.01 * scale.max(1.0)));
            }
            let back = found.inverse().unwrap();
            for p in ARCFACE_TEMPLATE {
                prop_assert!(close(back.apply(found.apply(p)), p, 0.05));
            }
            prop_assert!((found.scale() - scale).abs() < 1e-3 * scale.max(1.0));
        }
    }

    #[test]
    fn is_the_least_squares_answer() {
        let from = ARCFACE_TEMPLATE.map(|p| Point::new(p.x * 2.0 + 10.0, p.y * 2.2 - 4.0));
        let best = Similarity::fit(&from, &ARCFACE_TEMPLATE).unwrap();
        let error = |s: &Similarity| {
            from.iter().zip(ARCFACE_TEMPLATE).map(|(p, q)| s.apply(*p).distance(q).powi(2)).sum::<f32>()
        };
        let least = error(&best);
        for (da, db, dx, dy) in
            [(0.01, 0.0, 0.0, 0.0), (0.0, 0.01, 0.0, 0.0), (0.0, 0.0, 0.5, 0.0), (0.0, 0.0, 0.0, 0.5)]
        {
            for sign in [-1.0, 1.0] {
                let other = Similarity {
                    a: best.a + sign * da,
                    b: best.b + sign * db,
                    tx: best.tx + sign * dx,
                    ty: best.ty + sign * dy,
                };
                assert!(error(&other) > least);
            }
        }
    }

    #[test]
    fn degenerate_points_have_no_answer() {
        assert!(Similarity::fit(&[Point::new(3.0, 3.0); 5], &ARCFACE_TEMPLATE).is_none());
        assert!(Similarity::fit(&[Point::new(f32::NAN, 0.0); 5], &ARCFACE_TEMPLATE).is_none());
    }

    #[test]
    fn a_crop_shows_its_square_upright() {
        let s = Similarity::crop_to_picture(Point::new(100.0, 80.0), 60.0, 0.0, 30.0);
        assert!(close(s.apply(Point::new(0.0, 0.0)), Point::new(70.0, 50.0), 1e-4));
        assert!(close(s.apply(Point::new(30.0, 30.0)), Point::new(130.0, 110.0), 1e-4));
        // A face rolled by 90° clockwise has its right eye below the left one; in the crop it is to the right.
        let turned = Similarity::crop_to_picture(Point::new(100.0, 80.0), 60.0, 90.0, 30.0);
        assert!(close(turned.apply(Point::new(30.0, 15.0)), Point::new(100.0, 110.0), 1e-3));
    }
}
