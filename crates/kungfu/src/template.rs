use zeroize::Zeroizing;

use crate::bytes;
use crate::error::KungfuError;
use crate::likeness::{Likeness, between};
use crate::limits::{MAX_PHOTOS, MAX_PROBES, MIN_PHOTOS};
use crate::pet::Embedding;
use crate::seen::{Kind, Object, Seen};

/// Photos that agree less are of several animals, whose template must not profit from that.
const LEAST_CONCORD: f32 = 0.9;

/// Several photos of one object. Biometric: cannot be printed, copied or serialised but as bytes for the vault.
///
/// ```compile_fail
/// fn needs<T: std::fmt::Debug>() {}
/// needs::<kungfu::ObjectTemplate>();
/// ```
/// ```compile_fail
/// fn needs<T: Clone>() {}
/// needs::<kungfu::ObjectTemplate>();
/// ```
pub struct ObjectTemplate {
    kind: Kind,
    photos: Vec<Object>,
}

impl ObjectTemplate {
    /// Joins [`MIN_PHOTOS`] to [`MAX_PHOTOS`] photos. Whether they show one object is for `decide` to judge by
    /// [`ObjectTemplate::agreement`].
    ///
    /// # Errors
    /// Too few, too many, or photos of another kind of object.
    pub fn from_photos(kind: Kind, photos: Vec<Seen>) -> Result<Self, KungfuError> {
        if !(MIN_PHOTOS..=MAX_PHOTOS).contains(&photos.len()) {
            return Err(KungfuError::PhotoCount);
        }
        if photos.iter().any(|seen| seen.kind != kind) {
            return Err(KungfuError::MixedKinds);
        }
        Ok(Self { kind, photos: photos.into_iter().map(|seen| seen.object).collect() })
    }

    pub(crate) const fn from_objects(kind: Kind, photos: Vec<Object>) -> Self {
        Self { kind, photos }
    }

    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Photos in it.
    pub fn photos(&self) -> usize {
        self.photos.len()
    }

    pub(crate) fn objects(&self) -> &[Object] {
        &self.photos
    }

    /// How well its least fitting photo fits to the best of the others.
    pub fn agreement(&self) -> Likeness {
        let fits = |at: usize, one: &Object| {
            let others = self.photos.iter().enumerate().filter(|(other, _)| *other != at);
            others.map(|(_, other)| between(self.kind, one, other)).reduce(Likeness::better)
        };
        let all = self.photos.iter().enumerate().filter_map(|(at, one)| fits(at, one));
        all.reduce(|a, b| if b.score < a.score { b } else { a }).unwrap_or(Likeness::NONE)
    }

    /// How alike a fresh capture is: tattoos by the best pair of an enrolled and a shown photo, pets by the cosine of the means,
    /// divided by the root of how well the enrolled photos agree (0.9 to 1): photos that differ more show a new one less alike.
    /// Photos of another kind count for nothing, as do more than [`MAX_PROBES`].
    pub fn compare(&self, shown: &[Seen]) -> Likeness {
        let probes: Vec<&Object> =
            shown.iter().filter(|s| s.kind == self.kind).take(MAX_PROBES).map(|s| &s.object).collect();
        self.against(&probes)
    }

    /// As [`ObjectTemplate::compare`] with another template: something that is enrolled twice.
    pub fn same_object(&self, other: &Self) -> Likeness {
        if other.kind != self.kind {
            return Likeness::NONE;
        }
        self.against(&other.photos.iter().collect::<Vec<_>>())
    }

    fn against(&self, probes: &[&Object]) -> Likeness {
        match self.kind {
            Kind::Tattoo => {
                let each = self.photos.iter().flat_map(|own| probes.iter().map(|probe| between(self.kind, own, probe)));
                each.reduce(Likeness::better).unwrap_or(Likeness::NONE)
            }
            Kind::Pet => {
                let own = Embedding::mean(self.photos.iter().filter_map(|o| o.embedding.as_ref()));
                let shown = Embedding::mean(probes.iter().filter_map(|o| o.embedding.as_ref()));
                let score = own.ok().zip(shown.ok()).map_or(-1.0, |((own, concord), (shown, _))| {
                    own.cosine(&shown) / concord.max(LEAST_CONCORD).sqrt()
                });
                Likeness { score, ..Likeness::NONE }
            }
        }
    }

    /// For the vault.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        bytes::write(self)
    }

    /// # Errors
    /// The bytes are not what [`ObjectTemplate::to_bytes`] gives. Never panics, whatever the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KungfuError> {
        bytes::read(bytes).ok_or(KungfuError::BadTemplate)
    }
}
