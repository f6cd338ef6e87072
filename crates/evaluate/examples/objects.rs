//! What `kungfu` measures of the test kit's objects: likeness of the same and of other ones, and the motion of each step.
//! `cargo run --release -p evaluate --example objects -- [FOLDER of photographs called DOG_NUMBER.jpg]`

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use face::{DecodeLimits, Picture};
use kungfu::{Analyzer, Kind, ModelPaths, Models, ObjectTemplate, Rect, Seen, motion_between};
use models::{Cache, Manifest, Silent};
use nn::{Engine, EngineOptions};
use puppet::{Around, Exhibit, Handheld};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// Drawn tattoos; dogs at most.
const OBJECTS: usize = 8;
/// A movement has ended by then, ms.
const SETTLED_MS: f64 = 3_000.0;

fn analyzer() -> Fallible<Analyzer> {
    let (manifest, cache) = (Manifest::embedded()?, Cache::default_dir()?);
    let files = models::fetch(&manifest, &cache, &mut Silent)?;
    let own = models::kungfu(&manifest, &cache, &mut Silent)?;
    let engine = Engine::load(&files.openvino_dir, EngineOptions::default())?;
    let paths = ModelPaths { local_features: own.local_features, pet_embedder: own.pet_embedder };
    Ok(Models::load(&engine, &paths)?.analyzer()?)
}

/// What the camera sees after this movement, as the service looks at it.
fn look(analyzer: &mut Analyzer, kind: Kind, hand: &mut Handheld, around: Around) -> Fallible<Seen> {
    hand.ask(around, 0.0);
    let picture = Picture::decode(&hand.frame(SETTLED_MS)?, &DecodeLimits::frame())?;
    let (w, h) = (picture.width() as f32, picture.height() as f32);
    let frame = Rect { x: (w - h) / 2.0, y: 0.0, w: h, h };
    Ok(analyzer.look(&picture, kind, Some(frame))?)
}

fn views(
    analyzer: &mut Analyzer,
    kind: Kind,
    exhibit: &Arc<Exhibit>,
    pages: bool,
    seed: u64,
    around: &[Around],
) -> Fallible<Vec<Seen>> {
    let shot = |(page, around): (usize, &Around)| {
        let mut hand = Handheld::new(Arc::clone(exhibit), if pages { page + 1 } else { 0 }, seed);
        look(analyzer, kind, &mut hand, *around)
    };
    around.iter().enumerate().map(shot).collect()
}

fn measure(
    analyzer: &mut Analyzer,
    kind: Kind,
    exhibits: &[Arc<Exhibit>],
    out: &mut impl std::io::Write,
) -> Fallible<()> {
    use Around::{Back, Closer, FromLeft, FromRight, Show};
    let pages = kind == Kind::Pet;
    let mut templates = Vec::new();
    let mut probes = Vec::new();
    let mut motions: BTreeMap<&str, Vec<(f32, f32)>> = BTreeMap::new();
    for (exhibit, seed) in exhibits.iter().zip(1u64..) {
        let photos = views(analyzer, kind, exhibit, pages, seed, &[Show, Closer, FromLeft, FromRight])?;
        let q = photos.first().ok_or("no photo")?.quality();
        writeln!(
            out,
            "photo {seed}: sharp {:.0}, bright {:.0}, glare {:.3}, features {}, spread {:.2}, skin {:.2}, pet {:.2}",
            q.sharpness, q.brightness, q.glare, q.features, q.spread, q.skin, q.pet
        )?;
        templates.push(ObjectTemplate::from_photos(kind, photos)?);
        let mut shown = views(analyzer, kind, exhibit, false, seed + 500, &[Show, Closer, Back, FromLeft, FromRight])?;
        for (after, around) in shown.iter().skip(1).zip([Closer, Back, FromLeft, FromRight]) {
            let motion = shown.first().and_then(|before| motion_between(before, after));
            let told = motion.map_or((f32::NAN, f32::NAN), |m| (m.scale, m.aside));
            motions.entry(around.name()).or_default().push(told);
        }
        shown.truncate(3);
        probes.push(shown);
    }
    let (mut same, mut other, mut twice) = (Vec::new(), Vec::new(), Vec::new());
    for (i, template) in templates.iter().enumerate() {
        for (j, probe) in probes.iter().enumerate() {
            let score = template.compare(probe).score;
            if i == j { same.push(score) } else { other.push(score) }
        }
        twice.extend(templates.iter().skip(i + 1).map(|theirs| template.same_object(theirs).score));
    }
    let agreement: Vec<f32> = templates.iter().map(|t| t.agreement().score).collect();
    for (name, mut scores) in
        [("same", same), ("other", other), ("two templates of two", twice), ("agreement", agreement)]
    {
        scores.sort_by(f32::total_cmp);
        let at =
            |share: f32| scores.get((share * (scores.len().max(1) - 1) as f32) as usize).copied().unwrap_or(f32::NAN);
        writeln!(
            out,
            "{name}: {} scores, lowest {:.3}, 5 % {:.3}, median {:.3}, 95 % {:.3}, highest {:.3}",
            scores.len(),
            at(0.0),
            at(0.05),
            at(0.5),
            at(0.95),
            at(1.0)
        )?;
    }
    for (name, all) in motions {
        writeln!(out, "{name}: scale, aside {all:.2?}")?;
    }
    Ok(())
}

/// Dogs with six photographs.
fn dogs(dir: &Path) -> Fallible<Vec<Arc<Exhibit>>> {
    let mut all: BTreeMap<String, Vec<std::path::PathBuf>> = BTreeMap::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|n| n.to_str()).and_then(|n| n.rsplit_once('_'));
        if let Some((dog, _)) = name {
            all.entry(dog.to_owned()).or_default().push(path);
        }
    }
    let whole = all.into_values().filter(|files| files.len() >= 6).take(OBJECTS).zip(0u64..);
    whole
        .map(|(mut files, seed)| {
            files.sort();
            let pictures = files.iter().map(|f| Ok(Picture::decode(&std::fs::read(f)?, &DecodeLimits::default())?));
            Ok(Arc::new(Exhibit::photographs(&pictures.collect::<Fallible<Vec<_>>>()?, seed)?))
        })
        .collect()
}

fn main() -> Fallible<()> {
    let mut analyzer = analyzer()?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "# drawn tattoos")?;
    let tattoos: Vec<_> = (0..OBJECTS as u64).map(|seed| Arc::new(Exhibit::tattoo(seed))).collect();
    measure(&mut analyzer, Kind::Tattoo, &tattoos, &mut out)?;
    if let Some(dir) = std::env::args().nth(1) {
        writeln!(out, "# dogs, photographs that are moved")?;
        let dogs = dogs(Path::new(&dir))?;
        measure(&mut analyzer, Kind::Pet, &dogs, &mut out)?;
    }
    Ok(())
}
