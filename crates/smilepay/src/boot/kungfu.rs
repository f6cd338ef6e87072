//! Weights of paying with a tattoo or a pet. Fetched and loaded only where it is switched on.

use std::path::Path;

use kungfu::{ModelPaths, Models};
use models::{Cache, KungfuFiles, Manifest, Progress};
use nn::Engine;

use crate::boot::BootError;

/// Makes sure that the weights are in the cache; quick when they are.
pub fn fetch(cache: Option<&Path>, progress: &mut dyn Progress) -> Result<KungfuFiles, BootError> {
    let cache = match cache {
        Some(dir) => Cache::at(dir),
        None => Cache::default_dir()?,
    };
    Ok(models::kungfu(&Manifest::embedded()?, &cache, progress)?)
}

/// Compiles the networks.
pub fn load(engine: &Engine, files: KungfuFiles) -> Result<Models, BootError> {
    let KungfuFiles { local_features, pet_embedder } = files;
    Ok(Models::load(engine, &ModelPaths { local_features, pet_embedder })?)
}
