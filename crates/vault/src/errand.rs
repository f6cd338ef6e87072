//! What a command asks of the process that holds the key store: one small file there, and one with the answer. The store's
//! owner alone can write them, as everything in that directory.

use std::io::Read as _;
use std::path::PathBuf;
use std::str::FromStr as _;

use crate::limits::MAX_ERRAND_BYTES;
use crate::{MasterKeySource, Vault, VaultConfig, VaultError, files};

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// New keys for everything, and the root under another master key where one is named.
    Rotate { master: Option<MasterKeySource> },
    /// Erase what nobody used for longer than was promised.
    Sweep,
}

/// What became of it, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub well: bool,
    pub say: String,
}

const ASKED: &str = "errand";
const ANSWERED: &str = "errand.answer";

impl VaultConfig {
    /// Leaves a request. A request that nobody took yet is replaced.
    ///
    /// # Errors
    /// I/O.
    pub fn ask(&self, errand: &Errand) -> Result<(), VaultError> {
        let text = match errand {
            Errand::Rotate { master: None } => "rotate\n".to_owned(),
            Errand::Rotate { master: Some(source) } => format!("rotate\n{source}\n"),
            Errand::Sweep => "sweep\n".to_owned(),
        };
        for name in [ANSWERED, ASKED] {
            let _ = std::fs::remove_file(self.key_dir.join(name));
        }
        let path = self.key_dir.join(ASKED);
        files::create_new(&path.with_extension("new"), text.as_bytes())?;
        std::fs::rename(path.with_extension("new"), &path).map_err(VaultError::io("write", &path))
    }

    /// Whether the request was taken up.
    pub fn is_taken(&self) -> bool {
        !self.key_dir.join(ASKED).exists()
    }

    /// The answer, once there is one.
    pub fn answer(&self) -> Option<Answer> {
        let text = read(self.key_dir.join(ANSWERED))?;
        let (state, say) = text.split_once(' ')?;
        Some(Answer { well: state == "ok", say: say.trim_end().to_owned() })
    }
}

impl Vault {
    /// Takes a request, if there is one that can be understood. It is gone then: a rotation that was begun is in the key store
    /// itself and goes on after a crash.
    pub fn take_errand(&self) -> Option<Errand> {
        let path = self.key_dir.join(ASKED);
        let text = read(path.clone())?;
        let mut lines = text.lines();
        let errand = match (lines.next(), lines.next()) {
            (Some("sweep"), None) => Some(Errand::Sweep),
            (Some("rotate"), None) => Some(Errand::Rotate { master: None }),
            (Some("rotate"), Some(source)) => {
                MasterKeySource::from_str(source).ok().map(|master| Errand::Rotate { master: Some(master) })
            }
            _ => None,
        };
        std::fs::remove_file(path).ok().and(errand)
    }

    /// Leaves the answer for the one who asked.
    ///
    /// # Errors
    /// I/O.
    pub fn answer_errand(&self, answer: &Answer) -> Result<(), VaultError> {
        let path = self.key_dir.join(ANSWERED);
        let fresh = self.key_dir.join("errand.answer.new");
        let _ = std::fs::remove_file(&fresh);
        files::create_new(
            &fresh,
            format!("{} {}\n", if answer.well { "ok" } else { "failed" }, answer.say).as_bytes(),
        )?;
        std::fs::rename(&fresh, &path).map_err(VaultError::io("write", &path))
    }
}

fn read(path: PathBuf) -> Option<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(MAX_ERRAND_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}
