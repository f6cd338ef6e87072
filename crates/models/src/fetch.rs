//! From the manifest to finished files: download, check, convert, check, put in place.

use crate::cache::{self, Cache, KungfuFiles, ModelFiles, PhraseFiles, Portraits, PromptFiles, VoiceFiles};
use crate::error::At as _;
use crate::{
    Conversion, Group, Item, Manifest, ModelsError, Package, PackageClient, Progress, Stage, SystemClients, convert,
    hash, source,
};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Makes sure that the core group is in the cache and gives its paths. Quick when it is already
/// there (sizes and times against a stamp); otherwise fetches what is missing or damaged.
///
/// # Errors
/// See [`ModelsError`]; what was complete stays, nothing half-written does.
pub fn fetch(manifest: &Manifest, cache: &Cache, progress: &mut dyn Progress) -> Result<ModelFiles, ModelsError> {
    let clients = SystemClients::default();
    fetch_with(manifest, Group::Core, cache, &clients, progress)?;
    cache.model_files(manifest)
}

/// Makes sure that the test portraits are in the cache and gives their paths.
///
/// # Errors
/// See [`fetch`].
pub fn portraits(manifest: &Manifest, cache: &Cache, progress: &mut dyn Progress) -> Result<Portraits, ModelsError> {
    let clients = SystemClients::default();
    fetch_with(manifest, Group::Portraits, cache, &clients, progress)?;
    cache.portrait_files(manifest)
}

/// Makes sure that what paying by voice needs is in the cache and gives its paths.
///
/// # Errors
/// See [`fetch`].
pub fn voice(manifest: &Manifest, cache: &Cache, progress: &mut dyn Progress) -> Result<VoiceFiles, ModelsError> {
    let clients = SystemClients::default();
    fetch_with(manifest, Group::Voice, cache, &clients, progress)?;
    cache.voice_files(manifest)
}

/// Makes sure that what paying with a tattoo or a pet needs is in the cache and gives its paths.
///
/// # Errors
/// See [`fetch`].
pub fn kungfu(manifest: &Manifest, cache: &Cache, progress: &mut dyn Progress) -> Result<KungfuFiles, ModelsError> {
    let clients = SystemClients::default();
    fetch_with(manifest, Group::Kungfu, cache, &clients, progress)?;
    cache.kungfu_files(manifest)
}

/// Makes sure that what digits in other languages than English need is in the cache and gives its paths.
///
/// # Errors
/// See [`fetch`].
pub fn voice_world(
    manifest: &Manifest,
    cache: &Cache,
    progress: &mut dyn Progress,
) -> Result<PromptFiles, ModelsError> {
    let clients = SystemClients::default();
    fetch_with(manifest, Group::VoiceWorld, cache, &clients, progress)?;
    cache.voice_world_files(manifest)
}

/// Makes sure that what English phrases need beside [`voice`] is in the cache and gives its paths.
///
/// # Errors
/// See [`fetch`].
pub fn voice_phrase(
    manifest: &Manifest,
    cache: &Cache,
    progress: &mut dyn Progress,
) -> Result<PhraseFiles, ModelsError> {
    let clients = SystemClients::default();
    fetch_with(manifest, Group::VoicePhrase, cache, &clients, progress)?;
    cache.voice_phrase_files(manifest)
}

/// Makes sure that the spoken digits are in the cache and gives their paths, 0 to 9.
///
/// # Errors
/// See [`fetch`].
pub fn spoken_digits(
    manifest: &Manifest,
    cache: &Cache,
    progress: &mut dyn Progress,
) -> Result<[PathBuf; 10], ModelsError> {
    let clients = SystemClients::default();
    fetch_with(manifest, Group::Digits, cache, &clients, progress)?;
    cache.spoken_digits(manifest)
}

/// The same for any group and any package client.
///
/// # Errors
/// See [`fetch`].
pub fn fetch_with(
    manifest: &Manifest,
    group: Group,
    cache: &Cache,
    client: &dyn PackageClient,
    progress: &mut dyn Progress,
) -> Result<(), ModelsError> {
    if cache.stamped(manifest, group) {
        progress.stage(&Stage::Ready);
        return Ok(());
    }
    let _lock = cache.lock(progress)?;
    if !cache.stamped(manifest, group) {
        cache.unstamp(group)?;
        for (package, items) in wanting(manifest, group, cache, progress)? {
            let maker = Maker { manifest, cache, client };
            maker.make_all(package, &items, progress)?;
        }
        cache.stamp(manifest, group)?;
    }
    progress.stage(&Stage::Ready);
    Ok(())
}

