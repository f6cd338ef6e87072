//! `smilepay puppet`: writes frames of a puppet for players that cannot render: the browser test and a fake camera.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use nn::Precision;
use puppet::{
    Act, Actor, Around, Cast, Exhibit, FaceSwap, Handheld, Holder, IdentitySwap, Onset, Person, Photographs, Pictures,
    PuppetError, Species,
};

use crate::boot::{self, BootError};
use crate::casting::{self, CastingError};
use crate::cmd::models::Bar;
use crate::terminal::say;

/// Arguments of `smilepay puppet`.
#[derive(Debug, Args)]
#[command(
    about = "Write rendered frames of a test face (for tests)",
    after_help = "Examples:
  smilepay puppet --portrait biden --out DIR               DIR/frames.json: act → list of base64 JPEG frames, 15 fps
  smilepay puppet --portrait biden --out DIR --flat        the same as photographs held before the camera
  smilepay puppet --object tattoo --seed 3 --out DIR        a drawn tattoo: show, closer, back, from_left, from_right
  smilepay puppet --object photo --photo a.jpg --out DIR   the same of a photograph
  smilepay puppet --out DIR --species phone_still          an attack of the factory, by its name in `evaluate pad`
  smilepay puppet --portrait biden --out DIR --format y4m  DIR/frames.y4m for a browser's fake camera"
)]
pub struct PuppetArgs {
    /// The portrait's name, such as biden or obama2
    #[arg(long, default_value = "biden")]
    portrait: String,
    /// The folder to write to (made when it is not there)
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Photographs of the face in place of the face
    #[arg(long)]
    flat: bool,
    /// Something else than a face
    #[arg(long, value_enum, conflicts_with_all = ["portrait", "flat"])]
    object: Option<Object>,
    /// A photograph of it (of a tattoo it is laid on an arm); of several each movement shows another one
    #[arg(long, value_name = "FILE", requires = "object")]
    photo: Vec<PathBuf>,
    /// Draws the tattoo [default: --seed]
    #[arg(long, value_name = "N", requires = "object")]
    drawing: Option<u64>,
    /// An attack in place of the face
    #[arg(long, value_name = "NAME", value_parser = species, conflicts_with_all = ["flat", "object"])]
    species: Option<Species>,
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Another seed is another capture: reaction, light, distance
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the weights are kept [default: smilepay/models in the user's cache directory]
    #[arg(long, value_name = "DIR", env = "SMILEPAY_CACHE")]
    cache: Option<PathBuf>,
}

/// Who stands in for the attacker in swaps.
const OTHER: &str = "obama2";
const SPARE: &str = "biden";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Json,
    Y4m,
}

/// What is shown in place of a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Object {
    /// On an arm: drawn, or from a photograph
    Tattoo,
    /// A photograph, flat
    Photo,
    /// A wall: nothing at all
    Blank,
}

