//! What somebody may choose to pay with, as a surface: a tattoo drawn on a limb, or photographs of a pet.
#![expect(clippy::indexing_slicing, reason = "pixels are clamped to the picture's width and height before use")]

use crate::PuppetError;
use crate::pose::{CENTRE, FOCAL_PX, FRAME_HEIGHT, FRAME_WIDTH, Pose};
use crate::puppet::Subject;
use crate::raster;
use crate::sheet::Glow;
use crate::vector::{V2, rotation};
use image::{Rgb, RgbImage, imageops};
use nalgebra::Vector3;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Side of a drawn tattoo, pixels.
const CANVAS: u32 = 640;
/// Width of a tattoo, cm; it lies on a limb of this radius.
const TATTOO_CM: f32 = 9.0;
const LIMB_CM: f32 = 6.5;
/// Width of a photograph of a pet, cm: at the usual distance it fills most of the frame's height.
const SHEET_CM: f32 = 13.0;
/// The usual distance between camera and object, cm.
pub(crate) const USUAL_CM: f32 = 20.0;
/// How much darker the limb is at its edges.
const SHADE: f32 = 0.35;

/// Widths of displays, cm: of a phone held across, of a tablet.
const DISPLAYS_CM: [f32; 2] = [14.0, 20.0];

#[derive(Clone, Copy)]
enum Shape {
    /// Flat.
    Sheet,
    /// Upright and round.
    Limb,
    /// Flat, and it shines.
    Display { width_cm: f32, glow: Glow },
}

/// A surface with one picture on it, or with several to choose from.
pub struct Exhibit {
    pictures: Vec<RgbImage>,
    shape: Shape,
    room: RgbImage,
}

impl Exhibit {
    /// A tattoo that nobody has: drawn by `seed`, on a forearm.
    pub fn tattoo(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x7a77_0e5e);
        Self { pictures: vec![draw_tattoo(&mut rng)], shape: Shape::Limb, room: room(&mut rng) }
    }

    /// A picture of a tattoo, laid on a forearm.
    ///
    /// # Errors
    /// A picture without pixels.
    pub fn tattoo_of(picture: &face::Picture, seed: u64) -> Result<Self, PuppetError> {
        Ok(Self { pictures: vec![pixels(picture)?], ..Self::tattoo(seed) })
    }

    /// Photographs of one animal, each shown by itself: [`Exhibit::count`] of them.
    ///
    /// # Errors
    /// None given, or one without pixels.
    pub fn photographs(pictures: &[face::Picture], seed: u64) -> Result<Self, PuppetError> {
        let pictures = pictures.iter().map(pixels).collect::<Result<Vec<_>, _>>()?;
        (!pictures.is_empty()).then_some(()).ok_or(PuppetError::NotAPicture)?;
        Ok(Self { pictures, shape: Shape::Sheet, room: room(&mut ChaCha8Rng::seed_from_u64(seed ^ 0x0d09)) })
    }

    /// Nothing but a wall: what is no object at all.
    pub fn blank(seed: u64) -> Self {
        let wall = RgbImage::from_pixel(CANVAS, CANVAS, Rgb([188, 184, 178]));
        Self { pictures: vec![wall], shape: Shape::Sheet, room: room(&mut ChaCha8Rng::seed_from_u64(seed)) }
    }

    /// Photographs of it from straight before it, each on a display of its own kind: the same for the same `seed`.
    pub fn on_display(&self, seed: u64) -> Self {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed ^ 0x0d15_91a7);
        let width_cm = if rng.random::<bool>() { DISPLAYS_CM[0] } else { DISPLAYS_CM[1] };
        let glow = Glow::draw(rng);
        let straight = Pose { dist_cm: USUAL_CM, ..Pose::default() };
        let pictures = (0..self.count()).map(|page| self.show(page, &straight)).collect();
        Self { pictures, shape: Shape::Display { width_cm, glow }, room: room(rng) }
    }

    /// Pictures to choose from.
    pub fn count(&self) -> usize {
        self.pictures.len()
    }

    /// The frame of this pose (yaw, roll, distance and shift), with this picture on the surface.
    pub fn show(&self, page: usize, pose: &Pose) -> RgbImage {
        let mut out = self.room.clone();
        let Some(picture) = self.pictures.get(page % self.pictures.len().max(1)) else { return out };
        let turn = rotation(pose.yaw, pose.pitch, pose.roll).transpose();
        let eye = turn * Vector3::new(0.0, 0.0, -pose.dist_cm);
        let (centre_x, centre_y) = (CENTRE.0 + pose.tx, FRAME_HEIGHT as f32 / 2.0 + pose.ty);
        for (x, y, Rgb(pixel)) in out.enumerate_pixels_mut() {
            let ray = turn * Vector3::new((x as f32 - centre_x) / FOCAL_PX, (y as f32 - centre_y) / FOCAL_PX, 1.0);
            match self.shape {
                Shape::Sheet => {
                    sheet(picture, (eye, ray), SHEET_CM, pixel);
                }
                Shape::Display { width_cm, glow } => {
                    if let Some(at) = sheet(picture, (eye, ray), width_cm, pixel) {
                        for (value, by) in pixel.iter_mut().zip(glow.lattice(at)) {
                            *value =
                                ((f32::from(*value) / 255.0).powf(glow.gamma) * 255.0 * by).clamp(0.0, 255.0) as u8;
                        }
                    }
                }
                Shape::Limb => limb(picture, eye, ray, pixel),
            }
        }
        out
    }
}

