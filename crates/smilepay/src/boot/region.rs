//! The region that a server serves: a shipped one or a file.

use std::path::PathBuf;
use std::str::FromStr;

use decide::{Policy, Region};

use crate::boot::BootError;
use crate::boot::policy::PolicySource;

const CHINA: &str = include_str!("../../../../config/regions/china.toml");
const EU: &str = include_str!("../../../../config/regions/eu.toml");

/// Largest region file, bytes.
const MOST_BYTES: u64 = 16 * 1024;

/// Where the region comes from.
#[derive(Clone, Debug, Default)]
pub enum RegionSource {
    /// `config/regions/china.toml`.
    China,
    /// `config/regions/eu.toml`.
    #[default]
    Eu,
    File(PathBuf),
}

impl FromStr for RegionSource {
    type Err = String;

    /// `china`, `eu` or a path.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "china" => Ok(Self::China),
            "eu" => Ok(Self::Eu),
            "" => Err("name a region (china, eu) or a file".into()),
            path => Ok(Self::File(path.into())),
        }
    }
}

impl RegionSource {
    /// Reads and checks it.
    ///
    /// # Errors
    /// A file that cannot be read, is no TOML, names unknown fields, methods or languages, or leaves people without a way.
    pub fn load(&self) -> Result<Region, BootError> {
        let (name, text) = match self {
            Self::China => ("china".to_owned(), CHINA.to_owned()),
            Self::Eu => ("eu".to_owned(), EU.to_owned()),
            Self::File(path) => {
                let name = path.display().to_string();
                let refuse = |why: String| BootError::Region { name: name.clone(), why };
                let bytes = std::fs::metadata(path).map_err(|e| refuse(e.to_string()))?.len();
                if bytes > MOST_BYTES {
                    return Err(refuse(format!("larger than {MOST_BYTES} bytes")));
                }
                let text = std::fs::read_to_string(path).map_err(|e| refuse(e.to_string()))?;
                (name, text)
            }
        };
        let refuse = |why: String| BootError::Region { name: name.clone(), why };
        let region: Region = toml::from_str(&text).map_err(|e| refuse(e.to_string()))?;
        region.check().map_err(|e| refuse(e.to_string()))?;
        if server::language(&region.language).is_none() {
            return Err(refuse(format!("there are no texts in {:?}: take en, zh-CN or de", region.language)));
        }
        Ok(region)
    }

    /// The region's policy, or `policy` where the operator names one.
    ///
    /// # Errors
    /// As [`RegionSource::load`] and [`PolicySource::load`].
    pub fn policy(&self, policy: Option<&PolicySource>) -> Result<Policy, BootError> {
        let region = self.load()?;
        let own = || {
            region.policy.parse::<PolicySource>().map_err(|why| BootError::Region { name: region.name.clone(), why })
        };
        let policy = match policy {
            Some(policy) => policy.load()?,
            None => own()?.load()?,
        };
        Ok(policy.in_region(region))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{Method, Purpose};

    #[test]
    fn the_shipped_regions_are_valid_and_the_european_one_is_the_built_in_default() {
        assert_eq!(RegionSource::Eu.load().unwrap(), Region::default());
        let china = RegionSource::China.policy(None).unwrap();
        assert_eq!((china.profile.as_str(), china.region.language.as_str()), ("china", "zh-CN"));
        assert_eq!(china.region.currency.code(), "CNY");
        assert!(!china.rules.enables(Method::Kungfu) && china.region.asks_for(Purpose::DuplicateSearch));
        let own = RegionSource::China.policy(Some(&PolicySource::EuRts)).unwrap();
        assert_eq!((own.profile.as_str(), own.region.name.as_str()), ("eu-rts", "china"));
    }

    #[test]
    fn a_file_that_cannot_be_meant_is_refused_with_the_reason() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("region.toml");
        let load = |change: (&str, &str)| {
            std::fs::write(&path, CHINA.replace(change.0, change.1)).unwrap();
            RegionSource::File(path.clone()).load().map(|_| ()).map_err(|e| e.to_string())
        };
        assert_eq!(load(("china", "china")), Ok(()));
        for (change, says) in [
            (("\"zh-CN\"", "\"tlh\""), "no texts"),
            (("\"CNY\"", "\"RMB\""), "currency"),
            (("\"otp\"", "\"dance\""), "dance"),
            (("\"passphrase\", ", ""), "cannot be left out"),
            (("name = ", "nom = "), "nom"),
            (("\"payment\", ", ""), "payment"),
        ] {
            let said = load(change).unwrap_err();
            assert!(said.contains(says), "{change:?}: {said}");
        }
        assert!(RegionSource::File(dir.path().join("none.toml")).load().is_err());
    }
}
