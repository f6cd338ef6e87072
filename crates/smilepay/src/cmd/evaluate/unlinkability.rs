//! `smilepay evaluate unlinkability`.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use evaluate::{Linker, Lists, Protocol, Unlinkability};
use vault::IndexRotation;

use super::output::print;
use super::{Common, EvaluateCommandError, load_common, open};

/// Arguments of `smilepay evaluate unlinkability`.
#[derive(Debug, Args)]
#[command(
    after_help = "Every vector is turned as a template is, under a key drawn for it alone. The observer has opened both envelopes and
compares what lies in them: AUC 0.5 means that nothing can be told. The last line is the same without keys."
)]
pub(super) struct UnlinkabilityArgs {
    #[command(flatten)]
    common: Common,
    /// Pairs of each kind, at most
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pairs: usize,
    /// Seed of the draw of pairs; keys are always new
    #[arg(long, value_name = "N", default_value_t = Protocol::STANDARD.seed)]
    seed: u64,
}

pub(super) fn run(args: &UnlinkabilityArgs) -> Result<ExitCode, EvaluateCommandError> {
    let (models, _) = load_common(&args.common)?;
    let gallery = open(&args.common, Lists::OnlyPeople, &models)?;
    let mut protect = |values: &[f32]| IndexRotation::fresh(values.len()).and_then(|key| key.turn(values)).ok();
    let found = evaluate::unlinkability(&gallery, args.pairs, args.seed, &mut protect)?;
    args.common.output.json(&found)?;
    print(&table(&found))
}

fn table(found: &Unlinkability) -> String {
    let mut text = format!(
        "{} people, {} pairs of one person, {} of two people, each vector under a key of its own\n",
        found.people, found.mated, found.non_mated
    );
    for row in &found.rows {
        let name = match row.linker {
            Linker::Cosine => "cosine",
            Linker::SortedMagnitudes => "sorted magnitudes",
            Linker::Unprotected => "without keys",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<18} AUC {:.4}  (by chance 0.5 ± {:.4})", row.auc, row.chance_95);
    }
    text
}