/// Items that are missing or damaged, by package.
fn wanting<'m>(
    manifest: &'m Manifest,
    group: Group,
    cache: &Cache,
    progress: &mut dyn Progress,
) -> Result<Vec<(&'m Package, Vec<&'m Item>)>, ModelsError> {
    let mut by_package: Vec<(&Package, Vec<&Item>)> = Vec::new();
    for item in manifest.group(group) {
        if state(cache, item, progress)? == FileState::Right {
            continue;
        }
        let package = manifest.package_of(item)?;
        match by_package.iter_mut().find(|(p, _)| p.file == package.file) {
            Some((_, items)) => items.push(item),
            None => by_package.push((package, vec![item])),
        }
    }
    Ok(by_package)
}

/// What making a file takes.
struct Maker<'m> {
    manifest: &'m Manifest,
    cache: &'m Cache,
    client: &'m dyn PackageClient,
}

impl Maker<'_> {
    fn make_all(&self, package: &Package, items: &[&Item], progress: &mut dyn Progress) -> Result<(), ModelsError> {
        fits_here(package)?;
        let file = package_file(package, self.cache, self.client, progress)?;
        for item in items {
            let mut members = BTreeMap::new();
            for from in self.manifest.packages_of(item)? {
                fits_here(from)?;
                let other;
                let file = if from.file == package.file {
                    &file
                } else {
                    other = package_file(from, self.cache, self.client, progress)?;
                    &other
                };
                members.extend(source::members(from, file, &[item])?);
            }
            progress.stage(&Stage::Making { file: item.file.clone() });
            let bytes = made(item, members)?;
            hash::expect(&item.file, &item.sha256, hash::of_bytes(&bytes))?;
            let part = self.cache.part()?;
            let new = part.path().join("new");
            fs::write(&new, &bytes).at(&new)?;
            cache::put(&new, &self.cache.path_of(item))?;
            cache::link(self.cache, item)?;
        }
        Ok(())
    }
}

fn fits_here(package: &Package) -> Result<(), ModelsError> {
    let here = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
    match &package.platform {
        Some(wanted) if *wanted != here => {
            Err(ModelsError::Platform { package: package.label(), wanted: wanted.clone(), here })
        }
        _ => Ok(()),
    }
}

/// The package file with the pinned sha256: the kept one, else downloaded.
fn package_file(
    package: &Package,
    cache: &Cache,
    client: &dyn PackageClient,
    progress: &mut dyn Progress,
) -> Result<PathBuf, ModelsError> {
    let kept = cache.packages().join(&package.file);
    if kept.is_file() {
        if checked(package, &kept, progress).is_ok() {
            return Ok(kept);
        }
        fs::remove_file(&kept).at(&kept)?;
    }
    let part = cache.part()?;
    progress.stage(&Stage::Downloading { package: package.label() });
    let total = package.bytes;
    client.download(package, part.path(), &mut |seen| {
        progress.bytes(seen.min(total), total);
    })?;
    progress.bytes(total, total);
    let came = arrived(package, part.path())?;
    checked(package, &came, progress)?;
    cache::put(&came, &kept)?;
    Ok(kept)
}

fn checked(package: &Package, file: &Path, progress: &mut dyn Progress) -> Result<(), ModelsError> {
    progress.stage(&Stage::Checking { file: package.file.clone() });
    let found = hash::of_file(file, package.bytes, progress)?;
    hash::expect(&package.file, &package.sha256, found)
}

/// The file that the client left; its name may differ in letter case or dashes from ours.
fn arrived(package: &Package, folder: &Path) -> Result<PathBuf, ModelsError> {
    const PACKED: [&str; 3] = ["whl", "gz", "tgz"];
    let named = folder.join(&package.file);
    if named.is_file() {
        return Ok(named);
    }
    let other = fs::read_dir(folder)
        .at(folder)?
        .flatten()
        .map(|e| e.path())
        .find(|p| p.extension().is_some_and(|e| PACKED.iter().any(|x| e == *x)));
    other.ok_or_else(|| ModelsError::Client {
        tool: "the package client",
        package: package.label(),
        detail: format!("it ended well but left no {}", package.file),
    })
}

