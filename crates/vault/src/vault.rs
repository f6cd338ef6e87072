use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::{Method, TemplateId, Timestamp};
use zeroize::Zeroizing;

use crate::aead::{self, SecretKey};
use crate::erasure::{ErasureLog, ErasureProof};
use crate::limits::{KEY_BYTES, MAX_SECRET_BYTES};
use crate::receipt::ErasureReceipt;
use crate::root::{Generation, Keys};
use crate::sealed::{Comparison, Label, Opened, SealedTemplate, TemplateKeys};
use crate::slots::{SLOT_BYTES, Slots, WrappedKeys};
use crate::{Features, IndexRotation, MasterKeySource, VaultError, files};

/// Where the keys are.
#[derive(Clone, Debug)]
pub struct VaultConfig {
    /// Directory of the key store. Keep it, and its backups, apart from the database and its backups.
    pub key_dir: PathBuf,
    pub master: MasterKeySource,
}

impl VaultConfig {
    pub(crate) fn root(&self) -> PathBuf {
        self.key_dir.join(ROOT_FILE)
    }

    pub(crate) fn slots(&self) -> PathBuf {
        self.key_dir.join("keys.slots")
    }

    fn log(&self) -> PathBuf {
        self.key_dir.join("erasures.log")
    }

    /// What [`Vault::derive_key`] gives, without opening or locking the store: for commands beside a running server.
    ///
    /// # Errors
    /// As [`Vault::open`] for the master key and the root.
    pub fn derive_key(&self, purpose: &str) -> Result<Zeroizing<[u8; KEY_BYTES]>, VaultError> {
        let root = read_root(self)?;
        Keys::unwrap(self.master.source().as_ref(), &root)?.derive(purpose)
    }

    /// What [`Vault::receipt_key`] gives, without opening or locking the store.
    ///
    /// # Errors
    /// As [`Vault::open`] for the master key and the root.
    pub fn receipt_key(&self) -> Result<[u8; KEY_BYTES], VaultError> {
        Ok(public_half(&self.derive_key(RECEIPTS)?))
    }

    /// Whether a key store exists here.
    pub fn is_initialised(&self) -> bool {
        self.root().exists()
    }
}

/// The open vault. Share it behind an `Arc`; every method takes `&self`.
///
/// Guarantees: without the master key nothing sealed here opens; without the key store neither; after
/// [`Vault::erase`] returns, no copy of the template's keys is in the key store, and a restored older key store loses
/// them again at the next start. Does not guarantee: that storage below the file system forgets overwritten blocks
/// (what it may keep is wrapped), nor anything against someone who holds the master key and an old copy of the key store.
pub struct Vault {
    pub(crate) key_dir: PathBuf,
    state: Mutex<State>,
}

pub(crate) struct State {
    pub master: MasterKeySource,
    pub keys: Keys,
    pub slots: Slots,
    pub log: ErasureLog,
}

impl Vault {
    /// Makes a key store in an empty directory, and the master key too where its source is a file that does not exist.
    /// Only for a first start: the caller must be sure that no database belongs to a lost key store.
    ///
    /// # Errors
    /// [`VaultError::AlreadyInitialised`] when there are keys already, and what [`Vault::open`] gives.
    pub fn init(config: VaultConfig) -> Result<Self, VaultError> {
        // Without root.key a store with keys in it is one whose root was lost, not a fresh one.
        let holds_keys = std::fs::metadata(config.slots()).is_ok_and(|m| m.len() > SLOT_BYTES as u64);
        if config.is_initialised() || holds_keys {
            return Err(VaultError::AlreadyInitialised(config.key_dir));
        }
        files::create_dir(&config.key_dir)?;
        let master = config.master.source();
        master.create()?;
        for path in [config.slots(), config.log()] {
            // Left over from a first start that was cut off; holds nothing.
            let _ = std::fs::remove_file(path);
        }
        Slots::create(&config.slots())?;
        files::create_new(&config.log(), b"")?;
        // Last, because it is what makes the store exist.
        files::create_new(&config.root(), &Keys::generate()?.wrap(master.as_ref())?)?;
        Self::open(config)
    }

