//! sha256 of files and bytes, and the one comparison with a pinned value.

use crate::error::At as _;
use crate::limits::BUFFER_BYTES;
use crate::{ModelsError, Progress};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{Read as _, Write};
use std::path::Path;

/// sha256 of bytes, lower-case hexadecimal.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// sha256 of a file, lower-case hexadecimal; `total` is only for the watcher.
pub(crate) fn of_file(path: &Path, total: u64, progress: &mut dyn Progress) -> Result<String, ModelsError> {
    let mut file = File::open(path).at(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut done = 0;
    loop {
        let n = file.read(&mut buffer).at(path)?;
        if n == 0 {
            return Ok(hex::encode(hasher.finalize()));
        }
        hasher.update(buffer.get(..n).unwrap_or_default());
        done += n as u64;
        progress.bytes(done, total);
    }
}

/// Refuses what is not pinned.
pub(crate) fn expect(what: &str, expected: &str, found: String) -> Result<(), ModelsError> {
    if expected == found {
        return Ok(());
    }
    Err(ModelsError::WrongHash { what: what.to_owned(), expected: expected.to_owned(), found })
}

/// A writer that hashes what goes through.
pub(crate) struct HashingWriter<W> {
    inner: W,
    hasher: Sha256,
}

impl<W: Write> HashingWriter<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, hasher: Sha256::new() }
    }

    /// The writer and the sha256 of all that was written.
    pub(crate) fn finish(self) -> (W, String) {
        (self.inner, hex::encode(self.hasher.finalize()))
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.hasher.update(bytes.get(..n).unwrap_or_default());
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}
