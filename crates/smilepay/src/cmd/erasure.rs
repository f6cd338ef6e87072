//! `smilepay erasure verify`: whether a receipt of an erasure holds.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use sha2::{Digest, Sha256};
use store::audited_receipt;
use vault::{ErasureReceipt, ReceiptError};

use crate::boot::{self, BootError, DataDirArgs};
use crate::terminal::{complain, say};

/// Exit code of a receipt that does not hold.
const DOES_NOT_HOLD: u8 = 1;
/// Exit code when it cannot be told.
const UNKNOWN: u8 = 2;
/// A receipt is about 500 bytes.
const MAX_BYTES: u64 = 16 * 1024;

/// Arguments of `smilepay erasure`.
#[derive(Debug, Args)]
#[command(
    about = "Check the receipt of an erasure",
    after_help = "Examples:
  smilepay erasure verify receipt.json --key HEX      the key is at /v1/erasure_key of the server
  smilepay erasure verify receipt.json --data-dir DIR the operator's own check, with the audit entry
  smilepay erasure verify receipt.json                only whether it was changed; says by whom it is signed

Exit codes: 0 it holds, 1 it does not, 2 it cannot be told (the reason is printed)."
)]
pub struct ErasureArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Check signature, key and (with --data-dir) the audit chain
    Verify {
        /// The receipt as it was downloaded
        receipt: PathBuf,
        /// Public key of the installation, 64 hexadecimal digits
        #[arg(long, value_name = "HEX", value_parser = key)]
        key: Option<[u8; 32]>,
        #[command(flatten)]
        data: DataDirArgs,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
}

/// A public key as it is written.
pub(super) fn key(text: &str) -> Result<[u8; 32], String> {
    let mut key = [0; 32];
    hex::decode_to_slice(text.trim(), &mut key).map_err(|_| "write 64 hexadecimal digits".to_owned())?;
    Ok(key)
}

/// What was found.
struct Finding {
    receipt: ErasureReceipt,
    holds: Result<(), ReceiptError>,
    key_known: bool,
    /// With the operator's data: the audit entry, if there is one.
    audit: Option<Option<i64>>,
}

/// Runs the command.
///
/// # Errors
/// None: what cannot be told is exit code 2.
pub fn run(args: ErasureArgs) -> Result<ExitCode, BootError> {
    let Action::Verify { receipt, key, data, json } = args.action;
    Ok(check(&receipt, key, &data).map_or_else(
        |why| {
            complain(&why);
            ExitCode::from(UNKNOWN)
        },
        |finding| show(&finding, json),
    ))
}

fn check(path: &PathBuf, key: Option<[u8; 32]>, data: &DataDirArgs) -> Result<Finding, String> {
    let failed = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let size = std::fs::metadata(path).map_err(|e| failed(&e))?.len();
    if size > MAX_BYTES {
        return Err(failed(&"this is too long to be a receipt"));
    }
    let text = std::fs::read(path).map_err(|e| failed(&e))?;
    let receipt: ErasureReceipt = serde_json::from_slice(&text).map_err(|_| failed(&"this is no erasure receipt"))?;
    let own = data.data_dir.is_some();
    let key = match key {
        None if own => Some(boot::receipt_key(data).map_err(|e| e.to_string())?),
        given => given,
    };
    let holds = receipt.verify(key);
    // As the server wrote it: the downloaded file may be indented differently.
    let written = serde_json::to_string(&receipt).map_err(|e| failed(&e))?;
    let digest = hex::encode(Sha256::digest(written.as_bytes()));
    let look = || {
        data.database()
            .map_err(|e| e.to_string())
            .and_then(|db| audited_receipt(&db, &digest).map_err(|e| e.to_string()))
    };
    let audit = own.then(look).transpose()?;
    Ok(Finding { receipt, holds, key_known: key.is_some(), audit })
}

fn show(finding: &Finding, json: bool) -> ExitCode {
    let Finding { receipt, holds, key_known, audit } = finding;
    let good = holds.is_ok() && *audit != Some(None);
    if json {
        say(serde_json::json!({
            "holds": good, "reason": holds.err().map(|e| e.to_string()), "key_known": key_known,
            "audit_entry": audit.flatten(), "receipt": receipt,
        }));
    } else {
        match holds {
            Ok(()) => say(format_args!(
                "the keys of {} ({}) were destroyed on {}",
                receipt.template,
                receipt.method.as_str(),
                receipt.erased_at.rfc3339()
            )),
            Err(error) => say(error),
        }
        if !key_known {
            say(format_args!("signed by {}: compare it with the server's /v1/erasure_key", receipt.public_key));
        }
        match audit {
            Some(Some(seq)) => say(format_args!("audit entry {seq} records this receipt")),
            Some(None) => say("no audit entry records this receipt"),
            None => {}
        }
    }
    if good { ExitCode::SUCCESS } else { ExitCode::from(DOES_NOT_HOLD) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{AccountId, Method, TemplateId, Timestamp};
    use vault::{Features, Label, MasterKeySource, Vault, VaultConfig};

    #[test]
    fn a_receipt_holds_until_a_letter_of_it_changes() {
        let dir = tempfile::tempdir().unwrap();
        let master = MasterKeySource::File(dir.path().join("master.key"));
        let vault = Vault::init(VaultConfig { key_dir: dir.path().join("keys"), master }).unwrap();
        let id = |n| uuid::Uuid::from_u128(n);
        let template = TemplateId::from_uuid(id(2));
        let label = Label { account: AccountId::from_uuid(id(1)), method: Method::Face, template };
        vault.seal(&label, &Features::new(vec![1.0], 5, 0.3, "m").unwrap()).unwrap();
        let proof = vault.erase(template, Timestamp::from_millis(1)).unwrap();
        let receipt = serde_json::to_string_pretty(&vault.receipt(&proof, Method::Face).unwrap()).unwrap();
        let path = dir.path().join("receipt.json");
        let nowhere = DataDirArgs { data_dir: None, database: None, key_dir: None, master_key: None };
        let verdict = |text: &str, key| {
            std::fs::write(&path, text).unwrap();
            check(&path, key, &nowhere).map(|f| f.holds)
        };
        let key = vault.receipt_key().unwrap();
        assert_eq!(verdict(&receipt, Some(key)), Ok(Ok(())));
        assert_eq!(verdict(&receipt, Some([3; 32])), Ok(Err(ReceiptError::OtherKey)));
        assert_eq!(verdict(&receipt.replace("face", "voice"), None), Ok(Err(ReceiptError::Changed)));
        assert!(verdict("{}", None).unwrap_err().contains("no erasure receipt"));
    }
}
