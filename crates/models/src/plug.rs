//! A manifest of somebody else's network: where it lies, what it must hash to, what it takes and gives. Pure description: what
//! a network is worth is measured by `smilepay models check`.
//!
//! ```json
//! { "format": 1, "role": "recogniser", "id": "arcface-r50/arcface-112/1", "file": "r50.onnx", "sha256": "…", "licence": "…",
//!   "input": { "size": 112, "layout": "planes", "order": "rgb", "mean": [127.5, 127.5, 127.5], "std": [127.5, 127.5, 127.5] },
//!   "output": { "name": "683", "length": 512, "normalised": false }, "template": "arcface", "mirror": true,
//!   "calibration": "r50-calibration.json" }
//! ```
//! Paths are relative to the manifest.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::limits::{MAX_FILE_BYTES, MAX_PLUG_BYTES};
use crate::{ModelsError, Silent, hash};

/// The only format so far.
const FORMAT: u32 = 1;
/// Longest id and other texts, bytes.
const MAX_TEXT: usize = 64;
/// Most golden vectors.
const MAX_GOLDEN: usize = 32;
/// Range of a crop's side, and of a vector's length.
const SIDES: std::ops::RangeInclusive<u32> = 16..=512;
const LENGTHS: std::ops::RangeInclusive<usize> = 16..=512;

/// What a network is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlugRole {
    Recogniser,
    Detector,
    Landmarks,
    Expression,
}

impl PlugRole {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recogniser => "recogniser",
            Self::Detector => "detector",
            Self::Landmarks => "landmarks",
            Self::Expression => "expression",
        }
    }
}

/// A checked manifest; the file beside it has the sha256 that it names.
#[derive(Clone, Debug)]
pub struct Plug {
    /// The manifest's own path.
    pub manifest: PathBuf,
    pub role: PlugRole,
    /// Goes into templates; a network, an alignment or a normalisation that changes needs another one.
    pub id: String,
    pub file: PathBuf,
    pub licence: String,
    pub input: PlugInput,
    /// The named output; none for a detector.
    pub output: Option<PlugOutput>,
    /// Where the five points go in a recogniser's crop.
    pub template: PlugTemplate,
    pub mirror: bool,
    /// A detector's grids: pixels per cell, and the names of class, objectness, box and points.
    pub levels: Vec<PlugLevel>,
    /// How much larger than the detector's box a landmark crop is.
    pub margin: f32,
    /// Which class of an expression network is happy.
    pub happy: usize,
    /// What a recogniser's scores mean, and its thresholds.
    pub calibration: Option<PathBuf>,
    pub golden: Vec<Golden>,
}

/// How pixels go in: `(value of 0..=255 − mean) / std` in the order of the network's own channels.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlugInput {
    /// Side of the square crop in pixels; a detector has none.
    #[serde(default)]
    pub size: u32,
    #[serde(default)]
    pub layout: PlugLayout,
    pub order: PlugOrder,
    #[serde(default)]
    pub mean: [f32; 3],
    #[serde(default = "ones")]
    pub std: [f32; 3],
}

