//! The form in which a template leaves the vault: opaque, bound to whom and what it is for.

use base::{AccountId, Method, TemplateId};
use zeroize::Zeroizing;

use crate::aead::{self, SecretKey};
use crate::limits::{MAX_DIMENSIONS, MAX_MODEL_BYTES, MAX_OBJECT_BYTES, MAX_SEALED_BYTES, MAX_SEALED_OBJECT_BYTES};
use crate::rotation::Rotation;
use crate::{Features, VaultError};

/// Version of the sealed form of a vector, rotated inside; part of the associated data.
const VECTOR: u8 = 1;
/// Of an object's local features: the envelope only, for there is no cosine that a rotation would keep.
const OBJECT: u8 = 2;

/// Says in the head that the enrolled vector follows the present one.
const ANCHORED: u8 = 1;

/// Whose template it is. Sealed data opens only under exactly this label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    pub account: AccountId,
    pub method: Method,
    pub template: TemplateId,
}

/// A sealed template: ciphertext for the database, useless without its data key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedTemplate(Vec<u8>);

impl SealedTemplate {
    /// Takes bytes back from the database.
    ///
    /// # Errors
    /// [`VaultError::Tampered`] when they cannot be a sealed template.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, VaultError> {
        let sealed = Self(bytes);
        sealed.parts().map(|_| ())?;
        Ok(sealed)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Id of the network that made the features; readable without a key, authenticated when opened.
    pub fn model(&self) -> &str {
        self.parts().map_or("", |(_, model, _)| model)
    }

    /// `version ‖ length ‖ model ‖ nonce, ciphertext, tag`.
    fn parts(&self) -> Result<(u8, &str, &[u8]), VaultError> {
        let parse = || {
            let (&version, rest) = self.0.split_first()?;
            let longest = match version {
                VECTOR => MAX_SEALED_BYTES,
                OBJECT => MAX_SEALED_OBJECT_BYTES,
                _ => return None,
            };
            let (length, rest) = rest.split_first().filter(|_| self.0.len() <= longest)?;
            let (model, sealed) = rest.split_at_checked(usize::from(*length))?;
            let model = std::str::from_utf8(model).ok()?;
            (1..=MAX_MODEL_BYTES).contains(&model.len()).then_some((version, model, sealed))
        };
        parse().ok_or(VaultError::Tampered)
    }

    pub(crate) fn seal(label: &Label, keys: &TemplateKeys, features: &Features) -> Result<Self, VaultError> {
        let model = features.model();
        Self::wrap(VECTOR, label, keys, model, &plain(keys, features)?)
    }

    pub(crate) fn seal_object(
        label: &Label,
        keys: &TemplateKeys,
        model: &str,
        plain: &[u8],
    ) -> Result<Self, VaultError> {
        let right_size = (1..=MAX_OBJECT_BYTES).contains(&plain.len()) && (1..=MAX_MODEL_BYTES).contains(&model.len());
        right_size.then_some(()).ok_or(VaultError::BadFeatures)?;
        Self::wrap(OBJECT, label, keys, model, plain)
    }

    fn wrap(version: u8, label: &Label, keys: &TemplateKeys, model: &str, plain: &[u8]) -> Result<Self, VaultError> {
        let sealed = aead::seal(&keys.envelope, &associated(version, label, model), plain)?;
        let length = u8::try_from(model.len()).map_err(|_| VaultError::BadFeatures)?;
        Ok(Self([&[version, length], model.as_bytes(), &sealed].concat()))
    }

    pub(crate) fn open(&self, label: &Label, keys: &TemplateKeys) -> Result<Opened, VaultError> {
        let (version, model, sealed) = self.parts()?;
        (version == VECTOR).then_some(()).ok_or(VaultError::BadFeatures)?;
        let plain = aead::open(&keys.envelope, &associated(version, label, model), sealed)?;
        Opened::parse(&plain, keys, model)
    }

    /// What [`SealedTemplate::seal_object`] took.
    pub(crate) fn open_object(&self, label: &Label, keys: &TemplateKeys) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (version, model, sealed) = self.parts()?;
        (version == OBJECT).then_some(()).ok_or(VaultError::BadFeatures)?;
        aead::open(&keys.envelope, &associated(version, label, model), sealed)
    }
}

/// What an envelope holds, whichever form it is.
pub(crate) enum Plain {
    Vector(Features),
    Object(Zeroizing<Vec<u8>>),
}

impl SealedTemplate {
    /// Opens either form, to be sealed again under other keys.
    pub(crate) fn unseal(&self, label: &Label, keys: &TemplateKeys) -> Result<Plain, VaultError> {
        match self.parts()? {
            (OBJECT, ..) => self.open_object(label, keys).map(Plain::Object),
            _ => self.open(label, keys)?.features().map(Plain::Vector),
        }
    }

    /// The same model's `plain` under other keys.
    pub(crate) fn seal_again(&self, label: &Label, keys: &TemplateKeys, plain: &Plain) -> Result<Self, VaultError> {
        match plain {
            Plain::Vector(features) => Self::seal(label, keys, features),
            Plain::Object(bytes) => Self::seal_object(label, keys, self.model(), bytes),
        }
    }
}

