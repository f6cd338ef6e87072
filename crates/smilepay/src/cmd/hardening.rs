//! `smilepay hardening`: what the server gives up on this machine, tried out.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Args;
use models::Cache;

use crate::boot::harden::{self, Needs, probe};
use crate::boot::{BootError, DataDirArgs};
use crate::terminal::say;

/// Exit code when a protection that was taken does not hold.
const DOES_NOT_HOLD: u8 = 1;

/// Arguments of `smilepay hardening`.
#[derive(Debug, Args)]
#[command(
    about = "Try what a hardened server must not be able to do on this machine",
    after_help = "Examples:
  smilepay hardening                a table
  smilepay hardening --live --json  for programs, with what only a live server gives up

The command gives up what `smilepay serve` gives up (core dumps, files outside of its own, other ports, new programs and
other dangerous system calls), then tries all of it. Where the kernel lacks a protection the line says so.

Exit codes: 0 everything that stands holds, 1 something does not."
)]
pub struct HardeningArgs {
    #[command(flatten)]
    data: DataDirArgs,
    /// As a live server: its memory is closed to other processes of the same user
    #[arg(long)]
    live: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// A file that must be out of reach; given to the process that tries
    #[arg(long, value_name = "FILE", hide = true)]
    foreign: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// The data directory cannot be made.
pub fn run(args: HardeningArgs) -> Result<ExitCode, BootError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| BootError::Write { path, source }
    };
    if let Some(foreign) = &args.foreign {
        return try_out(&args, foreign);
    }
    // What is given up cannot be taken back, so another process tries, and this one clears up behind it.
    let outside = tempfile::tempdir().map_err(failed(&std::env::temp_dir()))?;
    let foreign = outside.path().join("foreign");
    std::fs::write(&foreign, b"x").map_err(failed(&foreign))?;
    let dir = args.data.dir()?;
    std::fs::create_dir_all(&dir).map_err(failed(&dir))?;
    let own = std::env::current_exe().map_err(failed(Path::new("this program")))?;
    let status = Command::new(&own).args(std::env::args_os().skip(1)).arg("--foreign").arg(&foreign).status();
    let code = status.map_err(failed(&own))?.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(DOES_NOT_HOLD)))
}

fn try_out(args: &HardeningArgs, foreign: &Path) -> Result<ExitCode, BootError> {
    let dir = args.data.dir()?;
    let cache = Cache::default_dir()?;
    // Port 1 stands for the server's own; whatever is tried is another one.
    let mut done = harden::apply(&Needs::of(&args.data, cache.root(), 1)?);
    if args.live {
        harden::close_memory(&mut done);
    }
    let tried = probe::run(&done, &dir, foreign);
    let holds = tried.iter().all(|t| t.as_expected != Some(false));
    if args.json {
        let missing: Vec<_> = done.0.iter().filter_map(|p| p.stands.as_ref().err().map(|why| (p.name, why))).collect();
        say(serde_json::json!({"holds": holds, "tried": tried, "missing": missing}));
    } else {
        for t in &tried {
            let word = match t.as_expected {
                Some(true) => "holds",
                Some(false) => "DOES NOT HOLD",
                None => "not here",
            };
            say(format_args!("{word:<14} {:<26} {}", t.protection, t.what));
        }
        for p in &done.0 {
            if let Err(why) = &p.stands {
                say(format_args!("{}: {why}", p.name));
            }
        }
    }
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::from(DOES_NOT_HOLD) })
}
