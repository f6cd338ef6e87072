//! What an operator can choose, shared by the commands that start a server or open its data.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr as _;

use clap::Args;
use liveness::Step;
use nn::Precision;
use server::Tls;
use service::Mode;
use store::Location;
use vault::MasterKeySource;

use crate::boot::BootError;
use crate::boot::plugs::PlugArgs;
use crate::boot::policy::PolicySource;
use crate::boot::region::RegionSource;
use crate::boot::voice::Prompts;

/// Where the data is.
#[derive(Clone, Debug, Args)]
pub struct DataDirArgs {
    /// Database and keys [default: smilepay in the user's data directory]
    #[arg(long, value_name = "DIR", env = "SMILEPAY_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Where the database is: postgres://USER:PASSWORD@HOST:PORT/NAME or sqlite:PATH [default: smilepay.db in the data
    /// directory]
    #[arg(long, value_name = "ADDRESS", env = "DATABASE_URL", hide_env_values = true)]
    pub database: Option<Location>,
    /// The key store, on another disk than the database if you can [default: keys in the data directory]
    #[arg(long, value_name = "DIR", env = "SMILEPAY_KEY_DIR")]
    pub key_dir: Option<PathBuf>,
    /// The operator's key: file:PATH, env:NAME, credential:NAME, or a key inside a token,
    /// pkcs11:token=NAME;object=NAME?module-path=FILE&pin-source=file:PATH [default: file master.key in the data directory]
    #[arg(long, value_name = "SOURCE", value_parser = MasterKeySource::from_str)]
    pub master_key: Option<MasterKeySource>,
}

impl DataDirArgs {
    /// The data directory.
    pub fn dir(&self) -> Result<PathBuf, BootError> {
        let variable = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let base = || variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/share")));
        self.data_dir.clone().or_else(|| base().map(|b| b.join("smilepay"))).ok_or(BootError::NoDataDir)
    }

    /// The database.
    pub fn database(&self) -> Result<Location, BootError> {
        match &self.database {
            Some(location) => Ok(location.clone()),
            None => Ok(Location::File(self.dir()?.join("smilepay.db"))),
        }
    }
}

/// How a server is started.
#[derive(Clone, Debug)]
pub struct Options {
    pub data: DataDirArgs,
    /// Cache of the weights; `None`: the user's.
    pub cache: Option<PathBuf>,
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    pub tls: Tls,
    pub public_url: Option<String>,
    /// Where a proxy in front says the client's country.
    pub country_header: Option<String>,
    pub mode: Mode,
    pub precision: Precision,
    /// Threads that analyse frames.
    pub workers: usize,
    /// Steps every challenge asks for; test mode only.
    pub pinned_steps: Option<Vec<Step>>,
    /// What which proven methods may pay, and every threshold.
    pub policy: Option<PolicySource>,
    /// What is enabled, in which currency and language.
    pub region: RegionSource,
    /// Which makes of passkey devices are taken; any by default.
    pub attestation: Option<PathBuf>,
    /// Let payers pay by voice, by these prompts; fetches its weights at the first start.
    pub voice: Option<Prompts>,
    /// Let payers pay with a tattoo or a pet; fetches its weights at the first start.
    pub kungfu: bool,
    /// A list of passive networks that look at each capture's frames.
    pub passive: Option<PathBuf>,
    /// Face networks other than those that ship.
    pub plugs: PlugArgs,
    /// Open the stamp shop.
    pub demo_shop: bool,
    /// Give up what a server does not need; cannot be undone in this process.
    pub hardened: bool,
}

impl Options {
    /// A test-mode server with the demo shop on a free local port.
    pub fn for_demo(data_dir: PathBuf) -> Self {
        Self {
            data: DataDirArgs { data_dir: Some(data_dir), database: None, key_dir: None, master_key: None },
            cache: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: Tls::Off,
            public_url: None,
            country_header: None,
            mode: Mode::Test,
            precision: Precision::Auto,
            workers: default_workers(),
            pinned_steps: None,
            policy: None,
            region: RegionSource::default(),
            attestation: None,
            voice: None,
            kungfu: false,
            passive: None,
            plugs: PlugArgs::default(),
            demo_shop: true,
            hardened: false,
        }
    }

    /// Refuses what must not be, before anything is fetched, opened or written.
    pub(super) fn check(&self) -> Result<(), BootError> {
        if self.mode == Mode::Test {
            return Ok(());
        }
        if self.pinned_steps.is_some() {
            return Err(BootError::PinnedInLiveMode);
        }
        let behind_tls = self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        if self.tls == Tls::Off && !behind_tls {
            return Err(BootError::LiveWithoutTls);
        }
        Ok(())
    }
}

/// One worker a core, at most four: a capture keeps about one core busy.
pub fn default_workers() -> usize {
    const MOST: usize = 4;
    std::thread::available_parallelism().map_or(1, |n| n.get().min(MOST))
}

/// One step of `--challenge`.
pub fn step(text: &str) -> Result<Step, String> {
    let names = Step::ALL.map(Step::name).join(", ");
    Step::ALL.into_iter().find(|s| s.name() == text).ok_or_else(|| format!("the steps are {names}"))
}

/// `auto`, `bf16` or `f32`.
pub fn precision(text: &str) -> Result<Precision, String> {
    Precision::from_str(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_server_refuses_a_pinned_challenge_and_plain_http() {
        let demo = Options::for_demo("unused".into());
        assert!(demo.check().is_ok());
        let live = Options { mode: Mode::Live, tls: Tls::SelfSigned, ..demo.clone() };
        assert!(live.check().is_ok());
        let pinned = Options { pinned_steps: Some(vec![Step::Smile]), ..live.clone() };
        assert!(matches!(pinned.check(), Err(BootError::PinnedInLiveMode)));
        let plain = Options { tls: Tls::Off, ..live.clone() };
        assert!(matches!(plain.check(), Err(BootError::LiveWithoutTls)));
        assert!(Options { public_url: Some("https://pay.example".into()), ..plain }.check().is_ok());
    }

    #[test]
    fn steps_are_read() {
        assert_eq!(step("turn_left"), Ok(Step::TurnLeft));
        assert!(step("wink").is_err());
    }
}
