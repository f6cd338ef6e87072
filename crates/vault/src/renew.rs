//! Rotation of the keys: new master key, new generation of wrapping keys, and for every template a new data key and a new
//! rotation seed, without the person. Everything that is needed to go on after a crash is in the key store itself.
//!
//! One template, step by step; it can be used after each of them:
//! 1. new keys wait beside the live ones ([`Vault::renew`]);
//! 2. the caller exchanges the sealed form in the database, in one commit;
//! 3. the old keys are overwritten, the new ones are live ([`Vault::settle`]).
//!
//! After a crash between 1 and 3 the sealed form in the database tells which of the two keys is the right one.

use base::TemplateId;

use crate::aead;
use crate::limits::RENEW_AT_ONCE;
use crate::root::{Generation, Keys};
use crate::sealed::{Label, SealedTemplate, TemplateKeys};
use crate::slots;
use crate::vault::{read_root, unwrap};
use crate::{MasterKeySource, Vault, VaultConfig, VaultError, files};

/// How far a rotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Templates with new keys.
    pub done: usize,
    pub total: usize,
}

/// What may be told about the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyOverview {
    /// Templates with keys here.
    pub templates: usize,
    /// Of these, how many have the newest generation's.
    pub newest: usize,
    /// Whether a rotation is under way.
    pub rotating: bool,
}

/// What became of one template.
pub enum Renewed {
    /// The new sealed form for the database; then [`Vault::settle`].
    Sealed(SealedTemplate),
    /// The database has it already (an interrupted run): only [`Vault::settle`] is missing.
    Waiting,
    /// Its keys are new.
    Done,
}

impl VaultConfig {
    /// What is in the key store now, without opening or locking it: for commands beside a running server.
    ///
    /// # Errors
    /// As [`Vault::open`] for the master key and the root.
    pub fn overview(&self) -> Result<KeyOverview, VaultError> {
        let root = read_root(self)?;
        let keys = Keys::unwrap(self.master.source().as_ref(), &root)?;
        let slots = slots::peek(&self.slots())?;
        let newest = slots.iter().filter(|(id, wrapped)| unwrap(keys.newest(), *id, wrapped).is_some()).count();
        Ok(KeyOverview { templates: slots.len(), newest, rotating: keys.is_rotating() })
    }
}

impl Vault {
    /// Begins a rotation, or goes on with the one that is under way: from now on new keys are of a new generation.
    ///
    /// # Errors
    /// The master key cannot be used; I/O. Nothing has changed then.
    pub fn begin_rotation(&self) -> Result<(), VaultError> {
        let mut state = self.state();
        if !state.keys.is_rotating() {
            let next = state.keys.next_generation()?;
            files::replace(&self.root(), &next.wrap(state.master.source().as_ref())?)?;
            state.keys = next;
        }
        Ok(())
    }

    /// Puts the root under another master key; makes it where `new` can. Everything sealed stays readable.
    ///
    /// # Errors
    /// What the new source says; I/O. The old key keeps working then.
    pub fn change_master(&self, new: MasterKeySource) -> Result<(), VaultError> {
        let mut state = self.state();
        let source = new.source();
        source.create()?;
        files::replace(&self.root(), &state.keys.wrap(source.as_ref())?)?;
        state.master = new;
        Ok(())
    }

    /// Whether a rotation is under way, and how far it is.
    ///
    /// # Errors
    /// I/O.
    pub fn rotation(&self) -> Result<Option<Rotation>, VaultError> {
        if !self.state().keys.is_rotating() {
            return Ok(None);
        }
        let total = self.live_keys();
        Ok(Some(Rotation { done: total - self.stale(usize::MAX)?.len(), total }))
    }

    /// Up to `most` templates whose renewal is not complete.
    ///
    /// # Errors
    /// I/O; a damaged key store.
    pub fn stale(&self, most: usize) -> Result<Vec<TemplateId>, VaultError> {
        let state = self.state();
        let mut found = state.slots.unsettled();
        found.truncate(most);
        for template in state.slots.templates() {
            if found.len() >= most {
                break;
            }
            let wrapped = state.slots.get(template)?;
            // Two keys: counted above.
            let [wrapped] = wrapped.as_slice() else { continue };
            if unwrap(state.keys.newest(), template, wrapped).is_none() {
                found.push(template);
            }
        }
        Ok(found)
    }

