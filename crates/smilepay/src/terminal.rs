//! Printing: results to standard output, everything else to standard error. A reader that has gone away is no error.

use std::fmt::Display;
use std::io::{self, Write as _};

/// A result, for people or programs.
pub fn say(text: impl Display) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// What went wrong.
pub fn complain(error: impl Display) {
    let _ = writeln!(io::stderr().lock(), "smilepay: {error}");
}

/// What is going on.
pub fn note(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
