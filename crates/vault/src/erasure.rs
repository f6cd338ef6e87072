//! The erasure log: what was erased, when, and a proof of it. Appended before the key is overwritten, and replayed at
//! every start, so that a restored key store cannot bring an erased face back.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use base::{TemplateId, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::VaultError;
use crate::aead::SecretKey;
use crate::limits::MAX_LOG_LINE_BYTES;

/// Proof that a template's keys were destroyed. Keep it with the tombstone in the database; it holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasureProof {
    pub template: TemplateId,
    pub erased_at: Timestamp,
    /// SHA-256 (hex) of the wrapped keys that were overwritten.
    pub key_digest: String,
    /// HMAC-SHA-256 (hex) over the three fields above, under the vault's proof key.
    pub mac: String,
}

impl ErasureProof {
    pub(crate) fn new(
        key: &SecretKey,
        template: TemplateId,
        erased_at: Timestamp,
        digest: &[u8],
    ) -> Result<Self, VaultError> {
        let mut proof = Self { template, erased_at, key_digest: hex::encode(digest), mac: String::new() };
        proof.mac = hex::encode(proof.hmac(key)?.finalize().into_bytes());
        Ok(proof)
    }

    pub(crate) fn holds(&self, key: &SecretKey) -> bool {
        match (hex::decode(&self.mac), self.hmac(key)) {
            (Ok(mac), Ok(expected)) => expected.verify_slice(&mac).is_ok(),
            _ => false,
        }
    }

    fn hmac(&self, key: &SecretKey) -> Result<Hmac<Sha256>, VaultError> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).map_err(|_| VaultError::Damaged("proof key"))?;
        mac.update(self.template.as_uuid().as_bytes());
        mac.update(&self.erased_at.as_millis().to_be_bytes());
        mac.update(self.key_digest.as_bytes());
        Ok(mac)
    }
}

/// The append-only file of proofs, one JSON object a line.
pub(crate) struct ErasureLog {
    file: File,
    path: PathBuf,
    proofs: HashMap<TemplateId, ErasureProof>,
    /// Bytes of whole, valid lines; a line cut off by a power failure lies behind and is overwritten.
    length: u64,
}

impl ErasureLog {
    /// Reads the log and checks every proof; writes nothing.
    pub fn open(path: &Path, key: &SecretKey) -> Result<Self, VaultError> {
        let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(VaultError::io("open", path))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(VaultError::io("read", path))?;
        let mut log = Self { file, path: path.to_owned(), proofs: HashMap::new(), length: 0 };
        for line in text.split_inclusive(|b| *b == b'\n').filter(|line| line.ends_with(b"\n")) {
            let proof: ErasureProof =
                serde_json::from_slice(line).map_err(|_| VaultError::Damaged("a line of the erasure log"))?;
            proof.holds(key).then_some(()).ok_or(VaultError::Damaged("an erasure proof does not hold"))?;
            log.proofs.insert(proof.template, proof);
            log.length += line.len() as u64;
        }
        Ok(log)
    }

    pub fn get(&self, template: TemplateId) -> Option<&ErasureProof> {
        self.proofs.get(&template)
    }

    pub fn templates(&self) -> Vec<TemplateId> {
        self.proofs.keys().copied().collect()
    }

    /// Appends durably; a proof that is there already is not written twice.
    pub fn append(&mut self, proof: &ErasureProof) -> Result<(), VaultError> {
        if self.proofs.contains_key(&proof.template) {
            return Ok(());
        }
        let mut line = serde_json::to_vec(proof).map_err(|_| VaultError::Damaged("an erasure proof"))?;
        line.push(b'\n');
        (line.len() <= MAX_LOG_LINE_BYTES).then_some(()).ok_or(VaultError::Damaged("an erasure proof"))?;
        self.file
            .set_len(self.length)
            .and_then(|()| self.file.seek(SeekFrom::Start(self.length)))
            .and_then(|_| self.file.write_all(&line))
            .and_then(|()| self.file.sync_data())
            .map_err(VaultError::io("write", &self.path))?;
        self.length += line.len() as u64;
        self.proofs.insert(proof.template, proof.clone());
        Ok(())
    }
}
