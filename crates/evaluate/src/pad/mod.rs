//! Presentation attacks: real clips and stills, and the attack factory's species, through the very session and rules that a
//! payment uses, with a clock of its own.

mod clips;
mod factory;
mod figures;
mod keep;
mod lit;
mod play;
mod pool;
mod report;
mod shot;
mod stills;
mod table;

pub use figures::{auc, interval, rate};
pub use report::{BonaFideRow, CheckRow, ClipRow, Details, HalfRow, PadReport, SmileFigure, SpeciesRow};
pub use stills::StillRow;

use std::path::Path;
use std::sync::Arc;

use decide::LivenessPolicy;
use face::Models;
use puppet::{Cast, Species};

use crate::error::EvaluateError;

/// How `evaluate pad` runs.
#[derive(Clone, Copy, Debug)]
pub struct PadOptions<'a> {
    /// Captures of each generated species; those that a camera cannot refuse by design get a third.
    pub per_species: usize,
    pub threads: usize,
    /// Another seed makes other captures.
    pub seed: u64,
    /// Clips whose rate is unknown or low are judged all the same.
    pub ignore_fps_gate: bool,
    pub policy: &'a LivenessPolicy,
    /// Only these generated species; empty: all.
    pub only: &'a [Species],
    /// A file that captures are kept in and taken from.
    pub captures: Option<&'a Path>,
    /// Which part of the captures is made here: `[k, n]` makes those whose number leaves k when divided by n.
    pub part: [usize; 2],
}

/// Plays everything. `casts`: the people that attacks are made of; `data` may lack `faces/videos.csv` and `faces/pad.csv`.
///
/// # Errors
/// A list is malformed, there is nobody to make attacks of, or the engine fails.
pub fn pad(
    data: &Path,
    models: &Models,
    casts: &[Arc<Cast>],
    options: &PadOptions<'_>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(PadReport, Details), EvaluateError> {
    let folder = data.join("faces");
    let clips = clips::list(&folder)?.unwrap_or_default();
    let total = clips.len()
        + stills::count(&folder)?
        + if casts.is_empty() { 0 } else { factory::captures(options) + lit::captures(options) };
    let mut done = 0;
    let mut step = || {
        done += 1;
        progress(done, total);
    };
    let slots: Vec<std::sync::Mutex<Option<clips::Clip>>> =
        clips.into_iter().map(|clip| std::sync::Mutex::new(Some(clip))).collect();
    let look = |analyzer: &mut face::Analyzer, i: usize| {
        let clip = slots.get(i).and_then(|slot| slot.lock().ok()?.take()).ok_or(EvaluateError::Worker)?;
        clips::see(&folder, clip, analyzer, options.policy, options.ignore_fps_gate)
    };
    let seen = pool::spread(models, options.threads, slots.len(), look, &mut step)?;
    let generated = if casts.is_empty() { Vec::new() } else { factory::run(models, casts, options, &mut step)? };
    let lit = if casts.is_empty() { lit::Lit::default() } else { lit::run(models, casts, options, &mut step)? };
    let stills = stills::rows(&folder, models, options, &mut step)?;
    let smile_from = options.policy.smile_rise_from;
    let all = report::Seens { clips: &seen, generated: &generated, lit: &lit, smile_from };
    Ok(report::build(&all, stills))
}
