//! The stages of `cargo xtask test`, in order. A failed stage does not stop the later ones: one run shows everything.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::run::{Ended, binary, cargo, find, root, run};
use crate::tally::Tally;
use crate::{direction, purity, setup, threats};

/// How much to test.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Everything,
    WithoutBrowser,
}

struct Stage {
    name: &'static str,
    /// A set-up stage counts only when it fails.
    setup: bool,
    run: fn(&Path) -> Ended,
}

const fn setup_stage(name: &'static str, run: fn(&Path) -> Ended) -> Stage {
    Stage { name, setup: true, run }
}

const fn check(name: &'static str, run: fn(&Path) -> Ended) -> Stage {
    Stage { name, setup: false, run }
}

fn all(scope: Scope) -> Vec<Stage> {
    let browser = scope == Scope::Everything;
    let mut stages = Vec::new();
    if browser {
        stages.push(setup_stage("set-up: chromium", setup::chromium));
        stages.push(setup_stage("set-up: browser driver", setup::browser_driver));
    }
    stages.extend([
        check("formatting", |root| run(root, &cargo(), &["fmt", "--all", "--check"])),
        check("dependency directions", directions),
        check("lints", |root| {
            run(root, &cargo(), &["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"])
        }),
        // The binary and the tests in one build: another selection of packages would unify other features and compile
        // most dependencies once more.
        setup_stage("set-up: build", |root| {
            run(root, &cargo(), &["build", "--quiet", "--workspace", "--bins", "--tests"])
        }),
        setup_stage("set-up: models", setup::models),
        setup_stage("set-up: PostgreSQL", setup::postgres),
        setup_stage("set-up: SoftHSM", setup::softhsm),
        check("unit, property, API and integration tests", tests),
        check("simulation, 200 seeds", |root| {
            run(root, &binary(root).to_string_lossy(), &["bench", "simulate", "--seeds", "200"])
        }),
        check("doc tests", |root| run(root, &cargo(), &["test", "--quiet", "--workspace", "--doc"])),
    ]);
    if find("cargo-deny").is_some() {
        stages.push(check("licences, bans and sources", |root| {
            run(root, &cargo(), &["deny", "--offline", "check", "licenses", "bans", "sources"])
        }));
    }
    if browser {
        stages.push(check("browser test", |root| run(root, "node", &["tests/browser/run.mjs"])));
    }
    stages
}

/// `cargo nextest` where it is installed, `cargo test` otherwise.
fn tests(root: &Path) -> Ended {
    let runner: &[&str] = if find("cargo-nextest").is_some() {
        &["nextest", "run", "--no-fail-fast", "--status-level", "slow", "--final-status-level", "fail"]
    } else {
        &["test", "--quiet", "--no-fail-fast"]
    };
    run(root, &cargo(), &[runner, &["--workspace", "--bins", "--tests"]].concat())
}

fn directions(root: &Path) -> Ended {
    let found = direction::breaches(root).and_then(|mut found| {
        found.extend(purity::breaches(root)?);
        found.extend(threats::breaches(root)?);
        Ok(found)
    });
    let breaches = found.unwrap_or_else(|error| vec![error]);
    breaches.iter().for_each(|breach| println!("{breach}"));
    Ended { well: breaches.is_empty(), output: String::new() }
}

/// Builds what is needed and runs the simulation alone.
pub fn simulate(args: &[&str]) -> ExitCode {
    let root = root();
    let all = [&["run", "--quiet", "--bin", "smilepay", "--", "bench", "simulate"], args].concat();
    if run(&root, &cargo(), &all).well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Only the directions.
pub fn deps() -> ExitCode {
    if directions(&root()).well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the stages and closes with `N passed, N failed`.
pub fn test(scope: Scope) -> ExitCode {
    let (root, start) = (root(), Instant::now());
    let mut report = Vec::new();
    for stage in all(scope) {
        println!("\n== {} ==", stage.name);
        let begun = Instant::now();
        let ended = (stage.run)(&root);
        let tally = match Tally::of(&ended.output, ended.well) {
            tally if stage.setup => Tally { passed: 0, failed: tally.failed.min(1) },
            tally => tally,
        };
        report.push((stage.name, begun.elapsed(), ended.well, tally));
    }
    close(&report, start.elapsed())
}

fn close(report: &[(&str, Duration, bool, Tally)], took: Duration) -> ExitCode {
    println!("\n== summary ==");
    for (name, took, well, tally) in report {
        let state = if *well { "ok    " } else { "FAILED" };
        println!("{state} {:>7.1} s  {name}: {} passed, {} failed.", took.as_secs_f64(), tally.passed, tally.failed);
    }
    println!("took {:.0} s", took.as_secs_f64());
    let sum = report.iter().fold(Tally::default(), |sum, (.., tally)| sum.plus(*tally));
    println!("{} passed, {} failed", sum.passed, sum.failed);
    if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
