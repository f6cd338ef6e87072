//! The cache directory: its layout, its lock, its stamps, and the finished paths in it.
//!
//! ```text
//! <cache>/lock             held while anything is written
//! <cache>/packages/        package files as downloaded
//! <cache>/files/           what the program uses
//! <cache>/stamps/<group>   sizes and times of a group that was hashed and found right
//! <cache>/part-*           work in progress; removed by the next writer
//! ```

use crate::error::At as _;
use crate::limits::{LOCK_TIME, POLL};
use crate::{Group, Item, Manifest, ModelsError, Progress, Role, Stage, hash};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Instant, UNIX_EPOCH};

/// Prefix of folders with unfinished work.
pub(crate) const PART: &str = "part-";

/// Where weights are kept.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
}

/// Paths of the core group.
#[derive(Debug, Clone)]
pub struct ModelFiles {
    /// Face detector, ONNX fp32, free height and width.
    pub yunet: PathBuf,
    /// Face recogniser, ONNX fp32.
    pub sface: PathBuf,
    /// 468 landmarks, TFLite.
    pub mesh: PathBuf,
    /// Expression, ONNX fp32.
    pub expression: PathBuf,
    /// Folder with `libopenvino_c.so` and everything it loads.
    pub openvino_dir: PathBuf,
}

/// Paths of the voice group.
#[derive(Debug, Clone)]
pub struct VoiceFiles {
    /// CAM++ speaker embedder for 3 s, ONNX fp32.
    pub speaker: PathBuf,
    /// Silero voice activity detector, ONNX fp32.
    pub speech: PathBuf,
    /// Whisper tiny.en encoder for 8 s, ONNX fp32.
    pub prompt_encoder: PathBuf,
    /// Whisper tiny.en decoder for digits, ONNX fp32.
    pub prompt_decoder: PathBuf,
}

/// Paths of the kungfu group.
#[derive(Debug, Clone)]
pub struct KungfuFiles {
    /// XFeat, ONNX fp32.
    pub local_features: PathBuf,
    /// EfficientNet-lite0, ONNX fp32.
    pub pet_embedder: PathBuf,
}

/// Paths of a Whisper that scores digits.
#[derive(Debug, Clone)]
pub struct PromptFiles {
    /// Encoder for 8 s, ONNX fp32.
    pub encoder: PathBuf,
    /// Decoder for digits, ONNX fp32.
    pub decoder: PathBuf,
}

/// Paths of what English phrases need beside the voice group.
#[derive(Debug, Clone)]
pub struct PhraseFiles {
    /// Whisper tiny.en decoder for any text, ONNX fp32.
    pub decoder: PathBuf,
    /// Its vocabulary and merges, JSON.
    pub tokenizer: PathBuf,
}

/// Test portraits by file name (`obama.jpg`, `biden.jpg`, …).
#[derive(Debug, Clone)]
pub struct Portraits {
    files: BTreeMap<String, PathBuf>,
}

impl Portraits {
    /// The path of one portrait.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Path> {
        self.files.get(name).map(PathBuf::as_path)
    }

    /// Names and paths, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.files.iter().map(|(n, p)| (n.as_str(), p.as_path()))
    }
}

impl Cache {
    /// `$SMILEPAY_CACHE`, else the user's cache directory: `smilepay/models` in it.
    ///
    /// # Errors
    /// [`ModelsError::NoCacheDir`] when no home is known.
    pub fn default_dir() -> Result<Self, ModelsError> {
        let var = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
        if let Some(own) = std::env::var_os("SMILEPAY_CACHE").filter(|v| !v.is_empty()) {
            return Ok(Self::at(own));
        }
        let home = var("HOME").or_else(|| var("USERPROFILE"));
        let base = var("XDG_CACHE_HOME").or_else(|| home.map(|h| h.join(".cache")));
        base.map(|b| Self::at(b.join("smilepay").join("models"))).ok_or(ModelsError::NoCacheDir)
    }

