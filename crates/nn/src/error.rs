use std::path::PathBuf;

/// What went wrong in the engine, and what the operator can do.
#[derive(Debug, thiserror::Error)]
pub enum NnError {
    /// The shared library is not where it should be.
    #[error("no OpenVINO library in {}: run `smilepay models fetch` to get it", dir.display())]
    LibraryMissing { dir: PathBuf },
    /// The shared library is there but does not load.
    #[error("the OpenVINO library {} does not load ({reason}): run `smilepay models verify`, then `smilepay models fetch`", path.display())]
    LibraryBroken { path: PathBuf, reason: String },
    /// A weight file is not where it should be.
    #[error("the model file {} is missing: run `smilepay models fetch` to get it", path.display())]
    ModelMissing { path: PathBuf },
    /// A weight file cannot be read or compiled.
    #[error("the model file {} cannot be used ({reason}): run `smilepay models verify`, then `smilepay models fetch`", path.display())]
    ModelBroken { path: PathBuf, reason: String },
    /// A path that the engine's C interface cannot take.
    #[error("the path {} is not valid UTF-8 or holds a zero byte: choose another cache directory", path.display())]
    BadPath { path: PathBuf },
    /// A setting that the engine refused.
    #[error("the engine refuses {setting} = {value} ({reason}): leave this option at its default")]
    Setting { setting: &'static str, value: String, reason: String },
    /// The caller's tensor does not fit the model.
    #[error(
        "the network's tensor `{name}` does not have the expected shape or type ({reason}): the weight file belongs to another network"
    )]
    Shape { name: String, reason: String },
    /// A run failed inside the engine.
    #[error("the network could not be run ({reason}): check free memory, then try again")]
    Run { reason: String },
}
