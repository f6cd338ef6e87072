//! `smilepay ledger check`: adds all books up, beside a running server if need be.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use store::{BooksReport, check_books_in};

use crate::boot::{BootError, DataDirArgs};
use crate::terminal::{complain, say};

/// Exit code when the books do not add up.
const WRONG: u8 = 1;
/// Exit code when it cannot be told.
const UNKNOWN: u8 = 2;

/// Arguments of `smilepay ledger`.
#[derive(Debug, Args)]
#[command(
    about = "Check the books",
    after_help = "Examples:
  smilepay ledger check                  the books of the default data directory; a running server need not be stopped
  smilepay ledger check --json           for programs

Exit codes: 0 all books add up, 1 they do not, 2 it cannot be told (the reason is printed)."
)]
pub struct LedgerArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add up every posting, balance, hold and payment
    Check {
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
/// None: what cannot be told is exit code 2.
pub fn run(args: &LedgerArgs) -> Result<ExitCode, BootError> {
    let Action::Check { data, json } = &args.action;
    match data.database().and_then(|database| Ok(check_books_in(&database)?)) {
        Ok(report) => Ok(show(&report, *json)),
        Err(error) => {
            complain(&error);
            Ok(ExitCode::from(UNKNOWN))
        }
    }
}

fn show(report: &BooksReport, json: bool) -> ExitCode {
    if json {
        say(serde_json::json!({"sound": report.is_sound(), "report": report}));
    } else {
        let BooksReport { accounts, transfers, entries, .. } = report;
        say(format_args!("{accounts} accounts, {transfers} transfers, {entries} entries"));
        let findings = [
            (report.unbalanced_currencies, "currencies whose entries do not sum to zero"),
            (report.wrong_balances, "accounts whose balance is not the sum of their entries"),
            (report.wrong_holds, "accounts whose holds are not the sum of pending transfers"),
            (report.below_limit, "accounts below their limit"),
            (report.wrong_transfers, "transfers with other entries than they should have"),
            (report.wrong_intents, "paid intents without their transfer"),
            (report.doubled_payments, "payments made twice"),
        ];
        findings.iter().filter(|(count, _)| *count != 0).for_each(|(count, what)| say(format_args!("{count} {what}")));
        say(if report.is_sound() { "all books add up" } else { "the books do not add up" });
    }
    if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(WRONG) }
}
