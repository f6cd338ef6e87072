//! The key store: one file of fixed-size slots, overwritten in place, so that an erased key leaves no copy behind.
//!
//! ```text
//! slot 0      magic, zeros
//! slot n ≥ 1  state 1 │ zeros 15 │ template id 16 │ wrapped data key 72 │ wrapped rotation seed 72 │ SHA-256 32 │ zeros
//! ```
//! A slot is written with state *free* first and turned *live* by a second, one-byte write: a power cut leaves a free slot.
//! While a template is renewed it has two: the *live* one and the *next* one, which waits until the database holds the new
//! sealed form. A *next* one alone counts as live: its template was settled as far as the first of two writes.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use base::TemplateId;
use sha2::{Digest, Sha256};

use crate::limits::{MAX_SLOTS, NONCE_BYTES, WRAPPED_BYTES};
use crate::{VaultError, files};

pub(crate) const SLOT_BYTES: usize = 256;
const MAGIC: &[u8; 8] = b"SMPSLOT1";
const LIVE: u8 = 1;
const NEXT: u8 = 2;
const SEALED_KEY: usize = NONCE_BYTES + WRAPPED_BYTES;
const ID: std::ops::Range<usize> = 16..32;
const ENVELOPE: std::ops::Range<usize> = 32..32 + SEALED_KEY;
const SEED: std::ops::Range<usize> = ENVELOPE.end..ENVELOPE.end + SEALED_KEY;
const SUM: std::ops::Range<usize> = SEED.end..SEED.end + 32;

type Slot = [u8; SLOT_BYTES];

/// Both keys of one template, wrapped under two different subkeys.
#[derive(Clone)]
pub(crate) struct WrappedKeys {
    pub envelope: Vec<u8>,
    pub seed: Vec<u8>,
}

impl WrappedKeys {
    /// SHA-256 of what is destroyed at erasure.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::new().chain_update(&self.envelope).chain_update(&self.seed).finalize().into()
    }
}

/// The open, exclusively locked file and where each template's slot is.
pub(crate) struct Slots {
    file: File,
    path: PathBuf,
    index: HashMap<TemplateId, usize>,
    next: HashMap<TemplateId, usize>,
    free: Vec<usize>,
    count: usize,
}

impl Slots {
    /// Makes an empty key store.
    pub fn create(path: &Path) -> Result<(), VaultError> {
        let mut head = [0; SLOT_BYTES];
        put(&mut head, 0..MAGIC.len(), MAGIC);
        files::create_new(path, &head)
    }

