//! Landlock: which files and ports are left.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, NetPort, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

use super::{FILES, Hardened, Needs, PORTS};

/// What every program reads: libraries, certificates, name resolution, time zones, the kernel's own files.
const SYSTEM: &[&str] =
    &["/usr", "/lib", "/lib64", "/etc", "/opt", "/nix/store", "/proc", "/sys", "/run", "/var/lib/ca-certificates"];
/// `/dev/null`, `/dev/urandom`, shared memory of the inference engine.
const DEVICES: &[&str] = &["/dev"];
/// The newest rights that this was written for; an older kernel has some of them, or none.
const KNOWN: ABI = ABI::V6;

/// Leaves what is needed.
pub fn restrict(needs: &Needs, done: &mut Hardened) {
    if let Some(why) = needs.why_all_files {
        done.add(FILES, Err(why.to_owned()));
        done.add(PORTS, restricted(ports(needs.port)));
        return;
    }
    let stands = restricted(files(needs));
    done.add(FILES, stands.clone());
    done.add(PORTS, stands);
}

fn restricted(status: Result<RulesetStatus, RulesetError>) -> Result<(), String> {
    match status {
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced) => Ok(()),
        Ok(RulesetStatus::NotEnforced) => Err("this kernel has no Landlock".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn files(needs: &Needs) -> Result<RulesetStatus, RulesetError> {
    let read = AccessFs::from_read(KNOWN);
    let ruleset = begin()?
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::BindTcp)?
        .create()?
        .add_rules(path_beneath_rules(SYSTEM, read))?
        .add_rules(path_beneath_rules(existing(&needs.read), read))?
        .add_rules(path_beneath_rules(DEVICES, AccessFs::from_file(KNOWN) | AccessFs::from_all(KNOWN)))?
        .add_rules(path_beneath_rules(existing(&needs.own), AccessFs::from_all(KNOWN)))?;
    end(ruleset, needs.port)
}

fn ports(port: u16) -> Result<RulesetStatus, RulesetError> {
    end(begin()?.handle_access(AccessNet::BindTcp)?.create()?, port)
}

fn begin() -> Result<Ruleset, RulesetError> {
    Ruleset::default().set_compatibility(CompatLevel::BestEffort).scope(Scope::Signal | Scope::AbstractUnixSocket)
}

fn end(ruleset: RulesetCreated, port: u16) -> Result<RulesetStatus, RulesetError> {
    Ok(ruleset.add_rule(NetPort::new(port, AccessNet::BindTcp))?.restrict_self()?.ruleset)
}

/// Each path, or the nearest directory above it that exists: a first start makes its directories there.
fn existing(paths: &[PathBuf]) -> Vec<PathBuf> {
    let there = |path: &PathBuf| path.ancestors().find(|p| p.exists()).map(Path::to_owned);
    paths.iter().filter(|p| !p.as_os_str().is_empty()).filter_map(there).collect()
}
