//! Weights of paying by voice. Fetched and loaded only where it is switched on.

use std::path::Path;

use models::{Cache, Manifest, Progress, VoiceFiles};
use nn::{Engine, EngineOptions, Kind, Precision};
use voice::{ModelPaths, Models};

use crate::boot::BootError;

/// Makes sure that the weights are in the cache; quick when they are.
pub fn fetch(cache: Option<&Path>, progress: &mut dyn Progress) -> Result<VoiceFiles, BootError> {
    let cache = match cache {
        Some(dir) => Cache::at(dir),
        None => Cache::default_dir()?,
    };
    Ok(models::voice(&Manifest::embedded()?, &cache, progress)?)
}

/// Compiles the networks.
pub fn load(engine: &Engine, files: VoiceFiles) -> Result<Models, BootError> {
    let VoiceFiles { speaker, speech, prompt_encoder, prompt_decoder } = files;
    Ok(Models::load(engine, &ModelPaths { speaker, speech, prompt_encoder, prompt_decoder })?)
}

/// Fetches and loads everything for commands that only listen.
///
/// # Errors
/// One sentence that says what to do.
pub fn load_alone(
    cache: Option<&Path>,
    precision: Precision,
    progress: &mut dyn Progress,
) -> Result<(Models, Kind), BootError> {
    let core = super::fetch_models(cache, progress)?;
    let files = fetch(cache, progress)?;
    let engine = Engine::load(&core.openvino_dir, EngineOptions { precision, ..EngineOptions::default() })?;
    Ok((load(&engine, files)?, engine.kind()))
}