    /// Opens an existing key store, locks it against other processes and replays its erasure log.
    ///
    /// # Errors
    /// A missing, malformed, exposed or wrong master key, a missing, damaged or used key store: each with what to do.
    /// Nothing has been written then.
    pub fn open(config: VaultConfig) -> Result<Self, VaultError> {
        let root = read_root(&config)?;
        let keys = Keys::unwrap(config.master.source().as_ref(), &root)?;
        let slots = Slots::open(&config.slots())?;
        let log = ErasureLog::open(&config.log(), &keys.proof)?;
        let mut state = State { master: config.master, keys, slots, log };
        for template in state.log.templates() {
            state.slots.destroy(template)?;
        }
        Ok(Self { key_dir: config.key_dir, state: Mutex::new(state) })
    }

    /// Seals features under a fresh data key and a fresh rotation. The keys are durable before this returns; give the
    /// result to the store next. A crash in between leaves an unused key, never an unreadable template.
    ///
    /// # Errors
    /// [`VaultError::Duplicate`] for a template id used before (an erased one too), [`VaultError::Full`], I/O.
    pub fn seal(&self, label: &Label, features: &Features) -> Result<SealedTemplate, VaultError> {
        self.seal_as(label, |keys| SealedTemplate::seal(label, keys, features))
    }

    /// Seals an object's local features, opaque here, under a fresh data key: the envelope only, without a rotation. Give
    /// `plain` (1 byte to 2 MiB) in memory that is wiped. `model`: id of the network that made them, ≤ 100 bytes.
    ///
    /// # Errors
    /// As [`Vault::seal`]; [`VaultError::BadFeatures`] for another size.
    pub fn seal_object(&self, label: &Label, model: &str, plain: &[u8]) -> Result<SealedTemplate, VaultError> {
        self.seal_as(label, |keys| SealedTemplate::seal_object(label, keys, model, plain))
    }

    fn seal_as(
        &self,
        label: &Label,
        seal: impl FnOnce(&TemplateKeys) -> Result<SealedTemplate, VaultError>,
    ) -> Result<SealedTemplate, VaultError> {
        let mut state = self.state();
        if state.log.get(label.template).is_some() {
            return Err(VaultError::Duplicate(label.template));
        }
        let keys = TemplateKeys { envelope: aead::random()?, seed: aead::random()? };
        let sealed = seal(&keys)?;
        let wrapped = state.wrap(label.template, &keys)?;
        state.slots.insert(label.template, &wrapped)?;
        Ok(sealed)
    }

    /// Opens an object's local features for as long as `use_it` runs; they are wiped then.
    ///
    /// # Errors
    /// As [`Vault::with_template`]; [`VaultError::BadFeatures`] for a sealed vector.
    pub fn with_object<R>(
        &self,
        label: &Label,
        sealed: &SealedTemplate,
        use_it: impl FnOnce(&[u8]) -> R,
    ) -> Result<R, VaultError> {
        let plain = self.open_with(label, |keys| sealed.open_object(label, keys))?;
        Ok(use_it(&plain))
    }

    /// Opens a template for as long as `use_it` runs. Prefer [`Vault::compare`], which never puts it together.
    ///
    /// # Errors
    /// [`VaultError::Erased`], [`VaultError::UnknownTemplate`], [`VaultError::Tampered`] when the label or a byte differs.
    pub fn with_template<R>(
        &self,
        label: &Label,
        sealed: &SealedTemplate,
        use_it: impl FnOnce(&Features) -> R,
    ) -> Result<R, VaultError> {
        Ok(use_it(&self.open_sealed(label, sealed)?.features()?))
    }

    /// Compares a probe with a template under the template's rotation.
    ///
    /// # Errors
    /// As [`Vault::with_template`], and [`VaultError::OtherModel`].
    pub fn compare(&self, label: &Label, sealed: &SealedTemplate, probe: &Features) -> Result<Comparison, VaultError> {
        self.open_sealed(label, sealed)?.compare(probe)
    }

