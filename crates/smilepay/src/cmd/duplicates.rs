//! `smilepay duplicates`: wallets that seem to belong to one person, for the operator to look at.

use std::process::ExitCode;

use base::FaceReviewId;
use clap::{Args, Subcommand};
use service::ports::{Clock as _, SystemClock};
use store::{Store, StoreOptions, duplicate_reviews_in};

use crate::boot::{BootError, DataDirArgs, audit_keys};
use crate::terminal::say;

/// Arguments of `smilepay duplicates`.
#[derive(Debug, Args)]
#[command(
    about = "Wallets that seem to belong to one person",
    after_help = "Only payers who agreed to the search are compared, and only the wallets' ids are shown. Nothing is blocked by a review.

Examples:
  smilepay duplicates list                         open reviews; a running server need not be stopped
  smilepay duplicates resolve frv_… two-people     after somebody has looked; stop the server first"
)]
pub struct DuplicatesArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show the open reviews, oldest first
    List {
        #[command(flatten)]
        data: DataDirArgs,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Say what a review found; the server must be stopped
    Resolve {
        review: FaceReviewId,
        #[arg(value_enum)]
        found: Found,
        #[command(flatten)]
        data: DataDirArgs,
    },
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Found {
    /// One person with two wallets
    SamePerson,
    /// Two people who look alike
    TwoPeople,
}

impl Found {
    const fn word(self) -> &'static str {
        match self {
            Self::SamePerson => "same_person",
            Self::TwoPeople => "two_people",
        }
    }
}

/// Runs the command.
///
/// # Errors
/// One sentence that says what to do.
pub fn run(args: &DuplicatesArgs) -> Result<ExitCode, BootError> {
    match &args.action {
        Action::List { data, json } => list(data, *json)?,
        Action::Resolve { review, found, data } => {
            let store = Store::open_in(&data.database()?, audit_keys(data)?, StoreOptions::default())?;
            let runtime = tokio::runtime::Runtime::new()
                .map_err(|source| BootError::Write { path: "a runtime".into(), source })?;
            runtime.block_on(store.resolve_duplicate(*review, found.word(), SystemClock.now()))?;
            say(format_args!("{review}: {}", found.word()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(data: &DataDirArgs, json: bool) -> Result<(), BootError> {
    let open = duplicate_reviews_in(&data.database()?)?;
    if json {
        say(serde_json::json!(open));
        return Ok(());
    }
    for review in &open {
        say(format_args!("{}  {}  {} and {}", review.id, review.found_at.date(), review.account, review.other));
    }
    say(format_args!("{} open", open.len()));
    Ok(())
}
