//! How far the cue for screens and halftones tells objects from their pictures on a display, and how many of the photographs are sharp,
//! all in what `kungfu` measures of one photo. `cargo run --release -p evaluate --example screens -- [FOLDER with tattoo/ and dog/]`
//!
//! Plain: the folder's photographs as they are, and drawn tattoos in a moving hand. On a display: the same before the same hand, on
//! displays of another kind each (grid, pitch and tone drawn at random, as in `evaluate pad`).

use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use decide::KungfuPolicy;
use face::{DecodeLimits, Picture};
use kungfu::{Analyzer, Kind, ModelPaths, Models, Rect};
use models::{Cache, Manifest, Silent};
use nn::{Engine, EngineOptions};
use puppet::{Around, Exhibit, Handheld};

type Fallible<T> = Result<T, Box<dyn Error>>;

const DRAWN: u64 = 40;
/// When each movement's photo is taken, ms.
const SETTLED_MS: f64 = 3_000.0;

fn analyzer() -> Fallible<Analyzer> {
    let (manifest, cache) = (Manifest::embedded()?, Cache::default_dir()?);
    let files = models::fetch(&manifest, &cache, &mut Silent)?;
    let own = models::kungfu(&manifest, &cache, &mut Silent)?;
    let engine = Engine::load(&files.openvino_dir, EngineOptions::default())?;
    let paths = ModelPaths { local_features: own.local_features, pet_embedder: own.pet_embedder };
    Ok(Models::load(&engine, &paths)?.analyzer()?)
}

fn pictures(dir: &Path) -> Fallible<Vec<PathBuf>> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(dir)?.map(|e| Ok(e?.path())).collect::<Fallible<_>>()?;
    all.retain(|path| path.extension().is_some_and(|e| e == "jpg"));
    all.sort();
    Ok(all)
}

/// Straight and nearer, as the service looks at a frame.
fn held(analyzer: &mut Analyzer, exhibit: Exhibit, seed: u64) -> Fallible<Vec<f32>> {
    let mut hand = Handheld::new(Arc::new(exhibit), 0, seed);
    let mut found = Vec::new();
    for (around, at_ms) in
        [(Around::Show, SETTLED_MS), (Around::Closer, 2.0 * SETTLED_MS), (Around::FromLeft, 3.0 * SETTLED_MS)]
    {
        hand.ask(around, at_ms - SETTLED_MS);
        let picture = Picture::decode(&hand.frame(at_ms)?, &DecodeLimits::frame())?;
        let (w, h) = (picture.width() as f32, picture.height() as f32);
        let frame = Rect { x: (w - h) / 2.0, y: 0.0, w: h, h };
        found.push(analyzer.look(&picture, Kind::Tattoo, Some(frame))?.quality().lattice);
    }
    Ok(found)
}

fn tell(out: &mut impl std::io::Write, name: &str, each: &[Vec<f32>]) -> Fallible<()> {
    let gate = KungfuPolicy::default().lattice_to;
    let mut all: Vec<f32> = each.iter().flatten().copied().collect();
    all.sort_by(f32::total_cmp);
    let at = |share: f32| all.get((share * (all.len().max(1) - 1) as f32) as usize).copied().unwrap_or(f32::NAN);
    let above = all.iter().filter(|v| **v > gate).count();
    let most = |photos: &&Vec<f32>| 2 * photos.iter().filter(|v| **v > gate).count() > photos.len();
    writeln!(
        out,
        "{name}: {} photos, {above} above {gate}; {} of {} by most of their photos; dB lowest {:.1}, 5 % {:.1}, median {:.1}, 95 % {:.1}, highest {:.1}",
        all.len(),
        each.iter().filter(most).count(),
        each.len(),
        at(0.0),
        at(0.05),
        at(0.5),
        at(0.95),
        at(1.0)
    )?;
    Ok(())
}

fn main() -> Fallible<()> {
    let mut analyzer = analyzer()?;
    let mut out = std::io::stdout().lock();
    let (mut plain, mut display) = (Vec::new(), Vec::new());
    for seed in 0..DRAWN {
        plain.push(held(&mut analyzer, Exhibit::tattoo(seed), seed)?);
        display.push(held(&mut analyzer, Exhibit::tattoo(seed).on_display(seed), seed)?);
    }
    tell(&mut out, "drawn tattoos", &plain)?;
    tell(&mut out, "drawn tattoos on a display", &display)?;
    let Some(dir) = std::env::args().nth(1) else { return Ok(()) };
    for kind in ["tattoo", "dog"] {
        let (mut plain, mut moved, mut display, mut sharp) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (path, seed) in pictures(&Path::new(&dir).join(kind))?.iter().zip(0u64..) {
            let picture = Picture::decode(&std::fs::read(path)?, &DecodeLimits::default())?;
            let quality = *analyzer.look(&picture, Kind::Tattoo, None)?.quality();
            plain.push(vec![quality.lattice]);
            sharp.push(quality.sharpness);
            // Every third before the moving hand: rendering takes longest.
            if seed % 3 == 0 {
                let sheet = Exhibit::photographs(&[picture], seed)?;
                display.push(held(&mut analyzer, sheet.on_display(seed), seed)?);
                moved.push(held(&mut analyzer, sheet, seed)?);
            }
        }
        tell(&mut out, &format!("photographs: {kind}"), &plain)?;
        let from = KungfuPolicy::default().sharp_from;
        let soft = sharp.iter().filter(|v| **v < from).count();
        let least = sharp.iter().copied().fold(f32::INFINITY, f32::min);
        writeln!(out, "sharpness: {soft} of {} below {from}, lowest {least:.0}", sharp.len())?;
        tell(&mut out, &format!("photographs moved by a hand: {kind}"), &moved)?;
        tell(&mut out, &format!("photographs on a display: {kind}"), &display)?;
    }
    Ok(())
}
