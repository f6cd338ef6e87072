//! Repository chores: `cargo xtask test` sets everything up and runs every check.

mod direction;
mod purity;
mod run;
mod setup;
mod stages;
mod tally;
mod threats;

use std::process::ExitCode;

const HELP: &str = "\
Repository chores

Usage: cargo xtask test [--fast]
       cargo xtask simulate [--seeds N | --seed SEED]
       cargo xtask deps

  test         set up (chromium, npm packages, models), then run formatting, lints, dependency directions,
               unit, property, API and doc tests and the browser test; ends with the line `N passed, N failed`
  test --fast  the same without the browser test and its set-up
  simulate     seeded clients, network, clock and crashes over the real store (default 200 seeds);
               a seed that fails is played again with --seed
  deps         only the dependency directions and the purity of the pure crates
  help         this text

Exit codes: 0 all passed, 1 something failed, 2 not understood.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test"] => stages::test(stages::Scope::Everything),
        ["test", "--fast"] => stages::test(stages::Scope::WithoutBrowser),
        ["simulate", rest @ ..] => stages::simulate(rest),
        ["deps"] => stages::deps(),
        [] | ["help" | "-h" | "--help"] | ["test", "-h" | "--help"] => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        _ => {
            eprint!("not understood: {}\n\n{HELP}", words.join(" "));
            ExitCode::from(2)
        }
    }
}
