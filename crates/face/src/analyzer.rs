use nn::Session;

use crate::detector::Detector;
use crate::embedding::Embedding;
use crate::error::FaceError;
use crate::form::ModelId;
use crate::geometry::{Detection, FivePoints};
use crate::landmarks::Mesh;
use crate::models::Models;
use crate::passive::Plugged;
use crate::picture::Picture;
use crate::quality::Quality;
use crate::recogniser::Recogniser;
use crate::{expression, landmarks};

/// Everything that looks at pictures, with its own scratch memory: one per worker thread.
pub struct Analyzer {
    models: Models,
    detector: Detector,
    /// The one in use, then the former ones; never empty.
    recognisers: Vec<Recogniser>,
    landmarks: Session,
    expression: Session,
    passive: Vec<Plugged>,
}

impl Analyzer {
    pub(crate) fn new(
        models: Models,
        recognisers: Vec<Recogniser>,
        landmarks: Session,
        expression: Session,
        passive: Vec<Plugged>,
    ) -> Self {
        Self { models, detector: Detector::new(), recognisers, landmarks, expression, passive }
    }

    /// All faces, the surest first; none is an empty list.
    ///
    /// # Errors
    /// The engine fails.
    pub fn detect(&mut self, picture: &Picture) -> Result<Vec<Detection>, FaceError> {
        let mut found = Vec::new();
        self.detect_into(picture, &mut found)?;
        Ok(found)
    }

    /// As [`Analyzer::detect`], into memory that the caller keeps: from the second picture of a size on, neither this nor
    /// [`Analyzer::embed`] allocates anything.
    ///
    /// # Errors
    /// The engine fails.
    pub fn detect_into(&mut self, picture: &Picture, found: &mut Vec<Detection>) -> Result<(), FaceError> {
        self.detector.detect(&self.models, picture, found)
    }

    /// 468 landmarks of one face.
    ///
    /// # Errors
    /// The engine fails, or the box is no box.
    pub fn mesh(&mut self, picture: &Picture, face: &Detection) -> Result<Mesh, FaceError> {
        landmarks::mesh(&mut self.landmarks, &self.models.networks().landmarks.form, picture, face)
    }

    /// How happy the face looks, 0..=1. Only comparisons within one person and near-frontal views mean something.
    ///
    /// # Errors
    /// The engine fails, or the box is no box.
    pub fn happy(&mut self, picture: &Picture, face: &Detection) -> Result<f32, FaceError> {
        expression::happy(&mut self.expression, &self.models.networks().expression.form, picture, face)
    }

    /// How much of a living face each passive network sees, 0..=1, by name; empty where none is plugged in.
    ///
    /// # Errors
    /// The engine fails, or the box is no box.
    pub fn passive_each(&mut self, picture: &Picture, face: &Detection) -> Result<Vec<(String, f32)>, FaceError> {
        let judge = |plug: &mut Plugged| Ok((plug.network.name.clone(), plug.live(picture, &face.bbox)?));
        self.passive.iter_mut().map(judge).collect()
    }

    /// The mean over all passive networks; `None` where none is plugged in.
    ///
    /// # Errors
    /// As [`Analyzer::passive_each`].
    pub fn passive(&mut self, picture: &Picture, face: &Detection) -> Result<Option<f32>, FaceError> {
        let (mut sum, mut count) = (0.0, 0.0);
        for plug in &mut self.passive {
            sum += plug.live(picture, &face.bbox)?;
            count += 1.0;
        }
        Ok((count > 0.0).then(|| sum / count))
    }

    /// The face's vector, averaged with its mirror image's (two runs of the recogniser).
    ///
    /// # Errors
    /// The engine fails, or the points coincide.
    pub fn embed(&mut self, picture: &Picture, points: &FivePoints) -> Result<Embedding, FaceError> {
        self.current()?.embed(picture, points)
    }

    /// As [`Analyzer::embed`], by the recogniser called `model`.
    ///
    /// # Errors
    /// As [`Analyzer::embed`], and [`FaceError::ModelNotLoaded`].
    pub fn embed_by(
        &mut self,
        model: &ModelId,
        picture: &Picture,
        points: &FivePoints,
    ) -> Result<Embedding, FaceError> {
        let found = self.recognisers.iter_mut().find(|r| r.form().id == *model);
        let recogniser = found.ok_or_else(|| FaceError::ModelNotLoaded { wanted: model.as_str().to_owned() })?;
        recogniser.embed(picture, points)
    }

    fn current(&mut self) -> Result<&mut Recogniser, FaceError> {
        // Models always hold one.
        self.recognisers.first_mut().ok_or(FaceError::NoVector)
    }

    /// The vector of the picture alone, as other implementations make it: for checks against them, not for templates.
    ///
    /// # Errors
    /// As [`Analyzer::embed`].
    pub fn embed_plain(&mut self, picture: &Picture, points: &FivePoints) -> Result<Embedding, FaceError> {
        self.current()?.embed_plain(picture, points)
    }

    /// Overwrites what is left of the last picture in this analyzer's and the engine's working memory. Call it when a capture
    /// has ended.
    ///
    /// # Errors
    /// The engine does not give its memory out.
    pub fn forget(&mut self) -> Result<(), FaceError> {
        self.detector.forget()?;
        for recogniser in &mut self.recognisers {
            recogniser.forget()?;
        }
        for session in [&mut self.landmarks, &mut self.expression] {
            session.forget()?;
        }
        for plug in &mut self.passive {
            plug.session.forget()?;
        }
        Ok(())
    }

    /// As [`crate::quality()`].
    pub fn quality(picture: &Picture, face: &Detection, mesh: Option<&Mesh>) -> Quality {
        crate::quality::quality(picture, face, mesh)
    }
}