    /// Seals other features of the same person under the keys that open `before`: for a template that grows older with its
    /// payer, or is made anew with another network. Give the result to the store in the place of `before`.
    ///
    /// # Errors
    /// As [`Vault::with_template`].
    pub fn reseal(
        &self,
        label: &Label,
        before: &SealedTemplate,
        features: &Features,
    ) -> Result<SealedTemplate, VaultError> {
        let keys = self.state().keys_of(label.template)?;
        let right = keys.iter().find(|keys| before.open(label, keys).is_ok()).ok_or(VaultError::Tampered)?;
        SealedTemplate::seal(label, right, features)
    }

    /// Destroys the template's keys: log first, then overwrite, both durable. Asking again gives the first proof.
    ///
    /// # Errors
    /// [`VaultError::UnknownTemplate`] for a template that never had keys here; I/O.
    pub fn erase(&self, template: TemplateId, now: Timestamp) -> Result<ErasureProof, VaultError> {
        let mut state = self.state();
        let proof = match (state.log.get(template), state.slots.get(template)?.first()) {
            (Some(proof), _) => proof.clone(),
            (None, Some(keys)) => ErasureProof::new(&state.keys.proof, template, now, &keys.digest())?,
            (None, None) => return Err(VaultError::UnknownTemplate(template)),
        };
        state.log.append(&proof)?;
        state.slots.destroy(template)?;
        Ok(proof)
    }

    /// Erases again what the database says was erased; for a restore in which the erasure log is older than the database.
    /// Returns how many keys were still there.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] for a proof that this vault did not make (nothing is erased then); I/O.
    pub fn replay_erasures(&self, proofs: &[ErasureProof]) -> Result<usize, VaultError> {
        proofs
            .iter()
            .all(|p| self.verify(p))
            .then_some(())
            .ok_or(VaultError::Damaged("an erasure proof does not hold"))?;
        let mut state = self.state();
        let before = state.slots.len();
        for proof in proofs {
            state.log.append(proof)?;
            state.slots.destroy(proof.template)?;
        }
        Ok(before.saturating_sub(state.slots.len()))
    }

    /// Whether this vault made `proof`.
    pub fn verify(&self, proof: &ErasureProof) -> bool {
        proof.holds(&self.state().keys.proof)
    }

    /// The receipt of an erasure for the person whose template it was.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] for a proof that this vault did not make.
    pub fn receipt(&self, proof: &ErasureProof, method: Method) -> Result<ErasureReceipt, VaultError> {
        self.verify(proof).then_some(()).ok_or(VaultError::Damaged("an erasure proof does not hold"))?;
        Ok(ErasureReceipt::sign(&self.derive_key(RECEIPTS)?, proof, method))
    }

    /// The key that receipts are checked with; publish it.
    ///
    /// # Errors
    /// None in practice; see [`VaultError::Damaged`].
    pub fn receipt_key(&self) -> Result<[u8; KEY_BYTES], VaultError> {
        Ok(public_half(&self.derive_key(RECEIPTS)?))
    }

    /// The proof that this template's keys were destroyed, if they were.
    pub fn erasure_of(&self, template: TemplateId) -> Option<ErasureProof> {
        self.state().log.get(template).cloned()
    }

    /// Templates whose keys are here.
    pub fn live_keys(&self) -> usize {
        self.state().slots.len()
    }

    /// Seals a small secret (a webhook's signing key) for the database. `purpose` must be the same when opening; put the
    /// row's id in it, so that a sealed secret cannot be moved to another row.
    ///
    /// # Errors
    /// [`VaultError::SecretTooLong`] above 4 KiB.
    pub fn seal_secret(&self, purpose: &str, secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        (secret.len() <= MAX_SECRET_BYTES).then_some(()).ok_or(VaultError::SecretTooLong)?;
        aead::seal(&self.state().keys.secrets, purpose.as_bytes(), secret)
    }

    /// Opens what [`Vault::seal_secret`] made.
    ///
    /// # Errors
    /// [`VaultError::Tampered`] for another purpose or changed bytes.
    pub fn open_secret(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        aead::open(&self.state().keys.secrets, purpose.as_bytes(), sealed)
    }

