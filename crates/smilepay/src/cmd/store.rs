//! `smilepay store copy`: moves a shop to another database.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use store::{CopyReport, Location, StoreKeys, copy};

use crate::boot::{self, BootError, DataDirArgs};
use crate::terminal::say;

/// Arguments of `smilepay store`.
#[derive(Debug, Args)]
#[command(
    about = "Move the data to another database",
    after_help = "Examples:
  smilepay store copy --from sqlite:/data/smilepay.db --to postgres://pay:secret@db/pay
  smilepay store copy --to sqlite:/backup/smilepay.db     from the database in use

Stop the server first. Everything is copied in one transaction; counts, books and the audit chain are compared before it is
committed. The source stays as it is, and the key directory stays where it is."
)]
pub struct StoreArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Copy everything into an empty database and compare
    Copy {
        /// Copy from here [default: the database in use]
        #[arg(long, value_name = "ADDRESS")]
        from: Option<Location>,
        /// Copy to here; must be empty
        #[arg(long, value_name = "ADDRESS")]
        to: Location,
        #[command(flatten)]
        data: DataDirArgs,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
///
/// # Errors
/// A store in use, a target that is not empty, a difference.
pub fn run(args: StoreArgs) -> Result<ExitCode, BootError> {
    let Action::Copy { from, to, data, json } = args.action;
    let from = from.map_or_else(|| data.database(), Ok)?;
    let seed = boot::audit_keys(&data)?.audit_signing;
    let report = copy(&from, &to, || StoreKeys { audit_signing: seed })?;
    show(&report, json, &to);
    Ok(ExitCode::SUCCESS)
}

fn show(report: &CopyReport, json: bool, to: &Location) {
    if json {
        return say(serde_json::json!(report));
    }
    let rows: i64 = report.tables.iter().map(|(_, rows)| rows).sum();
    say(format_args!("{rows} rows of {} tables are in {to} now", report.tables.len()));
    say(format_args!(
        "the same on both sides: every count, {} accounts and {} transfers that add up, {} audit entries up to {}",
        report.books.accounts, report.books.transfers, report.audit.entries, report.audit.head
    ));
}
