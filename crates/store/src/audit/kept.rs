//! A checkpoint to be kept elsewhere: what it names can never be taken back unseen.

use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::entry::Mark;
use super::heads::{FIRST_CHAIN, Heads, Tree, message};
use super::seal::Seal;
use crate::StoreError;
use crate::shard::CHAINS;
use crate::sql::{Connection, Location, one, params};

/// All heads and their signature, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptCheckpoint {
    /// Number of the last entry in the database it was taken from.
    pub seq: i64,
    pub entries: i64,
    /// Chains with entries only.
    pub heads: Vec<KeptHead>,
    /// Hexadecimal.
    pub signature: String,
}

/// Where one chain ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptHead {
    /// 0 to 31; absent for the first chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<usize>,
    pub place: i64,
    /// Hexadecimal.
    pub hash: String,
}

/// A signature over heads, to be checked.
pub(super) struct Signed {
    message: Vec<u8>,
    signature: Signature,
}

impl Signed {
    pub(super) fn is_by(&self, key: &VerifyingKey) -> bool {
        key.verify_strict(&self.message, &self.signature).is_ok()
    }
}

impl KeptCheckpoint {
    fn of(seal: &Seal) -> Self {
        let heads = seal.heads.marks().filter(|(_, mark)| mark.place > 0).map(|(slot, mark)| KeptHead {
            chain: (slot < CHAINS).then_some(slot),
            place: mark.place,
            hash: hex::encode(mark.hash),
        });
        let (entries, signature) = (seal.heads.entries(), hex::encode(seal.signature));
        Self { seq: seal.seq, entries, heads: heads.collect(), signature }
    }

    /// Its heads and their signature; `None` when it is not one.
    pub(super) fn seal(&self) -> Option<(Heads, Signed)> {
        let mut heads = Heads::START;
        for KeptHead { chain, place, hash } in &self.heads {
            let hash = hex::decode(hash).ok()?.try_into().ok()?;
            let slot = chain.unwrap_or(FIRST_CHAIN);
            if slot > FIRST_CHAIN {
                return None;
            }
            heads.set(slot, Mark { place: *place, hash });
        }
        // The sum is not signed by itself; one that lies about it is none.
        if heads.entries() != self.entries {
            return None;
        }
        let signature = Signature::from_bytes(&hex::decode(&self.signature).ok()?.try_into().ok()?);
        let only_first = self.heads.iter().all(|head| head.chain.is_none());
        // A store that was not written to since it had one chain only has a head of that form.
        let message = match only_first {
            true => heads.get(FIRST_CHAIN).first_chain_message().to_vec(),
            false => message(heads.entries(), Tree::of(&heads).root()),
        };
        Some((heads, Signed { message, signature }))
    }
}

/// The newest signed heads, to be kept elsewhere; also beside a running server. `None` before the first entry.
///
/// # Errors
/// It cannot be read as a store's database.
pub fn newest_checkpoint_in(location: &Location) -> Result<Option<KeptCheckpoint>, StoreError> {
    let sql = format!("SELECT {} FROM audit_head", Seal::COLUMNS);
    let look =
        || one(&Connection::reading(location)?, &sql, params![], |row| Ok(KeptCheckpoint::of(&Seal::read(row)?)));
    std::thread::scope(|scope| scope.spawn(look).join()).unwrap_or(Err(StoreError::Closed))
}
