//! Weights of paying by voice. Fetched and loaded only where it is switched on, those of other languages and of phrases only where
//! these are asked for.

use std::path::{Path, PathBuf};

use models::{Cache, Manifest, Progress};
use nn::{Engine, EngineOptions, Kind, Precision};
use voice::{Ear, Language, ModelPaths, Models, PhrasePaths, PromptPaths};

use crate::boot::{BootError, living};

/// What payers may be asked to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompts {
    /// Languages of digits; English is always among them.
    pub languages: Vec<Language>,
    /// English phrases as well.
    pub phrases: bool,
    /// What describes the operator's own anti-spoofing network.
    pub living: Option<PathBuf>,
}

impl Prompts {
    /// English digits.
    pub const fn digits() -> Self {
        Self { languages: Vec::new(), phrases: false, living: None }
    }
}

/// Makes sure that the weights are in the cache; quick when they are.
pub fn fetch(cache: Option<&Path>, prompts: &Prompts, progress: &mut dyn Progress) -> Result<ModelPaths, BootError> {
    let cache = match cache {
        Some(dir) => Cache::at(dir),
        None => Cache::default_dir()?,
    };
    // Before anything is downloaded.
    let living = prompts.living.as_deref().map(living::read).transpose()?;
    let manifest = Manifest::embedded()?;
    let core = models::voice(&manifest, &cache, progress)?;
    let mut paths = ModelPaths {
        speaker: core.speaker,
        speech: core.speech,
        prompt: PromptPaths { encoder: core.prompt_encoder, decoder: core.prompt_decoder },
        world: None,
        phrase: None,
        living,
    };
    if prompts.languages.iter().any(|l| l.ear() != Ear::English) {
        let world = models::voice_world(&manifest, &cache, progress)?;
        paths.world = Some(PromptPaths { encoder: world.encoder, decoder: world.decoder });
    }
    if prompts.phrases {
        let phrase = models::voice_phrase(&manifest, &cache, progress)?;
        paths.phrase = Some(PhrasePaths { decoder: phrase.decoder, tokenizer: phrase.tokenizer });
    }
    Ok(paths)
}

/// Compiles the networks.
pub fn load(engine: &Engine, paths: &ModelPaths) -> Result<Models, BootError> {
    Ok(Models::load(engine, paths)?)
}

/// Fetches and loads everything for commands that only listen.
///
/// # Errors
/// One sentence that says what to do.
pub fn load_alone(
    cache: Option<&Path>,
    prompts: &Prompts,
    precision: Precision,
    progress: &mut dyn Progress,
) -> Result<(Models, Kind), BootError> {
    let core = super::fetch_models(cache, progress)?;
    let paths = fetch(cache, prompts, progress)?;
    let engine = Engine::load(&core.openvino_dir, EngineOptions { precision, ..EngineOptions::default() })?;
    Ok((load(&engine, &paths)?, engine.kind()))
}

/// One language of `--voice-languages`.
pub fn language(text: &str) -> Result<Language, String> {
    let known = || Language::all().map(Language::tag).collect::<Vec<_>>().join(", ");
    Language::parse(text).ok_or_else(|| format!("prompts are there in {}", known()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_named_by_their_tags() {
        assert_eq!(language("zh-CN").unwrap().tag(), "zh");
        assert!(language("xx").unwrap_err().contains("en, zh, de"));
    }
}
