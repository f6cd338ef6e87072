//! Captures of the attack factory, kept one a line as they are made: a run that was broken off goes on where it was, and the
//! parts of a run that was spread over processes come together.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::factory::Outcome;
use crate::error::EvaluateError;
use crate::limits::MAX_KEPT_LINES;

/// A file of captures.
pub(crate) struct Keep {
    file: Option<Mutex<File>>,
}

impl Keep {
    /// Reads what is there and opens it for more. Without a path nothing is kept.
    ///
    /// # Errors
    /// The file cannot be read or written, or holds something else.
    pub(crate) fn open(path: Option<&Path>) -> Result<(Self, Vec<Outcome>), EvaluateError> {
        let Some(path) = path else { return Ok((Self { file: None }, Vec::new())) };
        let failed = |source| EvaluateError::Keep { path: path.to_owned(), source };
        let file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
        let mut kept = Vec::new();
        for line in BufReader::new(&file).lines().take(MAX_KEPT_LINES) {
            // The last line may be cut off where a run was killed: that capture is made again.
            if let Ok(outcome) = serde_json::from_str(&line.map_err(failed)?) {
                kept.push(outcome);
            }
        }
        Ok((Self { file: Some(Mutex::new(file)) }, kept))
    }

    /// Keeps one more.
    ///
    /// # Errors
    /// The disk is full, or the file is gone.
    pub(crate) fn add(&self, outcome: &Outcome) -> Result<(), EvaluateError> {
        let Some(file) = &self.file else { return Ok(()) };
        let failed = |source| EvaluateError::Keep { path: "captures".into(), source };
        let mut line = serde_json::to_vec(outcome).map_err(|e| failed(std::io::Error::other(e)))?;
        // A newline in front: a line that was cut off before stays alone.
        line.insert(0, b'\n');
        line.push(b'\n');
        file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line).map_err(failed)
    }
}
