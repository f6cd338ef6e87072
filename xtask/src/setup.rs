//! Brings in what the tests need and the repository does not hold; says what is missing where it cannot.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::run::{Ended, binary, find, run};

/// Names a Chromium goes by.
const CHROMIUMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

fn ended(well: bool, say: &str) -> Ended {
    println!("{say}");
    Ended { well, output: String::new() }
}

/// Debian's chromium, by apt-get where this user may.
pub fn chromium(root: &Path) -> Ended {
    if let Some(found) = chromium_path() {
        return ended(true, &format!("found {found}"));
    }
    if find("apt-get").is_none() {
        return ended(
            false,
            "Chromium is missing and there is no apt-get: install Chromium, or set CHROMIUM to its path",
        );
    }
    let install =
        "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium";
    let done = if is_root() {
        run(root, "sh", &["-c", install])
    } else if may_sudo() {
        run(root, "sudo", &["-n", "sh", "-c", install])
    } else {
        return ended(
            false,
            "Chromium is missing and this user may not install it: run `sudo apt-get install chromium`, then again",
        );
    };
    match (done.well, chromium_path()) {
        (true, Some(_)) => done,
        _ => ended(false, "Chromium could not be installed: install it by hand, or set CHROMIUM to its path"),
    }
}

fn chromium_path() -> Option<String> {
    let named = std::env::var("CHROMIUM").ok().filter(|path| Path::new(path).is_file());
    named.or_else(|| CHROMIUMS.iter().find_map(|name| find(name)).map(|path| path.display().to_string()))
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn may_sudo() -> bool {
    let sudo = Command::new("sudo").args(["-n", "true"]).stdin(Stdio::null()).stderr(Stdio::null()).status();
    sudo.is_ok_and(|status| status.success())
}

/// The browser driver, as locked.
pub fn browser_driver(root: &Path) -> Ended {
    let missing = ["node", "npm"].into_iter().find(|tool| find(tool).is_none());
    match missing {
        Some(tool) => ended(false, &format!("{tool} is missing: install Node.js 20 or newer with npm")),
        None => run(&root.join("tests/browser"), "npm", &["ci", "--no-audit", "--no-fund"]),
    }
}

/// Weights and the engine's library, into this user's cache.
pub fn models(root: &Path) -> Ended {
    run(root, &binary(root).to_string_lossy(), &["models", "fetch", "--group", "all"])
}
