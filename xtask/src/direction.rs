//! Which crate may use which: the table of ARCHITECTURE.md, checked against `cargo metadata`.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Each of our crates and all of ours that it may name (dev-dependencies are free).
///
/// `smilepay, server → service → {decide, vault, store, liveness, face, voice, kungfu} → {ledger, nn} → money → base`
const ALLOWED: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("money", &["base"]),
    ("words", &["money"]),
    ("ledger", &["base", "money"]),
    ("decide", &["base", "money"]),
    ("nn", &[]),
    ("models", &[]),
    ("search", &[]),
    ("vault", &["base"]),
    ("passkey", &["base", "money"]),
    ("face", &["base", "nn"]),
    ("liveness", &["base", "decide", "face"]),
    ("voice", &["nn"]),
    ("kungfu", &["nn", "face", "liveness"]),
    ("store", &["base", "money", "ledger", "decide", "vault"]),
    (
        "service",
        &[
            "base", "money", "ledger", "decide", "vault", "passkey", "store", "liveness", "face", "voice", "kungfu",
            "search",
        ],
    ),
    ("server", &["base", "money", "words", "ledger", "decide", "service"]),
    ("puppet", &["base", "face"]),
    ("evaluate", &["base", "money", "decide", "face", "liveness", "voice", "kungfu", "nn", "puppet"]),
    (
        "smilepay",
        &[
            "base", "money", "ledger", "decide", "nn", "models", "passkey", "vault", "face", "liveness", "voice",
            "kungfu", "store", "service", "server", "puppet", "evaluate", "search",
        ],
    ),
    ("xtask", &[]),
];

/// Crates that know no clock, no randomness and no I/O, and the crates from outside they may use.
pub const PURE: &[(&str, &[&str])] = &[
    ("base", &["serde", "thiserror", "uuid", "jiff"]),
    ("money", &["serde", "thiserror"]),
    ("ledger", &["serde", "thiserror"]),
    ("decide", &["serde", "serde_json", "thiserror"]),
    ("liveness", &["serde", "thiserror", "nalgebra", "rustfft"]),
    ("words", &["fluent-bundle", "fluent-syntax", "unic-langid", "jiff"]),
];

/// The only crates that may name these.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("openvino", &["nn"]),
    ("openvino-sys", &["nn"]),
    ("rusqlite", &["store"]),
    ("tokio-postgres", &["store"]),
    // `smilepay webhooks listen` is a receiver of its own, on a developer's machine.
    ("axum", &["server", "smilepay"]),
    ("chacha20poly1305", &["vault"]),
    ("cryptoki", &["vault"]),
    ("webauthn-rs", &["passkey"]),
    ("webauthn-rs-core", &["passkey"]),
];

/// What `cargo metadata` says of one of our crates.
struct Crate {
    name: String,
    ours: Vec<String>,
    foreign: Vec<String>,
}

/// Every breach, one sentence each; empty when the directions hold.
pub fn breaches(root: &Path) -> Result<Vec<String>, String> {
    let crates = crates(root)?;
    Ok(crates.iter().flat_map(breaches_of).collect())
}

fn breaches_of(krate: &Crate) -> Vec<String> {
    let name = &krate.name;
    let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| known == name) else {
        return vec![format!("{name} is not in the table of crates (xtask/src/direction.rs, ARCHITECTURE.md)")];
    };
    let upward =
        krate.ours.iter().filter(|d| !allowed.contains(&d.as_str())).map(|d| format!("{name} must not use {d}"));
    let pure = PURE.iter().find(|(pure, _)| pure == name);
    let impure = pure.into_iter().flat_map(|(_, outside)| {
        krate
            .foreign
            .iter()
            .filter(|d| !outside.contains(&d.as_str()))
            .map(move |d| format!("{name} is pure and must not use {d}"))
    });
    let misplaced = ONLY_IN
        .iter()
        .filter(|(dep, places)| krate.foreign.iter().any(|d| d == dep) && !places.contains(&name.as_str()));
    let misplaced = misplaced.map(|(dep, places)| format!("{name} must not use {dep}: only {} may", places.join(", ")));
    upward.chain(impure).chain(misplaced).collect()
}

fn crates(root: &Path) -> Result<Vec<Crate>, String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root)
        .output()
        .map_err(|e| format!("cargo metadata: {e}"))?;
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|e| format!("cargo metadata: {e}"))?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata names no packages")?;
    Ok(packages.iter().map(parse).collect())
}

/// Path dependencies are ours, all others are foreign; dev-dependencies do not count.
fn parse(package: &Value) -> Crate {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let dependencies = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
    let counted = dependencies.iter().filter(|d| d["kind"] != "dev");
    let (ours, foreign): (Vec<_>, Vec<_>) = counted.partition(|d| d["path"].is_string());
    let names = |list: Vec<&Value>| list.into_iter().map(|d| text(&d["name"])).collect();
    Crate { name: text(&package["name"]), ours: names(ours), foreign: names(foreign) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn krate(name: &str, ours: &[&str], foreign: &[&str]) -> Crate {
        let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        Crate { name: name.into(), ours: list(ours), foreign: list(foreign) }
    }

    #[test]
    fn an_upward_an_impure_and_a_misplaced_use_are_found() {
        assert_eq!(breaches_of(&krate("money", &["base"], &["serde"])), Vec::<String>::new());
        assert_eq!(breaches_of(&krate("money", &["store"], &[])), ["money must not use store"]);
        assert_eq!(breaches_of(&krate("decide", &[], &["tokio"])), ["decide is pure and must not use tokio"]);
        assert_eq!(breaches_of(&krate("face", &[], &["openvino"])), ["face must not use openvino: only nn may"]);
        assert_eq!(breaches_of(&krate("unheard_of", &[], &[])).len(), 1);
    }

    /// The table is in order from the bottom up, so no cycle can be written into it.
    #[test]
    fn the_table_has_no_cycle() {
        for (i, (name, allowed)) in ALLOWED.iter().enumerate() {
            let below: Vec<&str> = ALLOWED[..i].iter().map(|(n, _)| *n).collect();
            assert!(allowed.iter().all(|a| below.contains(a)), "{name}");
        }
    }
}
