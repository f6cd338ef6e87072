//! What is no tattoo and no pet must not be enrolled: blanks, noise, patterns, documents and faces, each as three photos with a hand's
//! movement between them. With `SMILEPAY_DATA` also real faces, three photographs or three shots of one photograph.
#![expect(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]

use std::path::Path;

use base::ObjectKind;
use decide::{KungfuPolicy, ObjectPhoto, ObjectScore};
use face::{DecodeLimits, Picture};
use kungfu::{Analyzer, Kind, ObjectTemplate, Seen};
use models::{Cache, Manifest, Silent};
use nn::{Engine, EngineOptions};

const SIDE: u32 = 400;
const KINDS: [Kind; 2] = [Kind::Tattoo, Kind::Pet];

/// Looks for the object and, in photos of tattoos, for faces, as the service does.
struct Eyes {
    objects: Analyzer,
    faces: face::Analyzer,
}

fn eyes() -> Eyes {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let core = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let own = models::kungfu(&manifest, &cache, &mut Silent).unwrap();
    let engine = Engine::load(&core.openvino_dir, EngineOptions::default()).unwrap();
    let paths = kungfu::ModelPaths { local_features: own.local_features, pet_embedder: own.pet_embedder };
    let faces = face::ModelPaths {
        detector: core.yunet,
        recogniser: core.sface,
        landmarks: core.mesh,
        expression: core.expression,
    };
    let faces = face::Models::load(&engine, &faces).unwrap().analyzer().unwrap();
    Eyes { objects: kungfu::Models::load(&engine, &paths).unwrap().analyzer().unwrap(), faces }
}

struct Lcg(u64);

impl Lcg {
    /// 0..1
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }
}

/// A picture by its pixels' colours.
fn drawn(mut colour: impl FnMut(u32, u32) -> [f32; 3]) -> Picture {
    let pixels = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y)));
    let rgb = pixels.flat_map(|(x, y)| colour(x, y).map(|v| v.clamp(0.0, 255.0) as u8)).collect();
    Picture::from_rgb(SIDE, SIDE, rgb).unwrap()
}

const PAPERS: [[f32; 3]; 3] = [[250.0, 250.0, 248.0], [226.0, 226.0, 230.0], [248.0, 240.0, 222.0]];
const SKIN: [f32; 3] = [205.0, 160.0, 135.0];

/// Lines of words made of upright and level strokes.
fn document(seed: u64) -> Picture {
    let mut random = Lcg(seed);
    let paper = PAPERS.get(seed as usize % 3).copied().unwrap();
    let mut ink = vec![false; (SIDE * SIDE) as usize];
    for line in 0..20 {
        let mut x = 30.0;
        while x < SIDE as f32 - 40.0 {
            let letters = 2 + (random.next() * 7.0) as u32;
            for _ in 0..letters {
                for _ in 0..3 {
                    let (upright, off) = (random.next() < 0.6, (random.next() * 7.0) as u32);
                    for step in 0..9 {
                        let (i, j) = if upright { (off, step) } else { (step.min(7), off) };
                        let at = ((30 + line * 18 + j) * SIDE + x as u32 + i) as usize;
                        *ink.get_mut(at).unwrap() = true;
                    }
                }
                x += 9.0;
            }
            x += 8.0;
        }
    }
    drawn(|x, y| if *ink.get((y * SIDE + x) as usize).unwrap() { [30.0; 3] } else { paper })
}

fn blank(seed: u64) -> Picture {
    let mut random = Lcg(seed);
    let base = [SKIN, [250.0; 3], [12.0; 3], [120.0, 140.0, 180.0], [96.0, 62.0, 46.0]];
    let base = base.get(seed as usize % 5).copied().unwrap();
    let (dx, dy) = (0.2 * (random.next() - 0.5), 0.2 * (random.next() - 0.5));
    drawn(|x, y| {
        let grain = 6.0 * (random.next() - 0.5);
        base.map(|v| v + dx * x as f32 + dy * y as f32 + grain)
    })
}

fn noise(seed: u64) -> Picture {
    let mut random = Lcg(seed);
    let coarse = 1 + seed as u32 % 4 * 3;
    let cells: Vec<[f32; 3]> = (0..SIDE * SIDE).map(|_| std::array::from_fn(|_| 255.0 * random.next())).collect();
    drawn(|x, y| *cells.get((y / coarse * SIDE + x / coarse) as usize).unwrap())
}

