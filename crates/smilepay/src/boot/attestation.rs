//! Which makes of passkey devices an operator takes: a small file beside its certificates.

use std::path::Path;

use passkey::Attestation;
use serde::Deserialize;
use uuid::Uuid;

use crate::boot::BootError;

/// Largest file, bytes; certificates too.
const MOST_BYTES: u64 = 64 * 1024;

/// ```toml
/// require = "listed"                    # none, any (what the roots vouch for) or listed
/// roots = ["maker-root.pem"]            # beside this file
/// models = ["2fc0579f-8113-47ea-b116-bb5a8db9202a"]
/// ```
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    require: Require,
    #[serde(default)]
    roots: Vec<String>,
    #[serde(default)]
    models: Vec<Uuid>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Require {
    None,
    Any,
    Listed,
}

/// Reads and checks it.
///
/// # Errors
/// A file or certificate that cannot be read, or that says two things at once.
pub fn load(path: &Path) -> Result<Attestation, BootError> {
    let refuse = |why: String| BootError::Attestation { path: path.to_owned(), why };
    let file: File = toml::from_str(&text(path).map_err(refuse)?).map_err(|e| refuse(e.to_string()))?;
    let fits = match file.require {
        Require::None => file.roots.is_empty() && file.models.is_empty(),
        Require::Any => !file.roots.is_empty() && file.models.is_empty(),
        Require::Listed => !file.roots.is_empty() && !file.models.is_empty(),
    };
    if !fits {
        return Err(refuse(
            "`none` has neither roots nor models, `any` has roots, `listed` has roots and models".into(),
        ));
    }
    if file.require == Require::None {
        return Ok(Attestation::None);
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let roots: Result<Vec<Vec<u8>>, String> =
        file.roots.iter().map(|name| text(&folder.join(name)).map(String::into_bytes)).collect();
    Attestation::required(&roots.map_err(refuse)?, &file.models).map_err(|e| refuse(e.to_string()))
}

fn text(path: &Path) -> Result<String, String> {
    let shown = |e: std::io::Error| format!("{}: {e}", path.display());
    if std::fs::metadata(path).map_err(shown)?.len() > MOST_BYTES {
        return Err(format!("{}: larger than {MOST_BYTES} bytes", path.display()));
    }
    std::fs::read_to_string(path).map_err(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_says_two_things_or_names_no_certificate_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("attestation.toml");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            load(&path).map(|a| a.is_required()).map_err(|e| e.to_string())
        };
        assert_eq!(read("require = \"none\""), Ok(false));
        std::fs::write(dir.path().join("root.pem"), "no certificate").unwrap();
        for (text, says) in [
            ("require = \"any\"", "has roots"),
            ("require = \"none\"\nroots = [\"root.pem\"]", "neither"),
            ("require = \"listed\"\nroots = [\"root.pem\"]", "roots and models"),
            ("require = \"any\"\nroots = [\"root.pem\"]", "PEM"),
            ("require = \"any\"\nroots = [\"gone.pem\"]", "gone.pem"),
            ("require = \"some\"", "some"),
        ] {
            let said = read(text).unwrap_err();
            assert!(said.contains(says), "{text}: {said}");
        }
    }
}
