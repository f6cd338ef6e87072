//! `smilepay webhooks`: a receiver for trying out, a check of one delivery, the dead letter list, once more.

mod api;
mod letters;
mod listen;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::boot::{BootError, DataDirArgs};
use crate::terminal::complain;

/// Exit code of `verify` when it cannot be told.
const UNKNOWN: u8 = 2;

/// Arguments of `smilepay webhooks`.
#[derive(Debug, Args)]
#[command(
    about = "Receive, verify and replay webhooks",
    after_help = "Examples:
  SMILEPAY_KEY=$(cat demo-shop.key) smilepay webhooks listen --server http://localhost:8080
                                       registers itself, prints and verifies what comes, and takes itself off at the end
  WEBHOOK_SECRET=whsec_… smilepay webhooks listen --port 4242
                                       for an endpoint that you registered yourself: http://127.0.0.1:4242/
  WEBHOOK_SECRET=whsec_… smilepay webhooks verify -H 'webhook-id: evt_…' -H 'webhook-timestamp: …' \\
      -H 'webhook-signature: v1,…' < body.json
  smilepay webhooks dead               deliveries that were given up, of every shop; a running server need not be stopped
  smilepay webhooks replay --all       take them up again; stop the server first, or act as a shop:
  SMILEPAY_KEY=sk_… smilepay webhooks replay evt_… --server http://localhost:8080

Exit codes: 0 done or verified, 1 not (the reason is printed), 2 it cannot be told: a header or the secret is missing."
)]
pub struct WebhooksArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print and verify events on this machine; forwards nothing
    Listen(ListenArgs),
    /// Check one delivery: its body on standard input
    Verify(VerifyArgs),
    /// Show deliveries that were given up
    Dead {
        #[command(flatten)]
        place: Place,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Deliver an event, or all that were given up, again
    Replay {
        /// The event, evt_…
        #[arg(required_unless_present = "all", conflicts_with = "all", requires = "server")]
        event: Option<String>,
        /// Everything that was given up
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Args)]
struct ListenArgs {
    /// Port of 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Register here as the shop of $SMILEPAY_KEY; otherwise $WEBHOOK_SECRET is the secret
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Only these kinds of events
    #[arg(long, value_delimiter = ',', requires = "server")]
    events: Vec<String>,
    /// End after so many events
    #[arg(long)]
    count: Option<u64>,
}

#[derive(Debug, Args)]
struct VerifyArgs {
    /// A header of the delivery, as `name: value`
    #[arg(short = 'H', long = "header", value_name = "HEADER", required = true)]
    headers: Vec<String>,
    /// File that holds the secret [default: $WEBHOOK_SECRET]
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Seconds since 1970 at which it arrived [default: now]
    #[arg(long, value_name = "SECONDS")]
    at: Option<i64>,
}

/// Where the list is: a server's, as a shop, or this machine's database, as its operator.
#[derive(Debug, Args)]
struct Place {
    /// Ask this server as the shop of $SMILEPAY_KEY
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    #[command(flatten)]
    data: DataDirArgs,
}

/// Runs the command.
///
/// # Errors
/// One sentence that says what to do.
pub fn run(args: WebhooksArgs) -> Result<ExitCode, BootError> {
    match args.action {
        Action::Verify(args) => Ok(verify::run(&args).unwrap_or_else(|why| {
            complain(&why);
            ExitCode::from(UNKNOWN)
        })),
        Action::Listen(args) => runtime()?.block_on(listen::run(args)),
        Action::Dead { place, json } => runtime()?.block_on(letters::dead(&place, json)),
        Action::Replay { event, place, .. } => runtime()?.block_on(letters::replay(&place, event.as_deref())),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, BootError> {
    super::keys::runtime()
}

/// A secret from the environment: on a command line others could read it.
fn secret(name: &str) -> Result<String, BootError> {
    let found = std::env::var(name).ok().map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
    found.ok_or_else(|| BootError::Answered(format!("set {name} in the environment")))
}
