//! `smilepay demo`: the whole scene through the HTTP API of a server that it starts.

mod camera;
mod capture;
mod client;
mod error;
mod object;
mod report;
mod scene;
mod speaker;
mod voice;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use liveness::Step;
use nn::Precision;
use serde_json::{Value, json};

use crate::boot::voice::Prompts;
use crate::boot::{self, Options, Prepared, Site};
use crate::casting;
use crate::cmd::models::Bar;
use crate::terminal::say;
use capture::Pace;
use client::Shop;
use error::DemoError;
use object::{ObjectScene, Things};
use report::Report;
use scene::{Ending, Players, Scene};
use speaker::{Voices, Who};

const REFUSED: u8 = 3;
const RETAKE: u8 = 4;

/// Arguments of `smilepay demo`.
#[derive(Debug, Args)]
#[command(
    about = "Play the scene: enrol a face, buy the stamp, smile, get the receipt",
    after_help = "Examples:
  smilepay demo                                   a rendered person, on any machine
  smilepay demo --seed 7 --json out.json          another capture; the outcome for programs
  smilepay demo --attack flat                     photographs before the camera: must be refused
  smilepay demo --method voice                    the same by speaking; --attack other-person, wrong-digits, replay
  smilepay demo --method kungfu                   with a tattoo, which is drawn; --attack other-person, replay
  smilepay demo --method kungfu --object pet --pets DIR   with photographs of a dog
  smilepay demo --runs 20                         twenty payers; how many were accepted
  smilepay demo --server http://localhost:8080 --shop-key DIR/demo-shop.key    against a server that runs
  smilepay demo --enrol DIR --capture DIR         recorded frames (.jpg, sorted by name)

Exit codes: 0 paid, 3 refused, 4 retake, 1 the scene could not be played. Of several runs: 0 when all paid (under
attack: when one did), 3 when one was refused (under attack: when all were), else 4."
)]
pub struct DemoArgs {
    /// Recorded frames for the enrolment; played back and forth
    #[arg(long, value_name = "DIR", requires = "capture")]
    enrol: Option<PathBuf>,
    /// Recorded frames for the payment; played once
    #[arg(long, value_name = "DIR", requires = "enrol", conflicts_with = "attack")]
    capture: Option<PathBuf>,
    /// Frames per second of the camera or the recording
    #[arg(long, default_value_t = 15.0, value_parser = rate)]
    fps: f64,
    /// Camera seconds per wall-clock second: below 1 the camera has a clock of its own, for a machine too slow or too busy
    /// to render in time
    #[arg(long, default_value_t = 1.0, value_parser = rate)]
    speed: f64,
    /// Where the server keeps its data [default: a fresh temporary folder]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Where the weights are kept [default: smilepay/models in the user's cache directory]
    #[arg(long, value_name = "DIR", env = "SMILEPAY_CACHE")]
    cache: Option<PathBuf>,
    /// Write the outcome as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// What she pays with
    #[arg(long, value_enum, default_value_t = Means::Face)]
    method: Means,
    /// Recordings of single spoken digits, called DIGIT_SPEAKER_TAKE.wav (for --method voice); the project ships none
    #[arg(long, value_name = "DIR", default_value = "../shared/data/voice/digits")]
    voices: PathBuf,
    /// What is shown (for --method kungfu)
    #[arg(long, value_enum, default_value_t = Object::Tattoo)]
    object: Object,
    /// Photographs of pets, called PET_NUMBER.jpg (for --object pet)
    #[arg(long, value_name = "DIR", default_value = "../shared/data/kungfu/dog")]
    pets: PathBuf,
    /// Play this attack in place of the payment
    #[arg(long, value_enum)]
    attack: Option<Attack>,
    /// Pin the challenge: neutral, smile, turn_left, turn_right [default: drawn by the server; neutral,smile for recordings]
    #[arg(long, value_name = "STEPS", value_delimiter = ',', value_parser = boot::options::step)]
    challenge: Option<Vec<Step>>,
    /// Every seed is another capture: reaction, speed, light, distance
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Play with this many payers (seeds from --seed on) and count
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    runs: u16,
    /// The payer's portrait
    #[arg(long, default_value = "biden")]
    portrait: String,
    /// Play against a server that runs already (test mode) instead of one of our own
    #[arg(long, value_name = "URL", requires = "shop_key", conflicts_with = "data_dir")]
    server: Option<String>,
    /// File with the secret key of a shop there (demo-shop.key in its data directory)
    #[arg(long, value_name = "FILE", requires = "server")]
    shop_key: Option<PathBuf>,
    /// Keep every frame that was sent, as JPEG files
    #[arg(long, value_name = "DIR")]
    keep_frames: Option<PathBuf>,
    /// The portrait of somebody else
    #[arg(long, default_value = "obama2")]
    other: String,
}

