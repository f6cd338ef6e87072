//! The key tree: master key → root key → one subkey per purpose, and generations of the keys that wrap templates' keys.
//!
//! ```text
//! master key (operator) ──wraps──▶ root.key: root key ──HKDF──▶ proof      authenticates erasure proofs
//!                                  │                       ├─▶ secrets    seals small secrets kept in the database
//!                                  │                       └─▶ derived    further keys by purpose (audit, tokens)
//!                                  └─ generation key ─HKDF─▶ envelope     wraps each template's data key
//!                                     (two in a rotation)  └─▶ rotation   wraps each template's rotation seed
//! ```
//! Changing the master key rewraps this one file. A rotation adds a new generation, moves every template's keys to it and
//! drops the old one.

use std::ops::Deref;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::VaultError;
use crate::aead::{self, SecretKey};
use crate::limits::KEY_BYTES;
use crate::source::KeySource;

/// The first form: the root alone. Its generation comes from the root itself.
const MAGIC_1: &[u8; 8] = b"SMPROOT1";
const MAGIC_2: &[u8; 8] = b"SMPROOT2";
const CONTEXT_1: &[u8] = b"smilepay vault root v1";
const CONTEXT_2: &[u8] = b"smilepay vault root v2";
/// Stands for the generation that comes from the root.
const FROM_ROOT: [u8; KEY_BYTES] = [0; KEY_BYTES];
/// More are never there: a rotation ends before the next begins.
const MOST_GENERATIONS: usize = 2;

/// The two keys that wrap templates' keys.
pub(crate) struct Generation {
    secret: SecretKey,
    pub envelope: SecretKey,
    pub rotation: SecretKey,
}

/// The root key with its subkeys, on pages that are not swapped out where the system allows it.
pub(crate) struct Keys {
    tree: Box<Tree>,
    /// Given back after the tree is wiped.
    _in_memory: Option<region::LockGuard>,
}

pub(crate) struct Tree {
    root: SecretKey,
    /// Newest first; the second only while a rotation is under way.
    newest: Generation,
    older: Option<Generation>,
    pub proof: SecretKey,
    pub secrets: SecretKey,
}

impl Deref for Keys {
    type Target = Tree;

    fn deref(&self) -> &Tree {
        &self.tree
    }
}

impl Keys {
    pub fn generate() -> Result<Self, VaultError> {
        Self::new(&aead::random()?, &[aead::random()?])
    }

    fn new(root: &SecretKey, generations: &[SecretKey]) -> Result<Self, VaultError> {
        let subkey = |info| subkey(root, info);
        let (newest, older) = match generations {
            [newest] => (newest, None),
            [newest, older] => (newest, Some(older)),
            _ => return Err(VaultError::Damaged("root.key has the wrong form")),
        };
        let generation = |secret: &SecretKey| Generation::new(root, secret);
        let tree = Box::new(Tree {
            newest: generation(newest)?,
            older: older.map(generation).transpose()?,
            proof: subkey(b"erasure proof v1")?,
            secrets: subkey(b"small secrets v1")?,
            root: root.clone(),
        });
        let in_memory = region::lock(std::ptr::from_ref::<Tree>(&tree), size_of::<Tree>()).ok();
        Ok(Self { tree, _in_memory: in_memory })
    }

    /// With a new generation in front, the present one behind it.
    pub fn next_generation(&self) -> Result<Self, VaultError> {
        Self::new(&self.root, &[aead::random()?, self.newest.secret.clone()])
    }

    /// With the newest generation alone.
    pub fn only_newest(&self) -> Result<Self, VaultError> {
        Self::new(&self.root, std::slice::from_ref(&self.newest.secret))
    }

    /// The content of `root.key`.
    pub fn wrap(&self, master: &dyn KeySource) -> Result<Vec<u8>, VaultError> {
        let mut secret = Zeroizing::new(Vec::with_capacity((1 + MOST_GENERATIONS) * KEY_BYTES));
        secret.extend_from_slice(self.root.as_slice());
        self.generations().for_each(|g| secret.extend_from_slice(g.secret.as_slice()));
        Ok([MAGIC_2.as_slice(), &master.wrap(CONTEXT_2, &secret)?].concat())
    }

