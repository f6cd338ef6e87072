//! A bezel: straight edges on both sides of the face, longer than a face, that stay where they are on it while it comes closer
//! or moves back. Door frames do not grow with the face, hair and shoulders are not straight.

use super::{Seen, median};
use crate::{NoEvidence, Reading};

/// Offsets from between the eyes that are looked at, in eye distances: farther out than a head.
const NEAREST: f32 = 1.35;
const FARTHEST: f32 = 4.2;
/// Their spacing; an edge may move by one of them from frame to frame.
const SPACING: f32 = 0.06;
const OFFSETS: usize = ((FARTHEST - NEAREST) / SPACING) as usize;
/// How far above and below the eyes an edge must run, in eye distances: over the top of the head.
const ABOVE: f32 = 2.1;
const BELOW: f32 = 2.4;
/// Places along it.
const PLACES: usize = 48;
/// Share of these that must be in the picture.
const INSIDE: f32 = 0.7;
/// A picture is held as straight as this, tangent of the angle to the eyes, and in so many steps.
const LEAN: f32 = 0.10;
const LEANS: usize = 11;
/// Change of grey value across an edge.
const CONTRAST: f32 = 9.0;
/// How much larger the face must have become.
const GROWTH: f32 = 1.12;
/// Frames on each side of that.
const LEAST: usize = 2;

/// How straight an edge there is at each offset, left and right of the face, 0..=1.
struct Edges {
    eyes: f32,
    sides: [Vec<f32>; 2],
}

#[derive(Default)]
pub(super) struct BezelWatch {
    frames: Vec<Edges>,
}

impl BezelWatch {
    pub(super) fn push(&mut self, seen: &Seen<'_>) {
        let sides = [-1.0, 1.0].map(|side| {
            let offsets = (0..OFFSETS).map(|i| side * (NEAREST + (i as f32 + 0.5) * SPACING));
            offsets.map(|offset| straight(seen, offset)).collect()
        });
        self.frames.push(Edges { eyes: seen.eyes, sides });
    }

    /// How straight the straighter-than-a-head edges are on the worse side, where near and far frames agree, 0..=1.
    pub(super) fn reading(&self) -> Reading {
        let sizes = || self.frames.iter().map(|frame| frame.eyes);
        let (least, most) = (sizes().fold(f32::INFINITY, f32::min), sizes().fold(0.0, f32::max));
        let middle = (least * most).sqrt();
        let far: Vec<&Edges> = self.frames.iter().filter(|f| f.eyes < middle / (GROWTH.sqrt() - 0.02)).collect();
        let near: Vec<&Edges> = self.frames.iter().filter(|f| f.eyes > middle * (GROWTH.sqrt() - 0.02)).collect();
        if most < least * GROWTH || far.len() < LEAST || near.len() < LEAST {
            return Reading::NoEvidence(NoEvidence::TooLittleMotion);
        }
        let side = |which: usize| {
            let agreed = (0..OFFSETS).map(|i| usual(&far, which, i).min(usual(&near, which, i)));
            agreed.fold(0.0, f32::max)
        };
        Reading::Value(side(0).min(side(1)))
    }
}

/// How straight an edge there is at an offset, or right beside it, in most of these frames.
fn usual(frames: &[&Edges], side: usize, offset: usize) -> f32 {
    let best = |edges: &Edges| {
        let near = offset.saturating_sub(1)..=offset + 1;
        let values = near.filter_map(|i| edges.sides.get(side)?.get(i).copied());
        values.fold(0.0, f32::max)
    };
    median(&frames.iter().map(|frame| best(frame)).collect::<Vec<_>>()).unwrap_or(0.0)
}

/// Share of places along a line beside the face at which the brightness changes across it, all to the same side; the best of
/// a few leans.
fn straight(seen: &Seen<'_>, offset: f32) -> f32 {
    let leans = (0..LEANS).map(|i| LEAN * (2.0 * i as f32 / (LEANS - 1) as f32 - 1.0));
    leans.map(|lean| along(seen, offset, lean)).fold(0.0, f32::max)
}

fn along(seen: &Seen<'_>, offset: f32, lean: f32) -> f32 {
    let [ax, ay] = seen.across;
    // Half of the spacing to both sides, so that neighbouring offsets leave nothing out.
    let reach = (0.5 * SPACING * seen.eyes).max(1.5);
    let (mut up, mut down, mut inside) = (0.0f32, 0.0f32, 0.0f32);
    for i in 0..PLACES {
        let t = -ABOVE + (ABOVE + BELOW) * (i as f32 + 0.5) / PLACES as f32;
        let s = offset + lean * t;
        let (x, y) = (seen.middle[0] + seen.eyes * (s * ax - t * ay), seen.middle[1] + seen.eyes * (s * ay + t * ax));
        let (Some(a), Some(b)) = (seen.grey(x - reach * ax, y - reach * ay), seen.grey(x + reach * ax, y + reach * ay))
        else {
            continue;
        };
        inside += 1.0;
        if b - a >= CONTRAST {
            up += 1.0;
        } else if a - b >= CONTRAST {
            down += 1.0;
        }
    }
    if inside < INSIDE * PLACES as f32 { 0.0 } else { up.max(down) / inside }
}

#[cfg(test)]
mod tests {
    use face::Luma;

    use super::*;

    /// A rectangle that is `half` eye distances wide on each side, seen at a few sizes; `grows`: with the face.
    fn watch(half: f32, grows: bool) -> Reading {
        let mut watch = BezelWatch::default();
        for eyes in [60.0, 62.0, 72.0, 75.0f32] {
            let edge = half * if grows { eyes } else { 60.0 };
            let data: Vec<u8> = (0..480u16)
                .flat_map(|y| {
                    (0..640u16).map(move |x| {
                        let rough = (x * 31 + y * 17) % 13;
                        if (f32::from(x) - 320.0).abs() < edge { 60 + rough as u8 } else { 120 + rough as u8 }
                    })
                })
                .collect();
            let luma = Luma::new(640, 480, data).unwrap();
            watch.push(&Seen {
                at: 0.0,
                luma: &luma,
                scale: 1.0,
                middle: [320.0, 220.0],
                eyes,
                across: [1.0, 0.0],
                face: [320.0 - eyes, 150.0, 2.0 * eyes, 2.6 * eyes],
            });
        }
        watch.reading()
    }

    #[test]
    fn a_rectangle_that_grows_with_the_face_is_a_bezel_and_a_door_is_not() {
        let value = |reading| match reading {
            Reading::Value(value) => value,
            Reading::NoEvidence(why) => panic!("{why:?}"),
        };
        let (bezel, door) = (value(watch(2.2, true)), value(watch(2.2, false)));
        println!("bezel {bezel:.2}, door {door:.2}");
        assert!(bezel > 0.95 && door < 0.3);
        assert_eq!(BezelWatch::default().reading(), Reading::NoEvidence(NoEvidence::TooLittleMotion));
    }
}
