//! Test scenes: a textured ellipsoid and a textured plane, seen by a pinhole camera, with the five points they would have.

use face::{Detection, FaceBox, FivePoints, Luma, Point};

pub(crate) const WIDTH: u32 = 320;
pub(crate) const HEIGHT: u32 = 320;
const FOCAL: f32 = 900.0;
const DISTANCE: f32 = 1_000.0;
/// Half axes of the head (x, y, z), scene units ≈ pixels.
const HEAD: [f32; 3] = [78.0, 105.0, 85.0];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Ellipsoid,
    Plane,
}

/// Smooth noise of several sizes, 0..255, from surface coordinates.
fn texture(u: f32, v: f32) -> f32 {
    let mut sum = 0.0;
    for (size, strength) in [(4.0, 0.35), (9.0, 0.4), (21.0, 0.25)] {
        let (x, y) = (u / size + 1_000.0, v / size + 1_000.0);
        let (i, j) = (x.floor(), y.floor());
        let (fx, fy) = (x - i, y - j);
        let (fx, fy) = (fx * fx * (3.0 - 2.0 * fx), fy * fy * (3.0 - 2.0 * fy));
        let at = |di: f32, dj: f32| lattice((i + di) as u32, (j + dj) as u32, size as u32);
        let top = at(0.0, 0.0) * (1.0 - fx) + at(1.0, 0.0) * fx;
        let bottom = at(0.0, 1.0) * (1.0 - fx) + at(1.0, 1.0) * fx;
        sum += strength * (top * (1.0 - fy) + bottom * fy);
    }
    40.0 + 190.0 * sum
}

fn lattice(i: u32, j: u32, salt: u32) -> f32 {
    let mut h = i.wrapping_mul(0x9e37_79b1) ^ j.wrapping_mul(0x85eb_ca77) ^ salt.wrapping_mul(0xc2b2_ae3d);
    h ^= h >> 15;
    h = h.wrapping_mul(0x2c1b_3c6d);
    h ^= h >> 12;
    (h & 0xffff) as f32 / 65_535.0
}

fn rotated(p: [f32; 3], yaw: f32) -> [f32; 3] {
    let (sin, cos) = yaw.to_radians().sin_cos();
    [p[0] * cos - p[2] * sin, p[1], p[0] * sin + p[2] * cos]
}

/// Where a point of the head (z toward the camera) is seen at this yaw (positive = payer's left = picture right).
fn seen(p: [f32; 3], yaw: f32) -> Point {
    let [x, y, z] = rotated(p, -yaw);
    let depth = DISTANCE - z;
    Point::new(WIDTH as f32 * 0.5 + FOCAL * x / depth, HEIGHT as f32 * 0.5 + FOCAL * y / depth)
}

/// The frame at this yaw (degrees), with its grain.
pub(crate) fn shoot(shape: Shape, yaw: f32, seed: u32) -> Luma {
    let mut data = Vec::with_capacity((WIDTH * HEIGHT) as usize);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let ray =
                [(x as f32 + 0.5 - WIDTH as f32 * 0.5) / FOCAL, (y as f32 + 0.5 - HEIGHT as f32 * 0.5) / FOCAL, -1.0];
            let grey =
                hit(shape, ray, yaw).map_or_else(|| 90.0 + 40.0 * (y as f32 / 40.0).sin(), |(u, v)| texture(u, v));
            let grain = 6.0 * (lattice(x, y, seed.wrapping_mul(77) + 5) - 0.5);
            data.push((grey + grain).clamp(0.0, 255.0) as u8);
        }
    }
    Luma::new(WIDTH, HEIGHT, data).unwrap()
}

/// Texture coordinates where the ray from the camera meets the shape.
fn hit(shape: Shape, ray: [f32; 3], yaw: f32) -> Option<(f32, f32)> {
    let from = rotated([0.0, 0.0, DISTANCE], yaw);
    let way = rotated(ray, yaw);
    match shape {
        Shape::Plane => {
            let t = -from[2] / way[2];
            let (u, v) = (from[0] + t * way[0], from[1] + t * way[1]);
            (u.abs() < 100.0 && v.abs() < 120.0).then_some((u, v))
        }
        Shape::Ellipsoid => {
            let scaled = |p: [f32; 3]| [p[0] / HEAD[0], p[1] / HEAD[1], p[2] / HEAD[2]];
            let (o, d) = (scaled(from), scaled(way));
            let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
            let (a, b, c) = (dot(d, d), dot(o, d), dot(o, o) - 1.0);
            let under = b * b - a * c;
            if under < 0.0 {
                return None;
            }
            let t = (-b - under.sqrt()) / a;
            let p = [o[0] + t * d[0], o[1] + t * d[1], o[2] + t * d[2]];
            // Around the head and along it.
            Some((p[0].atan2(p[2]) * 80.0, p[1].asin() * 105.0))
        }
    }
}

/// The detection at this yaw. A flat shape's nose lies between the eyes whatever its yaw.
pub(crate) fn detection(shape: Shape, yaw: f32) -> Detection {
    let on = |x: f32, y: f32, lift: f32| {
        let z = match shape {
            Shape::Plane => 0.0,
            Shape::Ellipsoid => HEAD[2] * (1.0 - (x / HEAD[0]).powi(2) - (y / HEAD[1]).powi(2)).max(0.0).sqrt() + lift,
        };
        seen([x, y, z], yaw)
    };
    let points = FivePoints([
        on(-32.0, -30.0, 0.0),
        on(32.0, -30.0, 0.0),
        on(0.0, 8.0, 42.0),
        on(-26.0, 45.0, 0.0),
        on(26.0, 45.0, 0.0),
    ]);
    let middle = points.0.iter().fold(0.0, |sum, p| sum + p.x) / 5.0;
    let bbox = FaceBox { x: middle - 68.0, y: 70.0, w: 136.0, h: 180.0, score: 0.9 };
    Detection { bbox, points }
}
