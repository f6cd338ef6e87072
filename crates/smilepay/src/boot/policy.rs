//! The operator's decision policy: a shipped profile or a file.

use std::path::PathBuf;
use std::str::FromStr;

use decide::Policy;

use crate::boot::BootError;

const EU_RTS: &str = include_str!("../../../../config/policies/eu-rts.toml");
const CHINA: &str = include_str!("../../../../config/policies/china.toml");

/// Largest policy file, bytes.
const MOST_BYTES: u64 = 64 * 1024;

/// Where the policy comes from.
#[derive(Clone, Debug, Default)]
pub enum PolicySource {
    /// European rules: `config/policies/eu-rts.toml`.
    #[default]
    EuRts,
    /// Chinese rules: `config/policies/china.toml`.
    China,
    File(PathBuf),
}

impl FromStr for PolicySource {
    type Err = String;

    /// `eu-rts`, `china` or a path.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "eu-rts" => Ok(Self::EuRts),
            "china" => Ok(Self::China),
            "" => Err("name a profile (eu-rts, china) or a file".into()),
            path => Ok(Self::File(path.into())),
        }
    }
}

impl PolicySource {
    /// Reads and checks it.
    ///
    /// # Errors
    /// A file that cannot be read, is no TOML, names unknown fields or holds values that cannot mean what they say.
    pub fn load(&self) -> Result<Policy, BootError> {
        let (name, text) = match self {
            Self::EuRts => ("eu-rts".to_owned(), EU_RTS.to_owned()),
            Self::China => ("china".to_owned(), CHINA.to_owned()),
            Self::File(path) => {
                let name = path.display().to_string();
                let refuse = |why: String| BootError::Policy { name: name.clone(), why };
                let bytes = std::fs::metadata(path).map_err(|e| refuse(e.to_string()))?.len();
                if bytes > MOST_BYTES {
                    return Err(refuse(format!("larger than {MOST_BYTES} bytes")));
                }
                let text = std::fs::read_to_string(path).map_err(|e| refuse(e.to_string()))?;
                (name, text)
            }
        };
        let refuse = |why: String| BootError::Policy { name: name.clone(), why };
        let policy: Policy = toml::from_str(&text).map_err(|e| refuse(e.to_string()))?;
        policy.check().map_err(|e| refuse(e.to_string()))?;
        Ok(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_profiles_are_valid_and_the_european_one_is_the_built_in_default() {
        assert_eq!(PolicySource::EuRts.load().unwrap(), Policy::default());
        assert_eq!(PolicySource::China.load().unwrap().profile, "china");
    }

    #[test]
    fn a_file_that_cannot_be_meant_is_refused_with_the_reason() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("policy.toml");
        let load = |text: &str| {
            std::fs::write(&path, text).unwrap();
            PolicySource::File(path.clone()).load().map_err(|e| e.to_string())
        };
        assert!(load("profile = \"mine\"\n[face]\npoint = \"fmr_1e-3\"").is_ok());
        assert!(load("profil = \"mine\"").unwrap_err().contains("profil"));
        assert!(load("[face]\npoint = \"none\"").unwrap_err().contains("does not have"));
        let open = "[[rules]]\nname = \"free\"\noutcome = \"allow\"";
        assert!(load(open).unwrap_err().contains("without any proof"));
        assert!(load("[[rules]]\nname = \"a\"\nmethods = [\"smell\"]\noutcome = \"allow\"").is_err());
        assert!(PolicySource::File(dir.path().join("none.toml")).load().is_err());
    }
}
