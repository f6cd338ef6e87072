//! Drawn objects, the real networks: the same drawing seen otherwise, another drawing, and what is no object at all.
#![expect(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]

use face::Picture;
use kungfu::{Analyzer, Kind, ModelPaths, Models, ObjectTemplate, Rect, Seen, motion_between};
use models::{Cache, Manifest, Silent};
use nn::{Engine, EngineOptions};

const SIDE: u32 = 480;
const SKIN: [f32; 3] = [205.0, 160.0, 135.0];

fn analyzer() -> Analyzer {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let core = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let own = models::kungfu(&manifest, &cache, &mut Silent).unwrap();
    let engine = Engine::load(&core.openvino_dir, EngineOptions::default()).unwrap();
    let paths = ModelPaths { local_features: own.local_features, pet_embedder: own.pet_embedder };
    Models::load(&engine, &paths).unwrap().analyzer().unwrap()
}

struct Lcg(u64);

impl Lcg {
    /// 0..1
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }
}

/// Ink, 0..=1, at each place of a square: curved strokes of several widths.
fn ink(seed: u64) -> Vec<f32> {
    let mut random = Lcg(seed);
    let mut ink = vec![0.0_f32; (SIDE * SIDE) as usize];
    for _ in 0..28 {
        let (mut x, mut y) = (90.0 + 300.0 * random.next(), 90.0 + 300.0 * random.next());
        let (mut angle, bend) = (6.3 * random.next(), 0.16 * (random.next() - 0.5));
        let (width, dark) = (1.5 + 4.0 * random.next(), 0.5 + 0.5 * random.next());
        for _ in 0..90 {
            let reach = width.ceil() as i32 + 1;
            for (j, i) in (-reach..=reach).flat_map(|j| (-reach..=reach).map(move |i| (j, i))) {
                let (px, py) = (x.round() as i32 + i, y.round() as i32 + j);
                if (0..SIDE as i32).contains(&px) && (0..SIDE as i32).contains(&py) {
                    let off = (px as f32 - x).hypot(py as f32 - y);
                    let value = dark * (width + 0.5 - off).clamp(0.0, 1.0);
                    let cell = ink.get_mut((py as u32 * SIDE + px as u32) as usize).unwrap();
                    *cell = cell.max(value);
                }
            }
            (x, y) = (x + 1.5 * angle.cos(), y + 1.5 * angle.sin());
            angle += bend;
        }
    }
    ink
}

/// How a drawing is seen.
#[derive(Clone, Copy)]
struct How {
    turn: f32,
    scale: f32,
    /// Width less this share: seen from the side.
    squeeze: f32,
    light: f32,
    noise: u64,
}

const STRAIGHT: How = How { turn: 0.0, scale: 1.0, squeeze: 0.0, light: 1.0, noise: 1 };

fn shot(ink: &[f32], how: How) -> Picture {
    let (sin, cos) = how.turn.sin_cos();
    let mut random = Lcg(how.noise);
    let middle = SIDE as f32 / 2.0;
    let mut rgb = Vec::new();
    for (y, x) in (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (y, x))) {
        let (u, v) = ((x as f32 - middle) / (1.0 - how.squeeze) / how.scale, (y as f32 - middle) / how.scale);
        let (u, v) = (u * cos + v * sin + middle, v * cos - u * sin + middle);
        let at = |x: f32, y: f32| {
            let inside = x >= 0.0 && y >= 0.0 && x < SIDE as f32 && y < SIDE as f32;
            if inside { ink.get((y as u32 * SIDE + x as u32) as usize).copied().unwrap_or(0.0) } else { 0.0 }
        };
        let (fx, fy) = (u - u.floor(), v - v.floor());
        let top = at(u, v) * (1.0 - fx) + at(u + 1.0, v) * fx;
        let bottom = at(u, v + 1.0) * (1.0 - fx) + at(u + 1.0, v + 1.0) * fx;
        let covered = top * (1.0 - fy) + bottom * fy;
        let grain = 8.0 * (random.next() - 0.5);
        for skin in SKIN {
            rgb.push((how.light * (skin * (1.0 - covered) + 40.0 * covered) + grain).clamp(0.0, 255.0) as u8);
        }
    }
    Picture::from_rgb(SIDE, SIDE, rgb).unwrap()
}

fn tattoo(analyzer: &mut Analyzer, ink: &[f32], how: How) -> Seen {
    analyzer.look(&shot(ink, how), Kind::Tattoo, None).unwrap()
}