    /// A cache in the given directory (made when first written).
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        // The package clients run in another folder, so a relative path would mislead them.
        Self { root: std::path::absolute(&root).unwrap_or(root) }
    }

    /// The directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where an item lies, whether it is there or not.
    #[must_use]
    pub fn path_of(&self, item: &Item) -> PathBuf {
        self.files().join(&item.file)
    }

    /// Paths of the core group, looked at by size and stamp only.
    ///
    /// # Errors
    /// [`ModelsError::NotFetched`] names the first file that is not there.
    pub fn model_files(&self, manifest: &Manifest) -> Result<ModelFiles, ModelsError> {
        let one = self.whole(manifest, Group::Core)?;
        let library = one(Role::Engine)?;
        Ok(ModelFiles {
            yunet: one(Role::Detector)?,
            sface: one(Role::Recogniser)?,
            mesh: one(Role::Mesh)?,
            expression: one(Role::Expression)?,
            openvino_dir: library.parent().map(Path::to_owned).unwrap_or(library),
        })
    }

    /// Paths of the voice group, looked at by size and stamp only.
    ///
    /// # Errors
    /// [`ModelsError::NotFetched`] names the first file that is not there.
    pub fn voice_files(&self, manifest: &Manifest) -> Result<VoiceFiles, ModelsError> {
        let one = self.whole(manifest, Group::Voice)?;
        Ok(VoiceFiles {
            speaker: one(Role::Speaker)?,
            speech: one(Role::Speech)?,
            prompt_encoder: one(Role::PromptEncoder)?,
            prompt_decoder: one(Role::PromptDecoder)?,
        })
    }

    /// Paths of the kungfu group, looked at by size and stamp only.
    ///
    /// # Errors
    /// [`ModelsError::NotFetched`] names the first file that is not there.
    pub fn kungfu_files(&self, manifest: &Manifest) -> Result<KungfuFiles, ModelsError> {
        let one = self.whole(manifest, Group::Kungfu)?;
        Ok(KungfuFiles { local_features: one(Role::LocalFeatures)?, pet_embedder: one(Role::PetEmbedder)? })
    }

    /// Paths of the group for digits in other languages, looked at by size and stamp only.
    ///
    /// # Errors
    /// [`ModelsError::NotFetched`] names the first file that is not there.
    pub fn voice_world_files(&self, manifest: &Manifest) -> Result<PromptFiles, ModelsError> {
        let one = self.whole(manifest, Group::VoiceWorld)?;
        Ok(PromptFiles { encoder: one(Role::PromptEncoder)?, decoder: one(Role::PromptDecoder)? })
    }

    /// Paths of the group for English phrases, looked at by size and stamp only.
    ///
    /// # Errors
    /// [`ModelsError::NotFetched`] names the first file that is not there.
    pub fn voice_phrase_files(&self, manifest: &Manifest) -> Result<PhraseFiles, ModelsError> {
        let one = self.whole(manifest, Group::VoicePhrase)?;
        Ok(PhraseFiles { decoder: one(Role::TextDecoder)?, tokenizer: one(Role::Tokenizer)? })
    }

    /// The spoken digits 0 to 9, looked at by size and stamp only.
    ///
    /// # Errors
    /// [`ModelsError::NotFetched`] names the first file that is not there.
    pub fn spoken_digits(&self, manifest: &Manifest) -> Result<[PathBuf; 10], ModelsError> {
        let files = manifest.group(Group::Digits).map(|item| self.look(item)).collect::<Result<Vec<_>, _>>()?;
        files.try_into().map_err(|_| ModelsError::Manifest("there are not ten spoken digits".to_owned()))
    }

    /// Finds a complete group's file by its role.
    fn whole<'m>(
        &'m self,
        manifest: &'m Manifest,
        group: Group,
    ) -> Result<impl Fn(Role) -> Result<PathBuf, ModelsError> + 'm, ModelsError> {
        for item in manifest.group(group) {
            self.look(item)?;
        }
        Ok(move |role: Role| {
            let found = manifest.group(group).find(|i| i.role == role).map(|i| self.path_of(i));
            found.ok_or_else(|| ModelsError::Manifest(format!("no file for {role:?}")))
        })
    }

    /// Paths of the portraits, looked at by size only.
    ///
    /// # Errors
    /// [`ModelsError::NotFetched`] names the first file that is not there.
    pub fn portrait_files(&self, manifest: &Manifest) -> Result<Portraits, ModelsError> {
        let mut files = BTreeMap::new();
        for item in manifest.group(Group::Portraits) {
            let path = self.look(item)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            files.insert(name.into_owned(), path);
        }
        Ok(Portraits { files })
    }

    /// The item's path when a file of the right size is there.
    pub(crate) fn look(&self, item: &Item) -> Result<PathBuf, ModelsError> {
        let path = self.path_of(item);
        let right = fs::metadata(&path).is_ok_and(|m| m.is_file() && m.len() == item.bytes);
        let folder = path.parent().unwrap_or(&self.root);
        let missing = item.links.iter().find(|l| !folder.join(l).exists());
        match (right, missing) {
            (true, None) => Ok(path),
            (true, Some(link)) => Err(ModelsError::NotFetched { path: folder.join(link) }),
            _ => Err(ModelsError::NotFetched { path }),
        }
    }

    pub(crate) fn files(&self) -> PathBuf {
        self.root.join("files")
    }

    pub(crate) fn packages(&self) -> PathBuf {
        self.root.join("packages")
    }

    fn stamp_path(&self, group: Group) -> PathBuf {
        self.root.join("stamps").join(group.name())
    }

    /// Whether the group was found right and nothing changed since (sizes and times).
    pub(crate) fn stamped(&self, manifest: &Manifest, group: Group) -> bool {
        let kept = fs::read(self.stamp_path(group)).ok().and_then(|text| serde_json::from_slice::<Stamp>(&text).ok());
        kept.is_some() && kept == Stamp::take(self, manifest, group).ok()
    }

    /// Notes that every file of the group has just been found right.
    pub(crate) fn stamp(&self, manifest: &Manifest, group: Group) -> Result<(), ModelsError> {
        let path = self.stamp_path(group);
        let stamp = Stamp::take(self, manifest, group)?;
        let text = serde_json::to_vec(&stamp).map_err(|e| ModelsError::Manifest(e.to_string()))?;
        write_whole(self, &path, &text)
    }

    /// Forgets that the group was right; done before anything in it changes.
    pub(crate) fn unstamp(&self, group: Group) -> Result<(), ModelsError> {
        let path = self.stamp_path(group);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(ModelsError::io(&path, e)),
            _ => Ok(()),
        }
    }

    /// A folder for unfinished work in the same file system; gone when dropped.
    pub(crate) fn part(&self) -> Result<tempfile::TempDir, ModelsError> {
        tempfile::Builder::new().prefix(PART).tempdir_in(&self.root).at(&self.root)
    }

    /// Takes the only writer's lock (waits for another process) and clears leftovers.
    pub(crate) fn lock(&self, progress: &mut dyn Progress) -> Result<Lock, ModelsError> {
        fs::create_dir_all(&self.root).at(&self.root)?;
        let path = self.root.join("lock");
        let file = File::create(&path).at(&path)?;
        let start = Instant::now();
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(e)) => return Err(ModelsError::io(&path, e)),
                Err(TryLockError::WouldBlock) if start.elapsed() > LOCK_TIME => {
                    return Err(ModelsError::Busy { path: self.root.clone() });
                }
                Err(TryLockError::WouldBlock) => {
                    if !told {
                        progress.stage(&Stage::Waiting);
                        told = true;
                    }
                    std::thread::sleep(POLL);
                }
            }
        }
        self.clear_leftovers()?;
        Ok(Lock { _file: file })
    }

    fn clear_leftovers(&self) -> Result<(), ModelsError> {
        for entry in fs::read_dir(&self.root).at(&self.root)? {
            let entry = entry.at(&self.root)?;
            if entry.file_name().to_string_lossy().starts_with(PART) {
                // A client that outlived a killed fetch may still write there: the next run clears it.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Ok(())
    }
}

/// The writer's lock; given back when dropped, and by the system when the process dies.
pub(crate) struct Lock {
    _file: File,
}

/// Writes a small file in one step: whole or not at all.
fn write_whole(cache: &Cache, path: &Path, bytes: &[u8]) -> Result<(), ModelsError> {
    let part = cache.part()?;
    let new = part.path().join("new");
    fs::write(&new, bytes).at(&new)?;
    put(&new, path)
}

/// Moves a finished file to its place: synced, then one rename.
pub(crate) fn put(from: &Path, to: &Path) -> Result<(), ModelsError> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).at(folder)?;
    }
    File::open(from).and_then(|f| f.sync_all()).at(from)?;
    fs::rename(from, to).at(to)
}

