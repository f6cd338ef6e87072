//! Tries what must fail after [`super::apply`], and what must still work.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;

use super::{CALLS, CLOSED, FILES, Hardened, NO_CORE, PORTS};

/// One thing that was tried.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Tried {
    /// Which protection it is about.
    pub protection: &'static str,
    pub what: &'static str,
    /// `None`: the protection does not stand here, so nothing was expected.
    pub as_expected: Option<bool>,
}

/// `own`: a directory that is left; `foreign`: a file outside of everything that is left, which existed before.
pub fn run(done: &Hardened, own: &Path, foreign: &Path) -> Vec<Tried> {
    let aside = foreign.with_extension("new");
    let inside = own.join("probe");
    let mut tried = vec![
        expect(done, FILES, "a file outside cannot be read", std::fs::read(foreign).is_err()),
        expect(done, FILES, "a file outside cannot be made", std::fs::write(&aside, b"x").is_err()),
        expect(
            done,
            FILES,
            "a directory outside cannot be listed",
            foreign.parent().is_some_and(|d| std::fs::read_dir(d).is_err()),
        ),
        expect(done, PORTS, "another port cannot be listened on", TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).is_err()),
        expect(done, CALLS, "no program can be started", Command::new("/bin/true").spawn().is_err()),
        expect(done, NO_CORE, "a crash writes no memory to the disk", !leaves_core()),
    ];
    if done.0.iter().any(|p| p.name == CLOSED) {
        tried.push(expect(done, CLOSED, "other processes cannot read the memory", is_closed()));
    }
    let works =
        std::fs::write(&inside, b"x").and_then(|()| std::fs::read(&inside)).and_then(|_| std::fs::remove_file(&inside));
    tried.push(Tried {
        protection: "own files",
        what: "the data directory can be written",
        as_expected: Some(works.is_ok()),
    });
    tried
}

fn expect(done: &Hardened, protection: &'static str, what: &'static str, held: bool) -> Tried {
    Tried { protection, what, as_expected: done.has(protection).then_some(held) }
}

#[cfg(target_os = "linux")]
fn leaves_core() -> bool {
    rustix::process::getrlimit(rustix::process::Resource::Core).current != Some(0)
}

#[cfg(target_os = "linux")]
fn is_closed() -> bool {
    use rustix::process::{DumpableBehavior, dumpable_behavior};
    matches!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable))
}

#[cfg(not(target_os = "linux"))]
fn leaves_core() -> bool {
    true
}

#[cfg(not(target_os = "linux"))]
fn is_closed() -> bool {
    false
}
