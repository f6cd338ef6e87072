//! Keys that this process reads itself.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::KeySource;
use crate::VaultError;
use crate::aead::{self, SecretKey, random};
use crate::files;
use crate::limits::{KEY_BYTES, MAX_MASTER_FILE_BYTES};

/// The operator's key. It opens the key store's root and nothing else. Not printable, not copyable, wiped when dropped.
pub struct MasterKey(SecretKey);

impl MasterKey {
    /// A fresh random key.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn generate() -> Result<Self, VaultError> {
        random().map(Self)
    }

    fn wrap(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        aead::seal(&self.0, context, secret)
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        aead::open(&self.0, context, wrapped).map_err(|_| VaultError::WrongMaster)
    }
}

/// A file that only its owner may read.
pub(super) struct KeyFile(pub PathBuf);

impl KeySource for KeyFile {
    fn create(&self) -> Result<(), VaultError> {
        if self.0.exists() {
            return Ok(());
        }
        let digits = Zeroizing::new(hex::encode(MasterKey::generate()?.0.as_slice()) + "\n");
        files::create_new(&self.0, digits.as_bytes())
    }

    fn wrap(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        read_file(&self.0, Exposure::Refused)?.wrap(context, secret)
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        read_file(&self.0, Exposure::Refused)?.unwrap(context, wrapped)
    }
}

/// A variable of this process.
pub(super) struct EnvironmentVariable(pub String);

impl EnvironmentVariable {
    fn read(&self, variable: impl Fn(&str) -> Option<String>) -> Result<MasterKey, VaultError> {
        let name = &self.0;
        let text = Zeroizing::new(variable(name).ok_or_else(|| missing(format!("${name} is not set")))?);
        parse(text.as_bytes(), || format!("${name}"))
    }
}

impl KeySource for EnvironmentVariable {
    fn create(&self) -> Result<(), VaultError> {
        Ok(())
    }

    fn wrap(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.read(variable)?.wrap(context, secret)
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.read(variable)?.unwrap(context, wrapped)
    }
}

/// A file that systemd lends to this service alone.
pub(super) struct Credential(pub String);

impl Credential {
    fn read(&self, variable: impl Fn(&str) -> Option<String>) -> Result<MasterKey, VaultError> {
        let dir = variable("CREDENTIALS_DIRECTORY")
            .ok_or_else(|| missing("$CREDENTIALS_DIRECTORY is not set; systemd sets it for LoadCredential=".into()))?;
        // A credential's own mode may be 0440; the directory is the service's own.
        read_file(&Path::new(&dir).join(&self.0), Exposure::Accepted)
    }
}

impl KeySource for Credential {
    fn create(&self) -> Result<(), VaultError> {
        Ok(())
    }

    fn wrap(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.read(variable)?.wrap(context, secret)
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.read(variable)?.unwrap(context, wrapped)
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
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
        return Ok(MasterKey(Zeroizing::new(raw)));
    }
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    hex::decode_to_slice(bytes.trim_ascii(), key.as_mut()).map_err(|_| VaultError::MasterMalformed(place()))?;
    Ok(MasterKey(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T>(result: Result<T, VaultError>) -> VaultError {
        match result {
            Err(error) => error,
            Ok(_) => panic!("accepted"),
        }
    }

    #[test]
    fn a_file_anyone_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        let source = KeyFile(path.clone());
        assert!(matches!(refused(source.wrap(b"c", b"s")), VaultError::MasterMissing(_)));
        source.create().unwrap();
        let wrapped = source.wrap(b"c", b"s").unwrap();
        source.create().unwrap();
        assert_eq!(source.unwrap(b"c", &wrapped).unwrap().as_slice(), b"s");
        assert!(matches!(refused(source.unwrap(b"other", &wrapped)), VaultError::WrongMaster));
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(refused(source.wrap(b"c", b"s")), VaultError::MasterExposed(_)));
    }

    #[test]
    fn malformed_keys_are_refused_without_being_shown() {
        let source = EnvironmentVariable("X".into());
        let error = refused(source.read(|_| Some("not-a-key-but-secret".to_owned())));
        assert!(matches!(error, VaultError::MasterMalformed(_)));
        assert!(!error.to_string().contains("secret"));
        assert_eq!(*source.read(|_| Some("ab".repeat(32))).unwrap().0, [0xab; 32]);
        assert!(refused(source.read(|_| None)).to_string().contains("$X is not set"));
    }

    #[test]
    fn a_systemd_credential_is_read_from_its_directory() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("smilepay"), [7; 32]).unwrap();
        let env = |name: &str| (name == "CREDENTIALS_DIRECTORY").then(|| dir.path().display().to_string());
        let source = Credential("smilepay".into());
        assert_eq!(*source.read(env).unwrap().0, [7; 32]);
        assert!(refused(source.read(|_| None)).to_string().contains("LoadCredential"));
    }
}