/// What the scene is played with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Means {
    Face,
    Voice,
    /// A tattoo or a pet
    Kungfu,
}

/// What is shown to the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Object {
    Tattoo,
    Pet,
}

impl Object {
    const fn name(self) -> &'static str {
        match self {
            Self::Tattoo => "tattoo",
            Self::Pet => "pet",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Tattoo => "tattoo",
            Self::Pet => "dog",
        }
    }
}

/// An attack to play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Attack {
    /// Photographs held before the camera, tilted when asked to turn, swapped when asked to smile
    Flat,
    /// Somebody else (or another tattoo or pet) that does everything that is asked
    OtherPerson,
    /// An older capture of the same payer
    Replay,
    /// The payer's neutral face, then in the next frame the smiling one
    HardCut,
    /// The payer's voice, other digits than those asked for
    WrongDigits,
}

fn rate(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "write a number such as 15".to_owned())?;
    if (0.05..=60.0).contains(&value) { Ok(value) } else { Err("between 0.05 and 60".to_owned()) }
}

/// Plays the scene once or several times.
///
/// # Errors
/// One sentence that says what to do.
pub fn run(args: DemoArgs) -> Result<ExitCode, DemoError> {
    let scratch = tempfile::tempdir().map_err(DemoError::System)?;
    let data_dir = args.data_dir.clone().unwrap_or_else(|| scratch.path().join("data"));
    args.check()?;
    let voice = args.method == Means::Voice;
    // Before anything is started: without them there is nothing to play.
    let voices = voice.then(|| Voices::read(&args.voices)).transpose()?;
    let kungfu = args.method == Means::Kungfu;
    let things = kungfu.then(|| Things::cast(args.object, &args.pets, args.seed)).transpose()?;
    let players = if voice || kungfu { None } else { Some(players(&args)?) };
    let prompts = voice.then(Prompts::digits);
    let options = Options { cache: args.cache.clone(), voice: prompts, kungfu, ..Options::for_demo(data_dir) };
    let prepared = if args.server.is_none() { Some(boot::prepare(options, &mut Bar::new())?) } else { None };
    let runtime = tokio::runtime::Runtime::new().map_err(DemoError::System)?;
    let played = runtime.block_on(async {
        let venue = venue(&args, prepared).await?;
        let endings = match (players, voices, things) {
            (Some(players), ..) => play(&args, players, &venue).await?,
            (None, Some(voices), _) => play_by_voice(&args, voices, &venue).await?,
            (None, None, Some(things)) => play_with_object(&args, things, &venue).await?,
            (None, None, None) => return Err(DemoError::Missing("player")),
        };
        if let Some(own) = venue.own {
            own.server.shutdown().await.map_err(boot::BootError::from)?;
        }
        conclude(&args, &endings)
    });
    // Ends the server's last tasks, and with them the engine's users, before the process ends.
    drop(runtime);
    played
}

