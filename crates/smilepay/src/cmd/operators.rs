//! `smilepay operators`: keys of those who run the installation, for what only they may do over HTTP.

use std::process::ExitCode;

use base::OperatorId;
use clap::{Args, Subcommand};
use service::OPERATOR_KEY;
use service::ports::{Clock as _, SystemClock, SystemEntropy};
use store::{Store, StoreOptions, operators_in};

use crate::boot::{BootError, DataDirArgs, audit_keys};
use crate::terminal::say;

/// Arguments of `smilepay operators`.
#[derive(Debug, Args)]
#[command(
    about = "Keys of those who run the installation",
    after_help = "An operator's key opens /v1/operator: all disputes and their decision, the trial balance. Everything it decides is in the audit log.

Examples:
  smilepay operators add \"Ada, front desk\"   shows the key once; stop the server first
  smilepay operators list                     a running server need not be stopped
  smilepay operators revoke op_…              stop the server first"
)]
pub struct OperatorsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a key and show it once; the server must be stopped
    Add {
        /// Whose key it is
        #[arg(value_parser = name)]
        label: String,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Show who has a key
    List {
        #[command(flatten)]
        data: DataDirArgs,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// End a key; the server must be stopped
    Revoke {
        operator: OperatorId,
        #[command(flatten)]
        data: DataDirArgs,
    },
}

/// Runs the command.
///
/// # Errors
/// One sentence that says what to do.
pub fn run(args: OperatorsArgs) -> Result<ExitCode, BootError> {
    match args.action {
        Action::Add { label, data } => {
            let key = service::secret::new_secret(&SystemEntropy, OPERATOR_KEY);
            let key = key.map_err(|e| BootError::Write { path: "a key".into(), source: std::io::Error::other(e) })?;
            let id = OperatorId::from_uuid(uuid::Uuid::now_v7());
            let hash = service::secret::hash(&key);
            write(&data, async |store| store.create_operator(id, hash, label, SystemClock.now()).await)?;
            say(format_args!("{id}\n{key}\n\nKeep the key: it is not shown again."));
        }
        Action::List { data, json } => list(&data, json)?,
        Action::Revoke { operator, data } => {
            write(&data, async |store| store.revoke_operator(operator, SystemClock.now()).await)?;
            say(format_args!("{operator}: revoked"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What something is called in lists.
pub fn name(text: &str) -> Result<String, String> {
    let fits = !text.trim().is_empty() && text.len() <= store::limits::MAX_NAME && !text.contains(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(format!("a name of 1 to {} bytes", store::limits::MAX_NAME)) }
}

/// Opens the store, which no server may hold meanwhile, and works on it.
pub fn write(
    data: &DataDirArgs,
    work: impl AsyncFnOnce(Store) -> Result<(), store::StoreError>,
) -> Result<(), BootError> {
    let store = Store::open_in(&data.database()?, audit_keys(data)?, StoreOptions::default())?;
    let runtime =
        tokio::runtime::Runtime::new().map_err(|source| BootError::Write { path: "a runtime".into(), source })?;
    Ok(runtime.block_on(work(store))?)
}

fn list(data: &DataDirArgs, json: bool) -> Result<(), BootError> {
    let operators = operators_in(&data.database()?)?;
    if json {
        say(serde_json::json!(operators));
        return Ok(());
    }
    for operator in &operators {
        say(format_args!("{}  {}  {}", operator.id, operator.created_at.date(), operator.label));
    }
    say(format_args!("{} operators", operators.len()));
    Ok(())
}
