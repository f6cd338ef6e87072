//! `smilepay merchants`: shops that are paid here.

use std::process::ExitCode;

use base::{ApiKeyId, MerchantId};
use clap::{Args, Subcommand};
use service::ports::{Clock as _, SystemClock, SystemEntropy};
use store::{NewMerchant, merchants_in};
use uuid::Uuid;

use super::operators::{name, write};
use crate::boot::{BootError, DataDirArgs};
use crate::terminal::say;

/// Arguments of `smilepay merchants`.
#[derive(Debug, Args)]
#[command(
    about = "Shops that are paid here",
    after_help = "A shop's secret key makes payments, further keys and webhook endpoints (docs/api.md).
Operators open shops over HTTP as well: POST /v1/operator/merchants.

Examples:
  smilepay merchants add \"Canteen, building 7\"          shows its secret key once; stop the server first
  smilepay merchants add \"Canteen, building 7\" --live   for a server with --mode live
  smilepay merchants list                                a running server need not be stopped"
)]
pub struct MerchantsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Open a shop and show its secret key once; the server must be stopped
    Add {
        /// What payers see as the payee
        #[arg(value_parser = name)]
        name: String,
        /// Its key is for real money: it begins with sk_live_
        #[arg(long)]
        live: bool,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Show all shops
    List {
        #[command(flatten)]
        data: DataDirArgs,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
///
/// # Errors
/// One sentence that says what to do.
pub fn run(args: MerchantsArgs) -> Result<ExitCode, BootError> {
    match args.action {
        Action::Add { name, live, data } => {
            let key = service::secret::new_secret(&SystemEntropy, service::keys::secret_prefix(!live));
            let key = key.map_err(|e| BootError::Write { path: "a key".into(), source: std::io::Error::other(e) })?;
            let id = MerchantId::from_uuid(Uuid::now_v7());
            let first = service::first_key(ApiKeyId::from_uuid(Uuid::now_v7()), id, &key);
            let new = NewMerchant { id, name };
            write(&data, async |store| store.open_shop(new, first, None, SystemClock.now()).await)?;
            say(format_args!("{id}\n{key}\n\nKeep the key: it is not shown again."));
        }
        Action::List { data, json } => list(&data, json)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(data: &DataDirArgs, json: bool) -> Result<(), BootError> {
    let merchants = merchants_in(&data.database()?)?;
    if json {
        say(serde_json::json!(merchants));
        return Ok(());
    }
    for merchant in &merchants {
        say(format_args!("{}  {}  {}", merchant.id, merchant.created_at.date(), merchant.name));
    }
    say(format_args!("{} shops", merchants.len()));
    Ok(())
}
