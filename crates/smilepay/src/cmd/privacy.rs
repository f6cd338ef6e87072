//! `smilepay privacy sweep`.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use service::ports::{Clock as _, SystemClock};
use vault::{Errand, VaultError};

use super::keys::{ask, runtime};
use crate::boot::policy::PolicySource;
use crate::boot::{self, BootError, DataDirArgs, Rooms};
use crate::terminal::say;

/// Arguments of `smilepay privacy`.
#[derive(Debug, Args)]
#[command(
    about = "Erase what is kept longer than was promised",
    after_help = "Examples:
  smilepay privacy sweep                  erase faces and voices that nobody used for as long as the policy says
  smilepay privacy sweep --policy china   by another policy, while no server runs

A running server does the same once an hour, by its own policy. Every erasure has its receipt, in the payer's wallet.

Exit codes: 0 done, 1 not done (the reason is printed)."
)]
pub struct PrivacyArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Erase unused templates now
    Sweep {
        #[command(flatten)]
        data: DataDirArgs,
        /// The policy that says how long is unused: eu-rts, china or a file [default: eu-rts]
        #[arg(long, value_name = "PROFILE|FILE")]
        policy: Option<PolicySource>,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
///
/// # Errors
/// One sentence that says what to do.
pub fn run(args: PrivacyArgs) -> Result<ExitCode, BootError> {
    let Action::Sweep { data, policy, json } = args.action;
    let policy = policy.unwrap_or_default().load()?;
    // Refuses where there are no keys yet: opening the rooms would make some.
    boot::vault_config(&data)?.overview()?;
    let done = match boot::open_rooms(&data) {
        Ok(Rooms { vault, store, .. }) => {
            let sweeping =
                async { service::sweep_unused(&store, &Arc::new(vault), &policy.retention, SystemClock.now()).await };
            let count = runtime()?.block_on(sweeping).map_err(|e| BootError::Service(e.reason()))?;
            format!("{count} unused templates were erased")
        }
        Err(BootError::Vault(VaultError::InUse(_))) => ask(&[boot::vault_config(&data)?], &Errand::Sweep, |_| {})?,
        Err(other) => return Err(other),
    };
    if json {
        say(serde_json::json!({"done": true, "say": done}))
    } else {
        say(done)
    }
    Ok(ExitCode::SUCCESS)
}
