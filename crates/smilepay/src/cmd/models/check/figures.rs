//! Speed, and error rates on people.

use std::path::{Path, PathBuf};
use std::time::Instant;

use evaluate::{Gallery, Half, Lists, Protocol, TemplateRow};
use models::{Plug, PlugRole, Portraits};

use super::{CheckArgs, CheckError, Finding, Pair, read};
use crate::boot::plugs::calibration_of;
use crate::cmd::bench::cpu::cpu_ms;

/// Runs that are timed.
const RUNS: usize = 15;
/// The mean accuracy of pairs may be this much below the shipped networks' on the same pictures.
const ACCURACY_BELOW: f64 = 0.01;
/// Templates 5×3 at the default point: the bars of the shipped recogniser (docs/accuracy.md).
const SET_FNMR: f64 = 1e-2;
const SET_FMR: f64 = 2e-3;
const ALL_FMR: f64 = 1e-4;
/// Name of the row over all sets.
const ALL: &str = "*";

/// Median time of one run on a portrait, alignment included: by the clock, or by processor time where that is less.
pub(super) fn speed(
    plug: &Plug,
    models: &face::Models,
    portraits: &Portraits,
    max_ms: f64,
) -> Result<Finding, CheckError> {
    let path = portraits.get("obama3.jpg").map(PathBuf::from).unwrap_or_default();
    let picture = read(&path)?;
    let mut analyzer = models.analyzer()?;
    let face = analyzer.detect(&picture)?.into_iter().next();
    let face = face.ok_or(crate::casting::CastingError::NoFace(path))?;
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let (start, begun) = (Instant::now(), cpu_ms());
        match plug.role {
            PlugRole::Recogniser => drop(analyzer.embed(&picture, &face.points)?),
            PlugRole::Detector => drop(analyzer.detect(&picture)?),
            PlugRole::Landmarks => drop(analyzer.mesh(&picture, &face)?),
            PlugRole::Expression => drop(analyzer.happy(&picture, &face)?),
        }
        let (wall, cpu) = (start.elapsed().as_secs_f64() * 1e3, cpu_ms().zip(begun).map(|(now, then)| now - then));
        // Waiting for a processor that others use says nothing about the network.
        times.push(cpu.map_or(wall, |cpu| cpu.min(wall)));
    }
    times.sort_by(f64::total_cmp);
    let median = times.get(RUNS / 2).copied().unwrap_or(f64::INFINITY);
    Ok(Finding::new(median <= max_ms, format!("one picture takes {median:.1} ms at the median (at most {max_ms})")))
}

/// Whether people were looked at who say something about this role, and what they say.
pub(super) fn evaluate(
    args: &CheckArgs,
    plug: &Plug,
    pair: &Pair,
    data: &Path,
) -> Result<(bool, Vec<Finding>), CheckError> {
    if !matches!(plug.role, PlugRole::Recogniser | PlugRole::Detector) {
        let text = format!("there is no evaluation of {} on people yet", plug.role.name());
        return Ok((false, vec![Finding::new(true, text)]));
    }
    let open = |models| Gallery::open(data, Lists::People, models, args.threads, &mut |_, _| {});
    let (ours, theirs) = (open(&pair.shipped)?, open(&pair.plugged)?);
    let mut findings = vec![pairs(&ours, &theirs)?];
    findings.push(faces_found(&ours, &theirs));
    if plug.role == PlugRole::Recogniser {
        findings.extend(templates(args, plug, &theirs)?);
    }
    Ok((true, findings))
}

fn pairs(ours: &Gallery, theirs: &Gallery) -> Result<Finding, CheckError> {
    let (before, now) = (evaluate::mean_accuracy(ours), evaluate::mean_accuracy(theirs));
    let right = now >= before - ACCURACY_BELOW;
    let text = format!(
        "pairs: {:.2} % right on the mean of the sets, the shipped networks {:.2} % (at most {:.0} point below)",
        now * 100.0,
        before * 100.0,
        ACCURACY_BELOW * 100.0
    );
    Ok(Finding::new(right, text))
}

fn faces_found(ours: &Gallery, theirs: &Gallery) -> Finding {
    // One more in two hundred: a detector that misses faces makes people try again.
    let allowed = ours.fta() + (ours.images() / 200).max(1);
    let text = format!(
        "{} of {} pictures without a usable face, the shipped networks {}",
        theirs.fta(),
        theirs.images(),
        ours.fta()
    );
    Finding::new(theirs.fta() <= allowed, text)
}

/// The template protocol at the calibration's own point; one that is fitted now is checked on the people it did not see.
fn templates(args: &CheckArgs, plug: &Plug, gallery: &Gallery) -> Result<Vec<Finding>, CheckError> {
    if plug.calibration.is_some() {
        let rows = evaluate::template_rows(gallery, &Protocol::STANDARD, &calibration_of(plug)?)?;
        return Ok(rows.iter().map(|r: &TemplateRow| bar(&r.set, r.fnmr, r.fmr, r.impostor)).collect());
    }
    let command = "smilepay models check (fitted on the second half)";
    let done = evaluate::calibrate(gallery, &plug.id, Protocol::STANDARD.seed, Half::Second, command)?;
    if let Some(path) = &args.calibration_out {
        let failed = |source| CheckError::Write { path: path.clone(), source };
        let text = serde_json::to_string_pretty(&done.calibration).map_err(|e| failed(e.into()))?;
        std::fs::write(path, text).map_err(failed)?;
    }
    let default = done.calibration.default_point.clone();
    let rows = done.checks.iter().filter(|r| r.point == default);
    Ok(rows.map(|r| bar(&r.set, r.counts.fnmr, r.counts.fmr, r.counts.impostor)).collect())
}

fn bar(set: &str, fnmr: f64, fmr: f64, impostor: u64) -> Finding {
    let (name, most) = if set == ALL { ("all sets", ALL_FMR) } else { (set, SET_FMR) };
    let text = format!(
        "templates 5×3, {name}: FNMR {:.2} %, FMR {fmr:.1e} of {impostor} (at most 1 % and {most:.0e})",
        fnmr * 100.0
    );
    Finding::new(fnmr <= SET_FNMR && fmr <= most, text)
}
