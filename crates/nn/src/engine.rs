use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use openvino::{Core, DeviceType, InferenceError, PartialShape, RwPropertyKey};

use crate::error::NnError;
use crate::limits::MAX_THREADS;
use crate::precision::{Kind, Precision};
use crate::session::Session;

/// How networks are run.
#[derive(Clone, Copy, Debug)]
pub struct EngineOptions {
    pub precision: Precision,
    /// Threads of one inference, 1..=64. The server runs many captures at once, so 1 is the best total throughput.
    pub threads: usize,
    /// Inferences of one network that may run at the same time, 1..=64: as many as there are worker threads. With fewer the
    /// workers wait for each other; each takes memory of its own for what is between the layers.
    pub streams: usize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self { precision: Precision::Auto, threads: 1, streams: cores() }
    }
}

/// Worker threads that a server starts by default.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The loaded inference engine; cheap to clone, shared by threads.
#[derive(Clone)]
pub struct Engine {
    core: Arc<Mutex<Core>>,
    kind: Kind,
}

impl Engine {
    /// Opens the engine's shared library in `dir` and sets it up for the processor.
    ///
    /// The library is opened once in a process: a second call with another directory keeps the first one.
    ///
    /// # Errors
    /// The library is missing or broken, or refuses an option.
    pub fn load(dir: &Path, options: EngineOptions) -> Result<Self, NnError> {
        let path = find_library(dir)?;
        let broken = |reason: String| NnError::LibraryBroken { path: path.clone(), reason };
        openvino_sys::library::load_from(&path).map_err(broken)?;
        let mut core = Core::new().map_err(|e| NnError::LibraryBroken { path: path.clone(), reason: e.to_string() })?;
        let kind = options.precision.resolve();
        let streams = options.streams.clamp(1, MAX_THREADS);
        let threads = (options.threads.clamp(1, MAX_THREADS) * streams).to_string();
        let streams = streams.to_string();
        let settings = [
            ("PERFORMANCE_HINT", RwPropertyKey::HintPerformanceMode, "LATENCY"),
            ("NUM_STREAMS", RwPropertyKey::NumStreams, streams.as_str()),
            ("INFERENCE_NUM_THREADS", RwPropertyKey::InferenceNumThreads, threads.as_str()),
            ("INFERENCE_PRECISION_HINT", RwPropertyKey::HintInferencePrecision, kind.as_str()),
            // Pinning would put the sessions of all workers on the same core.
            ("ENABLE_CPU_PINNING", RwPropertyKey::HintEnableCpuPinning, "NO"),
        ];
        for (setting, key, value) in settings {
            core.set_property(&DeviceType::CPU, &key, value).map_err(|e| NnError::Setting {
                setting,
                value: value.to_owned(),
                reason: e.to_string(),
            })?;
        }
        Ok(Self { core: Arc::new(Mutex::new(core)), kind })
    }

    /// The number format in use.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Reads and compiles a weight file (ONNX, TFLite or the engine's own) with one input of the fixed `shape`; `outputs` are
    /// the names of the wanted outputs.
    ///
    /// Takes 0.05–0.5 s; the result is shared by all threads.
    ///
    /// # Errors
    /// The file is missing or broken, or does not take this shape, or lacks an output.
    pub fn compile(&self, path: &Path, shape: &[usize], outputs: &[&str]) -> Result<Model, NnError> {
        self.compile_with(path, vec![(None, dimensions(shape)?)], outputs)
    }

