//! Where the operator's master key is: in a file, a variable or a systemd credential, or inside a device that never gives it out.

mod held;
mod pkcs11;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use zeroize::Zeroizing;

use crate::VaultError;
pub use held::MasterKey;
use held::{Credential, EnvironmentVariable, KeyFile};
pub use pkcs11::{Pkcs11Error, TokenKey};

/// The operator's master key behind one face: whoever has it can wrap and unwrap the key store's root, no more.
pub trait KeySource: Send + Sync {
    /// Makes the key where it does not exist yet and this source can make one; else checks nothing.
    ///
    /// # Errors
    /// The place cannot be written.
    fn create(&self) -> Result<(), VaultError>;

    /// `secret` under the master key, bound to `context`.
    ///
    /// # Errors
    /// The key is missing, malformed or exposed; the device refuses.
    fn wrap(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, VaultError>;

    /// What [`KeySource::wrap`] was given.
    ///
    /// # Errors
    /// As for wrapping; [`VaultError::WrongMaster`] when it was wrapped by another key or for another context.
    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError>;
}

/// A place that holds the master key, as it is written on the command line: `file:PATH`, `env:NAME`, `credential:NAME`, or a
/// `pkcs11:` address (RFC 7512).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MasterKeySource {
    /// A file of 32 raw bytes or 64 hexadecimal digits, readable by its owner alone.
    File(PathBuf),
    /// An environment variable of 64 hexadecimal digits.
    Environment(String),
    /// A systemd credential (`LoadCredential=`): a file of that name in `$CREDENTIALS_DIRECTORY`.
    Credential(String),
    /// A key inside a PKCS#11 token, which does not leave it.
    Token(TokenKey),
}

impl MasterKeySource {
    /// The source itself; reads nothing yet.
    pub fn source(&self) -> Box<dyn KeySource> {
        match self {
            Self::File(path) => Box::new(KeyFile(path.clone())),
            Self::Environment(name) => Box::new(EnvironmentVariable(name.clone())),
            Self::Credential(name) => Box::new(Credential(name.clone())),
            Self::Token(key) => Box::new(key.clone()),
        }
    }
}

impl fmt::Display for MasterKeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Environment(name) => write!(f, "env:{name}"),
            Self::Credential(name) => write!(f, "credential:{name}"),
            Self::Token(key) => key.fmt(f),
        }
    }
}

impl FromStr for MasterKeySource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            Some(("env", name)) if !name.is_empty() => Ok(Self::Environment(name.into())),
            Some(("credential", name)) if !name.is_empty() => Ok(Self::Credential(name.into())),
            Some(("pkcs11", rest)) => TokenKey::parse(rest).map(Self::Token).map_err(|e| e.to_string()),
            _ => Err("write file:PATH, env:NAME, credential:NAME or \
                      pkcs11:token=NAME;object=NAME?module-path=FILE&pin-source=file:PATH"
                .into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_and_written_alike() {
        let token = "pkcs11:token=pay%20room;object=master?module-path=/usr/lib/p11.so&pin-source=env:PIN";
        for text in ["file:/run/key", "env:KEY", "credential:smilepay", token] {
            assert_eq!(text.parse::<MasterKeySource>().unwrap().to_string(), text);
        }
        for text in ["file:", "secret", "pkcs11:token=x", "pkcs11:object=x?module-path=/a&pin-value=1234"] {
            assert!(text.parse::<MasterKeySource>().is_err(), "{text}");
        }
    }
}
