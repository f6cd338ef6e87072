use sha2::{Digest, Sha256};

use crate::shard::Shard;

/// A place in a chain: number of the last entry and its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) place: i64,
    pub(crate) hash: [u8; 32],
}

impl Mark {
    pub(crate) const START: Self = Self { place: 0, hash: [0; 32] };

    /// The mark after an entry of that content. The content goes in as a hash, so that whoever shows one entry need not
    /// show its neighbours.
    pub(crate) fn then(self, shard: Shard, content: [u8; 32]) -> Self {
        let place = self.place.saturating_add(1);
        let mut hash = Sha256::new();
        hash.update(b"smilepay audit link v2\0");
        hash.update(self.hash);
        hash.update(place.to_be_bytes());
        hash.update(shard.number().to_be_bytes());
        hash.update(content);
        Self { place, hash: hash.finalize().into() }
    }

    /// What was signed while there was one chain only.
    pub(crate) fn first_chain_message(&self) -> [u8; 64] {
        let mut hash = Sha256::new();
        hash.update(b"smilepay audit head v1\0");
        hash.update(self.place.to_be_bytes());
        hash.update(self.hash);
        let digest: [u8; 32] = hash.finalize().into();
        let mut message = [0; 64];
        for (to, from) in message.iter_mut().zip(digest.into_iter().chain(self.hash)) {
            *to = from;
        }
        message
    }
}

/// One entry as it is hashed.
pub(crate) struct Entry<'a> {
    pub(crate) at: i64,
    pub(crate) kind: &'a str,
    pub(crate) subject: &'a [u8],
    pub(crate) detail: &'a str,
}

impl Entry<'_> {
    /// Hash of what it says; lengths are hashed too, so no two entries read the same.
    pub(crate) fn content(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"smilepay audit content v2\0");
        self.add_to(&mut hash);
        hash.finalize().into()
    }

    /// The mark after this entry in the first chain.
    pub(crate) fn after_in_first_chain(&self, previous: Mark) -> Mark {
        let place = previous.place.saturating_add(1);
        let mut hash = Sha256::new();
        hash.update(b"smilepay audit entry v1\0");
        hash.update(previous.hash);
        hash.update(place.to_be_bytes());
        self.add_to(&mut hash);
        Mark { place, hash: hash.finalize().into() }
    }

    fn add_to(&self, hash: &mut Sha256) {
        hash.update(self.at.to_be_bytes());
        for part in [self.kind.as_bytes(), self.subject, self.detail.as_bytes()] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
    }
}
