//! `smilepay audit verify`: walks the audit chain and says where it was changed.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use store::{AuditReport, Tampering, verify_audit_in};

use crate::boot::{self, BootError, DataDirArgs};
use crate::terminal::{complain, say};

/// Exit code of a chain that was changed.
const TAMPERED: u8 = 1;
/// Exit code when it cannot be told: no database, no key.
const UNKNOWN: u8 = 2;

/// Arguments of `smilepay audit`.
#[derive(Debug, Args)]
#[command(
    about = "Check the audit chain",
    after_help = "Examples:
  smilepay audit verify                  the chain of the default data directory
  smilepay audit verify --data-dir DIR   of another one; a running server need not be stopped
  smilepay audit verify --json           for programs

Exit codes: 0 intact, 1 changed, 2 it cannot be told (the reason is printed)."
)]
pub struct AuditArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Walk the whole chain: every hash, every signature, against this installation's key
    Verify {
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
pub fn run(args: AuditArgs) -> Result<ExitCode, BootError> {
    let Action::Verify { data, json } = args.action;
    match walk(&data) {
        Ok(report) => Ok(show(&report, json)),
        Err(error) => {
            complain(&error);
            Ok(ExitCode::from(UNKNOWN))
        }
    }
}

fn walk(data: &DataDirArgs) -> Result<AuditReport, BootError> {
    let key = boot::audit_public_key(data)?;
    Ok(verify_audit_in(&data.database()?, Some(key))?)
}

fn show(report: &AuditReport, json: bool) -> ExitCode {
    if json {
        say(serde_json::json!({"intact": report.is_intact(), "report": report}));
    } else {
        say(format_args!("{} entries, {} checkpoints, head {}", report.entries, report.checkpoints, report.head));
        report.tampering.iter().for_each(|finding| say(sentence(finding)));
        say(if report.is_intact() { "the chain is intact" } else { "the chain was changed" });
    }
    if report.is_intact() { ExitCode::SUCCESS } else { ExitCode::from(TAMPERED) }
}

fn sentence(finding: &Tampering) -> String {
    match finding {
        Tampering::Changed { seq } => format!("entry {seq} was changed or moved"),
        Tampering::Missing { seq } => format!("entries before {seq} are gone"),
        Tampering::CutOff { seq, signed } => format!("entries {} to {signed} were cut off", seq.saturating_add(1)),
        Tampering::BadSignature { seq } => format!("the signature at entry {seq} does not fit"),
        Tampering::NoSignature { seq } => format!("no signature covers the entries from {seq} on"),
        Tampering::OtherKey => "the chain was signed with another installation's key".to_owned(),
    }
}
