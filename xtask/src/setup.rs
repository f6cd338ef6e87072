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
    let Some(done) = install(root, "chromium") else {
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

/// Debian's PostgreSQL, by apt-get where this user may. Without it the store's tests on PostgreSQL are left out, no more.
pub fn postgres(root: &Path) -> Ended {
    let has_it = || find("initdb").is_some() || debian_initdb();
    if has_it() {
        return ended(true, "found");
    }
    let installed = find("apt-get").is_some() && install(root, "postgresql").is_some_and(|done| done.well) && has_it();
    ended(true, if installed { "installed" } else { "PostgreSQL is missing: the store's tests on it are left out" })
}

/// Debian's SoftHSM, by apt-get where this user may. Without it the test of a master key in a token is left out, no more.
pub fn softhsm(root: &Path) -> Ended {
    let has_it = || find("softhsm2-util").is_some();
    if has_it() {
        return ended(true, "found");
    }
    let installed = find("apt-get").is_some() && install(root, "softhsm2").is_some_and(|done| done.well) && has_it();
    ended(true, if installed { "installed" } else { "SoftHSM is missing: the test of a key in a token is left out" })
}

fn debian_initdb() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin/initdb")).any(|initdb| initdb.is_file())
}

/// Installs a Debian package; `None` where this user may not.
fn install(root: &Path, package: &str) -> Option<Ended> {
    let script = format!(
        "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends {package}"
    );
    if is_root() {
        Some(run(root, "sh", &["-c", &script]))
    } else if may_sudo() {
        Some(run(root, "sudo", &["-n", "sh", "-c", &script]))
    } else {
        None
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
