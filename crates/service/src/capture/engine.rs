//! What a capture needs from the face crate, as a trait, so that tests can play a camera without weights.

use face::{Detection, Embedding, FaceError, FivePoints, Mesh, ModelId, Picture, Quality};

/// Looks at pictures. Lives in one thread.
pub trait Analyze {
    /// Faces, best first.
    fn detect(&mut self, picture: &Picture) -> Result<Vec<Detection>, FaceError>;
    fn mesh(&mut self, picture: &Picture, face: &Detection) -> Result<Mesh, FaceError>;
    /// Happy score, 0..1.
    fn happy(&mut self, picture: &Picture, face: &Detection) -> Result<f32, FaceError>;
    fn embed(&mut self, picture: &Picture, points: &FivePoints) -> Result<Embedding, FaceError>;
    /// Overwrites what is left of the last picture.
    fn forget(&mut self) -> Result<(), FaceError> {
        Ok(())
    }
    /// What the operator's passive networks make of it, 0..1; `None` without one.
    fn passive(&mut self, _picture: &Picture, _face: &Detection) -> Result<Option<f32>, FaceError> {
        Ok(None)
    }
    /// The vector of another recogniser than the one in use; only who has several needs it.
    fn embed_by(&mut self, model: &ModelId, _: &Picture, _: &FivePoints) -> Result<Embedding, FaceError> {
        Err(FaceError::ModelNotLoaded { wanted: model.as_str().to_owned() })
    }
    fn quality(&self, picture: &Picture, face: &Detection, mesh: Option<&Mesh>) -> Quality {
        face::quality(picture, face, mesh)
    }
}

/// Makes analyzers, one for each worker thread. Called inside that thread.
pub trait Analyzers: Send + Sync {
    fn analyzer(&self) -> Result<Box<dyn Analyze>, FaceError>;
    /// The recogniser that [`Analyze::embed`] uses.
    fn model(&self) -> ModelId {
        ModelId::shipped()
    }
}

impl Analyze for face::Analyzer {
    fn detect(&mut self, picture: &Picture) -> Result<Vec<Detection>, FaceError> {
        Self::detect(self, picture)
    }

    fn mesh(&mut self, picture: &Picture, face: &Detection) -> Result<Mesh, FaceError> {
        Self::mesh(self, picture, face)
    }

    fn happy(&mut self, picture: &Picture, face: &Detection) -> Result<f32, FaceError> {
        Self::happy(self, picture, face)
    }

    fn embed(&mut self, picture: &Picture, points: &FivePoints) -> Result<Embedding, FaceError> {
        Self::embed(self, picture, points)
    }

    fn forget(&mut self) -> Result<(), FaceError> {
        Self::forget(self)
    }

    fn passive(&mut self, picture: &Picture, face: &Detection) -> Result<Option<f32>, FaceError> {
        Self::passive(self, picture, face)
    }

    fn embed_by(&mut self, model: &ModelId, picture: &Picture, points: &FivePoints) -> Result<Embedding, FaceError> {
        Self::embed_by(self, model, picture, points)
    }
}

impl Analyzers for face::Models {
    fn analyzer(&self) -> Result<Box<dyn Analyze>, FaceError> {
        Ok(Box::new(Self::analyzer(self)?))
    }

    fn model(&self) -> ModelId {
        Self::model(self).clone()
    }
}
