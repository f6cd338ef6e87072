//! What can go wrong, each as one sentence that says what to do.

use crate::cache::PART;
use std::io;
use std::path::{Path, PathBuf};

/// Why weights could not be fetched, checked, converted, packed or unpacked.
#[derive(Debug, thiserror::Error)]
pub enum ModelsError {
    /// Neither `SMILEPAY_CACHE` nor a home directory is known.
    #[error("no cache directory is known: set SMILEPAY_CACHE to a directory this user may write")]
    NoCacheDir,
    /// No working pip was found.
    #[error(
        "pip was not found (tried python3 -m pip, pip3, pip): install Python 3 with pip, or load an offline bundle with `smilepay models unpack FILE`"
    )]
    NoPip,
    /// No npm was found.
    #[error(
        "npm was not found: install Node.js with npm, or load an offline bundle with `smilepay models unpack FILE`"
    )]
    NoNpm,
    /// The package client could not reach its registry.
    #[error(
        "{package} could not be downloaded because the registry cannot be reached: check the network or the proxy and run the command again (what is complete is kept), or load an offline bundle with `smilepay models unpack FILE`"
    )]
    NoNetwork {
        /// Package and version.
        package: String,
    },
    /// The package client failed for another reason.
    #[error("{tool} could not download {package}: {detail}")]
    Client {
        /// Which client.
        tool: &'static str,
        /// Package and version.
        package: String,
        /// The client's own last words, shortened.
        detail: String,
    },
    /// A file is not the pinned one.
    #[error(
        "{what} is not the file this program was built for (sha256 {found}, expected {expected}): nothing was kept of it; run `smilepay models fetch` again, and do not use the file if it happens twice"
    )]
    WrongHash {
        /// Which file.
        what: String,
        /// Pinned sha256, hexadecimal.
        expected: String,
        /// Computed sha256, hexadecimal.
        found: String,
    },
    /// A package file lacks a member that the manifest names.
    #[error("{package} does not contain {member}: the manifest and the package do not fit")]
    MissingMember {
        /// Package file.
        package: String,
        /// Member path.
        member: String,
    },
    /// The file system is full.
    #[error("there is no space left at {}: free about 300 MB or set SMILEPAY_CACHE to another disk, then run the command again", path.display())]
    NoSpace {
        /// Where it happened.
        path: PathBuf,
    },
    /// Another process holds the cache.
    #[error("another process is still fetching into {}: wait for it to end, then run the command again", path.display())]
    Busy {
        /// The cache.
        path: PathBuf,
    },
    /// A file is missing or damaged in the cache.
    #[error("{} is missing or not complete: run `smilepay models fetch`", path.display())]
    NotFetched {
        /// The file.
        path: PathBuf,
    },
    /// Reading or writing failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The manifest does not hold together.
    #[error("the manifest is wrong: {0}")]
    Manifest(String),
    /// A weight file could not be converted.
    #[error("{what} could not be converted: {reason}")]
    Convert {
        /// Which file.
        what: String,
        /// Why.
        reason: String,
    },
    /// The pinned package has libraries for another machine.
    #[error("{package} is pinned for {wanted}, and this machine is {here}: run it on a {wanted} machine")]
    Platform {
        /// Package.
        package: String,
        /// Platform in the manifest.
        wanted: String,
        /// This machine.
        here: String,
    },
    /// Somebody else's network, or its manifest, is not right.
    #[error("the model {} cannot be used: {reason}", manifest.display())]
    Plug {
        /// Its manifest.
        manifest: PathBuf,
        /// Why.
        reason: String,
    },
    /// An offline bundle is not one of ours.
    #[error("the bundle was refused and nothing of it was kept: {0}")]
    Bundle(String),
}

impl ModelsError {
    /// Wraps an I/O error; a full disk gets its own sentence.
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        let full = matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        if full {
            return Self::no_space(path);
        }
        Self::Io { path: path.to_owned(), source }
    }

    /// Names the folder that a person knows, not the unfinished work inside it.
    pub(crate) fn no_space(path: &Path) -> Self {
        let ours = |p: &&Path| p.components().any(|c| c.as_os_str().to_string_lossy().starts_with(PART));
        let known = path.ancestors().find(|p| !ours(p)).unwrap_or(path);
        Self::NoSpace { path: known.to_owned() }
    }
}

/// Puts the path into an I/O error.
pub(crate) trait At<T> {
    /// Adds `path` to the error.
    fn at(self, path: &Path) -> Result<T, ModelsError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, ModelsError> {
        self.map_err(|source| ModelsError::io(path, source))
    }
}
