//! Offline bundles: a plain tar of finished files, for machines without a network.

use crate::cache::{self, Cache};
use crate::error::At as _;
use crate::hash::HashingWriter;
use crate::limits::MAX_BUNDLE_ENTRIES;
use crate::{Group, Item, Manifest, ModelsError, Progress, Stage, hash};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};

/// Writes every complete group of the cache into one tar; the same files give the same tar.
/// Returns the packed groups.
///
/// # Errors
/// [`ModelsError::NotFetched`] when not even the core group is complete,
/// [`ModelsError::WrongHash`] when a file in the cache is not the pinned one.
pub fn pack(
    manifest: &Manifest,
    cache: &Cache,
    out: &Path,
    progress: &mut dyn Progress,
) -> Result<Vec<Group>, ModelsError> {
    cache.model_files(manifest)?;
    let _lock = cache.lock(progress)?;
    let whole = |g: &Group| holds(manifest, *g) && manifest.group(*g).all(|i| cache.look(i).is_ok());
    let groups: Vec<Group> = Group::ALL.into_iter().filter(whole).collect();
    let folder = match out.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    let new = new_file(folder)?;
    let mut tar = tar::Builder::new(BufWriter::new(new));
    for item in groups.iter().flat_map(|g| manifest.group(*g)) {
        progress.stage(&Stage::Bundling { file: item.file.clone() });
        add(&mut tar, cache, item, out, progress)?;
    }
    let new = tar.into_inner().and_then(|w| w.into_inner().map_err(|e| e.into_error())).at(out)?;
    new.as_file().sync_all().at(out)?;
    new.persist(out).map_err(|e| e.error).at(out)?;
    progress.stage(&Stage::Ready);
    Ok(groups)
}

/// Whether the manifest has anything in this group.
fn holds(manifest: &Manifest, group: Group) -> bool {
    manifest.group(group).next().is_some()
}

/// A file beside the wanted one, to be renamed; readable as the user's umask has it, because a
/// bundle is made to be carried away.
fn new_file(folder: &Path) -> Result<tempfile::NamedTempFile, ModelsError> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder).at(folder)
}

fn add<W: std::io::Write>(
    tar: &mut tar::Builder<W>,
    cache: &Cache,
    item: &Item,
    out: &Path,
    progress: &mut dyn Progress,
) -> Result<(), ModelsError> {
    let path = cache.path_of(item);
    let found = hash::of_file(&path, item.bytes, progress)?;
    hash::expect(&item.file, &item.sha256, found)?;
    let mut header = tar::Header::new_gnu();
    header.set_size(item.bytes);
    header.set_mode(0o644);
    header.set_mtime(0);
    let file = File::open(&path).at(&path)?;
    tar.append_data(&mut header, &item.file, BufReader::new(file)).at(out)
}

/// Loads a tar made by [`pack`] into the cache. Every entry must be a file of this program's
/// manifest with its size and sha256; otherwise nothing of the bundle is kept.
/// Returns the groups that are complete afterwards.
///
/// # Errors
/// [`ModelsError::Bundle`] with the reason, [`ModelsError::NoSpace`] …
pub fn unpack(
    manifest: &Manifest,
    cache: &Cache,
    bundle: &Path,
    progress: &mut dyn Progress,
) -> Result<Vec<Group>, ModelsError> {
    let file = File::open(bundle).at(bundle)?;
    let _lock = cache.lock(progress)?;
    let part = cache.part()?;
    let staged = stage_all(manifest, BufReader::new(file), bundle, part.path(), progress)?;
    for group in Group::ALL {
        if staged.iter().any(|(item, _)| item.group == group) {
            cache.unstamp(group)?;
        }
    }
    for (item, new) in &staged {
        cache::put(new, &cache.path_of(item))?;
        cache::link(cache, item)?;
    }
    let mut whole = Vec::new();
    for group in Group::ALL {
        let mut right = holds(manifest, group);
        for item in manifest.group(group) {
            right &= crate::fetch::state(cache, item, progress)? == crate::FileState::Right;
        }
        if right {
            cache.stamp(manifest, group)?;
            whole.push(group);
        }
    }
    progress.stage(&Stage::Ready);
    Ok(whole)
}

/// Copies and checks every entry into `part` under a number, never under its own name.
fn stage_all<'m>(
    manifest: &'m Manifest,
    tar: impl Read,
    bundle: &Path,
    part: &Path,
    progress: &mut dyn Progress,
) -> Result<Vec<(&'m Item, PathBuf)>, ModelsError> {
    let refuse = |reason: String| ModelsError::Bundle(reason);
    let known: BTreeMap<&str, &Item> = manifest.items.iter().map(|i| (i.file.as_str(), i)).collect();
    let mut archive = tar::Archive::new(tar);
    let mut staged: Vec<(&Item, PathBuf)> = Vec::new();
    let entries = archive.entries().at(bundle)?;
    for (number, entry) in entries.enumerate() {
        let mut entry = entry.map_err(|e| refuse(format!("it is not a whole tar file ({e})")))?;
        if number >= MAX_BUNDLE_ENTRIES {
            return Err(refuse("it has too many entries".to_owned()));
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let item = *known
            .get(name.as_str())
            .filter(|_| entry.header().entry_type().is_file())
            .ok_or_else(|| refuse(format!("{name:?} is not a file of this program's manifest")))?;
        if entry.size() != item.bytes || staged.iter().any(|(i, _)| i.file == item.file) {
            return Err(refuse(format!("{name:?} has another size or comes twice")));
        }
        progress.stage(&Stage::Bundling { file: name });
        let new = part.join(number.to_string());
        copy_checked(&mut entry, item, &new)?;
        staged.push((item, new));
    }
    if staged.is_empty() {
        return Err(refuse("it is empty".to_owned()));
    }
    Ok(staged)
}

fn copy_checked(entry: &mut impl Read, item: &Item, new: &Path) -> Result<(), ModelsError> {
    let mut out = HashingWriter::new(File::create(new).at(new)?);
    let length = std::io::copy(&mut entry.take(item.bytes), &mut out).at(new)?;
    out.flush().at(new)?;
    let (_, found) = out.finish();
    if length != item.bytes {
        return Err(ModelsError::Bundle(format!("it ends in the middle of {}: copy it again", item.file)));
    }
    if found != item.sha256 {
        return Err(ModelsError::Bundle(format!(
            "{} is not the file this program was built for (sha256 {found}, expected {})",
            item.file, item.sha256
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