fn made(item: &Item, mut members: BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, ModelsError> {
    let mut parts = Vec::new();
    for member in &item.members {
        let found = members.remove(&member.path);
        parts.push(found.ok_or_else(|| ModelsError::Manifest(format!("{} lists a member twice", item.file)))?);
    }
    let take = |n: usize| {
        let found: Option<&Vec<u8>> = parts.get(n);
        found.ok_or_else(|| ModelsError::Manifest(format!("{} needs more members", item.file)))
    };
    // A file that was too large for one package comes in parts.
    let joined = || parts.concat();
    let made = match item.conversion {
        Conversion::None => Ok(take(0)?.clone()),
        Conversion::FoldInt8bq => convert::fold(take(0)?, convert::InputSize::AsIs),
        Conversion::FoldInt8bqDynamic => convert::fold(take(0)?, convert::InputSize::Free),
        Conversion::FaceapiUint8 => convert::faceapi_expression(take(0)?, take(1)?),
        Conversion::CampplusState => convert::speaker_embedding(take(0)?),
        Conversion::XfeatState => convert::local_features(take(0)?),
        Conversion::EfficientnetLite0 => convert::pet_embedder(take(0)?),
        Conversion::WhisperEncoder => convert::encoder(&joined()),
        Conversion::WhisperDigitsEn => convert::decoder(&joined(), &convert::Task::english_digits()),
        Conversion::WhisperDigitsWorld => convert::decoder(&joined(), &convert::Task::digits_of_the_world()),
        Conversion::WhisperText => convert::decoder(&joined(), &convert::Task::text()),
    };
    made.map_err(|e| match e {
        ModelsError::Convert { reason, .. } => ModelsError::Convert { what: item.file.clone(), reason },
        other => other,
    })
}

/// How a file in the cache is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// There, and its sha256 is the pinned one (for [`list`]: there with the right size).
    Right,
    /// Not there.
    Missing,
    /// There, but not the pinned file.
    Damaged,
}

/// One line of [`list`] or [`verify`].
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Path in the cache.
    pub path: PathBuf,
    /// The manifest's entry.
    #[serde(flatten)]
    pub item: Item,
    /// How it is.
    pub state: FileState,
}

/// Every file of the manifest with its state by size only: quick.
#[must_use]
pub fn list(manifest: &Manifest, cache: &Cache) -> Vec<Listed> {
    let quick = |item: &Item| match cache.look(item) {
        Ok(_) => FileState::Right,
        Err(_) if cache.path_of(item).exists() => FileState::Damaged,
        Err(_) => FileState::Missing,
    };
    let line = |item: &Item| Listed { path: cache.path_of(item), item: item.clone(), state: quick(item) };
    manifest.items.iter().map(line).collect()
}

/// Hashes every file of a group in full.
///
/// # Errors
/// Only when a file cannot be read; a wrong file is a line, not an error.
pub fn verify(
    manifest: &Manifest,
    group: Group,
    cache: &Cache,
    progress: &mut dyn Progress,
) -> Result<Vec<Listed>, ModelsError> {
    let mut lines = Vec::new();
    for item in manifest.group(group) {
        lines.push(Listed { path: cache.path_of(item), item: item.clone(), state: state(cache, item, progress)? });
    }
    Ok(lines)
}

/// The true state of a file: its sha256 is computed.
pub(crate) fn state(cache: &Cache, item: &Item, progress: &mut dyn Progress) -> Result<FileState, ModelsError> {
    let path = cache.path_of(item);
    if !path.exists() {
        return Ok(FileState::Missing);
    }
    if cache.look(item).is_err() {
        return Ok(FileState::Damaged);
    }
    progress.stage(&Stage::Checking { file: item.file.clone() });
    let found = hash::of_file(&path, item.bytes, progress)?;
    Ok(if found == item.sha256 { FileState::Right } else { FileState::Damaged })
}

#[cfg(test)]
mod tests;
