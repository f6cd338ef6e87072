//! `smilepay keys list` and `smilepay keys rotate`.

use std::process::ExitCode;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use service::ports::{Clock as _, SystemClock};
use vault::{Errand, KeyOverview, MasterKeySource, Rotation, VaultConfig, VaultError};

use crate::boot::{self, BootError, DataDirArgs, Rooms};
use crate::terminal::{note, say};

/// A server that runs takes a request up within half a second, and tells how far it is as it goes.
const TAKEN_WITHIN: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Arguments of `smilepay keys`.
#[derive(Debug, Args)]
#[command(
    about = "Show and rotate the keys of enrolled faces and voices",
    after_help = "Examples:
  smilepay keys list                                      how many, of which generation; beside a running server too
  smilepay keys rotate                                    new keys for everything; a running server does it, payments go on
  smilepay keys rotate --new-master-key file:/safe/key    the same, and the root under another master key
  smilepay keys rotate --new-master-key 'pkcs11:token=pay;object=master?module-path=/usr/lib/p11.so&pin-source=env:PIN'

A rotation gives every template a new data key and a new rotation seed, without the person: what was stolen before opens
nothing that is sealed since, and cannot be linked to it. It can be stopped at any moment, also by a power cut; the next
start of the server, or the same command, goes on. No template is unusable meanwhile. A hardened server reaches its own
directories only: stop it to move the master key to a place outside of them.

Exit codes: 0 done, 1 not done (the reason is printed)."
)]
pub struct KeysArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// What is in the key store; never a key
    List {
        #[command(flatten)]
        data: DataDirArgs,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// New keys for every template, and a new generation of the keys that wrap them
    Rotate {
        #[command(flatten)]
        data: DataDirArgs,
        /// Put the root under this master key as well: start the server with it from then on
        #[arg(long, value_name = "SOURCE", value_parser = MasterKeySource::from_str)]
        new_master_key: Option<MasterKeySource>,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
///
/// # Errors
/// One sentence that says what to do.
pub fn run(args: KeysArgs) -> Result<ExitCode, BootError> {
    match args.action {
        Action::List { data, json } => list(&data, json),
        Action::Rotate { data, new_master_key, json } => rotate(&data, new_master_key, json),
    }
}

fn list(data: &DataDirArgs, json: bool) -> Result<ExitCode, BootError> {
    let config = boot::vault_config(data)?;
    let KeyOverview { templates, newest, rotating } = config.overview()?;
    let receipts = hex::encode(config.receipt_key()?);
    let audit = hex::encode(boot::audit_public_key(data)?);
    let master = config.master.to_string();
    if json {
        say(serde_json::json!({
            "master_key": master, "templates": templates, "newest_generation": newest, "rotating": rotating,
            "receipt_key": receipts, "audit_key": audit,
        }));
    } else {
        say(format_args!("master key      {master}"));
        say(format_args!("templates       {templates} with keys here, {newest} of the newest generation"));
        say(format_args!("rotation        {}", if rotating { "under way" } else { "none under way" }));
        say(format_args!("receipts        signed for {receipts}"));
        say(format_args!("audit chain     signed for {audit}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn rotate(data: &DataDirArgs, master: Option<MasterKeySource>, json: bool) -> Result<ExitCode, BootError> {
    let config = boot::vault_config(data)?;
    // Refuses where there are no keys yet: opening the rooms would make some.
    config.overview()?;
    let (by, done) = match boot::open_rooms(data) {
        Ok(rooms) => ("here", alone(rooms, master.clone())?),
        Err(BootError::Vault(VaultError::InUse(_))) => {
            note("a server holds the key store: it rotates the keys while it goes on");
            let moved = master.clone().unwrap_or_else(|| config.master.clone());
            let after = VaultConfig { master: moved, ..config.clone() };
            ("by the server", ask(&[config, after], &Errand::Rotate { master: master.clone() }, show)?)
        }
        Err(other) => return Err(other),
    };
    if json {
        say(serde_json::json!({"done": true, "by": by, "say": done}));
    } else {
        say(done);
        if let Some(master) = master {
            say(format_args!("start the server with --master-key '{master}' from now on"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn alone(rooms: Rooms, master: Option<MasterKeySource>) -> Result<String, BootError> {
    if let Some(master) = master {
        rooms.vault.change_master(master)?;
    }
    let Rooms { vault, store, .. } = rooms;
    let (vault, runtime) = (Arc::new(vault), runtime()?);
    let rotating = service::rotate_keys(&store, &vault, || SystemClock.now(), true, |r| show(&r));
    let count = runtime.block_on(rotating).map_err(|e| BootError::Service(e.reason()))?;
    Ok(format!("{count} templates have new keys"))
}

pub(super) fn runtime() -> Result<tokio::runtime::Runtime, BootError> {
    tokio::runtime::Runtime::new().map_err(|source| BootError::Write { path: "a runtime".into(), source })
}

fn show(rotation: &Rotation) {
    note(format_args!("  {} of {}", rotation.done, rotation.total));
}

/// Lets the process that holds the key store do it; `progress` hears how far a rotation is when that changes.
/// One of `configs` opens the root: before and after a change of the master key.
pub(super) fn ask(configs: &[VaultConfig], errand: &Errand, progress: impl Fn(&Rotation)) -> Result<String, BootError> {
    let config = configs.first().ok_or(BootError::NoAnswer)?;
    config.ask(errand)?;
    let (mut last_sign, mut seen) = (Instant::now(), None);
    loop {
        if let Some(answer) = config.answer() {
            return if answer.well { Ok(answer.say) } else { Err(BootError::Answered(answer.say)) };
        }
        let overview = configs.iter().find_map(|c| c.overview().ok()).filter(|o| o.rotating);
        if overview != seen {
            if let Some(o) = &overview {
                progress(&Rotation { done: o.newest, total: o.templates });
            }
            (last_sign, seen) = (Instant::now(), overview);
        }
        if last_sign.elapsed() > TAKEN_WITHIN {
            return Err(BootError::NoAnswer);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}