/// The two keys of one template.
pub(crate) struct TemplateKeys {
    pub envelope: SecretKey,
    pub seed: SecretKey,
}

/// What is inside an envelope: still rotated.
pub(crate) struct Opened {
    rotation: Rotation,
    rotated: Zeroizing<Vec<f32>>,
    views: u8,
    eye_openness: f32,
    model: String,
    /// As `rotated`, of the vector that was enrolled.
    anchor: Option<Zeroizing<Vec<f32>>>,
}

impl Opened {
    fn parse(plain: &[u8], keys: &TemplateKeys, model: &str) -> Result<Self, VaultError> {
        let (head, values) = plain.split_first_chunk::<8>().ok_or(VaultError::Tampered)?;
        let [views, anchored, d0, d1, e0, e1, e2, e3] = *head;
        let length = usize::from(u16::from_le_bytes([d0, d1]));
        let rotation = Rotation::new(&keys.seed, length).map_err(|_| VaultError::Tampered)?;
        let (chunks, rest) = values.as_chunks::<4>();
        let one = length.next_power_of_two();
        let vectors = 1 + usize::from(anchored);
        let right_size = rest.is_empty() && chunks.len() == vectors * one && vectors <= 2 && length <= MAX_DIMENSIONS;
        right_size.then_some(()).ok_or(VaultError::Tampered)?;
        let vector =
            |part: &[[u8; 4]]| Zeroizing::new(part.iter().map(|c| f32::from_le_bytes(*c)).collect::<Vec<f32>>());
        let (first, second) = chunks.split_at_checked(one).ok_or(VaultError::Tampered)?;
        let anchor = (anchored == ANCHORED).then(|| vector(second));
        let eye_openness = f32::from_le_bytes([e0, e1, e2, e3]);
        Ok(Self { rotation, rotated: vector(first), views, eye_openness, model: model.to_owned(), anchor })
    }

    /// What lies in the envelope.
    #[cfg(test)]
    pub fn rotated(&self) -> &[f32] {
        &self.rotated
    }

    /// Undoes the rotation.
    pub fn features(&self) -> Result<Features, VaultError> {
        let values = self.rotation.undo(&self.rotated);
        let features = Features::new(values.to_vec(), self.views, self.eye_openness, &self.model)?;
        match &self.anchor {
            Some(anchor) => features.anchored(self.rotation.undo(anchor).to_vec()),
            None => Ok(features),
        }
    }

    /// Compares under the rotation: the plain template is never put together.
    pub fn compare(&self, probe: &Features) -> Result<Comparison, VaultError> {
        if probe.model() != self.model {
            return Err(VaultError::OtherModel { expected: self.model.clone(), found: probe.model().to_owned() });
        }
        let rotated = self.rotation.apply(probe.values());
        let same_length = rotated.len() == self.rotated.len();
        same_length.then_some(()).ok_or(VaultError::BadFeatures)?;
        let cosine = crate::features::dot(&self.rotated, &rotated);
        Ok(Comparison { cosine, views: self.views, frames: probe.views(), enrolled_eye_openness: self.eye_openness })
    }
}

/// A probe against a template. Not printable: a score never leaves the process.
#[derive(Clone, Copy)]
pub struct Comparison {
    /// −1…1.
    pub cosine: f32,
    /// Views averaged in the template.
    pub views: u8,
    /// Frames averaged in the probe.
    pub frames: u8,
    /// 0 = unknown.
    pub enrolled_eye_openness: f32,
}

/// `views ‖ anchored ‖ length u16 ‖ eye openness f32 ‖ rotated values f32… ‖ rotated anchor f32… where there is one`,
/// little-endian.
fn plain(keys: &TemplateKeys, features: &Features) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let rotated = Rotation::new(&keys.seed, features.values().len())?.apply(features.values());
    let length = u16::try_from(features.values().len()).map_err(|_| VaultError::BadFeatures)?;
    let anchor = features.anchor().map(|a| Rotation::new(&keys.seed, a.len()).map(|r| r.apply(a))).transpose()?;
    let mut plain = Zeroizing::new(Vec::with_capacity(8 + 8 * rotated.len()));
    plain.extend([features.views(), if anchor.is_some() { ANCHORED } else { 0 }]);
    plain.extend(length.to_le_bytes());
    plain.extend(features.eye_openness().to_le_bytes());
    let values = rotated.iter().chain(anchor.iter().flat_map(|a| a.iter()));
    values.for_each(|v| plain.extend(v.to_le_bytes()));
    Ok(plain)
}

/// Each field with its length in front, so that no two labels share one encoding.
fn associated(version: u8, label: &Label, model: &str) -> Vec<u8> {
    let fields: [&[u8]; 5] = [
        label.account.as_uuid().as_bytes(),
        label.method.as_str().as_bytes(),
        label.template.as_uuid().as_bytes(),
        model.as_bytes(),
        &[version],
    ];
    let mut aad = b"smilepay template".to_vec();
    for field in fields {
        aad.extend((field.len() as u32).to_le_bytes());
        aad.extend_from_slice(field);
    }
    aad
}
