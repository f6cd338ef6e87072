use proptest::prelude::*;

use super::*;
use crate::testkit::{Shape, shoot};

fn gray(shape: Shape, yaw: f32) -> Gray {
    let luma = shoot(shape, yaw, yaw.to_bits());
    Gray::shrunk(luma.width() as usize, luma.height() as usize, luma.data(), 1.0).unwrap()
}

const FACE: Ellipse = Ellipse { centre: [160.0, 160.0], half_width: 62.0, half_height: 85.0 };

#[test]
fn follows_known_shifts() {
    // A wide noise picture, read at two places: the shift is known exactly for whole pixels.
    let luma = shoot(Shape::Plane, 0.0, 1);
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    let cut = |dx: usize, dy: usize| {
        let rows = luma.data().chunks(width).skip(dy).take(height - 12);
        let data: Vec<u8> = rows.flat_map(|row| row[dx..dx + width - 12].to_vec()).collect();
        Gray::shrunk(width - 12, height - 12, &data, 1.0).unwrap().pyramid()
    };
    let from = cut(6, 6);
    let spots = corners(from.finest(), &FACE, 300);
    assert!(spots.len() >= 150, "{}", spots.len());
    for (dx, dy) in [(0usize, 0usize), (12, 6), (1, 11), (7, 3)] {
        let to = cut(dx, dy);
        let found = follow(&from, &to, &spots);
        let good = spots.iter().zip(&found).filter(|(spot, now)| {
            now.is_some_and(|now| {
                let error = (now[0] - spot[0] - 6.0 + dx as f32).hypot(now[1] - spot[1] - 6.0 + dy as f32);
                error < 0.1
            })
        });
        let share = good.count() as f32 / spots.len() as f32;
        assert!(share > 0.95, "shift {dx},{dy}: {share}");
    }
}

#[test]
fn loses_what_is_no_longer_there() {
    let from = gray(Shape::Plane, 0.0).pyramid();
    let spots = corners(from.finest(), &FACE, 200);
    let other: Vec<u8> = (0..320 * 320).map(|i| ((i * 7_919 + i / 320 * 104_729) % 251) as u8).collect();
    let to = Gray::shrunk(320, 320, &other, 1.0).unwrap().pyramid();
    let kept = follow(&from, &to, &spots).iter().flatten().count();
    assert!(kept * 10 < spots.len(), "{kept} of {}", spots.len());
}

#[test]
fn tiny_and_odd_pictures_are_no_problem() {
    for (width, height) in [(1usize, 1usize), (2, 300), (33, 33), (17, 64)] {
        let data = vec![7u8; width * height];
        let plane = Gray::shrunk(width, height, &data, 1.0).unwrap().pyramid();
        assert!(corners(plane.finest(), &FACE, 300).is_empty());
        for spot in [[0.0, 0.0], [f32::NAN, 1.0], [-5.0, 1e9], [16.0, 16.0]] {
            assert_eq!(follow(&plane, &plane, &[spot]), vec![None]);
        }
    }
    assert!(Gray::shrunk(4, 4, &[0; 15], 1.0).is_none());
    assert!(Gray::shrunk(4, 4, &[0; 16], 0.0).is_none());
    assert!(Gray::shrunk(4, 4, &[0; 16], f32::NAN).is_none());
}

#[test]
fn shrinking_keeps_positions_and_brightness() {
    // A ramp: its value at a place tells the place.
    let (width, height) = (200usize, 120usize);
    let ramp: Vec<u8> = (0..width * height).map(|i| (i % width) as u8).collect();
    let small = Gray::shrunk(width, height, &ramp, 0.37).unwrap().pyramid();
    let plane = small.finest();
    for x in 3..plane.width - 3 {
        let expected = (x as f32 + 0.5) / 0.37 - 0.5;
        assert!((plane.data[10 * plane.width + x] - expected).abs() < 1.0, "{x}");
    }
}

proptest! {
    /// Pairs made by a homography are all explained by one, whatever it is; those that are not are left out.
    #[test]
    fn a_planes_corners_agree(
        a in 0.6f64..1.4, b in -0.3f64..0.3, c in -40.0f64..40.0, d in -0.3f64..0.3, e in 0.6f64..1.4,
        f in -40.0f64..40.0, g in -6e-4f64..6e-4, h in -6e-4f64..6e-4, odd in 0usize..60,
    ) {
        let mut pairs = Vec::new();
        for i in 0..200usize {
            let (x, y) = (60.0 + ((i * 73) % 199) as f64, 50.0 + ((i * 131) % 211) as f64);
            let depth = g * x + h * y + 1.0;
            let to = [((a * x + b * y + c) / depth) as f32, ((d * x + e * y + f) / depth) as f32];
            let off = if i < odd { 15.0 + ((i * 37) % 50) as f32 } else { 0.0 };
            pairs.push(([x as f32, y as f32], [to[0] + off, to[1] - off * ((i % 3) as f32 - 1.0)]));
        }
        let share = plane_share(&pairs, 0.5);
        let expected = (200 - odd) as f32 / 200.0;
        prop_assert!(share >= expected - 1e-6, "{share} of {expected}");
        prop_assert!(share <= expected + 0.08, "{share} of {expected}");
        prop_assert_eq!(share.to_bits(), plane_share(&pairs, 0.5).to_bits());
    }
}

#[test]
fn degenerate_pairs_give_no_plane() {
    assert_eq!(plane_share(&[], 1.0), 0.0);
    let same = vec![([5.0, 5.0], [6.0, 6.0]); 50];
    assert!(plane_share(&same, 1.0).is_finite());
    let line: Vec<_> = (0..50).map(|i| ([i as f32, i as f32], [i as f32 * 2.0, 3.0])).collect();
    assert!(plane_share(&line, 1.0).is_finite());
}
