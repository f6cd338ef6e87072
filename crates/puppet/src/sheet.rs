//! A picture on something flat that is held before the camera: paper, a bent print, a cut-out, a poster, a screen.

use crate::light::Light;
use crate::pose::{CENTRE, EYES_PX, FOCAL_PX, FRAME_HEIGHT, FRAME_WIDTH, NEAR_CM, Pose};
use crate::raster::{Corner, Plan};
use crate::vector::{V2, rotation};
use image::{Rgb, RgbImage, imageops};
use nalgebra::Vector3;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// What the picture is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Matt paper held by its edge.
    Print,
    /// The same, bent about the vertical as one turns it.
    BentPrint,
    /// Cut out along the face, with holes for the eyes.
    CutOut,
    /// So large that no edge is in the picture.
    Poster,
    Phone,
    Tablet,
}

/// Columns and rows of the grid that carries the picture.
const GRID: [usize; 2] = [28, 20];
/// Blur of the room behind it, pixels.
const ROOM_BLUR: f32 = 25.0;
/// Half width and half height of the visible picture around the eyes, in eye distances: phone, tablet, paper.
const PHONE: [f32; 2] = [1.9, 3.2];
/// See [`PHONE`].
const TABLET: [f32; 2] = [3.4, 2.9];
/// See [`PHONE`].
const PAPER: [f32; 2] = [3.0, 2.8];
/// Width of a screen's rim, in eye distances.
const BEZEL: f32 = 0.28;
/// How a print's ink narrows contrast: darkest and lightest grey.
const GAMUT: [f32; 2] = [28.0, 226.0];

/// Places of the table of one wave.
const WAVE: usize = 256;

/// How a screen shines, drawn once for each capture.
#[derive(Clone, Copy, Debug)]
pub struct Glow {
    /// Display pixels per picture pixel: near 1 gives coarse moiré.
    pub pitch: f32,
    /// Strength of the pixel grid, 0 … 1.
    pub grid: f32,
    /// Strength of the refresh band.
    pub band: f32,
    /// Tone exponent.
    pub gamma: f32,
}

impl Glow {
    /// Of a display that nobody chose.
    pub(crate) fn draw(rng: &mut ChaCha8Rng) -> Self {
        Self {
            pitch: rng.random_range(0.86..1.16),
            grid: rng.random_range(0.04..0.16),
            band: rng.random_range(0.0..0.08),
            gamma: rng.random_range(0.8..1.25),
        }
    }

    /// What the grid leaves of red, green and blue at a place of the display, in its pictures' pixels.
    pub(crate) fn lattice(&self, at: V2) -> [f32; 3] {
        let wave = |turns: f32| (std::f32::consts::TAU * turns).cos();
        let line = 1.0 + 0.5 * self.grid * wave(at.y * self.pitch);
        [0.0, 1.0 / 3.0, 2.0 / 3.0].map(|phase| line * (1.0 + self.grid * wave(at.x * self.pitch + phase)))
    }
}

/// One picture on a medium.
pub struct Sheet {
    medium: Medium,
    /// The picture above, the room below.
    texture: RgbImage,
    glow: Glow,
}

impl Sheet {
    /// `picture`: 640 × 480 with the face where [`crate::Pose::default`] has it.
    pub fn new(picture: &RgbImage, medium: Medium, glow: Glow) -> Self {
        let room = imageops::fast_blur(&imageops::flip_horizontal(picture), ROOM_BLUR);
        let shown = match medium {
            Medium::Print | Medium::BentPrint | Medium::CutOut | Medium::Poster => paper(picture),
            Medium::Phone | Medium::Tablet => screen(picture, medium, glow.gamma),
        };
        let mut texture = RgbImage::new(FRAME_WIDTH, 2 * FRAME_HEIGHT);
        imageops::replace(&mut texture, &shown, 0, 0);
        imageops::replace(&mut texture, &room, 0, i64::from(FRAME_HEIGHT));
        Self { medium, texture, glow }
    }

    /// The frame at this moment; `bend`: angle that the paper's edges are bent by, radians.
    pub fn shoot(&self, pose: &Pose, bend: f32, light: &Light, at_ms: f64, seed: u64) -> RgbImage {
        let plan = self.plan(pose, bend);
        let mut frame = plan.paint(&self.texture);
        if matches!(self.medium, Medium::Phone | Medium::Tablet) {
            self.shine(&mut frame, &plan, at_ms);
        }
        light.apply(&mut frame, seed);
        frame
    }

    /// Half width and half height of what is held up, in texture pixels from the eyes.
    fn reach(&self) -> [f32; 2] {
        let all = |by: [f32; 2], rim: f32| by.map(|side| (side + rim) * EYES_PX);
        match self.medium {
            Medium::Print | Medium::BentPrint | Medium::CutOut => all(PAPER, 0.0),
            Medium::Phone => all(PHONE, BEZEL),
            Medium::Tablet => all(TABLET, BEZEL),
            Medium::Poster => [2_000.0, 2_000.0],
        }
    }