fn views(analyzer: &mut Analyzer, seed: u64) -> Vec<Seen> {
    let ink = ink(seed);
    let hows = [
        STRAIGHT,
        How { turn: 0.15, scale: 0.9, noise: 2, ..STRAIGHT },
        How { squeeze: 0.15, light: 0.85, noise: 3, ..STRAIGHT },
    ];
    hows.into_iter().map(|how| tattoo(analyzer, &ink, how)).collect()
}

#[test]
fn a_drawing_is_known_again_turned_shrunk_darkened_and_from_the_side_and_another_is_not() {
    let mut analyzer = analyzer();
    let template = ObjectTemplate::from_photos(Kind::Tattoo, views(&mut analyzer, 11)).ok().unwrap();
    assert!(template.agreement().score >= 30.0);
    let seen = How { turn: -0.5, scale: 0.7, squeeze: 0.25, light: 0.7, noise: 9 };
    let probe = [tattoo(&mut analyzer, &ink(11), seen)];
    let own = template.compare(&probe);
    assert!(own.score >= 30.0 && own.spread > 0.4, "{} {}", own.score, own.spread);
    for other in [12, 13, 14] {
        let strange = template.compare(&[tattoo(&mut analyzer, &ink(other), seen)]);
        assert!(strange.score <= 5.0, "{}", strange.score);
    }
    // What the vault gives back compares the same.
    let back = ObjectTemplate::from_bytes(&template.to_bytes()).ok().unwrap();
    assert_eq!(back.compare(&probe).inliers, own.inliers);
    let twice = ObjectTemplate::from_photos(Kind::Tattoo, views(&mut analyzer, 11)).ok().unwrap();
    assert!(template.same_object(&twice).score >= 60.0);
    let mut mixed = views(&mut analyzer, 11);
    mixed.push(tattoo(&mut analyzer, &ink(12), STRAIGHT));
    assert!(ObjectTemplate::from_photos(Kind::Tattoo, mixed).ok().unwrap().agreement().score <= 5.0);
}

#[test]
fn a_motion_is_told_in_size_turn_and_flatness() {
    let mut analyzer = analyzer();
    let ink = ink(21);
    for kind in [Kind::Tattoo, Kind::Pet] {
        let mut look = |how| analyzer.look(&shot(&ink, how), kind, None).unwrap();
        let before = look(How { scale: 0.75, ..STRAIGHT });
        let motion = motion_between(&before, &look(How { noise: 5, ..STRAIGHT })).unwrap();
        assert!((motion.scale - 1.333).abs() < 0.08, "{motion:?}");
        assert!(motion.turn.abs() < 3.0 && motion.aside.abs() < 0.1, "{motion:?}");
        assert!(kind == Kind::Pet || motion.flat > 0.85, "{motion:?}");
    }
    let still = tattoo(&mut analyzer, &ink, STRAIGHT);
    let turned = tattoo(&mut analyzer, &ink, How { turn: 0.3, noise: 6, ..STRAIGHT });
    let motion = motion_between(&still, &turned).unwrap();
    assert!((motion.turn - 0.3_f32.to_degrees()).abs() < 2.0 && (motion.scale - 1.0).abs() < 0.05, "{motion:?}");
    let other = analyzer.look(&shot(&ink, STRAIGHT), Kind::Pet, None).unwrap();
    assert!(motion_between(&still, &other).is_none(), "of different kinds");
}

#[test]
fn a_blank_shows_nothing_and_a_frame_hides_what_is_outside() {
    let mut analyzer = analyzer();
    let blank = tattoo(&mut analyzer, &vec![0.0; (SIDE * SIDE) as usize], STRAIGHT);
    assert!(blank.quality().features < 20 && blank.quality().skin > 0.9, "{:?}", blank.quality());
    let drawn = shot(&ink(31), STRAIGHT);
    let whole = analyzer.look(&drawn, Kind::Tattoo, None).unwrap();
    assert!(whole.quality().features > 150 && whole.quality().spread > 0.3, "{:?}", whole.quality());
    let corner = analyzer.look(&drawn, Kind::Tattoo, Some(Rect { x: 0.0, y: 0.0, w: 96.0, h: 96.0 })).unwrap();
    assert!(corner.quality().features < whole.quality().features / 3);
    assert!(whole.quality().species.is_none());
    let pet = analyzer.look(&drawn, Kind::Pet, None).unwrap();
    assert!(pet.quality().species.is_some() && pet.quality().pet < 0.2, "{:?}", pet.quality());
}
