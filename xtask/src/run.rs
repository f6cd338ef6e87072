//! Runs a command, shows what it prints and keeps it for counting.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a command said and how it ended.
pub struct Ended {
    pub well: bool,
    pub output: String,
}

/// The repository: the parent of this crate.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The cargo that runs us.
pub fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".into())
}

/// Runs `program` in `dir`; both its outputs pass through line by line.
pub fn run(dir: &Path, program: &str, args: &[&str]) -> Ended {
    println!("$ {program} {}", args.join(" "));
    let child = Command::new(program)
        .args(args)
        .current_dir(dir)
        .env("CARGO_TERM_COLOR", "never")
        .env("NEXTEST_NO_TESTS", "pass")
        .env("SMILEPAY_BIN", binary(&root()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(e) => {
            println!("{program} cannot be started: {e}");
            return Ended { well: false, output: String::new() };
        }
    };
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let reader = std::thread::spawn(move || out.map(pass_through).unwrap_or_default());
    let mut output = err.map(pass_through).unwrap_or_default();
    output.push_str(&reader.join().unwrap_or_default());
    let well = child.wait().is_ok_and(|status| status.success());
    Ended { well, output }
}

fn pass_through(stream: impl Read) -> String {
    let mut kept = String::new();
    let mut lines = BufReader::new(stream);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        // A watcher should see progress at once; without one there is nothing to lose.
        let _ = std::io::stdout().flush();
        kept.push_str(&text);
        line.clear();
    }
    kept
}

/// Where `program` is, if it can be run.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// Where cargo puts the binary of the tests' profile.
pub fn binary(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into).join("debug/smilepay")
}
