//! Weights and the inference engine.

use std::path::Path;

use face::{ModelPaths, PassiveNetwork};
use models::{Cache, KungfuFiles, Manifest, ModelFiles, Progress};
use nn::{Engine, EngineOptions, Kind, Precision};

use crate::boot::BootError;
use crate::boot::plugs::Plugs;

/// The compiled networks.
pub struct Loaded {
    pub models: face::Models,
    /// Where paying by voice is switched on.
    pub voice: Option<voice::Models>,
    /// Where paying with a tattoo or a pet is.
    pub kungfu: Option<kungfu::Models>,
    /// Number format of inference.
    pub precision: Kind,
}

/// Weights of what is switched on beside the face.
#[derive(Default)]
pub struct Extras {
    pub voice: Option<voice::ModelPaths>,
    pub kungfu: Option<KungfuFiles>,
    /// Face networks in place of those that ship.
    pub plugs: Plugs,
    /// The operator's networks against attacks.
    pub passive: Vec<PassiveNetwork>,
}

/// Makes sure that the weights are in the cache; quick when they are.
pub fn fetch(cache: Option<&Path>, progress: &mut dyn Progress) -> Result<ModelFiles, BootError> {
    let cache = match cache {
        Some(dir) => Cache::at(dir),
        None => Cache::default_dir()?,
    };
    Ok(models::fetch(&Manifest::embedded()?, &cache, progress)?)
}

/// Loads the engine and compiles the networks; the others' where their files are given.
pub fn load(files: &ModelFiles, extras: Extras, precision: Precision) -> Result<Loaded, BootError> {
    let engine = Engine::load(&files.openvino_dir, EngineOptions { precision, ..EngineOptions::default() })?;
    let models = face::Models::load_networks(&engine, extras.plugs.networks(files))?.with_passive(extras.passive)?;
    let voice = extras.voice.map(|paths| super::voice::load(&engine, &paths)).transpose()?;
    let kungfu = extras.kungfu.map(|files| super::kungfu::load(&engine, files)).transpose()?;
    Ok(Loaded { models, voice, kungfu, precision: engine.kind() })
}

/// Where the face's networks are among the fetched files.
pub fn paths(files: &ModelFiles) -> ModelPaths {
    ModelPaths {
        detector: files.yunet.clone(),
        recogniser: files.sface.clone(),
        landmarks: files.mesh.clone(),
        expression: files.expression.clone(),
    }
}