fn pattern(seed: u64) -> Picture {
    let step = 14 + seed as u32 % 5 * 6;
    let colours = if seed.is_multiple_of(2) { [SKIN, [60.0, 50.0, 50.0]] } else { [[240.0; 3], [20.0, 20.0, 120.0]] };
    drawn(|x, y| {
        let (i, j) = (x / step, y / step);
        let odd = if seed.is_multiple_of(3) { i % 2 } else { (i + j) % 2 };
        *colours.get(odd as usize).unwrap()
    })
}

/// The same thing again, a little elsewhere and lit a little otherwise.
fn again(picture: &Picture, time: u32) -> Picture {
    let (w, h) = (picture.width(), picture.height());
    let (cut, light) = (6 * time, 1.0 - 0.05 * time as f32);
    let rows = picture.rgb().chunks_exact(w as usize * 3).skip(cut as usize);
    let rgb = rows.flat_map(|row| row.get(cut as usize * 3..).unwrap()).map(|v| (f32::from(*v) * light) as u8);
    Picture::from_rgb(w - cut, h - cut, rgb.collect()).unwrap()
}

fn shots(picture: &Picture) -> Vec<Picture> {
    (0..3).map(|time| again(picture, time)).collect()
}

fn measured(eyes: &mut Eyes, picture: &Picture, seen: &Seen) -> ObjectPhoto {
    let q = seen.quality();
    let faces = eyes.faces.detect(picture).unwrap();
    ObjectPhoto {
        sharpness: q.sharpness,
        brightness: q.brightness,
        glare: q.glare,
        features: q.features,
        spread: q.spread,
        skin: q.skin,
        pet: q.pet,
        face: faces.iter().map(|f| f.bbox.score).fold(0.0, f32::max),
        lattice: q.lattice,
    }
}

/// Whether three photos would be kept as an object.
fn enrols(eyes: &mut Eyes, kind: Kind, photos: &[Picture]) -> bool {
    let policy = KungfuPolicy::default();
    let named = match kind {
        Kind::Tattoo => ObjectKind::Tattoo,
        Kind::Pet => ObjectKind::Pet,
    };
    let mut seen = Vec::new();
    for photo in photos {
        let one = eyes.objects.look(photo, kind, None).unwrap();
        if policy.judge_photo(named, &measured(eyes, photo, &one)).is_err() {
            return false;
        }
        seen.push(one);
    }
    let agreement = ObjectTemplate::from_photos(kind, seen).ok().unwrap().agreement().score;
    policy.one_object(named, ObjectScore::new(agreement).unwrap())
}

#[test]
fn nothing_else_is_enrolled() {
    let mut eyes = eyes();
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let portraits = models::portraits(&manifest, &cache, &mut Silent).unwrap();
    let mut all: Vec<(&str, Vec<Picture>)> = Vec::new();
    for seed in 1..=13 {
        all.push(("document", shots(&document(seed))));
        all.push(("noise", shots(&noise(seed))));
        all.push(("pattern", shots(&pattern(seed))));
        all.push(("blank", shots(&blank(seed))));
    }
    for name in ["obama.jpg", "biden.jpg", "obama2.jpg", "obama3.jpg"] {
        let Some(path) = portraits.get(name) else { continue };
        let picture = Picture::decode(&std::fs::read(path).unwrap(), &DecodeLimits::file()).unwrap();
        all.push(("face", shots(&picture)));
    }
    assert!(all.len() >= 54, "{}", all.len());
    for kind in KINDS {
        for (what, photos) in &all {
            assert!(!enrols(&mut eyes, kind, photos), "a {what} as a {kind:?}");
        }
    }
}

#[test]
fn real_faces_are_not_enrolled() {
    let Some(data) = std::env::var_os("SMILEPAY_DATA") else { return };
    let mut eyes = eyes();
    let folder = Path::new(&data).join("faces/lfw");
    let mut people: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    people.sort();
    let (mut tried, mut enrolled) = (0, [0; 2]);
    for person in people.into_iter().step_by(5) {
        let mut files: Vec<_> = std::fs::read_dir(person).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        let read = |path: &Path| Picture::decode(&std::fs::read(path).unwrap(), &DecodeLimits::file()).ok();
        let found: Vec<Picture> = files.iter().take(3).filter_map(|f| read(f)).collect();
        let Some(first) = found.first() else { continue };
        let photos = if found.len() == 3 { found } else { shots(first) };
        tried += 1;
        for (count, kind) in enrolled.iter_mut().zip(KINDS) {
            *count += u32::from(enrols(&mut eyes, kind, &photos));
        }
    }
    println!("{tried} faces, enrolled as tattoos and as pets: {enrolled:?}");
    assert!(tried >= 50);
    assert_eq!(enrolled, [0, 0]);
}
