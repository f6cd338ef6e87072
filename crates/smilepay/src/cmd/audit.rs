//! `smilepay audit verify | prove | verify-proof | checkpoint | key`: walks the audit chains and says where they were changed;
//! proves single entries to others.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::de::DeserializeOwned;
use store::{
    AuditProof, AuditReport, BadProof, KeptCheckpoint, Proven, Tampering, check_proof, newest_checkpoint_in, prove_in,
    verify_audit_against, verify_audit_in,
};

use crate::boot::{self, BootError, DataDirArgs};
use crate::terminal::{complain, say};

/// Exit code of a chain that was changed.
const TAMPERED: u8 = 1;
/// Exit code when it cannot be told: no database, no key.
const UNKNOWN: u8 = 2;
/// A proof with every neighbour that it may have is below 3 MB.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Arguments of `smilepay audit`.
#[derive(Debug, Args)]
#[command(
    about = "Check the audit chains, prove single entries",
    after_help = "Examples:
  smilepay audit verify                  the chains of the default data directory, and whether the books are as they tell
  smilepay audit verify --data-dir DIR   of another one; a running server need not be stopped
  smilepay audit verify --json           for programs
  smilepay audit checkpoint > FILE       the signed ends of all chains, to be kept elsewhere
  smilepay audit verify --against FILE   and nothing that FILE names is gone (a database put back to an earlier state)
  smilepay audit key                     the public key, for whoever checks a proof
  smilepay audit prove 1234 > FILE       that entry 1234 is in the log; shows no other entry
  smilepay audit verify-proof FILE --key HEX   needs no database

