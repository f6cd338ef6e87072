//! The operator's passive networks: a TOML file that names each by path and SHA-256, and says how its crop is made.

use std::path::{Path, PathBuf};

use face::PassiveNetwork;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::boot::BootError;

/// Largest file of networks, bytes.
const MOST_BYTES: u64 = 64 * 1024;
/// Largest weights, bytes.
const MOST_WEIGHT_BYTES: u64 = 200 << 20;
/// Most networks.
const MOST_NETWORKS: usize = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    network: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    /// Beside this file, when it is not absolute.
    path: PathBuf,
    sha256: String,
    side: u16,
    context: f32,
    #[serde(default)]
    square: bool,
    order: Order,
    #[serde(default)]
    mean: [f32; 3],
    #[serde(default = "ones")]
    divide_by: [f32; 3],
    output: String,
    classes: u8,
    live: u8,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Order {
    Rgb,
    Bgr,
}

const fn ones() -> [f32; 3] {
    [1.0; 3]
}

/// Reads the list and checks every file against its hash.
///
/// # Errors
/// A file that cannot be read, is too large, names what cannot be, or is not the one whose hash is given.
pub fn load(list: &Path) -> Result<Vec<PassiveNetwork>, BootError> {
    let name = list.display().to_string();
    let refuse = |why: String| BootError::Passive { name: name.clone(), why };
    let text = String::from_utf8(read(list, MOST_BYTES).map_err(&refuse)?).map_err(|e| refuse(e.to_string()))?;
    let file: File = toml::from_str(&text).map_err(|e| refuse(e.to_string()))?;
    if file.network.is_empty() || file.network.len() > MOST_NETWORKS {
        return Err(refuse(format!("it names {} networks: give 1 to {MOST_NETWORKS}", file.network.len())));
    }
    file.network.into_iter().map(|entry| entry.check(list).map_err(&refuse)).collect()
}

impl Entry {
    fn check(self, list: &Path) -> Result<PassiveNetwork, String> {
        let numbers = self.mean.iter().chain(&self.divide_by).all(|v| v.is_finite()) && !self.divide_by.contains(&0.0);
        let fine = (16..=512).contains(&self.side)
            && (1.0..=8.0).contains(&self.context)
            && (1..=32).contains(&self.classes)
            && self.live < self.classes
            && numbers;
        if !fine {
            return Err(format!(
                "{}: side is 16 to 512, context 1 to 8, live one of at most 32 classes, divide_by not 0",
                self.name
            ));
        }
        let path = list.parent().unwrap_or(Path::new("")).join(&self.path);
        let bytes = read(&path, MOST_WEIGHT_BYTES)?;
        let found = hex::encode(Sha256::digest(&bytes));
        if !found.eq_ignore_ascii_case(&self.sha256) {
            return Err(format!("{} has SHA-256 {found}, not {}: it is another file", path.display(), self.sha256));
        }
        Ok(PassiveNetwork {
            name: self.name,
            path,
            side: self.side,
            context: self.context,
            square: self.square,
            bgr: self.order == Order::Bgr,
            mean: self.mean,
            divide_by: self.divide_by,
            output: self.output,
            classes: self.classes,
            live: self.live,
        })
    }
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let about = |e: std::io::Error| format!("{}: {e}", path.display());
    let length = std::fs::metadata(path).map_err(about)?.len();
    if length > most {
        return Err(format!("{} is larger than {most} bytes", path.display()));
    }
    std::fs::read(path).map_err(about)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(dir: &Path, change: impl Fn(&str) -> String) -> PathBuf {
        std::fs::write(dir.join("net.onnx"), b"weights").unwrap();
        let hash = hex::encode(Sha256::digest(b"weights"));
        let text = format!(
            "[[network]]\nname = \"n\"\npath = \"net.onnx\"\nsha256 = \"{hash}\"\nside = 80\ncontext = 2.7\norder = \"bgr\"\n\
             output = \"logits\"\nclasses = 3\nlive = 1\n"
        );
        let path = dir.join("list.toml");
        std::fs::write(&path, change(&text)).unwrap();
        path
    }

    #[test]
    fn networks_are_read_with_their_hash_or_refused_with_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let good = load(&list(dir.path(), str::to_owned)).unwrap();
        assert_eq!((good.len(), good[0].bgr, good[0].divide_by), (1, true, [1.0; 3]));
        let refused = |from: &str, to: &str| {
            let path = list(dir.path(), |text| text.replace(from, to));
            load(&path).unwrap_err().to_string()
        };
        assert!(refused("sha256 = \"", "sha256 = \"00").contains("another file"));
        assert!(refused("net.onnx", "gone.onnx").contains("gone.onnx"));
        assert!(refused("live = 1", "live = 3").contains("classes"));
        assert!(refused("context = 2.7", "context = 0.2").contains("context"));
        assert!(refused("side = 80", "side = 80\nsite = 2").contains("site"));
        assert!(load(&dir.path().join("none.toml")).is_err());
    }

    #[test]
    fn the_shipped_example_is_read_as_far_as_its_weights() {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/passive/minifasnet.toml");
        let why = load(&shipped).unwrap_err().to_string();
        assert!(why.contains("MiniFASNetV2.onnx"), "{why}");
    }
}
