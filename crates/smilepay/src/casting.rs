//! From a portrait's name to a puppet that can act: fetch, decode, find the face, mesh, texture.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use face::{Analyzer, DecodeLimits, Picture};
use models::{Cache, Manifest, Portraits, Progress};
use puppet::{Cast, Look, Puppet};

/// Why there is no puppet.
#[derive(Debug, thiserror::Error)]
pub enum CastingError {
    #[error("there is no portrait called {name}; there are {known}")]
    Unknown { name: String, known: String },
    #[error("cannot read {}: {source}", .path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}: {source}", .path.display())]
    Decode { path: PathBuf, source: face::DecodeError },
    #[error("there is no face in {}; choose another portrait", .0.display())]
    NoFace(PathBuf),
    #[error(transparent)]
    Face(#[from] face::FaceError),
    #[error(transparent)]
    Puppet(#[from] puppet::PuppetError),
    #[error(transparent)]
    Models(#[from] models::ModelsError),
}

/// Makes sure that the portraits are in the cache; quick when they are.
///
/// # Errors
/// No network, no space, wrong hash: one sentence each.
pub fn portraits(cache: Option<&Path>, progress: &mut dyn Progress) -> Result<Portraits, CastingError> {
    let cache = match cache {
        Some(dir) => Cache::at(dir),
        None => Cache::default_dir()?,
    };
    Ok(models::portraits(&Manifest::embedded()?, &cache, progress)?)
}

/// Makes the portrait called `name` (without its ending) move.
///
/// # Errors
/// An unknown name, an unreadable picture, no face in it.
pub fn cast(name: &str, portraits: &Portraits, analyzer: &mut Analyzer) -> Result<Arc<Cast>, CastingError> {
    let stem = |file: &str| file.rsplit_once('.').map_or(file.to_owned(), |(stem, _)| stem.to_owned());
    let Some((_, path)) = portraits.iter().find(|(file, _)| stem(file) == name) else {
        let known: Vec<String> = portraits.iter().map(|(file, _)| stem(file)).collect();
        return Err(CastingError::Unknown { name: name.to_owned(), known: known.join(", ") });
    };
    let bytes = std::fs::read(path).map_err(|source| CastingError::Read { path: path.to_owned(), source })?;
    let picture = Picture::decode(&bytes, &DecodeLimits::default())
        .map_err(|source| CastingError::Decode { path: path.to_owned(), source })?;
    let faces = analyzer.detect(&picture)?;
    let face = faces.first().ok_or_else(|| CastingError::NoFace(path.to_owned()))?;
    let mesh = analyzer.mesh(&picture, face)?;
    Ok(Arc::new(Cast { puppet: Puppet::new(&picture, &mesh)?, look: Look::of_portrait(name) }))
}
