//! Where the operator's master key comes from.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::VaultError;
use crate::aead::{SecretKey, random};
use crate::files;
use crate::limits::{KEY_BYTES, MAX_MASTER_FILE_BYTES};

/// The operator's key. It opens the key store's root and nothing else. Not printable, not copyable, wiped when dropped.
pub struct MasterKey(pub(crate) SecretKey);

impl MasterKey {
    /// A key the caller already holds, for instance from a KMS.
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A fresh random key.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn generate() -> Result<Self, VaultError> {
        random().map(Self)
    }
}

/// A place that holds the master key.
#[derive(Clone, Debug)]
pub enum MasterKeySource {
    /// A file of 32 raw bytes or 64 hexadecimal digits, readable by its owner alone.
    File(PathBuf),
    /// An environment variable of 64 hexadecimal digits.
    Environment(String),
    /// A systemd credential (`LoadCredential=`): a file of that name in `$CREDENTIALS_DIRECTORY`.
    Credential(String),
}

impl MasterKeySource {
    /// Reads the key from this process's environment and files.
    ///
    /// # Errors
    /// [`VaultError::MasterMissing`], [`VaultError::MasterMalformed`], [`VaultError::MasterExposed`] or an I/O error.
    pub fn read(&self) -> Result<MasterKey, VaultError> {
        self.read_with(|name| std::env::var(name).ok())
    }

    fn read_with(&self, env: impl Fn(&str) -> Option<String>) -> Result<MasterKey, VaultError> {
        match self {
            Self::File(path) => read_file(path, Exposure::Refused),
            Self::Environment(name) => {
                let text = Zeroizing::new(env(name).ok_or_else(|| missing(format!("${name} is not set")))?);
                parse(text.as_bytes(), || format!("${name}"))
            }
            Self::Credential(name) => {
                let dir = env("CREDENTIALS_DIRECTORY").ok_or_else(|| {
                    missing("$CREDENTIALS_DIRECTORY is not set; systemd sets it for LoadCredential=".into())
                })?;
                // systemd gives the directory to the service alone; a credential's own mode may be 0440.
                read_file(&Path::new(&dir).join(name), Exposure::Accepted)
            }
        }
    }

    /// Makes a new key where this source is a file that does not exist yet; other sources are read as they are.
    pub(crate) fn read_or_create(&self) -> Result<MasterKey, VaultError> {
        match self {
            Self::File(path) if !path.exists() => {
                let key = MasterKey::generate()?;
                let digits = Zeroizing::new(hex::encode(key.0.as_slice()) + "\n");
                files::create_new(path, digits.as_bytes())?;
                Ok(key)
            }
            _ => self.read(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Exposure {
    Refused,
    Accepted,
}

fn missing(what: String) -> VaultError {
    VaultError::MasterMissing(what)
}

fn read_file(path: &Path, exposure: Exposure) -> Result<MasterKey, VaultError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(missing(format!("{} does not exist", path.display())));
        }
        Err(e) => return Err(VaultError::io("read", path)(e)),
    };
    if exposure == Exposure::Refused && files::readable_by_others(&file, path)? {
        return Err(VaultError::MasterExposed(path.to_owned()));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_MASTER_FILE_BYTES as usize + 1));
    file.take(MAX_MASTER_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(VaultError::io("read", path))?;
    parse(&bytes, || path.display().to_string())
}

fn parse(bytes: &[u8], place: impl Fn() -> String) -> Result<MasterKey, VaultError> {
    if let Ok(raw) = <[u8; KEY_BYTES]>::try_from(bytes) {
        return Ok(MasterKey::from_bytes(raw));
    }
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    hex::decode_to_slice(bytes.trim_ascii(), key.as_mut()).map_err(|_| VaultError::MasterMalformed(place()))?;
    Ok(MasterKey(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_anyone_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        let source = MasterKeySource::File(path.clone());
        assert!(matches!(source.read(), Err(VaultError::MasterMissing(_))));
        let first = source.read_or_create().unwrap();
        assert_eq!(*source.read().unwrap().0, *first.0);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(source.read(), Err(VaultError::MasterExposed(_))));
    }

    #[test]
    fn malformed_keys_are_refused_without_being_shown() {
        let env = |_: &str| Some("not-a-key-but-secret".to_owned());
        let Err(error) = MasterKeySource::Environment("X".into()).read_with(env) else { panic!("accepted") };
        assert!(matches!(error, VaultError::MasterMalformed(_)));
        assert!(!error.to_string().contains("secret"));
        let good = |_: &str| Some("ab".repeat(32));
        assert_eq!(*MasterKeySource::Environment("X".into()).read_with(good).unwrap().0, [0xab; 32]);
    }

    #[test]
    fn a_systemd_credential_is_read_from_its_directory() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("smilepay"), [7; 32]).unwrap();
        let env = |name: &str| (name == "CREDENTIALS_DIRECTORY").then(|| dir.path().display().to_string());
        let source = MasterKeySource::Credential("smilepay".into());
        assert_eq!(*source.read_with(env).unwrap().0, [7; 32]);
        assert!(matches!(source.read_with(|_| None), Err(VaultError::MasterMissing(_))));
    }
}
