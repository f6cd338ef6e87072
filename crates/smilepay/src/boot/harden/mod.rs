//! What the server gives up before it opens keys and database, so that whoever takes it over gets little: core dumps, files
//! outside of its own, new programs, other ports. Where the system has a protection not, the server starts all the same and says
//! so in one line.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod files;
pub mod probe;

use std::fmt;
use std::path::{Path, PathBuf};

use store::Location;
use vault::MasterKeySource;

use super::{BootError, DataDirArgs};

/// What the process needs from now on.
#[derive(Clone, Debug)]
pub struct Needs {
    /// May be read and written.
    pub own: Vec<PathBuf>,
    /// May be read.
    pub read: Vec<PathBuf>,
    /// `None`: a module in this process reads files that nobody knows here, so files are not restricted.
    pub why_all_files: Option<&'static str>,
    /// The one port that may be listened on; 0 for a free one.
    pub port: u16,
}

/// One protection and whether it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    pub name: &'static str,
    pub stands: Result<(), String>,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Hardened(pub Vec<Protection>);

impl Hardened {
    /// Whether the protection of that name stands.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|p| p.name == name && p.stands.is_ok())
    }

    fn add(&mut self, name: &'static str, stands: Result<(), String>) {
        self.0.push(Protection { name, stands });
    }

    /// One line for the log, when something is missing.
    pub fn log(&self) {
        let missing: Vec<String> =
            self.0.iter().filter_map(|p| p.stands.as_ref().err().map(|why| format!("{} ({why})", p.name))).collect();
        if missing.is_empty() {
            tracing::info!("hardened: {self}");
        } else {
            tracing::warn!("hardened in part; missing: {}", missing.join(", "));
        }
    }
}

impl fmt::Display for Hardened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().filter(|p| p.stands.is_ok()).map(|p| p.name).collect();
        f.write_str(&names.join(", "))
    }
}

pub const NO_CORE: &str = "no core dumps";
pub const FILES: &str = "files";
pub const PORTS: &str = "ports";
pub const CALLS: &str = "system calls";
pub const CLOSED: &str = "memory closed to others";

impl Needs {
    /// Of a server on this data. Directories that do not exist yet are made by their parents' right.
    pub fn of(data: &DataDirArgs, cache: &Path, port: u16) -> Result<Self, BootError> {
        let config = super::vault_config(data)?;
        let mut own = vec![data.dir()?, config.key_dir];
        if let Location::File(path) = data.database()? {
            own.extend(path.parent().map(Path::to_owned));
        }
        let mut read = vec![cache.to_owned()];
        let mut why_all_files = None;
        match &config.master {
            MasterKeySource::File(path) => own.extend(path.parent().map(Path::to_owned)),
            MasterKeySource::Environment(_) => {}
            MasterKeySource::Credential(_) => read.extend(std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)),
            MasterKeySource::Token(_) => why_all_files = Some("the files of a PKCS#11 module are unknown"),
        }
        Ok(Self { own, read, why_all_files, port })
    }
}

/// Gives them up, for this thread and all that it starts; call it before there are others that work with data. Cannot be undone.
pub fn apply(needs: &Needs) -> Hardened {
    let mut done = Hardened::default();
    #[cfg(target_os = "linux")]
    {
        done.add(NO_CORE, calls::no_core_dumps());
        files::restrict(needs, &mut done);
        done.add(CALLS, calls::refuse());
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = needs;
        done.add(NO_CORE, Err("only known on Linux".to_owned()));
    }
    done
}

/// Closes the memory to debuggers and to other processes of the same user; for a live server, when everything is loaded.
pub fn close_memory(done: &mut Hardened) {
    #[cfg(target_os = "linux")]
    done.add(CLOSED, calls::close_memory());
    #[cfg(not(target_os = "linux"))]
    done.add(CLOSED, Err("only known on Linux".to_owned()));
}
