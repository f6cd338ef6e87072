//! The whole pipeline on public-domain portraits, against reference values that another implementation made.
//!
//! The networks and portraits come into the cache on the first run (pip is needed then). Each colour or point order has a
//! test that fails when it is swapped: the reference catches a swap in the crate, and the "swapped" assertions show that
//! the tolerance is tight enough to see it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use face::{Analyzer, DecodeLimits, Detection, FivePoints, ModelPaths, Models, Picture, Point};
use models::{Cache, Manifest, Portraits, Silent};

struct Kit {
    analyzer: Analyzer,
    portraits: Portraits,
}

fn kit() -> Kit {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let files = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let portraits = models::portraits(&manifest, &cache, &mut Silent).unwrap();
    let options = nn::EngineOptions { precision: nn::Precision::F32, ..nn::EngineOptions::default() };
    let engine = nn::Engine::load(&files.openvino_dir, options).unwrap();
    let paths = ModelPaths {
        detector: files.yunet,
        recogniser: files.sface,
        landmarks: files.mesh,
        expression: files.expression,
    };
    Kit { analyzer: Models::load(&engine, &paths).unwrap().analyzer().unwrap(), portraits }
}

impl Kit {
    fn picture(&self, name: &str) -> Picture {
        let bytes = std::fs::read(self.portraits.get(name).unwrap()).unwrap();
        Picture::decode(&bytes, &DecodeLimits::file()).unwrap()
    }

    fn best(&mut self, picture: &Picture) -> Detection {
        self.analyzer.detect(picture).unwrap()[0]
    }
}

struct Golden {
    name: String,
    score: f32,
    bbox: [f32; 4],
    points: FivePoints,
    vector: Vec<f32>,
}

fn golden() -> Vec<Golden> {
    let line = |line: &str| {
        let mut fields = line.split_whitespace();
        let name = fields.next().unwrap().to_owned();
        let v: Vec<f32> = fields.map(|f| f.parse().unwrap()).collect();
        let points = std::array::from_fn(|i| Point::new(v[5 + 2 * i], v[6 + 2 * i]));
        Golden {
            name,
            score: v[0],
            bbox: v[1..5].try_into().unwrap(),
            points: FivePoints(points),
            vector: v[15..].to_vec(),
        }
    };
    include_str!("golden/portraits.txt").lines().filter(|l| !l.starts_with('#')).map(line).collect()
}

fn blue_first(p: &Picture) -> Picture {
    let swapped = p.rgb().as_chunks::<3>().0.iter().flat_map(|[r, g, b]| [*b, *g, *r]).collect();
    Picture::from_rgb(p.width(), p.height(), swapped).unwrap()
}

