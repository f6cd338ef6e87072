use crate::features::Features;
use crate::likeness::{Likeness, between};
use crate::pet::Embedding;
use crate::quality::PhotoQuality;

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Tattoo,
    Pet,
}

/// What one photo showed of an object. Biometric of its keeper: cannot be printed, copied or serialised, and what tells objects
/// apart is wiped when dropped:
///
/// ```compile_fail
/// fn needs<T: std::fmt::Debug>() {}
/// needs::<kungfu::Seen>();
/// ```
/// ```compile_fail
/// fn needs<T: Clone>() {}
/// needs::<kungfu::Seen>();
/// ```
pub struct Seen {
    pub(crate) kind: Kind,
    pub(crate) object: Object,
    pub(crate) quality: PhotoQuality,
    pub(crate) fingerprint: u64,
    /// Width and height of what was looked at, picture pixels.
    pub(crate) extent: [f32; 2],
}

/// What tells objects apart.
pub(crate) struct Object {
    /// Of a tattoo SIFT's, of a pet XFeat's.
    pub(crate) features: Features,
    /// Of pets only.
    pub(crate) embedding: Option<Embedding>,
}

impl Seen {
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    pub const fn quality(&self) -> &PhotoQuality {
        &self.quality
    }

    /// How alike one photo is to another by themselves; nothing for photos of different kinds.
    pub fn likeness(&self, other: &Self) -> Likeness {
        if self.kind == other.kind { between(self.kind, &self.object, &other.object) } else { Likeness::NONE }
    }

    /// As [`liveness::fingerprint`] of what was looked at: tells a photo that was shown before.
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}
