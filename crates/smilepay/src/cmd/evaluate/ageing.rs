//! `smilepay evaluate ageing`.

use std::process::ExitCode;

use clap::Args;
use evaluate::{AgeingReport, Lists, Protocol};

use super::output::print;
use super::{Common, EvaluateCommandError, calibration, load_common, open};

/// Arguments of `smilepay evaluate ageing`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each person's template (5 pictures) gets the person's own later probes (3 pictures each), and those of the most alike other
person of the same set, by the rule that payments use (share and bound: decide::renewal)."
)]
pub(super) struct AgeingArgs {
    #[command(flatten)]
    common: Common,
    /// Seed of the draw of pictures
    #[arg(long, value_name = "N", default_value_t = Protocol::STANDARD.seed)]
    seed: u64,
}

pub(super) fn run(args: &AgeingArgs) -> Result<ExitCode, EvaluateCommandError> {
    let calibration = calibration(None, &args.common.plugs.read()?)?;
    let (models, _) = load_common(&args.common)?;
    let gallery = open(&args.common, Lists::OnlyPeople, &models)?;
    let found = evaluate::ageing(&gallery, &calibration, args.seed)?;
    args.common.output.json(&found)?;
    print(&table(&found))
}

fn table(r: &AgeingReport) -> String {
    let rows: String = r
        .bounds
        .iter()
        .map(|b| {
            format!(
                "  bound {:.2}: own pictures gain {:+.4} (median), {} met it; {} strangers accepted; {} owners refused\n",
                b.anchor_from, b.own_gain, b.own_stopped, b.accepted, b.owners_refused
            )
        })
        .collect();
    format!(
        "{} people; {} additions of {:.0} % of the way each, never below a cosine of {} to the enrolled vector\n  \
         one addition of the person's own: cosine to the enrolled vector at least {:.4}\n  \
         all additions of the person's own: least {:.3}, 5th percentile {:.3}, median {:.3}; {} of {} met the bound\n  \
         the most alike other person, accepted: {} of {} before, {} after theirs were added (95 % {:.3}–{:.3}), {} without the bound\n  \
         owners refused by a template that a stranger moved as far as it goes: {} of {}\n  \
         of these strangers a payment would have let in an addition: {} by the face alone, {} behind the owner's second factor\n{rows}",
        r.people,
        r.steps,
        r.share * 100.0,
        r.anchor_from,
        r.one_step_least,
        r.own_least,
        r.own_5,
        r.own_median,
        r.own_stopped,
        r.people,
        r.accepted_before,
        r.strangers,
        r.accepted_after,
        r.accepted_after_95[0],
        r.accepted_after_95[1],
        r.accepted_without_bound,
        r.owners_refused,
        r.strangers,
        r.strangers_let_in,
        r.strangers_let_in_with_factor,
    )
}
