//! From a portrait and its mesh points to a textured 3-D head.
#![expect(
    clippy::indexing_slicing,
    reason = "point numbers are below MESH_POINTS, and Head::new refuses a mesh of another length"
)]

use crate::PuppetError;
use crate::landmarks::{
    EYE_LEFT, EYE_RIGHT, LOWER_INNER, LOWER_OUTER, MESH_POINTS, OVAL, UPPER_INNER, UPPER_OUTER, is_inner_lip,
};
use crate::pose::{EYES_CM, EYES_PX, PORTRAIT_CM};
use crate::symmetry::{Half, is_midline, mirrored};
use crate::texture;
use crate::vector::V2;
use image::RgbImage;
use image::imageops::{self, FilterType};

/// Largest eye distance kept in the texture, pixels: more is never seen on a 640-wide frame.
const TEXTURE_EYES_PX: f32 = 112.0;
/// Smallest eye distance a portrait may have, pixels.
const MIN_EYES_PX: f32 = 20.0;
/// Background around the portrait, in eye distances.
const PAD_EYES: f32 = 5.0;
/// Deepest point taken from the mesh for the outline, cm behind the eyes: its far rim is guesswork.
const OVAL_DEPTH_CM: f32 = 12.0;

/// The mesh network draws faces flatter than they are: with this factor the detector's nose moves as on real heads.
const DEPTH_GAIN: f32 = 1.5;

/// A copy of the face's outline around it.
struct Ring {
    /// Size of the outline.
    scale: f32,
    /// Depth behind the outline, cm.
    behind_cm: f32,
    /// Share of the head's motion, 0 … 1.
    follow: f32,
}

const fn ring(scale: f32, behind_cm: f32, follow: f32) -> Ring {
    Ring { scale, behind_cm, follow }
}

/// A rubber sheet from the head into the still background, so nothing tears open. Ears and hair lie in the first two.
const RINGS: [Ring; 6] = [
    ring(1.10, 1.2, 1.0),
    ring(1.25, 4.0, 1.0),
    ring(1.45, 7.0, 0.85),
    ring(1.75, 9.0, 0.5),
    ring(2.2, 10.0, 0.2),
    ring(2.8, 10.0, 0.0),
];

/// One triangle of the head.
pub struct Triangle {
    pub corners: [usize; 3],
    /// Texture coordinates of the corners, pixels.
    pub uv: [V2; 3],
    /// Between the lips: shows teeth when the mouth opens.
    pub mouth: bool,
}

/// A textured head looking straight ahead: points in cm around the middle of the eyes (y down, z away from the camera).
pub struct Head {
    pub texture: RgbImage,
    /// Where the portrait shows each point, texture pixels from `origin`.
    pub still: Vec<V2>,
    /// Points in space, cm; the first 468 are the mesh, the rest the rings.
    pub points: Vec<[f32; 3]>,
    /// How much of the head's motion a point follows, 0 … 1.
    pub follow: Vec<f32>,
    pub triangles: Vec<Triangle>,
    /// The 468 points seen from the front, in eye distances from the middle of the eyes.
    pub plane: Vec<V2>,
    /// Middle of the eyes in the texture, pixels.
    pub origin: V2,
    /// Frame pixels per texture pixel of the still background.
    pub background_scale: f32,
}

impl Head {
    /// `mesh`: 468 points in pixels of `portrait`.
    pub fn new(portrait: &RgbImage, mesh: &[[f32; 3]]) -> Result<Self, PuppetError> {
        if mesh.len() != MESH_POINTS {
            return Err(PuppetError::MeshLength { got: mesh.len() });
        }
        if mesh.iter().flatten().any(|v| !v.is_finite()) {
            return Err(PuppetError::MeshNotFinite);
        }
        let eyes = eye_distance(mesh);
        if eyes < MIN_EYES_PX {
            return Err(PuppetError::FaceTooSmall { eyes_px: eyes, least: MIN_EYES_PX });
        }
        let scale = (TEXTURE_EYES_PX / eyes).min(1.0);
        let eyes = eyes * scale;
        let small = shrink(portrait, scale);
        let pad = ((PAD_EYES * eyes / 8.0).ceil() as u32) * 8;
        let mesh: Vec<[f32; 3]> =
            mesh.iter().map(|p| [p[0] * scale + pad as f32, p[1] * scale + pad as f32, p[2] * scale]).collect();
        Ok(Self::assemble(texture::pad_softly(&small, pad, eyes), &mesh, eyes))
    }

    fn assemble(texture: RgbImage, mesh: &[[f32; 3]], eyes: f32) -> Self {
        let middle = middle_of_eyes(mesh);
        let lens = Lens { cm: EYES_CM / eyes, origin: V2::new(middle[0], middle[1]) };
        let mut uv: Vec<V2> = mesh.iter().map(|p| V2::new(p[0], p[1])).collect();
        let depth = |p: &[f32; 3]| (p[2] - middle[2]) * lens.cm * DEPTH_GAIN;
        let photographed: Vec<[f32; 3]> = mesh.iter().zip(&uv).map(|(p, &at)| lens.lift(at, depth(p))).collect();
        let half = Half::better(&photographed);

        let mut points = symmetric_mesh(&photographed, &half);
        let mut source: Vec<Option<usize>> = (0..MESH_POINTS).map(|i| half.source(i)).collect();
        let mut follow = vec![1.0; MESH_POINTS];
        let outline_depth = smooth_ring(OVAL.map(|i| photographed[i][2].min(OVAL_DEPTH_CM)));
        let centre = mean(OVAL.iter().map(|&i| uv[i]));
        for ring in RINGS {
            let start = points.len();
            for (&i, z) in OVAL.iter().zip(outline_depth) {
                let at = centre + (uv[i] - centre) * ring.scale;
                let z = z * (1.0 - (ring.scale - 1.0) * 0.6).max(0.0) + ring.behind_cm;
                uv.push(at);
                points.push(half.frontal(lens.lift(at, z)));
                follow.push(ring.follow);
            }
            for place in 0..OVAL.len() {
                let from = half.outline_source(place).filter(|_| ring.follow >= 1.0);
                source.push(from.map(|p| start + p));
                if let Some(p) = from {
                    points[start + place] = mirrored(points[start + p]);
                }
            }
        }
        let plane = points[..MESH_POINTS].iter().map(|p| V2::new(p[0], p[1]) * (1.0 / EYES_CM)).collect();
        Self {
            triangles: skin(&uv, &source, &follow, eyes),
            texture,
            still: uv.iter().map(|&p| p - lens.origin).collect(),
            points,
            follow,
            plane,
            origin: lens.origin,
            background_scale: EYES_PX / eyes,
        }
    }
}