    /// The same for a network with several inputs: name and fixed shape of each, all f32.
    ///
    /// # Errors
    /// As [`Engine::compile`], or an input has another name.
    pub fn compile_named(
        &self,
        path: &Path,
        inputs: &[(&'static str, &[usize])],
        outputs: &[&str],
    ) -> Result<Model, NnError> {
        let named = |(name, shape): &(&'static str, &[usize])| Ok((Some(*name), dimensions(shape)?));
        self.compile_with(path, inputs.iter().map(named).collect::<Result<_, NnError>>()?, outputs)
    }

    /// [`Engine::compile_named`] in f32, whatever the engine's own number format: for a network that takes whole numbers above 256,
    /// which bf16 cannot tell apart.
    ///
    /// # Errors
    /// As [`Engine::compile_named`], or the engine refuses the number format.
    pub fn compile_exactly(
        &self,
        path: &Path,
        inputs: &[(&'static str, &[usize])],
        outputs: &[&str],
    ) -> Result<Model, NnError> {
        self.set_kind(Kind::F32)?;
        let compiled = self.compile_named(path, inputs, outputs);
        self.set_kind(self.kind)?;
        compiled
    }

    /// For networks that are compiled from now on.
    fn set_kind(&self, kind: Kind) -> Result<(), NnError> {
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let (key, value) = (RwPropertyKey::HintInferencePrecision, kind.as_str());
        core.set_property(&DeviceType::CPU, &key, value).map_err(|e| NnError::Setting {
            setting: "INFERENCE_PRECISION_HINT",
            value: value.to_owned(),
            reason: e.to_string(),
        })
    }

    fn compile_with(&self, path: &Path, inputs: Vec<Input>, outputs: &[&str]) -> Result<Model, NnError> {
        if !path.is_file() {
            return Err(NnError::ModelMissing { path: path.to_owned() });
        }
        let text = path.to_str().filter(|p| !p.contains('\0'));
        let text = text.ok_or_else(|| NnError::BadPath { path: path.to_owned() })?;
        let broken = |e: InferenceError| NnError::ModelBroken { path: path.to_owned(), reason: e.to_string() };
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let mut graph = core.read_model_from_file(text, "").map_err(broken)?;
        for (name, dims) in &inputs {
            let rank = i64::try_from(dims.len()).unwrap_or_default();
            let fixed = PartialShape::new_static(rank, dims).map_err(broken)?;
            match name {
                Some(name) => graph.reshape_input_by_name(name, &fixed),
                None => graph.reshape_single_input(&fixed),
            }
            .map_err(broken)?;
        }
        let compiled = core.compile_model(&graph, DeviceType::CPU).map_err(broken)?;
        Model::new(compiled, inputs, path, outputs)
    }
}

/// One input's name (`None`: the only one) and fixed shape.
pub(crate) type Input = (Option<&'static str>, Vec<i64>);

/// A compiled network; cheap to clone, shared by threads.
#[derive(Clone)]
pub struct Model {
    inner: Arc<Compiled>,
}

pub(crate) struct Compiled {
    /// Making a session needs exclusive access; runs do not pass through here.
    pub(crate) network: Mutex<openvino::CompiledModel>,
    pub(crate) inputs: Vec<Input>,
    pub(crate) output_names: Vec<String>,
}

impl Model {
    fn new(
        network: openvino::CompiledModel,
        inputs: Vec<Input>,
        path: &Path,
        outputs: &[&str],
    ) -> Result<Self, NnError> {
        for name in outputs {
            network.get_output_by_name(name).map_err(|_| NnError::ModelBroken {
                path: path.to_owned(),
                reason: format!("it has no output called {name}"),
            })?;
        }
        let output_names = outputs.iter().map(|name| (*name).to_owned()).collect();
        Ok(Self { inner: Arc::new(Compiled { network: Mutex::new(network), inputs, output_names }) })
    }

    /// A private place to run this network in: one per worker thread.
    ///
    /// # Errors
    /// The engine cannot reserve the memory, or the input is not f32.
    pub fn session(&self) -> Result<Session, NnError> {
        Session::new(Arc::clone(&self.inner))
    }
}

fn dimensions(shape: &[usize]) -> Result<Vec<i64>, NnError> {
    let values = shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d));
    if !values.is_some_and(|n| (1..=crate::limits::MAX_INPUT_VALUES).contains(&n)) {
        let reason = format!("{shape:?} is empty or too large");
        return Err(NnError::Shape { name: "input".to_owned(), reason });
    }
    Ok(shape.iter().map(|&d| i64::try_from(d).unwrap_or(i64::MAX)).collect())
}

/// The C interface's library, with or without the version suffix that the wheel's file name carries.
fn find_library(dir: &Path) -> Result<PathBuf, NnError> {
    let name = format!("{}openvino_c{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let plain = dir.join(&name);
    if plain.is_file() {
        return Ok(plain);
    }
    let missing = || NnError::LibraryMissing { dir: dir.to_owned() };
    let entries = std::fs::read_dir(dir).map_err(|_| missing())?;
    let mut versioned: Vec<PathBuf> = entries
        .flatten()
        .filter(|e| e.file_name().to_str().is_some_and(|n| n.starts_with(&name)))
        .map(|e| e.path())
        .collect();
    versioned.sort();
    versioned.pop().ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_library_says_what_to_do() {
        let error = Engine::load(Path::new("no-such-directory"), EngineOptions::default()).err().unwrap();
        assert!(matches!(error, NnError::LibraryMissing { .. }));
        assert!(error.to_string().contains("smilepay models fetch"), "{error}");
    }

    #[test]
    fn shapes_are_bounded() {
        assert_eq!(dimensions(&[1, 3, 112, 112]).unwrap(), [1, 3, 112, 112]);
        for bad in [&[][..], &[0, 3], &[usize::MAX, 2], &[1 << 23]] {
            // An empty list is a scalar: one value.
            assert_eq!(dimensions(bad).is_ok(), bad.is_empty(), "{bad:?}");
        }
    }
}
