use std::path::{Path, PathBuf};

use base::{TemplateId, Timestamp};

/// Why the vault does not do it, and what the operator can do. No message holds a key or a feature.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("the master key is missing: {0}. Restore it from its backup; without it no enrolled face can be used")]
    MasterMissing(String),
    #[error("the master key in {0} is not 32 bytes or 64 hexadecimal digits: restore it from its backup")]
    MasterMalformed(String),
    #[error("{} can be read by others: run `chmod 600` on it", .0.display())]
    MasterExposed(PathBuf),
    #[error("the master key does not open this key store: it belongs to another installation or was exchanged")]
    WrongMaster,
    #[error("there is no key store in {}: restore it from its backup, or start with an empty data directory", .0.display())]
    NotInitialised(PathBuf),
    #[error("{} already holds keys: a new key store would make every enrolled face unreadable", .0.display())]
    AlreadyInitialised(PathBuf),
    #[error("another process uses the key store in {}", .0.display())]
    InUse(PathBuf),
    #[error(transparent)]
    Pkcs11(#[from] crate::Pkcs11Error),
    #[error("a rotation of the keys is under way: wait until it has ended")]
    Rotating,
    #[error("the key store is damaged ({0}): restore it from its backup")]
    Damaged(&'static str),
    #[error("the key store is full")]
    Full,
    #[error("no key is stored for {0}")]
    UnknownTemplate(TemplateId),
    #[error("{template} was erased at {}", .at.rfc3339())]
    Erased { template: TemplateId, at: Timestamp },
    #[error("{0} already has a key")]
    Duplicate(TemplateId),
    #[error("the sealed data was changed, or belongs to another account, method, template or model")]
    Tampered,
    #[error("the features were made by model {found}, the template by {expected}: enrol again")]
    OtherModel { expected: String, found: String },
    #[error("features must be 1 to 2048 finite numbers of unit length with a short model name")]
    BadFeatures,
    #[error("the secret is too long")]
    SecretTooLong,
    #[error("the operating system gave no random numbers")]
    NoRandomness,
    #[error("cannot {doing} {}: {source}", .path.display())]
    Io { doing: &'static str, path: PathBuf, source: std::io::Error },
}

impl VaultError {
    /// Adds what was being done to an I/O error.
    pub(crate) fn io<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> Self + 'a {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}
