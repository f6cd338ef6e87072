//! Passive attack detection by whatever network an operator plugs in: a crop with some surroundings in, the share "live" out.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixel positions below 2^24, clamped to the picture"
)]

use std::path::PathBuf;

use nn::Session;

use crate::error::FaceError;
use crate::geometry::FaceBox;
use crate::picture::Picture;

/// A network of the operator's: one input 1 × 3 × side × side, one output with a value for each class, before softmax.
#[derive(Clone, Debug, PartialEq)]
pub struct PassiveNetwork {
    pub name: String,
    /// ONNX, or whatever else the engine reads.
    pub path: PathBuf,
    /// Side of the crop in pixels.
    pub side: u16,
    /// How much of the picture it sees, in face boxes: 2.7 is the box and 0.85 of it on each side.
    pub context: f32,
    /// Whether the box is first made a square of its longer side, about its middle.
    pub square: bool,
    /// Channels in the order blue, green, red; otherwise red, green, blue.
    pub bgr: bool,
    /// What is taken from each channel's 0..=255, and what the rest is divided by; in the order of the channels.
    pub mean: [f32; 3],
    pub divide_by: [f32; 3],
    /// Name of the output.
    pub output: String,
    pub classes: u8,
    /// Which class is a living face, from 0.
    pub live: u8,
}

impl PassiveNetwork {
    /// The box that the context is counted in.
    fn frame(&self, found: &FaceBox) -> FaceBox {
        if !self.square {
            return *found;
        }
        let (side, middle) = (found.side(), found.center());
        FaceBox { x: middle.x - side / 2.0, y: middle.y - side / 2.0, w: side, h: side, score: found.score }
    }
}

/// A network with a place to run it in.
pub(crate) struct Plugged {
    pub(crate) network: PassiveNetwork,
    pub(crate) session: Session,
}

impl Plugged {
    /// The share that the network gives to a living face, 0..=1.
    pub(crate) fn live(&mut self, picture: &Picture, bbox: &FaceBox) -> Result<f32, FaceError> {
        let network = &self.network;
        let crop = Crop::of(picture, &network.frame(bbox), network.context).ok_or(FaceError::DegeneratePoints)?;
        let outputs = self.session.run(|input| fill(input, picture, &crop, network))?;
        let classes = outputs.named(&network.output, usize::from(network.classes))?;
        softmax(classes, usize::from(network.live)).ok_or(FaceError::NoVector)
    }
}

/// A part of a picture, in whole pixels, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Crop {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
}

impl Crop {
    /// The box grown `context` times about its middle, as far as the picture is large enough, then pushed inside: as the
    /// authors of MiniFASNet cut (Silent-Face-Anti-Spoofing, `generate_patches.py`). It keeps the box's own shape.
    fn of(picture: &Picture, bbox: &FaceBox, context: f32) -> Option<Self> {
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        let fine = bbox.w >= 1.0 && bbox.h >= 1.0 && bbox.w.is_finite() && bbox.h.is_finite();
        let middle = bbox.center();
        if !fine || !middle.x.is_finite() || !middle.y.is_finite() || width < 2.0 || height < 2.0 {
            return None;
        }
        let scale = ((height - 1.0) / bbox.h).min((width - 1.0) / bbox.w).min(context);
        let [left, right] = inside(middle.x, bbox.w * scale, width);
        let [top, bottom] = inside(middle.y, bbox.h * scale, height);
        Some(Self { left, top, right, bottom })
    }
}

/// A stretch of this length about `middle`, pushed into 0..=size − 1.
fn inside(middle: f32, length: f32, size: f32) -> [u32; 2] {
    let (mut low, mut high) = (middle - length / 2.0, middle + length / 2.0);
    if low < 0.0 {
        (low, high) = (0.0, high - low);
    }
    if high > size - 1.0 {
        (low, high) = (low - (high - size + 1.0), size - 1.0);
    }
    let whole = |at: f32| at.clamp(0.0, size - 1.0) as u32;
    [whole(low), whole(high)]
}

/// Writes the crop as planes, by plain bilinear sampling without smoothing, as the networks were trained on.
fn fill(input: &mut [f32], picture: &Picture, crop: &Crop, network: &PassiveNetwork) {
    let side = usize::from(network.side);
    let (across, down) = (crop.right - crop.left + 1, crop.bottom - crop.top + 1);
    let columns: Vec<Between> = (0..side).map(|i| Between::of(i, side, across, crop.left)).collect();
    let row = picture.width() as usize * 3;
    let pixels = picture.rgb();
    let value = |y: u32, x: u32, channel: usize| {
        pixels.get(y as usize * row + x as usize * 3 + channel).map_or(0.0, |&v| f32::from(v))
    };
    for y in 0..side {
        let v = Between::of(y, side, down, crop.top);
        for (x, u) in columns.iter().enumerate() {
            for (plane, (mean, divide_by)) in network.mean.iter().zip(&network.divide_by).enumerate() {
                let channel = if network.bgr { 2 - plane } else { plane };
                let upper = value(v.low, u.low, channel) * (1.0 - u.share) + value(v.low, u.high, channel) * u.share;
                let lower = value(v.high, u.low, channel) * (1.0 - u.share) + value(v.high, u.high, channel) * u.share;
                let mixed = upper * (1.0 - v.share) + lower * v.share;
                if let Some(place) = input.get_mut((plane * side + y) * side + x) {
                    *place = (mixed - mean) / divide_by;
                }
            }
        }
    }
}