    /// Opens the content of `root.key`.
    pub fn unwrap(master: &dyn KeySource, file: &[u8]) -> Result<Self, VaultError> {
        let wrong = VaultError::Damaged("root.key has the wrong form");
        let (magic, wrapped) =
            file.split_first_chunk::<8>().ok_or(VaultError::Damaged("root.key has the wrong form"))?;
        let (context, first) = match magic {
            MAGIC_1 => (CONTEXT_1, true),
            MAGIC_2 => (CONTEXT_2, false),
            _ => return Err(wrong),
        };
        let secret = master.unwrap(context, wrapped)?;
        let (keys, rest) = secret.as_chunks::<KEY_BYTES>();
        let mut keys = keys.iter().map(|key| Zeroizing::new(*key));
        let (Some(root), true) = (keys.next(), rest.is_empty()) else { return Err(wrong) };
        let mut generations: Vec<SecretKey> = keys.collect();
        if first {
            generations.push(Zeroizing::new(FROM_ROOT));
        }
        Self::new(&root, &generations)
    }
}

impl Tree {
    /// Newest first.
    pub fn generations(&self) -> impl Iterator<Item = &Generation> {
        std::iter::once(&self.newest).chain(&self.older)
    }

    pub const fn newest(&self) -> &Generation {
        &self.newest
    }

    /// Whether a rotation is under way.
    pub const fn is_rotating(&self) -> bool {
        self.older.is_some()
    }

    /// A further key for `purpose`, which no other purpose shares.
    pub fn derive(&self, purpose: &str) -> Result<SecretKey, VaultError> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        let info = [b"derived v1: ", purpose.as_bytes()];
        let tree = Hkdf::<Sha256>::new(Some(b"smilepay"), self.root.as_slice());
        tree.expand_multi_info(&info, key.as_mut()).map_err(|_| VaultError::Damaged("key derivation"))?;
        Ok(key)
    }
}

impl Generation {
    fn new(root: &SecretKey, secret: &SecretKey) -> Result<Self, VaultError> {
        let from = if **secret == FROM_ROOT { root } else { secret };
        Ok(Self {
            envelope: subkey(from, b"envelope v1")?,
            rotation: subkey(from, b"rotation v1")?,
            secret: secret.clone(),
        })
    }
}

fn subkey(from: &SecretKey, info: &[u8]) -> Result<SecretKey, VaultError> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    let tree = Hkdf::<Sha256>::new(Some(b"smilepay"), from.as_slice());
    tree.expand(info, key.as_mut()).map_err(|_| VaultError::Damaged("key derivation"))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MasterKeySource;

    #[test]
    fn the_first_form_opens_and_generations_come_and_go() {
        let dir = tempfile::tempdir().unwrap();
        let master = MasterKeySource::File(dir.path().join("master.key")).source();
        master.create().unwrap();
        let root = aead::random().unwrap();
        let first = [MAGIC_1.as_slice(), &master.wrap(CONTEXT_1, root.as_slice()).unwrap()].concat();
        let first = Keys::unwrap(master.as_ref(), &first).unwrap();
        // What the first form derived, the second keeps.
        assert_eq!(*first.newest().envelope, *subkey(&root, b"envelope v1").unwrap());
        let second = first.next_generation().unwrap();
        let read = |keys: &Keys| Keys::unwrap(master.as_ref(), &keys.wrap(master.as_ref()).unwrap()).unwrap();
        let second = read(&second);
        assert!(second.is_rotating() && !first.is_rotating());
        let envelopes: Vec<_> = second.generations().map(|g| *g.envelope).collect();
        assert!(envelopes.len() == 2 && envelopes[1] == *first.newest().envelope && envelopes[0] != envelopes[1]);
        let only = read(&second.only_newest().unwrap());
        assert!(!only.is_rotating() && *only.newest().envelope == envelopes[0]);
        assert_eq!(*only.derive("audit").unwrap(), *first.derive("audit").unwrap());
        assert_eq!(*only.proof, *first.proof);
        let mut short = only.wrap(master.as_ref()).unwrap();
        short.truncate(40);
        assert!(Keys::unwrap(master.as_ref(), &short).is_err());
    }
}