fn players(args: &DemoArgs) -> Result<Players, DemoError> {
    if let (Some(enrol), Some(capture)) = (&args.enrol, &args.capture) {
        return Ok(Players::Recordings { enrol: enrol.clone(), capture: capture.clone() });
    }
    let cache = args.cache.as_deref();
    let portraits = casting::portraits(cache, &mut Bar::new())?;
    let loaded =
        boot::load_models(&boot::fetch_models(cache, &mut Bar::new())?, boot::Extras::default(), Precision::Auto)?;
    let mut analyzer = loaded.models.analyzer().map_err(casting::CastingError::from)?;
    Ok(Players::Puppets {
        payer: casting::cast(&args.portrait, &portraits, &mut analyzer)?,
        other: casting::cast(&args.other, &portraits, &mut analyzer)?,
    })
}

/// Where the scene is played.
struct Venue {
    /// `None`: a server that somebody else started.
    own: Option<Site>,
    base: String,
    shop_key: String,
    report: Report,
}

impl Venue {
    fn shop(&self) -> Result<Shop, DemoError> {
        Shop::new(&self.base, self.shop_key.clone())
    }
}

async fn venue(args: &DemoArgs, prepared: Option<Prepared>) -> Result<Venue, DemoError> {
    let report = Report::new(args.runs > 1);
    let Some(prepared) = prepared else {
        let file = args.shop_key.clone().ok_or(DemoError::Missing("shop key"))?;
        let key = std::fs::read_to_string(&file).map_err(|source| DemoError::File { path: file, source })?;
        let base = args.server.clone().unwrap_or_default().trim_end_matches('/').to_owned();
        return Ok(Venue { own: None, base, shop_key: key.trim().to_owned(), report });
    };
    let site = prepared.start().await?;
    report.step(&format!("A server of its own answers at {}.", site.server.base_url));
    let base = format!("http://{}", site.server.addr);
    let shop_key = site.shop_key.clone().ok_or(DemoError::Missing("shop key"))?;
    Ok(Venue { own: Some(site), base, shop_key, report })
}

async fn play(args: &DemoArgs, players: Players, venue: &Venue) -> Result<Vec<Ending>, DemoError> {
    let scene = Scene {
        base: venue.base.clone(),
        shop: venue.shop()?,
        steps: steps(args, &players),
        players,
        attack: args.attack,
        pace: Pace { fps: args.fps, speed: args.speed },
        keep: args.keep_frames.clone(),
        report: &venue.report,
    };
    let mut endings = Vec::new();
    for seed in args.seed..args.seed.saturating_add(u64::from(args.runs)) {
        let ending = scene.play(seed).await?;
        if args.runs > 1 {
            scene.report.progress(&format!(
                "seed {seed}: {} after {} captures: {}{}",
                ending.outcome,
                ending.tries,
                ending.reasons.join(", "),
                again(&ending.retakes)
            ));
        }
        endings.push(ending);
    }
    Ok(endings)
}

async fn play_by_voice(args: &DemoArgs, voices: Voices, venue: &Venue) -> Result<Vec<Ending>, DemoError> {
    let (payer, other) = (voices.speaker(Who::Payer, args.seed)?, voices.speaker(Who::Other, args.seed)?);
    let mut scene = voice::VoiceScene {
        base: venue.base.clone(),
        shop: venue.shop()?,
        attack: args.attack,
        report: &venue.report,
        payer,
        other,
    };
    let mut endings = Vec::new();
    for seed in args.seed..args.seed.saturating_add(u64::from(args.runs)) {
        (scene.payer, scene.other) = (voices.speaker(Who::Payer, seed)?, voices.speaker(Who::Other, seed)?);
        let ending = scene.play(seed).await?;
        if args.runs > 1 {
            scene.report.progress(&format!("seed {seed}: {}: {}", ending.outcome, ending.reasons.join(", ")));
        }
        endings.push(ending);
    }
    Ok(endings)
}