/// Why frames cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum PuppetCmdError {
    #[error(transparent)]
    Boot(#[from] BootError),
    #[error(transparent)]
    Casting(#[from] CastingError),
    #[error(transparent)]
    Puppet(#[from] PuppetError),
    #[error("{} is no picture: {why}", .path.display())]
    Photo { path: PathBuf, why: String },
    #[error("--object photo needs --photo FILE")]
    NoPhoto,
    #[error("cannot write {}: {source}", .path.display())]
    Write { path: PathBuf, source: std::io::Error },
}

/// Renders and writes.
///
/// # Errors
/// One sentence that says what to do.
pub fn run(args: PuppetArgs) -> Result<ExitCode, PuppetCmdError> {
    let write = |path: &Path, source| PuppetCmdError::Write { path: path.to_owned(), source };
    std::fs::create_dir_all(&args.out).map_err(|e| write(&args.out, e))?;
    if let Some(object) = args.object {
        return around(&args, object);
    }
    let cache = args.cache.as_deref();
    let portraits = casting::portraits(cache, &mut Bar::new())?;
    let loaded =
        boot::load_models(&boot::fetch_models(cache, &mut Bar::new())?, boot::Extras::default(), Precision::Auto)?;
    let mut analyzer = loaded.models.analyzer().map_err(CastingError::from)?;
    let cast = casting::cast(&args.portrait, &portraits, &mut analyzer)?;
    // Swaps need somebody to swap with.
    let other = casting::cast(if args.portrait == OTHER { SPARE } else { OTHER }, &portraits, &mut analyzer)?;
    let path = match args.format {
        Format::Json => {
            let path = args.out.join("frames.json");
            let text = acts(&cast, &other, &args)?;
            std::fs::write(&path, text).map_err(|e| write(&path, e))?;
            path
        }
        Format::Y4m => {
            let path = args.out.join("frames.y4m");
            let file = File::create(&path).map_err(|e| write(&path, e))?;
            puppet::write_y4m(&mut BufWriter::new(file), puppet::FPS, clip(&cast, args.seed))?;
            path
        }
    };
    say(path.display());
    Ok(ExitCode::SUCCESS)
}

/// The frames of an object: `{"show": ["…", …], "closer": …}`, or one clip with every movement in turn.
fn around(args: &PuppetArgs, object: Object) -> Result<ExitCode, PuppetCmdError> {
    let photos = args.photo.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    let drawing = args.drawing.unwrap_or(args.seed);
    let exhibit = Arc::new(match (object, photos.as_slice()) {
        (Object::Tattoo, []) => Exhibit::tattoo(drawing),
        (Object::Tattoo, [picture, ..]) => Exhibit::tattoo_of(picture, drawing)?,
        (Object::Photo, []) => return Err(PuppetCmdError::NoPhoto),
        (Object::Photo, pictures) => Exhibit::photographs(pictures, drawing)?,
        (Object::Blank, _) => Exhibit::blank(drawing),
    });
    let hand = |page| Handheld::new(Arc::clone(&exhibit), page, args.seed);
    let path = args.out.join(if args.format == Format::Json { "frames.json" } else { "frames.y4m" });
    let write = |source| PuppetCmdError::Write { path: path.clone(), source };
    match args.format {
        Format::Json => {
            let mut all = BTreeMap::new();
            for (page, around) in Around::ALL.into_iter().enumerate() {
                let frames = puppet::around_frames(hand(page), around)?;
                all.insert(around.name(), frames.iter().map(|f| STANDARD.encode(f)).collect::<Vec<_>>());
            }
            std::fs::write(&path, serde_json::json!(all).to_string()).map_err(write)?;
        }
        Format::Y4m => {
            let mut out = BufWriter::new(File::create(&path).map_err(write)?);
            puppet::write_y4m(&mut out, puppet::FPS, every_side(hand(0)))?;
        }
    }
    say(path.display());
    Ok(ExitCode::SUCCESS)
}

/// One clip with every movement in turn, each from the straight view.
fn every_side(mut hand: Handheld) -> impl Iterator<Item = image::RgbImage> {
    const EACH_MS: f64 = 3_200.0;
    let plan = [Around::Closer, Around::Show, Around::FromLeft, Around::Show, Around::FromRight, Around::Show];
    let mut next = plan.into_iter().zip(1u32..).peekable();
    puppet::clock(EACH_MS * (plan.len() + 1) as f64).map(move |at_ms| {
        if let Some((around, _)) = next.next_if(|(_, i)| at_ms >= f64::from(*i) * EACH_MS) {
            hand.ask(around, at_ms);
        }
        hand.shot(at_ms)
    })
}

fn read(path: &Path) -> Result<face::Picture, PuppetCmdError> {
    let failed = |why: String| PuppetCmdError::Photo { path: path.to_owned(), why };
    let bytes = std::fs::read(path).map_err(|e| failed(e.to_string()))?;
    face::Picture::decode(&bytes, &face::DecodeLimits::default()).map_err(|e| failed(e.to_string()))
}

/// `{"neutral": ["…", …], "smile": …}`: each act from the neutral pose and back to it.
fn acts(cast: &Arc<Cast>, other: &Arc<Cast>, args: &PuppetArgs) -> Result<String, PuppetError> {
    let mut all = BTreeMap::new();
    for act in Act::ALL {
        let mut actor = performer(cast, other, args);
        let frames = puppet::act_frames(actor.as_mut(), act)?;
        all.insert(act.name(), frames.iter().map(|f| STANDARD.encode(f)).collect::<Vec<_>>());
    }
    Ok(serde_json::json!(all).to_string())
}

fn performer(cast: &Arc<Cast>, other: &Arc<Cast>, args: &PuppetArgs) -> Box<dyn Actor> {
    let payer = || Person::new(Arc::clone(cast), args.seed);
    let attacker = || Person::new(Arc::clone(other), args.seed);
    match args.species {
        None if args.flat => Box::new(Photographs::new(cast, args.seed)),
        None | Some(Species::Cut(_)) => Box::new(payer()),
        Some(Species::InjectedFrames) => Box::new(payer().perfect()),
        Some(Species::Still(medium, moving)) => {
            let pictures = Arc::new(Pictures::new(cast, medium, moving, args.seed));
            Box::new(Holder::new(pictures, medium, args.seed))
        }
        Some(Species::HardCut) => Box::new(Person::with_onset(Arc::clone(cast), args.seed, Onset::HardCut)),
        Some(Species::IdentitySwap) => Box::new(IdentitySwap::new(payer(), attacker())),
        Some(Species::FaceSwap) => Box::new(FaceSwap::new(payer(), attacker(), 0.9)),
    }
}

/// A species that is acted; those that are cut from recordings need recordings.
fn species(text: &str) -> Result<Species, String> {
    let acted = || Species::ALL.into_iter().filter(|species| !matches!(species, Species::Cut(_)));
    let names = || acted().map(Species::name).collect::<Vec<_>>().join(", ");
    acted().find(|species| species.name() == text).ok_or_else(|| format!("the species are {}", names()))
}

/// One clip with every act in turn.
fn clip(cast: &Arc<Cast>, seed: u64) -> impl Iterator<Item = image::RgbImage> {
    const EACH_MS: f64 = 2_500.0;
    let plan = [Act::Neutral, Act::TurnLeft, Act::Neutral, Act::TurnRight, Act::Neutral, Act::Smile, Act::Neutral];
    let mut person = Person::new(Arc::clone(cast), seed);
    let mut next = plan.into_iter().zip(0u32..).peekable();
    puppet::clock(EACH_MS * plan.len() as f64).map(move |at_ms| {
        if let Some((act, _)) = next.next_if(|(_, i)| at_ms >= f64::from(*i) * EACH_MS) {
            person.ask(act, at_ms);
        }
        person.picture(at_ms)
    })
}