/// Makes the item's other names point at it.
pub(crate) fn link(cache: &Cache, item: &Item) -> Result<(), ModelsError> {
    let path = cache.path_of(item);
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Ok(());
    };
    for other in &item.links {
        let part = cache.part()?;
        let new = part.path().join(other);
        let target = folder.join(other);
        #[cfg(unix)]
        std::os::unix::fs::symlink(name, &new).at(&new)?;
        #[cfg(not(unix))]
        fs::copy(folder.join(name), &new).at(&new)?;
        fs::rename(&new, &target).at(&target)?;
    }
    Ok(())
}

#[derive(Serialize, Deserialize, PartialEq)]
struct Stamp {
    /// sha256 over the pinned hashes of the group.
    pins: String,
    /// File → size, nanoseconds since 1970 of the last change.
    files: BTreeMap<String, (u64, u128)>,
}

impl Stamp {
    fn take(cache: &Cache, manifest: &Manifest, group: Group) -> Result<Self, ModelsError> {
        let mut pins = String::new();
        let mut files = BTreeMap::new();
        for item in manifest.group(group) {
            let path = cache.look(item)?;
            let meta = fs::metadata(&path).at(&path)?;
            let changed = meta.modified().at(&path)?.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos());
            pins.push_str(&format!("{} {}\n", item.sha256, item.file));
            files.insert(item.file.clone(), (meta.len(), changed));
        }
        Ok(Self { pins: hash::of_bytes(pins.as_bytes()), files })
    }
}