async fn play_with_object(args: &DemoArgs, things: Things, venue: &Venue) -> Result<Vec<Ending>, DemoError> {
    let pace = Pace { fps: args.fps, speed: args.speed };
    let (base, shop, report) = (venue.base.clone(), venue.shop()?, &venue.report);
    let mut scene = ObjectScene { base, shop, attack: args.attack, report, pace, things };
    let mut endings = Vec::new();
    for seed in args.seed..args.seed.saturating_add(u64::from(args.runs)) {
        if seed != args.seed {
            scene.things = Things::cast(args.object, &args.pets, seed)?;
        }
        let ending = scene.play(seed).await?;
        if args.runs > 1 {
            scene.report.progress(&format!("seed {seed}: {}: {}", ending.outcome, ending.reasons.join(", ")));
        }
        endings.push(ending);
    }
    Ok(endings)
}

impl DemoArgs {
    /// Refuses what does not go together.
    fn check(&self) -> Result<(), DemoError> {
        let (face, voice) = (self.method == Means::Face, self.method == Means::Voice);
        let eyes = self.enrol.is_some() || self.challenge.is_some();
        let fits = match self.attack {
            None => true,
            Some(Attack::OtherPerson | Attack::Replay) => true,
            Some(Attack::WrongDigits) => voice,
            Some(Attack::Flat | Attack::HardCut) => face,
        };
        if fits && (face || !eyes) { Ok(()) } else { Err(DemoError::NotForMethod) }
    }
}

/// The pinned steps, if any: a recording can only answer what its person did.
fn steps(args: &DemoArgs, players: &Players) -> Option<Vec<String>> {
    let pinned = match (&args.challenge, players) {
        (Some(steps), _) => steps.clone(),
        (None, Players::Recordings { .. }) => vec![Step::Neutral, Step::Smile],
        (None, Players::Puppets { .. }) => return None,
    };
    Some(pinned.into_iter().map(|s| s.name().to_owned()).collect())
}

fn conclude(args: &DemoArgs, endings: &[Ending]) -> Result<ExitCode, DemoError> {
    let paid = endings.iter().filter(|e| e.outcome == "paid").count();
    let refused = endings.iter().filter(|e| e.outcome == "refused").count();
    match endings {
        [only] => {
            say(format_args!("{}{}", only.outcome, because(&only.reasons)));
            save(args.json.as_deref(), &only.json())?;
        }
        many => {
            let first = many.iter().filter(|e| e.outcome == "paid" && e.tries == 1).count();
            say(format_args!("accepted {paid} of {} ({first} with the first capture)", many.len()));
            let all: Vec<Value> = many.iter().map(Ending::json).collect();
            save(
                args.json.as_deref(),
                &json!({"accepted": paid, "accepted_first": first, "refused": refused, "of": many.len(), "runs": all}),
            )?;
        }
    }
    Ok(exit_code(args.attack.is_some(), endings.len(), paid, refused))
}

fn exit_code(attack: bool, runs: usize, paid: usize, refused: usize) -> ExitCode {
    let (success, refusal) = if attack { (paid > 0, refused == runs) } else { (paid == runs, refused > 0) };
    match (success, refusal) {
        (true, _) => ExitCode::SUCCESS,
        (false, true) => ExitCode::from(REFUSED),
        (false, false) => ExitCode::from(RETAKE),
    }
}

fn because(reasons: &[String]) -> String {
    if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join(", ")) }
}

fn again(retakes: &[Vec<String>]) -> String {
    let each: Vec<String> = retakes.iter().map(|reasons| reasons.join(" ")).collect();
    if each.is_empty() { String::new() } else { format!(" (taken again for: {})", each.join("; ")) }
}

fn save(path: Option<&Path>, value: &Value) -> Result<(), DemoError> {
    let Some(path) = path else { return Ok(()) };
    let text = format!("{value:#}\n");
    std::fs::write(path, text).map_err(|source| DemoError::File { path: path.to_owned(), source })
}