    /// Opens and locks an existing key store; writes nothing.
    pub fn open(path: &Path) -> Result<Self, VaultError> {
        let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(VaultError::io("open", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(VaultError::InUse(path.to_owned())),
            Err(TryLockError::Error(e)) => return Err(VaultError::io("lock", path)(e)),
        }
        let mut slots = Self {
            path: path.to_owned(),
            index: HashMap::new(),
            next: HashMap::new(),
            free: Vec::new(),
            count: 0,
            file: clone(&file, path)?,
        };
        slots.scan(&mut file)?;
        Ok(slots)
    }

    fn scan(&mut self, file: &mut File) -> Result<(), VaultError> {
        let mut reader = std::io::BufReader::new(file);
        let mut slot = [0; SLOT_BYTES];
        while read_full(&mut reader, &mut slot).map_err(VaultError::io("read", &self.path))? {
            let number = self.count;
            self.count += 1;
            if number == 0 {
                slot.starts_with(MAGIC).then_some(()).ok_or(VaultError::Damaged("keys.slots has the wrong form"))?;
            } else if let Some(state @ (LIVE | NEXT)) = slot.first().copied() {
                let (template, _) = decode(&slot)?;
                let places = if state == LIVE { &mut self.index } else { &mut self.next };
                let twice = places.insert(template, number).is_some();
                (!twice).then_some(()).ok_or(VaultError::Damaged("one template has two keys"))?;
            } else {
                self.free.push(number);
            }
            (self.count <= MAX_SLOTS).then_some(()).ok_or(VaultError::Full)?;
        }
        let index = &self.index;
        let alone: Vec<TemplateId> = self.next.keys().filter(|t| !index.contains_key(t)).copied().collect();
        for template in alone {
            self.index.extend(self.next.remove(&template).map(|number| (template, number)));
        }
        (self.count > 0).then_some(()).ok_or(VaultError::Damaged("keys.slots is empty"))
    }

    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Templates with two keys: their renewal was begun and not settled.
    pub fn unsettled(&self) -> Vec<TemplateId> {
        self.next.keys().copied().collect()
    }

    pub fn templates(&self) -> Vec<TemplateId> {
        self.index.keys().copied().collect()
    }

    pub fn contains(&self, template: TemplateId) -> bool {
        self.index.contains_key(&template)
    }

    /// Stores the keys of a new template, durably.
    pub fn insert(&mut self, template: TemplateId, keys: &WrappedKeys) -> Result<(), VaultError> {
        if self.contains(template) {
            return Err(VaultError::Duplicate(template));
        }
        let numbers = self.write_new(&[(template, keys)], LIVE)?;
        self.index.extend(numbers.first().map(|number| (template, *number)));
        Ok(())
    }

    /// Stores further keys beside the live ones of templates that have only these, durably, with four writes for all.
    pub fn insert_next(&mut self, all: &[(TemplateId, &WrappedKeys)]) -> Result<(), VaultError> {
        for (template, _) in all {
            let number = *self.index.get(template).ok_or(VaultError::UnknownTemplate(*template))?;
            (!self.next.contains_key(template)).then_some(()).ok_or(VaultError::Duplicate(*template))?;
            // It may still say *next*, and there can be one of these only.
            self.write(number, &[LIVE])?;
        }
        self.sync()?;
        let numbers = self.write_new(all, NEXT)?;
        self.next.extend(all.iter().map(|(template, _)| *template).zip(numbers));
        Ok(())
    }

    /// Overwrites the live keys of these templates and puts the next ones in their place, durably.
    pub fn settle(&mut self, templates: &[TemplateId]) -> Result<(), VaultError> {
        let moves: Vec<(TemplateId, usize, usize)> =
            templates.iter().filter_map(|t| Some((*t, *self.index.get(t)?, *self.next.get(t)?))).collect();
        for (_, old, _) in &moves {
            self.write(*old, &[0; SLOT_BYTES])?;
        }
        self.sync()?;
        for (template, old, new) in &moves {
            self.next.remove(template);
            self.index.insert(*template, *new);
            self.free.push(*old);
            self.write(*new, &[LIVE])?;
        }
        self.sync()
    }

    /// Overwrites the waiting keys of a template, durably: its renewal did not reach the database.
    pub fn withdraw(&mut self, template: TemplateId) -> Result<(), VaultError> {
        let Some(number) = self.next.get(&template).copied() else { return Ok(()) };
        self.write(number, &[0; SLOT_BYTES])?;
        self.sync()?;
        self.next.remove(&template);
        self.free.push(number);
        Ok(())
    }

    /// Writes slots and then their states; a failed write leaves them free.
    fn write_new(&mut self, all: &[(TemplateId, &WrappedKeys)], state: u8) -> Result<Vec<usize>, VaultError> {
        let mut numbers = Vec::with_capacity(all.len());
        let mut count = self.count;
        for _ in all {
            let number = self.free.pop().unwrap_or_else(|| {
                count += 1;
                count - 1
            });
            numbers.push(number);
        }
        if count > MAX_SLOTS {
            self.forget(&numbers);
            return Err(VaultError::Full);
        }
        let written = all
            .iter()
            .zip(&numbers)
            .try_for_each(|((template, keys), number)| self.write(*number, &encode(*template, keys)))
            .and_then(|()| self.sync())
            .and_then(|()| numbers.iter().try_for_each(|number| self.write(*number, &[state])))
            .and_then(|()| self.sync());
        if let Err(e) = written {
            for number in &numbers {
                let _ = self.write(*number, &[0; SLOT_BYTES]);
            }
            self.forget(&numbers);
            return Err(e);
        }
        self.count = count;
        Ok(numbers)
    }

    /// After a failed write: the slots count as free again, whatever they hold.
    fn forget(&mut self, numbers: &[usize]) {
        let count = self.count;
        self.free.extend(numbers.iter().filter(|number| **number < count));
    }

    /// The live keys, and behind them those that wait.
    pub fn get(&self, template: TemplateId) -> Result<Vec<WrappedKeys>, VaultError> {
        let places = self.index.get(&template).into_iter().chain(self.next.get(&template));
        places.map(|number| self.read(template, *number)).collect()
    }

    fn read(&self, template: TemplateId, number: usize) -> Result<WrappedKeys, VaultError> {
        let mut slot = [0; SLOT_BYTES];
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset(number)))
            .and_then(|_| file.read_exact(&mut slot))
            .map_err(VaultError::io("read", &self.path))?;
        let (found, keys) = decode(&slot)?;
        if found == template { Ok(keys) } else { Err(VaultError::Damaged("a key slot moved")) }
    }

    /// Overwrites the template's keys with zeros, durably, also those that wait. Nothing to do when there are none.
    pub fn destroy(&mut self, template: TemplateId) -> Result<(), VaultError> {
        let places = [self.index.get(&template), self.next.get(&template)];
        let places: Vec<usize> = places.into_iter().flatten().copied().collect();
        if places.is_empty() {
            return Ok(());
        }
        for number in &places {
            self.write(*number, &[0; SLOT_BYTES])?;
        }
        self.sync()?;
        self.index.remove(&template);
        self.next.remove(&template);
        self.free.extend(places);
        Ok(())
    }

    fn write(&mut self, number: usize, bytes: &[u8]) -> Result<(), VaultError> {
        self.file
            .seek(SeekFrom::Start(offset(number)))
            .and_then(|_| self.file.write_all(bytes))
            .map_err(VaultError::io("write", &self.path))
    }

    fn sync(&mut self) -> Result<(), VaultError> {
        self.file.sync_data().map_err(VaultError::io("write", &self.path))
    }
}

