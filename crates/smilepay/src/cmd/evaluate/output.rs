//! Where figures go: JSON, CSV, HTML, the terminal.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use evaluate::document::Document;
use serde::Serialize;

use super::EvaluateCommandError;

/// The files to write beside the table on the terminal.
#[derive(Debug, Default, Args)]
pub struct Output {
    /// Write the figures to this file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write one CSV file a table into this folder
    #[arg(long, value_name = "DIR")]
    csv: Option<PathBuf>,
    /// Write one HTML file with tables and curves, readable without a server
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Output {
    pub fn json(&self, value: &impl Serialize) -> Result<(), EvaluateCommandError> {
        write_json(self.json.as_deref(), value)
    }

    /// Writes what is asked for; makes the document only then.
    pub fn document(
        &self,
        make: impl FnOnce() -> Result<Document, EvaluateCommandError>,
    ) -> Result<(), EvaluateCommandError> {
        if self.csv.is_none() && self.html.is_none() {
            return Ok(());
        }
        let document = make()?;
        if let Some(folder) = &self.csv {
            std::fs::create_dir_all(folder)
                .map_err(|source| EvaluateCommandError::Write { path: folder.clone(), source })?;
            for (name, text) in document.csv() {
                write_file(&folder.join(name), text.as_bytes())?;
            }
        }
        self.html.as_deref().map_or(Ok(()), |path| write_file(path, document.html().as_bytes()))
    }
}

/// Writes beside the target and renames, so that a reader never sees half a file.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), EvaluateCommandError> {
    let write = || {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|source| EvaluateCommandError::Write { path: path.to_owned(), source })
}

pub fn write_json(path: Option<&Path>, value: &impl Serialize) -> Result<(), EvaluateCommandError> {
    let Some(path) = path else { return Ok(()) };
    let failed = |e: serde_json::Error| EvaluateCommandError::Write { path: path.to_owned(), source: e.into() };
    let mut bytes = serde_json::to_vec_pretty(value).map_err(failed)?;
    bytes.push(b'\n');
    write_file(path, &bytes)
}

pub fn print(text: &str) -> Result<ExitCode, EvaluateCommandError> {
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