const fn ones() -> [f32; 3] {
    [1.0; 3]
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlugLayout {
    /// 1×3×H×W.
    #[default]
    Planes,
    /// 1×H×W×3.
    Packed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlugOrder {
    Rgb,
    Bgr,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlugOutput {
    pub name: String,
    pub length: usize,
    /// The network itself gives vectors of length 1.
    #[serde(default)]
    pub normalised: bool,
}

/// `"arcface"` (112×112, scaled to the crop) or five pairs of pixels: left eye, right eye, nose, left and right mouth corner as
/// seen in the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum PlugTemplate {
    #[default]
    Unsaid,
    Named(NamedTemplate),
    Points([[f32; 2]; 5]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NamedTemplate {
    Arcface,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlugLevel {
    pub stride: usize,
    pub outputs: [String; 4],
}

/// What the network gave for a picture where it was made: a test portrait by name, or a file beside the manifest.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    pub picture: String,
    pub values: Vec<f32>,
    /// The cosine to reach; 0.99 leaves room for another decoder and number format.
    #[serde(default = "golden_cosine")]
    pub cosine_from: f32,
}

const fn golden_cosine() -> f32 {
    0.99
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    format: u32,
    role: PlugRole,
    id: String,
    file: String,
    sha256: String,
    licence: String,
    input: PlugInput,
    output: Option<PlugOutput>,
    #[serde(default)]
    template: PlugTemplate,
    #[serde(default)]
    mirror: bool,
    #[serde(default)]
    levels: Vec<PlugLevel>,
    margin: Option<f32>,
    happy: Option<usize>,
    calibration: Option<String>,
    #[serde(default)]
    golden: Vec<Golden>,
}

impl Plug {
    /// Reads a manifest and hashes the file that it names.
    ///
    /// # Errors
    /// One sentence that says what is wrong with the manifest or the file.
    pub fn read(manifest: &Path) -> Result<Self, ModelsError> {
        let refuse = |reason: String| ModelsError::Plug { manifest: manifest.to_owned(), reason };
        let size = std::fs::metadata(manifest).map_err(|e| refuse(format!("it cannot be read ({e})")))?.len();
        if size > MAX_PLUG_BYTES {
            return Err(refuse(format!("it has more than {MAX_PLUG_BYTES} bytes")));
        }
        let text = std::fs::read_to_string(manifest).map_err(|e| refuse(format!("it cannot be read ({e})")))?;
        let raw: Raw = serde_json::from_str(&text).map_err(|e| refuse(e.to_string()))?;
        raw.check().map_err(refuse)?;
        let beside = manifest.parent().unwrap_or_else(|| Path::new("."));
        let file = beside.join(&raw.file);
        let bytes = std::fs::metadata(&file).map_err(|e| refuse(format!("{} cannot be read ({e})", file.display())))?;
        if bytes.len() > MAX_FILE_BYTES {
            return Err(refuse(format!("{} is larger than {MAX_FILE_BYTES} bytes", file.display())));
        }
        let found = hash::of_file(&file, bytes.len(), &mut Silent)?;
        if found != raw.sha256 {
            let file = file.display();
            return Err(refuse(format!("{file} has the sha256 {found}, not the {} that is written there", raw.sha256)));
        }
        Ok(raw.into_plug(manifest, file, beside))
    }
}

impl Raw {
    fn check(&self) -> Result<(), String> {
        if self.format != FORMAT {
            return Err(format!("format {} is unknown, this program reads {FORMAT}", self.format));
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._/+".contains(&b);
        if self.id.is_empty() || self.id.len() > MAX_TEXT || !self.id.bytes().all(plain) {
            return Err(format!("its id must have 1 to {MAX_TEXT} letters, digits and -._/+"));
        }
        if self.sha256.len() != 64 || !self.sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err("its sha256 must have 64 lower-case hexadecimal digits".to_owned());
        }
        if self.licence.trim().is_empty() || self.licence.len() > 400 {
            return Err("it must name the licence of the weights".to_owned());
        }
        let finite = self.input.mean.iter().chain(&self.input.std).all(|v| v.is_finite());
        if !finite || self.input.std.iter().any(|v| *v <= 0.0) {
            return Err("its mean must be finite and its std positive".to_owned());
        }
        self.check_role()
    }

    fn check_role(&self) -> Result<(), String> {
        let role = self.role.name();
        if self.role == PlugRole::Detector {
            let strides: Vec<usize> = self.levels.iter().map(|l| l.stride).collect();
            let right = strides == [8, 16, 32] && self.input.layout == PlugLayout::Planes && self.output.is_none();
            return if right {
                Ok(())
            } else {
                Err("a detector needs levels of stride 8, 16 and 32, planes and no output".to_owned())
            };
        }
        if !SIDES.contains(&self.input.size) {
            return Err(format!("the crop of a {role} has a side of {} to {} pixels", SIDES.start(), SIDES.end()));
        }
        let Some(output) = self.output.as_ref().filter(|o| !o.name.is_empty() && o.name.len() <= 200) else {
            return Err(format!("a {role} needs an output with its name and length"));
        };
        let length = output.length;
        match self.role {
            PlugRole::Recogniser if !LENGTHS.contains(&length) => {
                Err(format!("a vector has {} to {} values, not {length}", LENGTHS.start(), LENGTHS.end()))
            }
            PlugRole::Recogniser if self.template == PlugTemplate::Unsaid => {
                Err("a recogniser needs a template: \"arcface\" or five points".to_owned())
            }
            PlugRole::Recogniser => self.check_golden(length),
            PlugRole::Landmarks if length != 468 * 3 => {
                Err(format!("landmarks are 468 points of three values, 1404 and not {length}"))
            }
            PlugRole::Landmarks if !self.margin.is_none_or(|m| (1.0..=3.0).contains(&m)) => {
                Err("a landmark crop is 1 to 3 times as large as the face's box".to_owned())
            }
            PlugRole::Expression if !(2..=64).contains(&length) || self.happy.is_none_or(|h| h >= length) => {
                Err("an expression network needs 2 to 64 classes and says which one is happy".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn check_golden(&self, length: usize) -> Result<(), String> {
        let right = |g: &Golden| g.values.len() == length && (0.0..=1.0).contains(&g.cosine_from);
        let fits = self.golden.len() <= MAX_GOLDEN && self.golden.iter().all(right);
        if fits {
            Ok(())
        } else {
            Err(format!("golden vectors have {length} values, and there are at most {MAX_GOLDEN}"))
        }
    }

    fn into_plug(self, manifest: &Path, file: PathBuf, beside: &Path) -> Plug {
        Plug {
            manifest: manifest.to_owned(),
            role: self.role,
            id: self.id,
            file,
            licence: self.licence,
            input: self.input,
            output: self.output,
            template: self.template,
            mirror: self.mirror,
            levels: self.levels,
            margin: self.margin.unwrap_or(1.5),
            happy: self.happy.unwrap_or(0),
            calibration: self.calibration.map(|c| beside.join(c)),
            golden: self.golden,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn manifest() -> Value {
        json!({
            "format": 1, "role": "recogniser", "id": "toy/arcface-112/1", "file": "toy.onnx",
            "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", "licence": "none",
            "input": { "size": 112, "order": "bgr", "mean": [127.5, 127.5, 127.5], "std": [127.5, 127.5, 127.5] },
            "output": { "name": "out", "length": 128 }, "template": "arcface"
        })
    }

    fn read(change: impl FnOnce(&mut Value)) -> Result<Plug, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("toy.onnx"), "hello").unwrap();
        let path = dir.path().join("toy.json");
        let mut value = manifest();
        change(&mut value);
        std::fs::write(&path, value.to_string()).unwrap();
        Plug::read(&path).map_err(|e| e.to_string())
    }

    #[test]
    fn a_sound_manifest_is_read() {
        let plug = read(|_| {}).unwrap();
        assert_eq!(
            (plug.role, plug.input.layout, plug.input.order),
            (PlugRole::Recogniser, PlugLayout::Planes, PlugOrder::Bgr)
        );
        assert!(!plug.mirror && plug.template == PlugTemplate::Named(NamedTemplate::Arcface));
        let points = read(|m| m["template"] = json!([[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]])).unwrap();
        assert!(matches!(points.template, PlugTemplate::Points(p) if p[4] == [9.0, 10.0]));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_in_one_sentence() {
        type Change = fn(&mut Value);
        let cases: &[(Change, &str)] = &[
            (|m| m["sha256"] = json!("0".repeat(64)), "has the sha256 2cf24dba"),
            (|m| m["file"] = json!("none.onnx"), "cannot be read"),
            (|m| m["format"] = json!(2), "format 2 is unknown"),
            (|m| m["id"] = json!("a b"), "its id"),
            (|m| m["input"]["std"] = json!([1, 0, 1]), "std positive"),
            (|m| m["input"]["size"] = json!(4096), "side of 16 to 512"),
            (|m| m["output"]["length"] = json!(3), "16 to 512 values, not 3"),
            (|m| drop(m.as_object_mut().unwrap().remove("template")), "needs a template"),
            (|m| m["licence"] = json!(" "), "licence"),
            (|m| m["mode"] = json!(1), "unknown field"),
            (|m| m["role"] = json!("nose"), "unknown variant"),
            (|m| m["role"] = json!("detector"), "stride 8, 16 and 32"),
            (|m| m["role"] = json!("landmarks"), "1404 and not 128"),
            (|m| m["role"] = json!("expression"), "2 to 64 classes"),
            (|m| m["golden"] = json!([{"picture": "a.jpg", "values": [1.0]}]), "golden vectors have 128"),
        ];
        for (change, wanted) in cases {
            let said = read(change).unwrap_err();
            assert!(said.contains(wanted) && said.contains("toy.json") && !said.contains('\n'), "{wanted}: {said}");
        }
    }
}