/// The camera that took the portrait.
struct Lens {
    /// Centimetres per texture pixel at the eyes.
    cm: f32,
    /// Middle of the eyes in the texture.
    origin: V2,
}

impl Lens {
    /// The point in space behind a texture pixel, `z` cm behind the eyes: a far point spans more cm per pixel.
    fn lift(&self, at: V2, z: f32) -> [f32; 3] {
        let d = (at - self.origin) * (self.cm * (PORTRAIT_CM + z) / PORTRAIT_CM);
        [d.x, d.y, z]
    }
}

/// The mesh seen from the front, its worse half replaced by the mirror image of the better one.
fn symmetric_mesh(photographed: &[[f32; 3]], half: &Half) -> Vec<[f32; 3]> {
    let frontal: Vec<[f32; 3]> = photographed.iter().map(|&p| half.frontal(p)).collect();
    (0..MESH_POINTS)
        .map(|i| match half.source(i) {
            Some(good) => mirrored(frontal[good]),
            None if is_midline(i) => [0.0, frontal[i][1], frontal[i][2]],
            None => frontal[i],
        })
        .collect()
}

/// Triangles with their texture: a triangle that belongs to the head as a whole takes the mirrored half's texture,
/// one that reaches into the background takes what the portrait shows there.
fn skin(uv: &[V2], source: &[Option<usize>], follow: &[f32], eyes: f32) -> Vec<Triangle> {
    triangulate(uv, eyes)
        .into_iter()
        .map(|corners| {
            let head = corners.iter().all(|&i| follow[i] >= 1.0);
            let texture = |i: usize| uv[source[i].filter(|_| head).unwrap_or(i)];
            Triangle { corners, uv: corners.map(texture), mouth: corners.iter().all(|&i| is_inner_lip(i)) }
        })
        .collect()
}

fn shrink(portrait: &RgbImage, scale: f32) -> RgbImage {
    if scale >= 1.0 {
        return portrait.clone();
    }
    let side = |n: u32| ((n as f32 * scale).round() as u32).max(1);
    imageops::resize(portrait, side(portrait.width()), side(portrait.height()), FilterType::Triangle)
}

fn mean(points: impl ExactSizeIterator<Item = V2>) -> V2 {
    let n = points.len().max(1) as f32;
    points.fold(V2::default(), |a, b| a + b) * (1.0 / n)
}

fn middle_of_eyes(mesh: &[[f32; 3]]) -> [f32; 3] {
    let corners = [EYE_LEFT[0], EYE_LEFT[1], EYE_RIGHT[0], EYE_RIGHT[1]];
    [0, 1, 2].map(|axis| corners.iter().map(|&i| mesh[i][axis]).sum::<f32>() / 4.0)
}

fn eye_distance(mesh: &[[f32; 3]]) -> f32 {
    let eye = |e: [usize; 2]| mean(e.iter().map(|&i| V2::new(mesh[i][0], mesh[i][1])));
    (eye(EYE_LEFT) - eye(EYE_RIGHT)).norm()
}

/// Mean over five neighbours along the closed outline.
fn smooth_ring<const N: usize>(ring: [f32; N]) -> [f32; N] {
    std::array::from_fn(|i| (0..5).map(|k| ring[(i + N + k - 2) % N]).sum::<f32>() / 5.0)
}

/// Delaunay with the lips parted, so that the mouth is a clean strip even where it is closed.
fn triangulate(uv: &[V2], eyes: f32) -> Vec<[usize; 3]> {
    let mut at = uv.to_vec();
    let across = (at[EYE_RIGHT[1]] - at[EYE_LEFT[0]]).unit();
    let down = across.quarter_turn();
    let inner = UPPER_INNER[1..10].iter().zip(LOWER_INNER);
    for ((&up, low), (up_out, low_out)) in inner.zip(UPPER_OUTER.into_iter().zip(LOWER_OUTER)) {
        let middle = (at[up] + at[low]) * 0.5;
        let half = (0.05 * eyes).max((at[low] - at[up]).dot(down) / 2.0);
        at[up] = middle - down * half;
        at[low] = middle + down * half;
        let lip = 0.04 * eyes;
        let short = (lip - (at[up] - at[up_out]).dot(down)).max(0.0);
        at[up_out] = at[up_out] - down * short;
        let short = (lip - (at[low_out] - at[low]).dot(down)).max(0.0);
        at[low_out] += down * short;
    }
    let points: Vec<delaunator::Point> =
        at.iter().map(|p| delaunator::Point { x: f64::from(p.x), y: f64::from(p.y) }).collect();
    delaunator::triangulate(&points).triangles.chunks_exact(3).map(|t| [t[0], t[1], t[2]]).collect()
}
