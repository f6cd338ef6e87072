//! One measured frame. What is dear is measured when a session first wants it, and kept: tapes are played many times.

use std::sync::{Arc, OnceLock};

use face::{Analyzer, DecodeLimits, Detection, Embedding, FaceColour, FaceError, Luma, Picture, Quality};
use zeroize::Zeroizing;

use crate::extract::central_face;

/// Long side of the grey picture that sessions get, as in a live capture.
const LUMA_SIDE: u32 = 640;
/// Another face of at least this share of the payer's width counts as a second one, as in a live capture.
const SECOND_FACE: f32 = 0.5;

/// A frame and everything measured on it.
pub(crate) struct Shot {
    pub(crate) luma: Luma,
    pub(crate) scale: f32,
    pub(crate) faces: usize,
    pub(crate) found: Option<Detection>,
    pub(crate) quality: Option<Quality>,
    pub(crate) colour: Option<FaceColour>,
    pub(crate) fingerprint: u64,
    dear: Arc<Dear>,
}

/// What is measured late, shared by all copies of a frame.
struct Dear {
    pixels: Pixels,
    happy: OnceLock<f32>,
    passive: OnceLock<Option<f32>>,
    vector: OnceLock<Zeroizing<Vec<f32>>>,
}

/// The picture itself, for measurements that come later.
enum Pixels {
    Plain(Picture),
    /// Kept small on tapes.
    Jpeg(Vec<u8>),
}

impl Shot {
    /// Detects and measures what every frame needs. `jpeg`: kept in place of the pixels.
    ///
    /// # Errors
    /// The engine fails.
    pub(crate) fn measure(analyzer: &mut Analyzer, picture: Picture, jpeg: Option<Vec<u8>>) -> Result<Self, FaceError> {
        let (luma, scale) = picture.luma_small(LUMA_SIDE)?;
        let all = analyzer.detect(&picture)?;
        let found = central_face(&all, picture.width(), picture.height()).copied();
        let near = |payer: &Detection| all.iter().filter(|d| d.bbox.w >= payer.bbox.w * SECOND_FACE).count();
        Ok(Self {
            faces: found.as_ref().map_or(0, near),
            quality: found.as_ref().map(|found| face::quality(&picture, found, None)),
            colour: found.as_ref().and_then(|found| face::face_colour(&picture, found)),
            fingerprint: liveness::fingerprint(&luma),
            luma,
            scale,
            found,
            dear: Arc::new(Dear {
                pixels: jpeg.map_or(Pixels::Plain(picture), Pixels::Jpeg),
                happy: OnceLock::new(),
                passive: OnceLock::new(),
                vector: OnceLock::new(),
            }),
        })
    }

    /// The same frame with a few grey values off by one.
    pub(crate) fn touched(&self, seed: u64) -> Self {
        let mut data = self.luma.data().to_vec();
        let mut state = seed | 1;
        for _ in 0..48 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let place = usize::try_from(state >> 33).unwrap_or(0) % data.len().max(1);
            if let Some(grey) = data.get_mut(place) {
                *grey ^= 1;
            }
        }
        let luma = Luma::new(self.luma.width(), self.luma.height(), data).unwrap_or_else(|_| self.luma.clone());
        Self {
            luma,
            scale: self.scale,
            faces: self.faces,
            found: self.found,
            quality: self.quality,
            colour: self.colour,
            fingerprint: self.fingerprint,
            dear: Arc::clone(&self.dear),
        }
    }

    /// The frame's JPEG, if it came as one.
    pub(crate) fn jpeg(&self) -> Option<&[u8]> {
        match &self.dear.pixels {
            Pixels::Jpeg(bytes) => Some(bytes),
            Pixels::Plain(_) => None,
        }
    }

    fn with_picture<R>(&self, read: impl FnOnce(&Picture) -> Result<R, FaceError>) -> Result<Option<R>, FaceError> {
        match &self.dear.pixels {
            Pixels::Plain(picture) => read(picture).map(Some),
            Pixels::Jpeg(bytes) => match Picture::decode(bytes, &DecodeLimits::default()) {
                Ok(picture) => read(&picture).map(Some),
                // It was decoded before; not reached.
                Err(_) => Ok(None),
            },
        }
    }

    /// The happy score, 0..1; `None` without a face.
    pub(crate) fn happy(&self, analyzer: &mut Analyzer) -> Result<Option<f32>, FaceError> {
        let Some(found) = &self.found else { return Ok(None) };
        if self.dear.happy.get().is_none()
            && let Some(value) = self.with_picture(|picture| analyzer.happy(picture, found))?
        {
            let _first = self.dear.happy.set(value);
        }
        Ok(self.dear.happy.get().copied())
    }

    /// What the passive networks make of it, 0..1; `None` without a face or a network.
    pub(crate) fn passive(&self, analyzer: &mut Analyzer) -> Result<Option<f32>, FaceError> {
        let Some(found) = &self.found else { return Ok(None) };
        if self.dear.passive.get().is_none()
            && let Some(value) = self.with_picture(|picture| analyzer.passive(picture, found))?
        {
            let _first = self.dear.passive.set(value);
        }
        Ok(self.dear.passive.get().copied().flatten())
    }

    /// The face's vector; `None` without a usable face.
    pub(crate) fn embedding(&self, analyzer: &mut Analyzer) -> Result<Option<Embedding>, FaceError> {
        let Some(found) = &self.found else { return Ok(None) };
        if self.dear.vector.get().is_none() {
            match self.with_picture(|picture| analyzer.embed(picture, &found.points)) {
                Ok(Some(embedding)) => {
                    let _first = self.dear.vector.set(Zeroizing::new(embedding.expose_values().to_vec()));
                }
                Ok(None) | Err(FaceError::DegeneratePoints | FaceError::NoVector) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        self.dear.vector.get().map(|vector| Embedding::from_raw(vector)).transpose()
    }
}
