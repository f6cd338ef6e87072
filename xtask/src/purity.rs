//! The pure crates must not reach a clock, files, the network, the environment or threads through `std` either.

use std::path::{Path, PathBuf};

use crate::direction::PURE;

/// Words of `std` that only impure code writes.
const FORBIDDEN: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "now_v7",
    "new_v4",
];

/// Every breach with file and line.
pub fn breaches(root: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for (name, _) in PURE {
        for file in rust_files(&root.join("crates").join(name).join("src"))? {
            let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
            let shown = file.strip_prefix(root).unwrap_or(&file).display().to_string();
            found.extend(
                breaches_in(&text).into_iter().map(|(line, word)| format!("{shown}:{line}: a pure crate uses {word}")),
            );
        }
    }
    Ok(found)
}

/// Lines (from 1) and words, comments and the tests at a file's end left out.
fn breaches_in(text: &str) -> Vec<(usize, &'static str)> {
    let code = text.lines().take_while(|line| line.trim() != "#[cfg(test)]").enumerate();
    let code = code.filter(|(_, line)| !line.trim_start().starts_with("//"));
    code.flat_map(|(i, line)| FORBIDDEN.iter().filter(|w| line.contains(**w)).map(move |w| (i + 1, *w))).collect()
}

fn rust_files(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut files = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_read_and_comments_and_tests_are_not() {
        assert_eq!(breaches_in("fn f() {\n    let t = SystemTime::now();\n}"), [(2, "SystemTime")]);
        assert_eq!(breaches_in("// SystemTime is not used\n#[cfg(test)]\nmod tests { use std::fs; }"), []);
    }
}