/// Two neighbouring pixels and how far the second counts.
struct Between {
    low: u32,
    high: u32,
    share: f32,
}

impl Between {
    /// Where target pixel `i` of `side` lies among `length` pixels from `start` on.
    fn of(i: usize, side: usize, length: u32, start: u32) -> Self {
        let at = ((i as f32 + 0.5) * length as f32 / side as f32 - 0.5).clamp(0.0, length as f32 - 1.0);
        let low = at as u32;
        Self { low: start + low, high: start + (low + 1).min(length - 1), share: at - low as f32 }
    }
}

fn softmax(values: &[f32], of: usize) -> Option<f32> {
    let most = values.iter().copied().max_by(f32::total_cmp)?;
    let sum: f32 = values.iter().map(|v| (v - most).exp()).sum();
    values.get(of).map(|v| (v - most).exp() / sum).filter(|p| p.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> Picture {
        let rgb =
            (0..height).flat_map(|y| (0..width).flat_map(move |x| [(x % 256) as u8, (y % 256) as u8, 7])).collect();
        Picture::from_rgb(width, height, rgb).unwrap()
    }

    fn face(x: f32, y: f32, w: f32, h: f32) -> FaceBox {
        FaceBox { x, y, w, h, score: 0.9 }
    }

    fn network() -> PassiveNetwork {
        PassiveNetwork {
            name: "test".into(),
            path: "none".into(),
            side: 4,
            context: 1.0,
            square: false,
            bgr: true,
            mean: [0.0, 0.0, 10.0],
            divide_by: [1.0, 1.0, 2.0],
            output: "out".into(),
            classes: 2,
            live: 0,
        }
    }

    #[test]
    fn crops_are_cut_as_the_authors_cut_them() {
        let wide = picture(640, 480);
        // Room on all sides: 2.7 boxes about the middle.
        let crop = Crop::of(&wide, &face(270.0, 190.0, 100.0, 120.0), 2.7).unwrap();
        assert_eq!(crop, Crop { left: 185, top: 88, right: 455, bottom: 412 });
        // Near an edge it is pushed inside and keeps its size.
        let crop = Crop::of(&wide, &face(10.0, 190.0, 100.0, 120.0), 2.7).unwrap();
        assert_eq!((crop.left, crop.right), (0, 270));
        // A large face leaves less room: the picture's height is the limit.
        let crop = Crop::of(&wide, &face(200.0, 100.0, 240.0, 300.0), 4.0).unwrap();
        assert_eq!((crop.top, crop.bottom), (0, 479));
        assert_eq!(crop.right - crop.left, 383);
        assert_eq!(Crop::of(&wide, &face(0.0, 0.0, f32::NAN, 10.0), 2.7), None);
        assert_eq!(Crop::of(&wide, &face(0.0, 0.0, 0.0, 0.0), 2.7), None);
    }

    #[test]
    fn a_square_has_the_longer_side_about_the_same_middle() {
        let mut network = network();
        assert_eq!(network.frame(&face(270.0, 190.0, 100.0, 120.0)), face(270.0, 190.0, 100.0, 120.0));
        network.square = true;
        assert_eq!(network.frame(&face(270.0, 190.0, 100.0, 120.0)), face(260.0, 190.0, 120.0, 120.0));
        assert!(Crop::of(&picture(640, 480), &network.frame(&face(0.0, 0.0, f32::NAN, 10.0)), 2.7).is_none());
    }

    #[test]
    fn channels_come_in_the_order_and_scale_that_were_asked_for() {
        let network = network();
        let mut input = vec![0.0; 48];
        let crop = Crop { left: 0, top: 0, right: 7, bottom: 7 };
        fill(&mut input, &picture(16, 16), &crop, &network);
        assert!(input[..16].iter().all(|v| *v == 7.0), "blue first");
        assert_eq!(&input[16..20], &[0.5; 4], "then green, which grows downwards");
        assert_eq!(&input[32..36], &[-4.75, -3.75, -2.75, -1.75], "red less ten, by two");
        assert!((softmax(&[0.0, 0.0], 0).unwrap() - 0.5).abs() < 1e-6);
        assert!(softmax(&[1.0, 9.0, 1.0], 1).unwrap() > 0.99 && softmax(&[], 0).is_none());
    }
}
