use ed25519_dalek::{Signature, VerifyingKey};

use super::entry::Mark;
use super::heads::{FIRST_CHAIN, Heads, Tree, message};
use crate::StoreError;
use crate::sql::Row;

/// All heads and their signature, as a row has them: the newest one (`audit_head`) or a kept one (`audit_checkpoints`).
pub(crate) struct Seal {
    /// Number of the last entry in this database.
    pub(crate) seq: i64,
    pub(crate) heads: Heads,
    pub(crate) signature: [u8; 64],
    message: Vec<u8>,
    /// What the row says for itself is what its heads come to.
    readable: bool,
}

impl Seal {
    /// Columns of [`Seal::read`].
    pub(crate) const COLUMNS: &str = "seq, hash, signature, heads";

    pub(crate) fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let (seq, hash, signature) = (row.get::<i64>(0)?, row.get::<[u8; 32]>(1)?, row.get(2)?);
        let (heads, readable, message) = match row.get::<Option<Vec<u8>>>(3)? {
            // Signed while there was one chain only.
            None => {
                let (mut heads, mark) = (Heads::START, Mark { place: seq, hash });
                heads.set(FIRST_CHAIN, mark);
                (heads, true, mark.first_chain_message().to_vec())
            }
            Some(bytes) => {
                let heads = Heads::from_bytes(&bytes);
                let readable = heads.is_some();
                let heads = heads.unwrap_or(Heads::START);
                let root = Tree::of(&heads).root();
                let message = message(heads.entries(), root);
                (heads, readable && root == hash, message)
            }
        };
        Ok(Self { seq, heads, signature, message, readable })
    }

    pub(crate) fn message(&self) -> &[u8] {
        &self.message
    }

    /// Whether its row holds together.
    pub(crate) fn is_readable(&self) -> bool {
        self.readable
    }

    pub(crate) fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        self.readable && key.verify_strict(&self.message, &Signature::from_bytes(&self.signature)).is_ok()
    }
}
