//! A small picture of the mouth, placed by the steady part of the face, so that mouths of different frames can be compared.
//!
//! The detector's points flicker by some pixels from frame to frame, and a crop that jumps splits one cut into two small
//! steps, or makes a leap of a grown smile. So each frame is first laid on the first one by brows, eyes and the bridge of
//! the nose, which a smile leaves in place; fitting the mouths on each other would take a lifted mouth for a moved one.

use face::{Detection, Luma};

use crate::register::{Grid, Place, Steady};

/// What is covered, in eye distances from the middle between the eyes: along the eye line, and below it.
const MOUTH: Grid = Grid { across: 24, down: 16, along: [-0.85, 0.85], below: [0.6, 1.6] };

/// Grey cells less their mean.
#[derive(Clone, Debug)]
pub(crate) struct Mouth(Vec<f32>);

/// Reads the mouths of one capture.
#[derive(Default)]
pub(crate) struct Mouths {
    steady: Option<Steady>,
}

impl Mouths {
    /// Reads the mouth; `scale` is picture pixels per luma pixel.
    pub(crate) fn read(&mut self, luma: &Luma, detection: &Detection, scale: f32) -> Mouth {
        let [left, right, ..] = detection.points.0;
        let found = Place::between([left.x, left.y], [right.x, right.y], scale);
        let place = match &self.steady {
            Some(steady) => steady.settle(luma, found),
            None => {
                self.steady = Steady::learn(luma, found);
                found
            }
        };
        Mouth(MOUTH.read(luma, &place))
    }
}

impl Mouth {
    /// The mean of several; `None` of none.
    pub(crate) fn mean<'a>(mouths: impl Iterator<Item = &'a Mouth>) -> Option<Self> {
        let mut sum = vec![0f32; MOUTH.cells()];
        let mut count = 0f32;
        for mouth in mouths {
            sum.iter_mut().zip(&mouth.0).for_each(|(sum, cell)| *sum += cell);
            count += 1.0;
        }
        sum.iter_mut().for_each(|cell| *cell /= count);
        (count > 0.0).then_some(Self(sum))
    }

    /// How far this mouth is on the way `from` → `to`: 0 at the first, 1 at the second. `None` when the two are alike.
    pub(crate) fn way(&self, from: &Mouth, to: &Mouth) -> Option<f32> {
        let (mut dot, mut length) = (0f32, 0f32);
        for ((here, a), b) in self.0.iter().zip(&from.0).zip(&to.0) {
            dot += (here - a) * (b - a);
            length += (b - a) * (b - a);
        }
        (length > 1e-3).then(|| dot / length)
    }
}
