use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use nn::{Engine, Model, NnError};

use crate::analyzer::Analyzer;
use crate::detector::{Canvas, LONG_SIDE};
use crate::error::FaceError;
use crate::form::{Crop, DetectorForm, ModelId, Network, Networks, RecogniserForm};
use crate::landmarks::MESH_LEN;
use crate::limits::{MAX_FORMER, MAX_PASSIVE};
use crate::passive::{PassiveNetwork, Plugged};
use crate::recogniser::Recogniser;

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
    networks: Networks,
    /// The one in use, then the former ones.
    recognisers: Vec<(Model, RecogniserForm)>,
    landmarks: Model,
    expression: Model,
    /// One compiled detector for each picture shape seen.
    detectors: Mutex<Vec<(Canvas, Model)>>,
}

impl Models {
    /// Compiles the networks that ship (0.3–1 s).
    ///
    /// # Errors
    /// A weight file is missing or broken.
    pub fn load(engine: &Engine, paths: &ModelPaths) -> Result<Self, FaceError> {
        Self::load_networks(engine, Networks::shipped(paths))
    }

    /// Compiles networks of any form, and runs each once, so that one of another form is found now.
    ///
    /// # Errors
    /// A weight file is missing, broken or of another form; two recognisers have one id, or there are too many.
    pub fn load_networks(engine: &Engine, networks: Networks) -> Result<Self, FaceError> {
        let all: Vec<&Network<RecogniserForm>> = [&networks.recogniser].into_iter().chain(&networks.former).collect();
        let twice = |(i, n): (usize, &&Network<RecogniserForm>)| all.iter().skip(i + 1).any(|o| o.form.id == n.form.id);
        if networks.former.len() > MAX_FORMER || all.iter().enumerate().any(twice) {
            return Err(FaceError::Former);
        }
        let compiled = |n: &&Network<RecogniserForm>| {
            let model = compile(engine, &n.path, &n.form.crop, &n.form.output, n.form.length)?;
            Ok((model, n.form.clone()))
        };
        let recognisers = all.iter().map(compiled).collect::<Result<_, FaceError>>()?;
        let (mesh, face) = (&networks.landmarks, &networks.expression);
        let landmarks = compile(engine, &mesh.path, &mesh.form.crop, &mesh.form.output, MESH_LEN * 3)?;
        let expression = compile(engine, &face.path, &face.form.crop, &face.form.output, face.form.classes)?;
        let detectors = Mutex::new(Vec::new());
        let inner = Inner { engine: engine.clone(), networks, recognisers, landmarks, expression, detectors };
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
            let model = self.inner.engine.compile(&network.path, &[1, 3, side, side], &[&network.output])?;
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
        let recogniser = |(model, form): &(Model, RecogniserForm)| Ok(Recogniser::new(model.session()?, form.clone()));
        let recognisers = inner.recognisers.iter().map(recogniser).collect::<Result<_, FaceError>>()?;
        Ok(Analyzer::new(
            self.clone(),
            recognisers,
            inner.landmarks.session()?,
            inner.expression.session()?,
            self.plugged()?,
        ))
    }

    /// The recogniser that new templates are made with.
    pub fn model(&self) -> &ModelId {
        &self.inner.networks.recogniser.form.id
    }

    pub(crate) fn networks(&self) -> &Networks {
        &self.inner.networks
    }

    pub(crate) fn detector_form(&self) -> &DetectorForm {
        &self.inner.networks.detector.form
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
        let network = &self.inner.networks.detector;
        let shape = [1, 3, canvas.height, canvas.width];
        let outputs: Vec<&str> = network.form.levels.iter().flat_map(|(_, names)| names).map(String::as_str).collect();
        let model = self.inner.engine.compile(&network.path, &shape, &outputs)?;
        detectors.push((canvas, model.clone()));
        Ok(model)
    }
}

/// Compiles a network of one crop and one output, and runs it on a black picture: a wrong size of the output shows now.
fn compile(engine: &Engine, path: &Path, crop: &Crop, output: &str, length: usize) -> Result<Model, FaceError> {
    let model = engine.compile(path, &crop.shape(), &[output])?;
    model.session()?.run(|input| input.fill(0.0))?.named(output, length)?;
    Ok(model)
}
