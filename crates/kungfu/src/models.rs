use std::path::PathBuf;
use std::sync::Arc;

use nn::{Engine, Model};

use crate::analyzer::Analyzer;
use crate::canvas::SHAPES;
use crate::error::KungfuError;
use crate::{pet, xfeat};

/// Which networks and features make a template; goes into every one.
pub const MODEL_ID: &str = "sift128+xfeat64+lite0-1280/1";

/// Where the weight files are.
#[derive(Clone, Debug)]
pub struct ModelPaths {
    /// XFeat, f32 ONNX with free height and width.
    pub local_features: PathBuf,
    /// EfficientNet-lite0 for 224×224, f32 ONNX.
    pub pet_embedder: PathBuf,
}

/// The compiled networks; cheap to clone, shared by threads.
#[derive(Clone)]
pub struct Models {
    inner: Arc<Inner>,
}

struct Inner {
    local: Vec<Model>,
    pet: Model,
}

impl Models {
    /// Compiles all networks (0.3–1 s).
    ///
    /// # Errors
    /// A weight file is missing or broken.
    pub fn load(engine: &Engine, paths: &ModelPaths) -> Result<Self, KungfuError> {
        let local = |(w, h): (usize, usize)| engine.compile(&paths.local_features, &[1, 1, h, w], &xfeat::OUTPUTS);
        let inner = Inner {
            local: SHAPES.into_iter().map(local).collect::<Result<_, _>>()?,
            pet: engine.compile(&paths.pet_embedder, &[1, 3, pet::SIDE, pet::SIDE], &pet::OUTPUTS)?,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// A set of scratch memory to look at pictures with: one per worker thread.
    ///
    /// # Errors
    /// The engine cannot reserve the memory.
    pub fn analyzer(&self) -> Result<Analyzer, KungfuError> {
        let local = self.inner.local.iter().map(Model::session).collect::<Result<Vec<_>, _>>()?;
        Ok(Analyzer::new(local, self.inner.pet.session()?))
    }
}
