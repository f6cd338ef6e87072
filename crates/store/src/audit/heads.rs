use sha2::{Digest, Sha256};

use super::entry::Mark;
use crate::shard::CHAINS;

/// Every chain, and the first one behind them.
pub(crate) const SLOTS: usize = CHAINS + 1;
/// The slot of the first chain.
pub(crate) const FIRST_CHAIN: usize = CHAINS;
/// Leaves of the tree: the next power of two.
const LEAVES: usize = 64;
/// Hashes beside the way from a leaf to the root.
pub(crate) const DEPTH: usize = 6;
/// Bytes of one mark in a row.
const MARK: usize = 40;

/// Where every chain ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heads([Mark; SLOTS]);

impl Heads {
    pub(crate) const START: Self = Self([Mark::START; SLOTS]);

    /// `Mark::START` for a slot that is none.
    pub(crate) fn get(&self, slot: usize) -> Mark {
        self.0.get(slot).copied().unwrap_or(Mark::START)
    }

    pub(crate) fn set(&mut self, slot: usize, mark: Mark) {
        if let Some(kept) = self.0.get_mut(slot) {
            *kept = mark;
        }
    }

    pub(crate) fn marks(&self) -> impl Iterator<Item = (usize, Mark)> + '_ {
        self.0.iter().copied().enumerate()
    }

    /// Entries of all chains.
    pub(crate) fn entries(&self) -> i64 {
        self.0.iter().map(|mark| mark.place).sum()
    }

    /// As a row has it: place and hash of each slot.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SLOTS * MARK);
        for mark in &self.0 {
            bytes.extend_from_slice(&mark.place.to_be_bytes());
            bytes.extend_from_slice(&mark.hash);
        }
        bytes
    }

    /// `None` for anything but [`Heads::to_bytes`] of some heads.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut heads = Self::START;
        let (marks, rest) = bytes.as_chunks::<MARK>();
        if marks.len() != SLOTS || !rest.is_empty() {
            return None;
        }
        for (slot, bytes) in marks.iter().enumerate() {
            let (place, hash) = bytes.split_first_chunk::<8>()?;
            heads.set(slot, Mark { place: i64::from_be_bytes(*place), hash: hash.try_into().ok()? });
        }
        Some(heads)
    }
}

/// The Merkle tree over all heads, after RFC 6962, section 2.1: leaves and nodes are hashed differently.
pub(crate) struct Tree(Vec<[u8; 32]>);

impl Tree {
    pub(crate) fn of(heads: &Heads) -> Self {
        // The root is 1, the children of n are 2n and 2n + 1.
        let mut tree = Self(vec![[0; 32]; 2 * LEAVES]);
        for (slot, mark) in heads.marks() {
            tree.put(LEAVES + slot, leaf(slot, mark));
        }
        for at in (1..LEAVES).rev() {
            tree.put(at, node(tree.at(2 * at), tree.at(2 * at + 1)));
        }
        tree
    }

    pub(crate) fn set(&mut self, slot: usize, mark: Mark) {
        let mut at = LEAVES + slot;
        self.put(at, leaf(slot, mark));
        while at > 1 {
            at /= 2;
            self.put(at, node(self.at(2 * at), self.at(2 * at + 1)));
        }
    }

    pub(crate) fn root(&self) -> [u8; 32] {
        self.at(1)
    }

    /// The hashes beside the way from a slot's leaf to the root, lowest first.
    pub(crate) fn path(&self, slot: usize) -> [[u8; 32]; DEPTH] {
        let mut at = LEAVES + slot;
        std::array::from_fn(|_| {
            let beside = self.at(at ^ 1);
            at /= 2;
            beside
        })
    }

    fn at(&self, at: usize) -> [u8; 32] {
        self.0.get(at).copied().unwrap_or([0; 32])
    }

    fn put(&mut self, at: usize, hash: [u8; 32]) {
        if let Some(kept) = self.0.get_mut(at) {
            *kept = hash;
        }
    }
}

/// The root that a slot's mark and the path beside it lead to.
pub(crate) fn root_from(slot: usize, mark: Mark, path: &[[u8; 32]; DEPTH]) -> [u8; 32] {
    let (mut at, mut hash) = (LEAVES + slot, leaf(slot, mark));
    for beside in path {
        hash = if at.is_multiple_of(2) { node(hash, *beside) } else { node(*beside, hash) };
        at /= 2;
    }
    hash
}

/// What is signed: how many entries there are, and the root of all heads.
pub(crate) fn message(entries: i64, root: [u8; 32]) -> Vec<u8> {
    [b"smilepay audit seal v2\0".as_slice(), &entries.to_be_bytes(), &root].concat()
}

fn leaf(slot: usize, mark: Mark) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(u64::try_from(slot).unwrap_or(u64::MAX).to_be_bytes());
    hash.update(mark.place.to_be_bytes());
    hash.update(mark.hash);
    hash.finalize().into()
}

fn node(left: [u8; 32], right: [u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads() -> Heads {
        let mut heads = Heads::START;
        for slot in 0..SLOTS {
            let number = u8::try_from(slot).unwrap();
            heads.set(slot, Mark { place: i64::from(number), hash: [number; 32] });
        }
        heads
    }

    #[test]
    fn heads_survive_a_row() {
        assert_eq!(Heads::from_bytes(&heads().to_bytes()), Some(heads()));
        assert_eq!(Heads::from_bytes(&heads().to_bytes()[1..]), None);
        assert_eq!(Heads::from_bytes(&[]), None);
    }

    #[test]
    fn a_tree_kept_up_to_date_is_the_tree_made_anew() {
        let mut kept = Tree::of(&Heads::START);
        for (slot, mark) in heads().marks() {
            kept.set(slot, mark);
        }
        assert_eq!(kept.root(), Tree::of(&heads()).root());
    }

    #[test]
    fn every_slot_has_its_path_and_no_other_mark_has_it() {
        let tree = Tree::of(&heads());
        for (slot, mark) in heads().marks() {
            let path = tree.path(slot);
            assert_eq!(root_from(slot, mark, &path), tree.root());
            assert_ne!(root_from(slot, Mark { place: mark.place + 1, ..mark }, &path), tree.root());
            assert_ne!(root_from(slot ^ 1, mark, &path), tree.root());
        }
    }
}