/// The keys in the file as it is now, without lock, beside the process that changes it: what is being written at this moment
/// is left out.
pub(crate) fn peek(path: &Path) -> Result<Vec<(TemplateId, WrappedKeys)>, VaultError> {
    let bytes = std::fs::read(path).map_err(VaultError::io("read", path))?;
    let (slots, _) = bytes.as_chunks::<SLOT_BYTES>();
    let live = slots.iter().skip(1).filter(|slot| slot.first() == Some(&LIVE));
    Ok(live.filter_map(|slot| decode(slot).ok()).collect())
}

const fn offset(number: usize) -> u64 {
    (number * SLOT_BYTES) as u64
}

fn clone(file: &File, path: &Path) -> Result<File, VaultError> {
    file.try_clone().map_err(VaultError::io("open", path))
}

/// Reads a whole slot; `false` at the end. A cut-off last slot was never acknowledged and counts as the end.
fn read_full(reader: &mut impl Read, slot: &mut Slot) -> std::io::Result<bool> {
    match reader.read_exact(slot) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(e),
    }
}

fn put(slot: &mut [u8], range: std::ops::Range<usize>, bytes: &[u8]) {
    if let Some(target) = slot.get_mut(range).filter(|t| t.len() == bytes.len()) {
        target.copy_from_slice(bytes);
    }
}

fn take(slot: &Slot, range: std::ops::Range<usize>) -> &[u8] {
    slot.get(range).unwrap_or_default()
}

fn checksum(slot: &Slot) -> [u8; 32] {
    Sha256::digest(take(slot, ID.start..SUM.start)).into()
}

/// The slot with state *free*.
fn encode(template: TemplateId, keys: &WrappedKeys) -> Slot {
    let mut slot = [0; SLOT_BYTES];
    put(&mut slot, ID, template.as_uuid().as_bytes());
    put(&mut slot, ENVELOPE, &keys.envelope);
    put(&mut slot, SEED, &keys.seed);
    let sum = checksum(&slot);
    put(&mut slot, SUM, &sum);
    slot
}

fn decode(slot: &Slot) -> Result<(TemplateId, WrappedKeys), VaultError> {
    if take(slot, SUM) != checksum(slot) {
        return Err(VaultError::Damaged("a key slot's checksum is wrong"));
    }
    let mut id = [0; 16];
    put(&mut id, 0..16, take(slot, ID));
    let keys = WrappedKeys { envelope: take(slot, ENVELOPE).to_vec(), seed: take(slot, SEED).to_vec() };
    Ok((TemplateId::from_uuid(uuid::Uuid::from_bytes(id)), keys))
}
