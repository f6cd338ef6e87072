//! The colour of the light on a face: what its skin shows, and what is beside the head.
#![expect(clippy::cast_precision_loss, reason = "picture sides and counts are below 2^24")]

use std::sync::LazyLock;

use crate::geometry::Detection;
use crate::picture::Picture;

/// Places looked at in each direction of a patch.
const PLACES: u16 = 40;
/// Share of a patch's places that must be usable.
const USABLE: f32 = 0.3;
/// Values from which a channel is clipped, and below which a pixel shows nothing but noise.
const CLIPPED: u8 = 250;
const DARK: u8 = 8;

/// The inner face, in face boxes from the box's corner: x, y, width, height.
const SKIN: [[f32; 4]; 1] = [[0.2, 0.15, 0.6, 0.7]];
/// Beside the head, far enough from hair and shoulders.
const AROUND: [[f32; 4]; 2] = [[-0.95, -0.15, 0.5, 0.8], [1.45, -0.15, 0.5, 0.8]];

/// Mean colours of one frame in linear light, 0..=1: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaceColour {
    pub skin: [f32; 3],
    /// What is beside the head; `None` when too little of it is in the picture or can be seen.
    pub around: Option<[f32; 3]>,
}

/// sRGB to linear light (IEC 61966-2-1).
static LINEAR: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|value| {
        let share = value as f32 / 255.0;
        if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    })
});

/// Looks at a few thousand pixels (about 20 µs). `None` for a face that is clipped, dark or outside of the picture.
pub fn face_colour(picture: &Picture, face: &Detection) -> Option<FaceColour> {
    Some(FaceColour { skin: mean(picture, face, &SKIN)?, around: mean(picture, face, &AROUND) })
}

fn mean(picture: &Picture, face: &Detection, patches: &[[f32; 4]]) -> Option<[f32; 3]> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let (mut sum, mut count) = ([0f32; 3], 0f32);
    let place = |start: f32, size: f32, step: u16, limit: usize| {
        let at = start + size * (f32::from(step) + 0.5) / f32::from(PLACES);
        (at >= 0.0 && at < limit as f32).then_some(at as usize)
    };
    for [x, y, w, h] in patches {
        for v in 0..PLACES {
            let Some(row) = place(face.bbox.y + y * face.bbox.h, h * face.bbox.h, v, height) else { continue };
            for u in 0..PLACES {
                let Some(column) = place(face.bbox.x + x * face.bbox.w, w * face.bbox.w, u, width) else { continue };
                let start = (row * width + column) * 3;
                let Some(&[red, green, blue]) = picture.rgb().get(start..start + 3) else { continue };
                let rgb = [red, green, blue];
                if rgb.iter().any(|v| *v >= CLIPPED) || rgb.iter().all(|v| *v < DARK) {
                    continue;
                }
                for (sum, value) in sum.iter_mut().zip(rgb) {
                    *sum += LINEAR.get(usize::from(value)).copied().unwrap_or(0.0);
                }
                count += 1.0;
            }
        }
    }
    let wanted = USABLE * f32::from(PLACES) * f32::from(PLACES) * patches.len() as f32;
    (count >= wanted.max(1.0)).then(|| sum.map(|v| v / count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{FaceBox, FivePoints, Point};

    fn scene(skin: [u8; 3], wall: [u8; 3]) -> Picture {
        let pixel = |x: u32, y: u32| if (60..100).contains(&x) && (30..90).contains(&y) { skin } else { wall };
        let rgb = (0..120).flat_map(|y| (0..160).flat_map(move |x| pixel(x, y))).collect();
        Picture::from_rgb(160, 120, rgb).unwrap()
    }

    fn face(x: f32) -> Detection {
        let bbox = FaceBox { x, y: 30.0, w: 40.0, h: 60.0, score: 0.9 };
        Detection { bbox, points: FivePoints([Point::new(80.0, 60.0); 5]) }
    }

    #[test]
    fn skin_and_what_is_beside_it_are_told_apart_in_linear_light() {
        let found = face_colour(&scene([188, 124, 99], [60, 60, 60]), &face(60.0)).unwrap();
        let [red, green, blue] = found.skin;
        assert!((red - 0.503).abs() < 0.005 && (green - 0.202).abs() < 0.005 && (blue - 0.125).abs() < 0.005);
        assert!(found.around.unwrap().iter().all(|v| (v - 0.045).abs() < 0.003));
    }

    #[test]
    fn what_is_clipped_dark_or_outside_gives_nothing() {
        assert_eq!(face_colour(&scene([255, 124, 99], [60; 3]), &face(60.0)), None);
        assert_eq!(face_colour(&scene([4, 3, 2], [60; 3]), &face(60.0)), None);
        assert_eq!(face_colour(&scene([188, 124, 99], [255; 3]), &face(60.0)).unwrap().around, None);
        assert_eq!(face_colour(&scene([188, 124, 99], [60; 3]), &face(f32::NAN)), None);
        assert_eq!(face_colour(&scene([188, 124, 99], [60; 3]), &face(-900.0)), None);
    }
}