    /// Seals templates again under new data keys and new rotation seeds, which are durable before this returns. Templates that
    /// a crash left half-way are brought to where the database is first. At most [`RENEW_AT_ONCE`] together.
    ///
    /// # Errors
    /// [`VaultError::Tampered`] for a sealed form that no key opens; I/O.
    pub fn renew(&self, all: &[(Label, SealedTemplate)]) -> Result<Vec<Renewed>, VaultError> {
        let mut answers = Vec::with_capacity(all.len());
        let mut wrapped = Vec::new();
        let mut state = self.state();
        for (label, sealed) in all.iter().take(RENEW_AT_ONCE) {
            let keys = state.keys_of(label.template)?;
            let (live, waiting) = (keys.first(), keys.get(1));
            if waiting.is_some_and(|keys| sealed.unseal(label, keys).is_ok()) {
                answers.push(Renewed::Waiting);
                continue;
            }
            let live = live.ok_or(VaultError::UnknownTemplate(label.template))?;
            let plain = sealed.unseal(label, live)?;
            state.slots.withdraw(label.template)?;
            if is_new(state.keys.newest(), label.template, &state.slots.get(label.template)?) {
                answers.push(Renewed::Done);
                continue;
            }
            let fresh = TemplateKeys { envelope: aead::random()?, seed: aead::random()? };
            answers.push(Renewed::Sealed(sealed.seal_again(label, &fresh, &plain)?));
            wrapped.push((label.template, state.wrap(label.template, &fresh)?));
        }
        let wrapped: Vec<_> = wrapped.iter().map(|(template, keys)| (*template, keys)).collect();
        state.slots.insert_next(&wrapped)?;
        Ok(answers)
    }

    /// Overwrites the old keys of templates whose renewed form is in the database.
    ///
    /// # Errors
    /// I/O.
    pub fn settle(&self, templates: &[TemplateId]) -> Result<(), VaultError> {
        self.state().slots.settle(templates)
    }

    /// For keys whose template is in no database (an enrolment that a crash cut off): wraps the same keys anew.
    ///
    /// # Errors
    /// I/O.
    pub fn rewrap(&self, template: TemplateId) -> Result<(), VaultError> {
        let mut state = self.state();
        state.slots.withdraw(template)?;
        let keys = state.keys_of(template)?;
        let keys = keys.first().ok_or(VaultError::UnknownTemplate(template))?;
        let wrapped = state.wrap(template, keys)?;
        state.slots.insert_next(&[(template, &wrapped)])?;
        state.slots.settle(&[template])
    }

    /// Forgets the old generation when nothing is wrapped under it any more.
    ///
    /// # Errors
    /// [`VaultError::Rotating`] while templates are left; I/O.
    pub fn finish_rotation(&self) -> Result<(), VaultError> {
        if !self.stale(1)?.is_empty() {
            return Err(VaultError::Rotating);
        }
        let mut state = self.state();
        if state.keys.is_rotating() {
            let only = state.keys.only_newest()?;
            files::replace(&self.root(), &only.wrap(state.master.source().as_ref())?)?;
            state.keys = only;
        }
        Ok(())
    }

    fn root(&self) -> std::path::PathBuf {
        self.key_dir.join(crate::vault::ROOT_FILE)
    }
}

fn is_new(newest: &Generation, template: TemplateId, wrapped: &[slots::WrappedKeys]) -> bool {
    wrapped.first().is_some_and(|keys| unwrap(newest, template, keys).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Features;
    use crate::features::dot;
    use crate::test_vectors::unit;
    use base::{AccountId, Method};
    use uuid::Uuid;

    /// What lies inside the envelopes before and after, seen by somebody who opened both.
    #[test]
    fn the_old_vector_says_nothing_about_the_new_one() {
        const PEOPLE: u64 = 100;
        let dir = tempfile::tempdir().unwrap();
        let master = MasterKeySource::File(dir.path().join("master.key"));
        let vault = Vault::init(VaultConfig { key_dir: dir.path().join("keys"), master }).unwrap();
        let label = |n: u64| Label {
            account: AccountId::from_uuid(Uuid::from_u128(u128::from(n))),
            method: Method::Face,
            template: TemplateId::from_uuid(Uuid::from_u128(u128::from(n) + 1_000)),
        };
        let seal = |n| vault.seal(&label(n), &Features::new(unit(128, n), 5, 0.3, "m").unwrap()).unwrap();
        let old: Vec<_> = (0..PEOPLE).map(|n| (label(n), seal(n))).collect();
        let inside =
            |label: &Label, sealed: &SealedTemplate| vault.open_sealed(label, sealed).unwrap().rotated().to_vec();
        let before: Vec<_> = old.iter().map(|(label, sealed)| inside(label, sealed)).collect();
        vault.begin_rotation().unwrap();
        let mut after = Vec::new();
        for batch in old.chunks(RENEW_AT_ONCE) {
            let renewed = vault.renew(batch).unwrap();
            for ((label, _), renewed) in batch.iter().zip(renewed) {
                let Renewed::Sealed(sealed) = renewed else { panic!("not renewed") };
                after.push(inside(label, &sealed));
            }
        }
        let mean = before.iter().zip(&after).map(|(a, b)| dot(a, b)).sum::<f32>() / PEOPLE as f32;
        let same = before.iter().zip(&before).map(|(a, b)| dot(a, b)).sum::<f32>() / PEOPLE as f32;
        // 1/√128/√100 = 0.009 is one standard deviation of the mean where the two have nothing in common.
        assert!(mean.abs() < 0.04 && (same - 1.0).abs() < 1e-4, "{mean} {same}");
    }
}
