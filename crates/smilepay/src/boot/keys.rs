//! Key store and database of one data directory.
//!
//! ```text
//! data/  master.key      the operator's key (another place: --master-key)
//!        keys/           the vault's key store (another place: --key-dir)
//!        smilepay.db     everything else (another place: --database, DATABASE_URL)
//!        demo-shop.key   secret key of the demo shop
//! ```

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use service::ports::{Clock as _, SystemClock};
use store::{Store, StoreKeys, StoreOptions};
use vault::{MasterKeySource, Vault, VaultConfig};

use crate::boot::BootError;
use crate::boot::options::DataDirArgs;

const AUDIT: &str = "audit signing";
const TOKENS: &str = "client tokens";

/// The opened rooms.
pub struct Rooms {
    pub vault: Vault,
    pub store: Store,
    pub token_key: [u8; 32],
    pub shop_key_file: PathBuf,
}

/// Where the keys of this data directory are.
pub fn vault_config(data: &DataDirArgs) -> Result<VaultConfig, BootError> {
    let dir = data.dir()?;
    let master = data.master_key.clone().unwrap_or_else(|| MasterKeySource::File(dir.join("master.key")));
    Ok(VaultConfig { key_dir: data.key_dir.clone().unwrap_or_else(|| dir.join("keys")), master })
}

/// The key that must have signed an erasure receipt, read beside a running server.
pub fn receipt_key(data: &DataDirArgs) -> Result<[u8; 32], BootError> {
    Ok(vault_config(data)?.receipt_key()?)
}

/// The key that must have signed the audit chain, read beside a running server.
pub fn audit_public_key(data: &DataDirArgs) -> Result<[u8; 32], BootError> {
    Ok(audit_keys(data)?.audit_public_key())
}

/// The key that signs the audit chain.
pub fn audit_keys(data: &DataDirArgs) -> Result<StoreKeys, BootError> {
    let seed = vault_config(data)?.derive_key(AUDIT)?;
    Ok(StoreKeys { audit_signing: *seed })
}

/// Opens what is there; makes keys and database only where there is neither.
pub fn open(data: &DataDirArgs) -> Result<Rooms, BootError> {
    let (dir, database, config) = (data.dir()?, data.database()?, vault_config(data)?);
    let empty = database.is_empty()?;
    let fresh = !config.is_initialised() && empty;
    let vault = if fresh {
        create_private_dir(&dir)?;
        Vault::init(config)?
    } else {
        // A database without its keys is refused here, with the reason, before anything is written.
        Vault::open(config)?
    };
    if empty && vault.live_keys() > 0 {
        return Err(BootError::DatabaseMissing { keys: vault.live_keys(), database });
    }
    let keys = StoreKeys { audit_signing: *vault.derive_key(AUDIT)? };
    let store = Store::open_in(&database, keys, StoreOptions::default())?;
    let token_key = *vault.derive_key(TOKENS)?;
    Ok(Rooms { vault, store, token_key, shop_key_file: dir.join("demo-shop.key") })
}

impl Rooms {
    /// What the database or the key store says was erased stays erased, whichever of them was restored.
    pub async fn replay_erasures(&self) -> Result<(), BootError> {
        let erased = service::replay_erasures(&self.store, &self.vault, SystemClock.now()).await;
        let erased = erased.map_err(|_| BootError::Proof)?;
        if erased > 0 {
            tracing::warn!(erased, "key store and database were of different age: erased again");
        }
        Ok(())
    }
}

pub fn create_private_dir(dir: &Path) -> Result<(), BootError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|source| BootError::Write { path: dir.to_owned(), source })
}

/// Writes a file that only its owner can read.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), BootError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|source| BootError::Write { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(dir: &Path) -> DataDirArgs {
        DataDirArgs { data_dir: Some(dir.to_owned()), database: None, key_dir: None, master_key: None }
    }

    #[tokio::test]
    async fn a_data_directory_opens_again_and_its_audit_key_stays() {
        let dir = tempfile::tempdir().unwrap();
        let data = data(&dir.path().join("fresh"));
        let rooms = open(&data).unwrap();
        let (audit, tokens) = (rooms.store.audit_public_key(), rooms.token_key);
        assert_eq!(audit_public_key(&data).unwrap(), audit);
        drop(rooms);
        let rooms = open(&data).unwrap();
        assert_eq!((rooms.store.audit_public_key(), rooms.token_key), (audit, tokens));
        rooms.replay_erasures().await.unwrap();
    }

    #[tokio::test]
    async fn a_database_without_its_keys_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let data = data(dir.path());
        drop(open(&data).unwrap());
        let before = std::fs::read(dir.path().join("smilepay.db")).unwrap();
        std::fs::rename(dir.path().join("keys"), dir.path().join("lost")).unwrap();
        let Err(error) = open(&data) else { panic!("opened") };
        assert!(error.to_string().contains("restore it from its backup"), "{error}");
        assert!(!dir.path().join("keys").exists());
        assert_eq!(std::fs::read(dir.path().join("smilepay.db")).unwrap(), before);

        std::fs::rename(dir.path().join("lost"), dir.path().join("keys")).unwrap();
        std::fs::remove_file(dir.path().join("master.key")).unwrap();
        let Err(error) = open(&data) else { panic!("opened") };
        assert!(error.to_string().contains("master key is missing"), "{error}");
        assert!(!dir.path().join("master.key").exists());
    }
}