impl Subject for Exhibit {
    fn draw(&self, pose: &Pose) -> RgbImage {
        self.show(0, pose)
    }
}

fn pixels(picture: &face::Picture) -> Result<RgbImage, PuppetError> {
    let found = RgbImage::from_raw(picture.width(), picture.height(), picture.rgb().to_vec());
    found.filter(|p| p.width() > 1 && p.height() > 1).ok_or(PuppetError::NotAPicture)
}

/// The plane z = 0; gives the place on the picture, where the ray meets it.
fn sheet(
    picture: &RgbImage,
    (eye, ray): (Vector3<f32>, Vector3<f32>),
    width_cm: f32,
    pixel: &mut [u8; 3],
) -> Option<V2> {
    let t = -eye.z / ray.z;
    let at = eye + ray * t;
    if t > 0.0 { paint(picture, V2::new(at.x, at.y), width_cm, pixel) } else { None }
}

/// A cylinder around the upright axis through (0, y, radius): its nearest line goes through the middle of the tattoo.
fn limb(picture: &RgbImage, eye: Vector3<f32>, ray: Vector3<f32>, pixel: &mut [u8; 3]) {
    let (from_x, from_z) = (eye.x, eye.z - LIMB_CM);
    let a = ray.x * ray.x + ray.z * ray.z;
    let b = from_x * ray.x + from_z * ray.z;
    let c = from_x * from_x + from_z * from_z - LIMB_CM * LIMB_CM;
    let under = b * b - a * c;
    if under < 0.0 || a <= 0.0 {
        return;
    }
    let t = (-b - under.sqrt()) / a;
    let (x, z, y) = (from_x + ray.x * t, from_z + ray.z * t, eye.y + ray.y * t);
    let angle = x.atan2(-z);
    *pixel = SKIN;
    let _ = paint(picture, V2::new(angle * LIMB_CM, y), TATTOO_CM, pixel);
    // Towards the camera's side it is lightest.
    let facing = -(x * ray.x + z * ray.z) / (LIMB_CM * a.sqrt());
    let light = 1.0 - SHADE * (1.0 - facing.clamp(0.0, 1.0));
    for value in pixel.iter_mut() {
        *value = (f32::from(*value) * light) as u8;
    }
}

/// The colour at a place of the surface, cm from its middle, and that place in the picture's pixels; outside the picture the pixel
/// stays as it is.
fn paint(picture: &RgbImage, at: V2, width_cm: f32, pixel: &mut [u8; 3]) -> Option<V2> {
    let (w, h) = (picture.width() as f32, picture.height() as f32);
    let scale = w / width_cm;
    let place = V2::new(at.x * scale + w / 2.0, at.y * scale + h / 2.0);
    let inside = place.x >= 0.0 && place.y >= 0.0 && place.x <= w - 1.0 && place.y <= h - 1.0;
    if inside {
        raster::sample(picture.as_raw(), (picture.width() as usize, picture.height() as usize), place, pixel);
    }
    inside.then_some(place)
}

const SKIN: [u8; 3] = [214, 172, 146];
const INK: [f32; 3] = [38.0, 42.0, 58.0];

/// Lines, rings, petals, letters-like strokes and dots of dark ink on skin: the same for the same random numbers.
fn draw_tattoo(rng: &mut ChaCha8Rng) -> RgbImage {
    let mut canvas = skin(rng);
    for _ in 0..7 {
        petal(&mut canvas, rng);
    }
    for _ in 0..9 {
        curve(&mut canvas, rng);
    }
    for _ in 0..5 {
        ring(&mut canvas, rng);
    }
    for _ in 0..26 {
        let at = place(rng, 0.42);
        dot(&mut canvas, at, rng.random_range(3.0..9.0), 0.9);
    }
    for _ in 0..14 {
        letter(&mut canvas, rng);
    }
    canvas
}

