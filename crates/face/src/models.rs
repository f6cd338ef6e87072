use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use nn::{Engine, Model, NnError};

use crate::analyzer::Analyzer;
use crate::detector::{Canvas, LEVELS, LONG_SIDE};
use crate::error::FaceError;
use crate::limits::MAX_PASSIVE;
use crate::passive::{PassiveNetwork, Plugged};
use crate::{expression, landmarks, recogniser};

/// Which network and alignment make the vectors; goes into every template. `/2`: averaged with the mirror image.
pub const MODEL_ID: &str = "sface-2021dec/arcface-112/2";

/// Short sides of the detector's input: for 16:9, for 4:3 and 5:4, for square pictures.
pub(crate) const SHORT_SIDES: [usize; 3] = [192, 256, 320];

/// Where the weight files are.
#[derive(Clone, Debug)]
pub struct ModelPaths {
    /// YuNet 2023mar, f32 ONNX with free height and width.
    pub detector: PathBuf,
    /// SFace 2021dec, f32 ONNX.
    pub recogniser: PathBuf,
    /// MediaPipe face landmarks, TFLite.
    pub landmarks: PathBuf,
    /// face-api expression, f32 ONNX.
    pub expression: PathBuf,
}

/// The compiled networks; cheap to clone, shared by threads.
#[derive(Clone)]
pub struct Models {
    inner: Arc<Inner>,
    passive: Arc<[(PassiveNetwork, Model)]>,
}

struct Inner {
    engine: Engine,
    paths: ModelPaths,
    recogniser: Model,
    landmarks: Model,
    expression: Model,
    /// One compiled detector for each picture shape seen.
    detectors: Mutex<Vec<(Canvas, Model)>>,
}

impl Models {
    /// Compiles all networks (0.3–1 s).
    ///
    /// # Errors
    /// A weight file is missing or broken.
    pub fn load(engine: &Engine, paths: &ModelPaths) -> Result<Self, FaceError> {
        let planes = |size: u32| [1, 3, size as usize, size as usize];
        let packed = |size: u32| [1, size as usize, size as usize, 3];
        let recogniser = engine.compile(&paths.recogniser, &planes(recogniser::SIZE), &[recogniser::OUTPUT])?;
        let landmarks = engine.compile(&paths.landmarks, &packed(landmarks::SIZE), &[landmarks::OUTPUT])?;
        let expression = engine.compile(&paths.expression, &planes(expression::SIZE), &[expression::OUTPUT])?;
        let detectors = Mutex::new(Vec::new());
        let inner =
            Inner { engine: engine.clone(), paths: paths.clone(), recogniser, landmarks, expression, detectors };
        let models = Self { inner: Arc::new(inner), passive: Arc::new([]) };
        // The commonest camera shape, so that a broken detector file is found now.
        models.detector(Canvas { width: LONG_SIDE as usize, height: 256 })?;
        Ok(models)
    }

    /// Plugs passive networks in, in place of any before.
    ///
    /// # Errors
    /// One is missing or broken, takes another input, or lacks its output.
    pub fn with_passive(mut self, networks: Vec<PassiveNetwork>) -> Result<Self, FaceError> {
        let compiled = networks.into_iter().take(MAX_PASSIVE).map(|network| {
            let side = usize::from(network.side);
            // The engine keeps the name of an output for as long as the program runs; there are a few, given at the start.
            let output: &'static str = Box::leak(network.output.clone().into_boxed_str());
            let model = self.inner.engine.compile(&network.path, &[1, 3, side, side], &[output])?;
            Ok((network, model))
        });
        self.passive = compiled.collect::<Result<Vec<_>, FaceError>>()?.into();
        Ok(self)
    }

    /// A set of scratch memory to analyse pictures with: one per worker thread.
    ///
    /// # Errors
    /// The engine cannot reserve the memory.
    pub fn analyzer(&self) -> Result<Analyzer, FaceError> {
        let inner = &self.inner;
        Ok(Analyzer::new(
            self.clone(),
            inner.recogniser.session()?,
            inner.landmarks.session()?,
            inner.expression.session()?,
            self.plugged()?,
        ))
    }

    fn plugged(&self) -> Result<Vec<Plugged>, NnError> {
        let plug = |(network, model): &(PassiveNetwork, Model)| {
            Ok(Plugged { network: network.clone(), session: model.session()? })
        };
        self.passive.iter().map(plug).collect()
    }

    /// The detector for one input size; compiled on first use (about 0.1 s).
    pub(crate) fn detector(&self, canvas: Canvas) -> Result<Model, NnError> {
        let mut detectors = self.inner.detectors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, model)) = detectors.iter().find(|(c, _)| *c == canvas) {
            return Ok(model.clone());
        }
        let shape = [1, 3, canvas.height, canvas.width];
        let model = self.inner.engine.compile(
            &self.inner.paths.detector,
            &shape,
            LEVELS.map(|(_, names)| names).as_flattened(),
        )?;
        detectors.push((canvas, model.clone()));
        Ok(model)
    }
}
