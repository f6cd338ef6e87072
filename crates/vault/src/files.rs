//! Small file operations that survive a power cut and keep secrets to their owner.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use crate::VaultError;

/// Creates the directory, for its owner alone.
pub(crate) fn create_dir(path: &Path) -> Result<(), VaultError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(VaultError::io("create", path))
}

/// Writes a file that must not exist yet: mode 0600, synced with its directory.
pub(crate) fn create_new(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let mut file =
        private(OpenOptions::new().write(true).create_new(true)).open(path).map_err(VaultError::io("create", path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(VaultError::io("write", path))?;
    sync_parent(path)
}

/// Replaces a file in one step, then overwrites the old bytes with zeros.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let mut old = OpenOptions::new().write(true).open(path).map_err(VaultError::io("open", path))?;
    let fresh = path.with_extension("new");
    // A left-over of an interrupted run; it was never in use.
    let _ = std::fs::remove_file(&fresh);
    create_new(&fresh, bytes)?;
    std::fs::rename(&fresh, path).map_err(VaultError::io("replace", path))?;
    sync_parent(path)?;
    overwrite(&mut old).map_err(VaultError::io("overwrite", path))
}

/// Zeros over the whole file. On copy-on-write or flash storage old blocks may survive below the file system;
/// what survives is still wrapped by the master key.
fn overwrite(file: &mut File) -> std::io::Result<()> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), length), file)?;
    file.sync_all()
}

/// `options` for a file that only its owner may read.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Makes a creation or rename in the parent directory durable.
pub(crate) fn sync_parent(path: &Path) -> Result<(), VaultError> {
    let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) else {
        return Ok(());
    };
    File::open(parent).and_then(|dir| dir.sync_all()).map_err(VaultError::io("sync", parent))
}

#[cfg(unix)]
pub(crate) fn readable_by_others(file: &File, path: &Path) -> Result<bool, VaultError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().map_err(VaultError::io("read", path))?.permissions().mode();
    Ok(mode & 0o077 != 0)
}

#[cfg(not(unix))]
pub(crate) fn readable_by_others(_file: &File, _path: &Path) -> Result<bool, VaultError> {
    Ok(false)
}
