//! What differs from one capture to the next: how quick the person is, where they hold the phone, the light.

use crate::light::Light;
use crate::pose::{NEAR_CM, Pose};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One capture's circumstances, drawn from a seed.
#[derive(Clone, Debug)]
pub struct Temper {
    /// From the prompt to the first movement, ms.
    pub reaction_ms: f64,
    /// Factor on the duration of every movement.
    pub pace: f64,
    /// How far the head turns when asked, degrees: the detector's nose moves by 0.33 … 0.45 eye distances and
    /// more than two thirds of the eye distance stay in sight. Farther than that the liveness check asks them back.
    pub turn_degrees: f32,
    /// Factor on the smile.
    pub smile: f32,
    /// Eyes to camera, cm: where the face is 145–160 px wide. At about 125 and 180 px the detector changes the grid it reads
    /// the points from, and they jump by up to a tenth of the eye distance from frame to frame.
    pub dist_cm: f32,
    /// Where the head is on the frame, pixels from the middle.
    pub shift: (f32, f32),
    pub light: Light,
    /// How strongly the screen's light falls on the face, as a share of the room's: a dim phone in a bright room, or a bright one in a
    /// dim room.
    pub glow: f32,
    tremble: Tremble,
}

/// The hand and head never rest: three slow waves per axis.
#[derive(Clone, Debug)]
struct Tremble {
    /// Amplitude, period (ms) and phase; per axis yaw, pitch, roll, x, y.
    waves: [[(f32, f32, f32); 3]; 5],
}

/// Amplitudes of the tremble per axis: degrees for yaw, pitch and roll, pixels for x and y.
const TREMBLE: [f32; 5] = [0.6, 0.5, 0.35, 1.6, 1.3];

impl Temper {
    /// The same seed always gives the same circumstances.
    pub fn draw(seed: u64) -> Self {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed ^ 0x7e3f_0a51);
        Self {
            reaction_ms: rng.random_range(350.0..600.0),
            pace: rng.random_range(0.85..1.2),
            turn_degrees: rng.random_range(34.0..38.0),
            smile: rng.random_range(0.97..1.08),
            dist_cm: NEAR_CM * rng.random_range(0.89..0.97),
            shift: (rng.random_range(-45.0..45.0), rng.random_range(-24.0..24.0)),
            light: Light {
                gain: rng.random_range(0.88..1.1),
                gamma: rng.random_range(0.9..1.12),
                noise: rng.random_range(1.5..3.0),
            },
            tremble: Tremble::draw(rng),
            glow: rng.random_range(0.04..0.20),
        }
    }

    /// Takes the tremble away.
    pub(crate) fn rest(&mut self) {
        self.tremble.scale(0.0);
    }

    /// A hand that waves `times` as far.
    pub(crate) fn wave(&mut self, times: f32) {
        self.tremble.scale(times);
    }

    /// Adds this moment's tremble to a pose.
    pub fn shake(&self, pose: Pose, at_ms: f64) -> Pose {
        let [yaw, pitch, roll, x, y] = self.tremble.at(at_ms);
        Pose {
            yaw: pose.yaw + yaw,
            pitch: pose.pitch + pitch,
            roll: pose.roll + roll,
            tx: pose.tx + x,
            ty: pose.ty + y,
            ..pose
        }
    }
}

impl Tremble {
    fn draw(rng: &mut ChaCha8Rng) -> Self {
        let waves = TREMBLE.map(|size| {
            [2900.0, 1300.0, 610.0].map(|period: f32| {
                let share = period / 2900.0;
                (
                    size * share.sqrt() * rng.random_range(0.4..0.8),
                    period * rng.random_range(0.8..1.25),
                    rng.random_range(0.0..std::f32::consts::TAU),
                )
            })
        });
        Self { waves }
    }

    fn scale(&mut self, times: f32) {
        self.waves.iter_mut().flatten().for_each(|(size, ..)| *size *= times);
    }

    fn at(&self, at_ms: f64) -> [f32; 5] {
        self.waves.map(|waves| {
            waves
                .iter()
                .map(|(size, period, phase)| {
                    let turns = (at_ms / f64::from(*period)).fract() as f32;
                    size * (turns * std::f32::consts::TAU + phase).sin()
                })
                .sum()
        })
    }
}
