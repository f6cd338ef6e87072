//! A tiny registry on disk, so that the tests need no network.

use crate::{Cache, Manifest, ModelsError, Package, PackageClient, hash};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

pub(crate) const WHEEL: &str = "nets-1.0-py3-none-any.whl";
pub(crate) const SDIST: &str = "faces-1.0.tar.gz";

/// Serves package files from memory and counts the downloads.
pub(crate) struct Registry {
    pub files: BTreeMap<String, Vec<u8>>,
    pub downloads: Cell<usize>,
    /// Break off in the middle of this file.
    pub breaks_at: Option<&'static str>,
}

impl PackageClient for Registry {
    fn download(&self, package: &Package, into: &Path, seen: &mut dyn FnMut(u64)) -> Result<(), ModelsError> {
        self.downloads.set(self.downloads.get() + 1);
        let bytes = &self.files[&package.file];
        let path = into.join(&package.file);
        if self.breaks_at == Some(package.file.as_str()) {
            fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
            return Err(ModelsError::NoNetwork { package: package.label() });
        }
        fs::write(path, bytes).unwrap();
        seen(bytes.len() as u64);
        Ok(())
    }
}

/// A manifest, its registry and an empty cache.
pub(crate) struct Kit {
    pub folder: tempfile::TempDir,
    pub cache: Cache,
    pub manifest: Manifest,
    pub registry: Registry,
}

const ITEMS: [(&str, &str, &str, &str); 6] = [
    ("detector", "core", WHEEL, "yunet.onnx"),
    ("recogniser", "core", WHEEL, "sface.onnx"),
    ("mesh", "core", WHEEL, "mesh.tflite"),
    ("expression", "core", SDIST, "expression.onnx"),
    ("engine", "core", WHEEL, "openvino/libopenvino_c.so.1"),
    ("portrait", "portraits", SDIST, "portraits/obama.jpg"),
];

fn content(file: &str) -> Vec<u8> {
    format!("the bytes of {file}").into_bytes()
}

impl Kit {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = BTreeMap::from([(WHEEL.to_owned(), wheel()), (SDIST.to_owned(), sdist())]);
        let manifest = manifest(&files);
        Self {
            cache: Cache::at(folder.path().join("cache")),
            folder,
            manifest,
            registry: Registry { files, downloads: Cell::new(0), breaks_at: None },
        }
    }

    /// Every file below the cache, relative, sorted; without the lock.
    pub(crate) fn tree(&self) -> Vec<String> {
        let mut found = Vec::new();
        walk(self.cache.root(), self.cache.root(), &mut found);
        found.retain(|f| f != "lock");
        found.sort();
        found
    }
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().unwrap().to_string_lossy().starts_with("part-") {
                found.push(path.strip_prefix(root).unwrap().display().to_string());
            }
            walk(root, &path, found);
        } else {
            found.push(path.strip_prefix(root).unwrap().display().to_string());
        }
    }
}

fn wheel() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (.., file) in ITEMS {
        zip.start_file(format!("in/{file}"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&content(file)).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn sdist() -> Vec<u8> {
    let gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut tar = tar::Builder::new(gz);
    for (.., file) in ITEMS {
        let bytes = content(file);
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("in/{file}"), bytes.as_slice()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

fn manifest(files: &BTreeMap<String, Vec<u8>>) -> Manifest {
    let package = |file: &str, manager: &str| {
        serde_json::json!({
            "manager": manager, "name": file, "version": "1.0", "file": file,
            "bytes": files[file].len(), "sha256": hash::of_bytes(&files[file]), "licence": "none",
        })
    };
    let item = |(role, group, package, file): (&str, &str, &str, &str)| {
        let bytes = content(file);
        let links: &[&str] = if role == "engine" { &["libopenvino_c.so"] } else { &[] };
        serde_json::json!({
            "role": role, "group": group, "package": package, "conversion": "none",
            "members": [{"path": format!("in/{file}"), "sha256": hash::of_bytes(&bytes)}],
            "file": file, "bytes": bytes.len(), "sha256": hash::of_bytes(&bytes),
            "links": links, "licence": "none",
        })
    };
    let all = serde_json::json!({
        "layout": 1,
        "packages": [package(WHEEL, "pypi-wheel"), package(SDIST, "pypi-sdist")],
        "items": ITEMS.map(item),
    });
    Manifest::parse(&all.to_string()).unwrap()
}