    fn plan(&self, pose: &Pose, bend: f32) -> Plan {
        let centre = V2::new(CENTRE.0 + pose.tx, CENTRE.1 + pose.ty);
        let room = V2::new(FRAME_WIDTH as f32 * 0.5, FRAME_HEIGHT as f32 * 1.5);
        // The room sways less than what a hand holds.
        let aim = V2::new(CENTRE.0 + 0.3 * pose.tx, FRAME_HEIGHT as f32 * 0.5 + 0.3 * pose.ty);
        let mut plan = Plan::background(room, aim, 1.15);
        let turn = rotation(pose.yaw, pose.pitch, pose.roll);
        let cm = NEAR_CM / FOCAL_PX;
        let reach = self.reach();
        let curve = bend / (FRAME_WIDTH as f32 * 0.5);
        let corner = |column: usize, row: usize| {
            let share = |i: usize, n: usize| i as f32 / n as f32 * 2.0 - 1.0;
            let (half_w, half_h) = (FRAME_WIDTH as f32 * 0.5, FRAME_HEIGHT as f32 * 0.5);
            let x = share(column, GRID[0]) * half_w.min(reach[0]);
            // The picture's own centre is not the eyes'.
            let y = (share(row, GRID[1]) * half_h.min(reach[1]) * 1.1).clamp(-CENTRE.1, FRAME_HEIGHT as f32 - CENTRE.1);
            let (across, away) = if curve.abs() < 1e-6 {
                (x, 0.0)
            } else {
                ((x * curve).sin() / curve, (1.0 - (x * curve).cos()) / curve.abs())
            };
            let spread = if self.medium == Medium::Poster { 1.35 } else { 1.0 };
            let at = turn * Vector3::new(across * cm * spread, y * cm * spread, away * cm);
            let k = FOCAL_PX / (at.z + pose.dist_cm * spread).max(1.0);
            Corner { at: V2::new(at.x, at.y) * k + centre, depth: at.z, uv: V2::new(CENTRE.0 + x, CENTRE.1 + y) }
        };
        for row in 0..GRID[1] {
            for column in 0..GRID[0] {
                let [a, b, c, d] = [
                    corner(column, row),
                    corner(column + 1, row),
                    corner(column, row + 1),
                    corner(column + 1, row + 1),
                ];
                if self.medium == Medium::CutOut && !kept((a.uv + d.uv) * 0.5) {
                    continue;
                }
                plan.triangle([a, b, c], false);
                plan.triangle([b, d, c], false);
            }
        }
        plan
    }

    /// The grid of a screen's pixels, sampled by the camera's, and the band of its refresh.
    fn shine(&self, frame: &mut RgbImage, plan: &Plan, at_ms: f64) {
        let Glow { pitch, grid, band, .. } = self.glow;
        let roll = (at_ms / 410.0).fract() as f32;
        let waves: Vec<f32> = (0..WAVE).map(|i| (std::f32::consts::TAU * i as f32 / WAVE as f32).cos()).collect();
        let wave = |turns: f32| {
            let place = (turns - turns.floor()) * WAVE as f32;
            waves.get(place as usize % WAVE).copied().unwrap_or(1.0)
        };
        for ((_, y, Rgb(pixel)), uv) in frame.enumerate_pixels_mut().zip(plan.coordinates()) {
            if uv.y >= FRAME_HEIGHT as f32 {
                continue;
            }
            let lines = (1.0 + band * wave(y as f32 / 310.0 + roll)) * (1.0 + 0.5 * grid * wave(uv.y * pitch));
            for (value, phase) in pixel.iter_mut().zip([0.0, 1.0 / 3.0, 2.0 / 3.0]) {
                let lattice = 1.0 + grid * wave(uv.x * pitch + phase);
                *value = (f32::from(*value) * lattice * lines).clamp(0.0, 255.0) as u8;
            }
        }
    }
}

/// Inside the outline of the cut-out face, and not in an eye hole.
fn kept(uv: V2) -> bool {
    let (x, y) = ((uv.x - CENTRE.0) / EYES_PX, (uv.y - CENTRE.1) / EYES_PX);
    let hole = |side: f32| ((x - side * 0.5) / 0.2).powi(2) + (y / 0.13).powi(2) < 1.0;
    (x / 1.15).powi(2) + ((y - 0.35) / 1.6).powi(2) < 1.0 && !hole(1.0) && !hole(-1.0)
}

/// As a printer prints: narrower tones, softer.
fn paper(picture: &RgbImage) -> RgbImage {
    let mut out = imageops::fast_blur(picture, 0.8);
    for Rgb(pixel) in out.pixels_mut() {
        let grey = pixel.iter().map(|v| f32::from(*v)).sum::<f32>() / 3.0;
        for value in pixel {
            let duller = grey + (f32::from(*value) - grey) * 0.8;
            *value = (GAMUT[0] + duller * (GAMUT[1] - GAMUT[0]) / 255.0).clamp(0.0, 255.0) as u8;
        }
    }
    out
}

/// As a screen shows: its own tone curve, a black rim around it.
fn screen(picture: &RgbImage, medium: Medium, gamma: f32) -> RgbImage {
    let half = if medium == Medium::Phone { PHONE } else { TABLET };
    let mut out = picture.clone();
    for (x, y, Rgb(pixel)) in out.enumerate_pixels_mut() {
        let (u, v) = ((x as f32 - CENTRE.0).abs() / EYES_PX, (y as f32 - CENTRE.1).abs() / EYES_PX);
        let rim = u > half[0] || v > half[1];
        for value in pixel {
            let toned = (f32::from(*value) / 255.0).powf(gamma) * 255.0;
            *value = if rim { 12 } else { toned.clamp(0.0, 255.0) as u8 };
        }
    }
    out
}