    /// A key for `purpose` that stays the same over restarts and changes of the master key (audit signing, tokens).
    ///
    /// # Errors
    /// None in practice; see [`VaultError::Damaged`].
    pub fn derive_key(&self, purpose: &str) -> Result<Zeroizing<[u8; KEY_BYTES]>, VaultError> {
        self.state().keys.derive(purpose)
    }

    /// The rotation that all vectors of one 1:N index share, under a key of its own: vectors of two indexes, or of an index and
    /// a template, cannot be linked. `purpose` names the index; `length` is that of its vectors.
    ///
    /// # Errors
    /// [`VaultError::BadFeatures`] for a length that no vector has.
    pub fn index_rotation(&self, purpose: &str, length: usize) -> Result<IndexRotation, VaultError> {
        IndexRotation::new(&self.derive_key(&format!("search index: {purpose}"))?, length)
    }

    /// Opens under the live keys, or under those that wait for a renewed form.
    pub(crate) fn open_sealed(&self, label: &Label, sealed: &SealedTemplate) -> Result<Opened, VaultError> {
        self.open_with(label, |keys| sealed.open(label, keys))
    }

    fn open_with<T>(
        &self,
        label: &Label,
        open: impl Fn(&TemplateKeys) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let keys = self.state().keys_of(label.template)?;
        let mut opened = keys.iter().map(open);
        let first = opened.next().unwrap_or(Err(VaultError::UnknownTemplate(label.template)));
        first.or_else(|error| opened.next().and_then(Result::ok).ok_or(error))
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // Every change of the state is one file operation with its index update last; a panic in between leaves it usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Wraps under the newest generation.
    pub fn wrap(&self, template: TemplateId, keys: &TemplateKeys) -> Result<WrappedKeys, VaultError> {
        let id = template.as_uuid().as_bytes();
        let newest = self.keys.newest();
        Ok(WrappedKeys {
            envelope: aead::seal(&newest.envelope, id, keys.envelope.as_slice())?,
            seed: aead::seal(&newest.rotation, id, keys.seed.as_slice())?,
        })
    }

    /// The live keys, and behind them those that wait; never none.
    pub fn keys_of(&self, template: TemplateId) -> Result<Vec<TemplateKeys>, VaultError> {
        if let Some(proof) = self.log.get(template) {
            return Err(VaultError::Erased { template, at: proof.erased_at });
        }
        let wrapped = self.slots.get(template)?;
        (!wrapped.is_empty()).then_some(()).ok_or(VaultError::UnknownTemplate(template))?;
        wrapped.iter().map(|wrapped| self.unwrap(template, wrapped)).collect()
    }

    fn unwrap(&self, template: TemplateId, wrapped: &WrappedKeys) -> Result<TemplateKeys, VaultError> {
        let mut unwrapped = self.keys.generations().filter_map(|g| unwrap(g, template, wrapped));
        unwrapped.next().ok_or(VaultError::Damaged("a wrapped key was changed"))
    }
}

/// `None`: it is another generation's, or changed.
pub(crate) fn unwrap(generation: &Generation, template: TemplateId, wrapped: &WrappedKeys) -> Option<TemplateKeys> {
    let id = template.as_uuid().as_bytes();
    let envelope = aead::open_key(&generation.envelope, id, &wrapped.envelope).ok()?;
    let seed = aead::open_key(&generation.rotation, id, &wrapped.seed).ok()?;
    Some(TemplateKeys { envelope, seed })
}

/// Name of the wrapped root in the key store.
pub(crate) const ROOT_FILE: &str = "root.key";
/// Purpose of the key that signs receipts.
const RECEIPTS: &str = "erasure receipts";

fn public_half(seed: &SecretKey) -> [u8; KEY_BYTES] {
    ed25519_dalek::SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

pub(crate) fn read_root(config: &VaultConfig) -> Result<Vec<u8>, VaultError> {
    let path: &Path = &config.root();
    match std::fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(VaultError::NotInitialised(config.key_dir.clone())),
        Err(e) => Err(VaultError::io("read", path)(e)),
    }
}