fn worst_difference(kit: &mut Kit, picture: &Picture, points: &FivePoints, reference: &[f32]) -> f32 {
    let embedding = kit.analyzer.embed_plain(picture, points).unwrap();
    embedding.expose_values().iter().zip(reference).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Largest error of the five points, in eye distances.
fn point_error(found: &Detection, g: &Golden) -> f32 {
    let worst = found.points.0.iter().zip(&g.points.0).map(|(p, q)| p.distance(*q)).fold(0.0, f32::max);
    worst / g.points.eye_distance()
}

#[test]
fn the_detector_agrees_with_the_reference_and_wants_blue_first() {
    let mut kit = kit();
    for g in golden() {
        let picture = kit.picture(&g.name);
        let found = kit.best(&picture);
        let b = found.bbox;
        let box_error =
            [b.x, b.y, b.w, b.h].iter().zip(g.bbox).map(|(a, r)| (a - r).abs()).fold(0.0, f32::max) / g.bbox[3];
        assert!((found.bbox.score - g.score).abs() < 0.003, "{}: {} {}", g.name, found.bbox.score, g.score);
        assert!(box_error < 0.01 && point_error(&found, &g) < 0.02, "{}: {found:?}", g.name);

        let swapped = kit.best(&blue_first(&picture));
        assert!((swapped.bbox.score - g.score).abs() > 0.006, "{}: {}", g.name, swapped.bbox.score);
    }
}

#[test]
fn the_vector_agrees_with_the_reference_and_wants_red_first() {
    let mut kit = kit();
    for g in golden() {
        let picture = kit.picture(&g.name);
        let right = worst_difference(&mut kit, &picture, &g.points, &g.vector);
        assert!(right < 0.01, "{}: {right}", g.name);
        let swapped = worst_difference(&mut kit, &blue_first(&picture), &g.points, &g.vector);
        assert!(swapped > 0.05, "{}: {swapped}", g.name);
    }
}

#[test]
fn the_order_of_the_points_matters() {
    let mut kit = kit();
    for g in golden() {
        let picture = kit.picture(&g.name);
        let [le, re, nose, lm, rm] = g.points.0;
        for wrong in [[lm, rm, nose, le, re], [re, le, nose, rm, lm], [nose, re, le, lm, rm]] {
            let off = worst_difference(&mut kit, &picture, &FivePoints(wrong), &g.vector);
            assert!(off > 0.05, "{}: {off}", g.name);
        }
    }
}

#[test]
fn one_person_is_closer_than_two() {
    let mut kit = kit();
    let mut vector = |name: &str| {
        let picture = kit.picture(name);
        let found = kit.best(&picture);
        kit.analyzer.embed(&picture, &found.points).unwrap()
    };
    let [obama, obama2, biden] = ["obama.jpg", "obama2.jpg", "biden.jpg"].map(&mut vector);
    assert!(obama.cosine(&obama2).value() > 0.5, "{}", obama.cosine(&obama2).value());
    assert!(obama.cosine(&biden).value() < 0.3, "{}", obama.cosine(&biden).value());
}

#[test]
fn a_smile_is_a_smile_and_the_mesh_lies_on_the_face() {
    let mut kit = kit();
    for (name, smiles) in [("obama.jpg", true), ("biden.jpg", false)] {
        let picture = kit.picture(name);
        let found = kit.best(&picture);
        let happy = kit.analyzer.happy(&picture, &found).unwrap();
        assert_eq!(happy > 0.5, smiles, "{name}: {happy}");
        let mesh = kit.analyzer.mesh(&picture, &found).unwrap();
        assert_eq!(mesh.points.len(), face::MESH_LEN);
        // Nose tip, and the middle of each eye's corners, against the detector's points.
        let mid = |a, b| mesh.point(a).unwrap().midpoint(mesh.point(b).unwrap());
        let unit = found.points.eye_distance();
        for (at, want) in [
            (mesh.point(1).unwrap(), found.points.nose()),
            (mid(33, 133), found.points.left_eye()),
            (mid(362, 263), found.points.right_eye()),
        ] {
            assert!(at.distance(want) < 0.25 * unit, "{name}: {at:?} {want:?}");
        }
        let open = mesh.eye_openness().unwrap();
        assert!((0.1..0.5).contains(&open), "{name}: {open}");
    }
}

#[test]
fn quality_sees_blur_darkness_and_distance() {
    let mut kit = kit();
    let picture = kit.picture("biden.jpg");
    let found = kit.best(&picture);
    let good = face::quality(&picture, &found, None);
    let image = image::RgbImage::from_raw(picture.width(), picture.height(), picture.rgb().to_vec()).unwrap();

    let blurred = image::imageops::fast_blur(&image, 12.0);
    let blurred = Picture::from_rgb(picture.width(), picture.height(), blurred.into_raw()).unwrap();
    let blurred = face::quality(&blurred, &found, None);
    assert!(blurred.sharpness < 0.2 * good.sharpness && blurred.weight() < good.weight());

    let dark = picture.rgb().iter().map(|v| v / 10).collect();
    let dark = face::quality(&Picture::from_rgb(picture.width(), picture.height(), dark).unwrap(), &found, None);
    assert!(dark.brightness < 0.15 * good.brightness && dark.contrast < 0.15 * good.contrast);

    let (w, h) = (picture.width() / 6, picture.height() / 6);
    let small = image::imageops::resize(&image, w, h, image::imageops::FilterType::Triangle);
    let small = Picture::from_rgb(w, h, small.into_raw()).unwrap();
    let far = kit.best(&small);
    assert!((face::quality(&small, &far, None).face_px * 6.0 / good.face_px - 1.0).abs() < 0.1);
}

#[test]
fn pictures_without_a_face_have_none() {
    let mut kit = kit();
    for rgb in [
        vec![128; 320 * 240 * 3],
        (0..320 * 240 * 3_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect(),
    ] {
        let picture = Picture::from_rgb(320, 240, rgb).unwrap();
        assert!(kit.analyzer.detect(&picture).unwrap().is_empty());
    }
}