Exit codes: 0 intact, or the proof holds, 1 changed, or it does not hold, 2 it cannot be told (the reason is printed)."
)]
pub struct AuditArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Walk every chain: every hash, every signature, against this installation's key; then compare the books with it
    Verify {
        #[command(flatten)]
        data: DataDirArgs,
        /// A checkpoint that was kept elsewhere: what it names must still be there
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a proof that one entry is in the log
    Prove {
        /// Number of the entry
        entry: i64,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Check a proof with the public key alone
    VerifyProof {
        /// The proof as it was printed
        proof: PathBuf,
        /// Public key of the installation, 64 hexadecimal digits
        #[arg(long, value_name = "HEX", value_parser = super::erasure::key)]
        key: [u8; 32],
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the signed ends of all chains, to be kept elsewhere
    Checkpoint {
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Print the public key that signs the chains
    Key {
        #[command(flatten)]
        data: DataDirArgs,
    },
}

/// Runs the command.
///
/// # Errors
/// None: what cannot be told is exit code 2.
pub fn run(args: AuditArgs) -> Result<ExitCode, BootError> {
    let told = match args.action {
        Action::Verify { data, against, json } => walk(&data, against.as_deref()).map(|report| show(&report, json)),
        Action::Prove { entry, data } => prove(&data, entry),
        Action::VerifyProof { proof, key, json } => {
            read::<AuditProof>(&proof).map(|p| show_proof(check_proof(&p, key), json))
        }
        Action::Checkpoint { data } => checkpoint(&data),
        Action::Key { data } => boot::audit_public_key(&data).map_err(|e| e.to_string()).map(|key| {
            say(hex::encode(key));
            ExitCode::SUCCESS
        }),
    };
    Ok(told.unwrap_or_else(|why| {
        complain(&why);
        ExitCode::from(UNKNOWN)
    }))
}

fn walk(data: &DataDirArgs, against: Option<&Path>) -> Result<AuditReport, String> {
    let key = boot::audit_public_key(data).map_err(|e| e.to_string())?;
    let database = data.database().map_err(|e| e.to_string())?;
    let walked = match against {
        Some(file) => verify_audit_against(&database, key, &read::<KeptCheckpoint>(file)?),
        None => verify_audit_in(&database, Some(key)),
    };
    walked.map_err(|e| e.to_string())
}

fn prove(data: &DataDirArgs, entry: i64) -> Result<ExitCode, String> {
    let database = data.database().map_err(|e| e.to_string())?;
    print(&prove_in(&database, entry).map_err(|e| e.to_string())?)
}

fn checkpoint(data: &DataDirArgs) -> Result<ExitCode, String> {
    let database = data.database().map_err(|e| e.to_string())?;
    let newest = newest_checkpoint_in(&database).map_err(|e| e.to_string())?;
    print(&newest.ok_or("nothing was written to the log yet")?)
}

fn print(what: &impl serde::Serialize) -> Result<ExitCode, String> {
    say(serde_json::to_string_pretty(what).map_err(|e| e.to_string())?);
    Ok(ExitCode::SUCCESS)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let told = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let length = path.metadata().map_err(|e| told(&e))?.len();
    if length > MAX_BYTES {
        return Err(told(&"too long"));
    }
    let text = std::fs::read_to_string(path).map_err(|e| told(&e))?;
    serde_json::from_str(&text).map_err(|e| told(&e))
}

fn show_proof(found: Result<Proven, BadProof>, json: bool) -> ExitCode {
    let holds = found.is_ok();
    match (found, json) {
        (Ok(proven), true) => say(serde_json::json!({"holds": true, "entry": proven.entry, "entries": proven.entries})),
        (Err(why), true) => say(serde_json::json!({"holds": false, "why": why.to_string()})),
        (Ok(Proven { entry, entries }), false) => {
            say(format_args!("entry {} of shard {}: {} at {} ms", entry.place, entry.shard, entry.kind, entry.at));
            say(format_args!("subject {}, detail {}", entry.subject, entry.detail));
            say(format_args!("the proof holds: it was in the log when {entries} entries were signed"));
        }
        (Err(why), false) => say(format_args!("the proof does not hold: {why}")),
    }
    if holds { ExitCode::SUCCESS } else { ExitCode::from(TAMPERED) }
}

fn show(report: &AuditReport, json: bool) -> ExitCode {
    if json {
        say(serde_json::json!({"intact": report.is_intact(), "report": report}));
    } else {
        let AuditReport { entries, chains, checkpoints, head, .. } = report;
        say(format_args!("{entries} entries in {chains} chains, {checkpoints} checkpoints, head {head}"));
        report.tampering.iter().for_each(|finding| say(sentence(finding)));
        say(match &report.tampering[..] {
            [] => "the chains are intact, and the books are as they tell",
            [Tampering::Books { .. } | Tampering::Untold { .. }, ..] => {
                "the chains are intact, and the books are not as they tell"
            }
            _ => "the chains were changed",
        });
    }
    if report.is_intact() { ExitCode::SUCCESS } else { ExitCode::from(TAMPERED) }
}

fn sentence(finding: &Tampering) -> String {
    match finding {
        Tampering::Changed { seq } => format!("entry {seq} was changed or moved"),
        Tampering::Missing { seq } => format!("entries of the same chain before {seq} are gone"),
        Tampering::CutOff { chain, place: 0, signed } => format!("{} is gone, {signed} entries", named(*chain)),
        Tampering::CutOff { chain, place, signed } => {
            format!("{}: its entries {} to {signed} were cut off", named(*chain), place.saturating_add(1))
        }
        Tampering::Rewritten { chain, place } => {
            format!("{}: its entry {place} is not the one that was signed", named(*chain))
        }
        Tampering::BadSignature { seq } => format!("the signature at entry {seq} does not fit"),
        Tampering::NoSignature { seq } => format!("no signature covers the entries from {seq} on"),
        Tampering::Books { seq, transfer } => format!("the books do not have {transfer} as entry {seq} tells of it"),
        Tampering::Untold { transfer } => format!("no entry tells of {transfer}, which is in the books"),
        Tampering::OtherKey => "the chains were signed with another installation's key".to_owned(),
    }
}

fn named(chain: Option<usize>) -> String {
    chain.map_or_else(|| "the first chain".to_owned(), |number| format!("chain {number}"))
}