fn skin(rng: &mut ChaCha8Rng) -> RgbImage {
    let phase: [f32; 4] = std::array::from_fn(|_| rng.random_range(0.0..6.0));
    RgbImage::from_fn(CANVAS, CANVAS, |x, y| {
        let (u, v) = (x as f32 / 97.0, y as f32 / 131.0);
        let tone = 5.0 * ((u + phase[0]).sin() + (v + phase[1]).sin() + (u * 2.3 + v + phase[2]).sin() * 0.5);
        let pore = ((x * 7919 + y * 104_729) % 13) as f32 * 0.5 - 3.0 + phase[3] * 0.2;
        Rgb(SKIN.map(|c| (f32::from(c) + tone + pore).clamp(0.0, 255.0) as u8))
    })
}

/// A point at most `reach` (of the canvas) from the middle.
fn place(rng: &mut ChaCha8Rng, reach: f32) -> V2 {
    let side = CANVAS as f32;
    let (angle, far) = (rng.random_range(0.0..std::f32::consts::TAU), rng.random::<f32>().sqrt() * reach * side);
    V2::new(side / 2.0 + far * angle.cos(), side / 2.0 + far * angle.sin())
}

/// A round spot of ink, soft at its rim.
fn dot(canvas: &mut RgbImage, at: V2, radius: f32, strength: f32) {
    let reach = radius.ceil() as i32 + 1;
    let (cx, cy) = (at.x as i32, at.y as i32);
    for y in (cy - reach).max(0)..(cy + reach).min(CANVAS as i32) {
        for x in (cx - reach).max(0)..(cx + reach).min(CANVAS as i32) {
            let away = (x as f32 - at.x).hypot(y as f32 - at.y);
            let cover = (radius - away + 0.5).clamp(0.0, 1.0) * strength;
            let pixel = canvas.get_pixel_mut(x as u32, y as u32);
            for (value, ink) in pixel.0.iter_mut().zip(INK) {
                *value = (f32::from(*value) * (1.0 - cover) + ink * cover) as u8;
            }
        }
    }
}

/// A stroke through points given by a function of 0..=1.
fn stroke(canvas: &mut RgbImage, width: f32, length: f32, at: impl Fn(f32) -> V2) {
    let steps = (length.max(4.0)) as u32;
    for i in 0..=steps {
        dot(canvas, at(i as f32 / steps as f32), width, 0.85);
    }
}

fn curve(canvas: &mut RgbImage, rng: &mut ChaCha8Rng) {
    let [a, b, c, d] = std::array::from_fn(|_| place(rng, 0.46));
    let width = rng.random_range(2.0..5.0);
    stroke(canvas, width, 700.0, |t| {
        let s = 1.0 - t;
        a * (s * s * s) + b * (3.0 * s * s * t) + c * (3.0 * s * t * t) + d * (t * t * t)
    });
}

fn ring(canvas: &mut RgbImage, rng: &mut ChaCha8Rng) {
    let (middle, radius, width) = (place(rng, 0.36), rng.random_range(18.0..70.0), rng.random_range(2.0..4.0));
    let turns = rng.random_range(0.6..2.4);
    stroke(canvas, width, radius * 14.0, |t| {
        let (angle, r) = (t * std::f32::consts::TAU * turns, radius * (0.35 + 0.65 * t));
        middle + V2::new(angle.cos(), angle.sin()) * r
    });
}

/// A filled leaf.
fn petal(canvas: &mut RgbImage, rng: &mut ChaCha8Rng) {
    let (from, to) = (place(rng, 0.3), place(rng, 0.45));
    let fat = rng.random_range(6.0..20.0);
    for i in 0..=60 {
        let t = i as f32 / 60.0;
        dot(canvas, from * (1.0 - t) + to * t, 1.0 + fat * (t * std::f32::consts::PI).sin(), 0.6);
    }
}

/// Three or four short straight strokes that share corners.
fn letter(canvas: &mut RgbImage, rng: &mut ChaCha8Rng) {
    let middle = place(rng, 0.44);
    let mut corner = || middle + V2::new(rng.random_range(-22.0..22.0), rng.random_range(-30.0..30.0));
    let points: [V2; 4] = std::array::from_fn(|_| corner());
    for pair in points.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        stroke(canvas, 2.5, 40.0, |t| a * (1.0 - t) + b * t);
    }
}

/// What is behind: soft shapes of a room, another for each seed.
fn room(rng: &mut ChaCha8Rng) -> RgbImage {
    let mut room = RgbImage::from_pixel(FRAME_WIDTH, FRAME_HEIGHT, Rgb([150, 152, 148]));
    for _ in 0..12 {
        let (x, y) = (rng.random_range(0..FRAME_WIDTH), rng.random_range(0..FRAME_HEIGHT));
        let (w, h) = (rng.random_range(40..240), rng.random_range(40..200));
        let colour: [u8; 3] = std::array::from_fn(|_| rng.random_range(60..200));
        for yy in y..(y + h).min(FRAME_HEIGHT) {
            for xx in x..(x + w).min(FRAME_WIDTH) {
                room.put_pixel(xx, yy, Rgb(colour));
            }
        }
    }
    imageops::fast_blur(&room, 14.0)
}
