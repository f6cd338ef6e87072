//! `smilepay ledger check | balance | trial-balance`: adds all books up, now or as they stood, beside a running server if need be.

use std::process::ExitCode;

use base::{AccountId, MerchantId, Timestamp};
use clap::{Args, Subcommand};
use store::{BalanceThen, BooksReport, TrialLine, balances_in, check_books_in, trial_balance_in};

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
  smilepay ledger balance acct_… --at 1795219200   what a payer or a merchant (mer_…) had at the end of that second
  smilepay ledger trial-balance          all accounts by kind and currency
  smilepay ledger trial-balance --at 1795219200   as they stood at the end of that second

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
    /// What stood on the accounts of a payer or merchant, from the lines of the books alone
    Balance {
        /// acct_… or mer_…
        #[arg(value_parser = owner)]
        owner: uuid::Uuid,
        #[command(flatten)]
        data: DataDirArgs,
        /// As it stood then, in seconds since 1970 [default: now]
        #[arg(long, value_name = "SECONDS")]
        at: Option<i64>,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// What left and what came in, by kind of account and currency; each currency sums to zero
    TrialBalance {
        #[command(flatten)]
        data: DataDirArgs,
        /// As it stood then, in seconds since 1970 [default: now]
        #[arg(long, value_name = "SECONDS")]
        at: Option<i64>,
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
    let told = match &args.action {
        Action::Check { data, json } => {
            data.database().and_then(|database| Ok(show(&check_books_in(&database)?, *json)))
        }
        Action::Balance { owner, data, at, json } => data
            .database()
            .and_then(|database| Ok(show_balances(&balances_in(&database, *owner, at.map(end_of))?, *json))),
        Action::TrialBalance { data, at, json } => {
            data.database().and_then(|database| Ok(show_trial(&trial_balance_in(&database, at.map(end_of))?, *json)))
        }
    };
    told.or_else(|error| {
        complain(&error);
        Ok(ExitCode::from(UNKNOWN))
    })
}

/// The whole second counts.
fn end_of(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds.saturating_mul(1_000).saturating_add(999))
}

fn owner(text: &str) -> Result<uuid::Uuid, String> {
    let payer = text.parse::<AccountId>().map(|id| *id.as_uuid());
    let either = payer.or_else(|_| text.parse::<MerchantId>().map(|id| *id.as_uuid()));
    either.map_err(|_| "write acct_… or mer_…".to_owned())
}

fn show_balances(balances: &[BalanceThen], json: bool) -> ExitCode {
    if json {
        say(serde_json::json!(balances));
        return ExitCode::SUCCESS;
    }
    for BalanceThen { kind, currency, posted } in balances {
        say(format_args!("{kind:<20} {:>8} {posted:>18}", currency.code()));
    }
    say(format_args!("{} accounts; minor units, holds not taken off", balances.len()));
    ExitCode::SUCCESS
}

fn show_trial(lines: &[TrialLine], json: bool) -> ExitCode {
    let sums = |line: &TrialLine| -> i64 {
        lines.iter().filter(|other| other.currency == line.currency).map(|other| other.balance).sum()
    };
    let balanced = lines.iter().all(|line| sums(line) == 0);
    if json {
        say(serde_json::json!({"balanced": balanced, "lines": lines}));
    } else {
        say(format_args!(
            "{:<20} {:>8} {:>9} {:>18} {:>18} {:>18}",
            "kind", "currency", "accounts", "out", "in", "balance"
        ));
        for TrialLine { kind, currency, accounts, debits, credits, balance } in lines {
            let currency = currency.code();
            say(format_args!("{kind:<20} {currency:>8} {accounts:>9} {debits:>18} {credits:>18} {balance:>18}"));
        }
        say(if balanced { "every currency sums to zero" } else { "a currency does not sum to zero" });
    }
    if balanced { ExitCode::SUCCESS } else { ExitCode::from(WRONG) }
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
            (report.wrong_shards, "rows that do not live with their owner"),
        ];
        findings.iter().filter(|(count, _)| *count != 0).for_each(|(count, what)| say(format_args!("{count} {what}")));
        say(if report.is_sound() { "all books add up" } else { "the books do not add up" });
    }
    if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(WRONG) }
}
