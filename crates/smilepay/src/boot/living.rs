//! The operator's own anti-spoofing network for voices: a small file says which ONNX it is and how to use it.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use voice::{LivingInput, LivingPlug, LivingScale};

use crate::boot::BootError;

/// Largest network, and largest file that describes one.
const MOST_BYTES: u64 = 512 << 20;
const MOST_TEXT: u64 = 16 << 10;

/// ```toml
/// onnx = "aasist.onnx"      # beside this file, or absolute
/// sha256 = "…"
/// input = "wave"            # raw 16 kHz; or "fbank": 298×80 filter banks of 3 s
/// samples = 64600           # of a wave
/// output = "logits"
/// values = 2                # of the output
/// living = 1                # which of them is the living voice
/// scale = "classes"         # softmax; "logit": one value; "probability": as it is
/// ```
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    onnx: PathBuf,
    sha256: String,
    input: Input,
    samples: Option<usize>,
    output: String,
    values: usize,
    living: usize,
    scale: Scale,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Input {
    Wave,
    Fbank,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scale {
    Probability,
    Logit,
    Classes,
}

/// Reads the description and makes sure that the network is the one it names.
///
/// # Errors
/// One sentence that says what to do.
pub fn read(path: &Path) -> Result<LivingPlug, BootError> {
    let wrong = |what: String| BootError::Living { path: path.to_owned(), what };
    let size = |path: &Path| std::fs::metadata(path).map(|m| m.len());
    match size(path) {
        Ok(bytes) if bytes > MOST_TEXT => return Err(wrong("it is too large for a description".to_owned())),
        Err(e) => return Err(wrong(e.to_string())),
        Ok(_) => {}
    }
    let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
    let file: File = toml::from_str(&text).map_err(|e| wrong(e.message().to_owned()))?;
    let input = match (file.input, file.samples) {
        (Input::Wave, Some(samples)) if (1_600..=voice::MOST_SAMPLES).contains(&samples) => LivingInput::Wave(samples),
        (Input::Wave, _) => return Err(wrong("a wave needs `samples`, 1600 to 960000".to_owned())),
        (Input::Fbank, None) => LivingInput::Banks,
        (Input::Fbank, Some(_)) => return Err(wrong("`samples` is for a wave only".to_owned())),
    };
    if !(1..=voice::MOST_VALUES).contains(&file.values) || file.living >= file.values {
        return Err(wrong("`living` counts from 0 and must be below `values` (at most 64)".to_owned()));
    }
    let onnx = path.parent().unwrap_or(Path::new("")).join(&file.onnx);
    match size(&onnx) {
        Ok(bytes) if bytes > MOST_BYTES => return Err(wrong(format!("{} is larger than 512 MiB", onnx.display()))),
        Err(e) => return Err(wrong(format!("{}: {e}", onnx.display()))),
        Ok(_) => {}
    }
    let bytes = std::fs::read(&onnx).map_err(|e| wrong(format!("{}: {e}", onnx.display())))?;
    let found = hex::encode(Sha256::digest(&bytes));
    if !found.eq_ignore_ascii_case(file.sha256.trim()) {
        return Err(wrong(format!("{} has the sha256 {found}, not the one that is written there", onnx.display())));
    }
    let scale = match file.scale {
        Scale::Probability => LivingScale::Probability,
        Scale::Logit => LivingScale::Logit,
        Scale::Classes => LivingScale::Classes,
    };
    Ok(LivingPlug { path: onnx, input, output: file.output, values: file.values, living: file.living, scale })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(description: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("net.onnx"), b"net").unwrap();
        std::fs::write(folder.path().join("living.toml"), description).unwrap();
        folder
    }

    fn said(description: &str) -> String {
        let folder = folder(description);
        read(&folder.path().join("living.toml")).map(|_| String::new()).unwrap_or_else(|e| e.to_string())
    }

    const GOOD: &str = "onnx = \"net.onnx\"\nsha256 = \"HASH\"\ninput = \"wave\"\nsamples = 64600\noutput = \"y\"\nvalues = 2\nliving = 1\nscale = \"classes\"\n";

    #[test]
    fn a_description_is_read_and_its_network_checked() {
        let good = GOOD.replace("HASH", &hex::encode(Sha256::digest(b"net")));
        let folder = folder(&good);
        let plug = read(&folder.path().join("living.toml")).unwrap();
        assert_eq!((plug.input, plug.living, plug.values), (LivingInput::Wave(64_600), 1, 2));
        assert!(plug.path.ends_with("net.onnx"));
    }

    #[test]
    fn what_is_wrong_is_one_sentence() {
        let good = GOOD.replace("HASH", &hex::encode(Sha256::digest(b"net")));
        let cases = [
            (GOOD.replace("HASH", "00"), "sha256"),
            (good.replace("net.onnx", "none.onnx"), "none.onnx"),
            (good.replace("living = 1", "living = 2"), "below `values`"),
            (good.replace("samples = 64600\n", ""), "needs `samples`"),
            (good.replace("\"wave\"", "\"spectrum\""), "spectrum"),
            (good.replace("output", "outcome"), "outcome"),
        ];
        for (text, wanted) in cases {
            let sentence = said(&text);
            assert!(sentence.contains(wanted) && !sentence.trim().contains('\n'), "{wanted}: {sentence}");
        }
        assert!(read(Path::new("/nowhere/living.toml")).unwrap_err().to_string().contains("/nowhere/living.toml"));
    }
}
