//! The terminal tables.

use std::fmt::Write as _;

use evaluate::{Calibrated, Report, SetRow, TemplateRow};

pub(super) fn faces(report: &Report, kind: nn::Kind) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{:<20} {:<11} {:>7} {:>8} {:>8} {:>8} {:>7} {:>8} {:>8} {:>15}",
        "set", "group", "genuine", "impostor", "accuracy", "with FTA", "EER", "TAR@1e-2", "TAR@1e-3", "FNMR/FMR@0.363"
    );
    report.sets.iter().for_each(|row| push_row(&mut text, row));
    if let Some(rows) = &report.templates {
        text.push('\n');
        text.push_str(&templates(rows));
    }
    let ms = &report.ms;
    let _ = writeln!(text, "\n{} pictures, {} without a usable face (FTA)", report.images, report.fta);
    let _ = writeln!(
        text,
        "median ms on one thread ({kind}): decode {:.1}, detect {:.1}, align+embed {:.1}",
        ms.decode, ms.detect, ms.embed
    );
    let _ = writeln!(
        text,
        "one 720p JPEG: decode {:.1}, detect {:.1}, align+embed {:.1}; detect+align+embed {:.1}, with decoding {:.1}",
        ms.p720_decode, ms.p720_detect, ms.p720_embed, ms.p720_detect_embed, ms.p720_total
    );
    text
}

fn push_row(text: &mut String, row: &SetRow) {
    let percent = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format!("{:.2}%", v * 100.0));
    let tar = |name: &str| percent(row.tar_at_fmr.get(name).copied().flatten());
    let at = row.fnmr_at.get("0.363");
    let at = at.map_or_else(String::new, |p| format!("{:.1}% / {:.1}%", p.fnmr * 100.0, p.fmr * 100.0));
    let group = if row.group.is_empty() { "(none)" } else { row.group.as_str() };
    let _ = writeln!(
        text,
        "{:<20} {:<11} {:>7} {:>8} {:>8} {:>8} {:>7} {:>8} {:>8} {:>15}",
        row.set,
        group,
        row.genuine,
        row.impostor,
        percent(row.accuracy),
        percent(row.accuracy_with_fta),
        percent(row.eer),
        tar("1e-2"),
        tar("1e-3"),
        at
    );
}

/// The template protocol.
pub(super) fn templates(rows: &[TemplateRow]) -> String {
    let mut text = String::new();
    let first = rows.first();
    let (named, llr, cosine) =
        first.map_or(("", 0.0, 0.0), |r| (r.threshold_for.as_str(), r.threshold, r.threshold_cosine));
    let draws = first.map_or(0, |r| r.draws);
    let _ =
        writeln!(text, "templates, {draws} draws, threshold {named}: llr {llr:.3} (cosine {cosine:.3} at this size)");
    let _ = writeln!(
        text,
        "{:<20} {:>6} {:>8} {:>8} {:>17} {:>9} {:>8} {:>19}  claimable at its bar",
        "set", "people", "genuine", "FNMR", "95 %", "impostor", "FMR", "95 %"
    );
    for r in rows {
        let _ = writeln!(
            text,
            "{:<20} {:>6} {:>8} {:>7.2}% {:>7.2}%..{:>6.2}% {:>9} {:>8.1e} {:>8.1e}..{:>8.1e}  {}",
            r.set,
            r.people,
            r.genuine,
            r.fnmr * 100.0,
            r.fnmr_95[0] * 100.0,
            r.fnmr_95[1] * 100.0,
            r.impostor,
            r.fmr,
            r.fmr_95[0],
            r.fmr_95[1],
            if r.claimable { "yes" } else { "no: too few impostors (rule of three)" }
        );
    }
    text
}

/// What a calibration buys on the people it was not fitted on.
pub(super) fn calibrated(done: &Calibrated) -> String {
    let mut text = String::new();
    let (c, made) = (&done.calibration, &done.calibration.made);
    let _ = writeln!(text, "{}: fitted on {} people of {}", c.model, made.people, made.sets.join(", "));
    let s = &c.score;
    let _ = writeln!(
        text,
        "one person's pictures agree by {:.3}, two people of {} resemble by {:.3} ± {:.3}; llr = {:.3} + {:.3}·z",
        s.reliability, made.worst_set, s.resemblance, s.spread, s.offset, s.slope
    );
    let cllr: Vec<String> = done.cllr.iter().map(|(size, bits)| format!("{size} {bits:.4}")).collect();
    let _ = writeln!(text, "Cllr on the others (bits): {}", cllr.join(", "));
    for r in &done.by_size {
        let _ = writeln!(
            text,
            "{} at size {}: cosine {:.3}, {} FMR {:.1e} of {} FNMR {:.2}%, all sets FMR {:.1e} of {} FNMR {:.2}%",
            r.point,
            r.size,
            r.cosine,
            made.worst_set,
            r.worst.fmr,
            r.worst.impostor,
            r.worst.fnmr * 100.0,
            r.all.fmr,
            r.all.impostor,
            r.all.fnmr * 100.0
        );
    }
    for p in &c.points {
        let mark = if p.name == c.default_point { " (default)" } else { "" };
        let _ = writeln!(text, "\n{}{mark}: llr {:.3}; {}", p.name, p.llr, p.aim);
        for r in done.checks.iter().filter(|r| r.point == p.name) {
            let claim = if r.claimable { "" } else { "  not claimable" };
            let _ = writeln!(
                text,
                "  {:<8} {:>3} people  FNMR {:>6.2}% of {:>6}  FMR {:>8.1e} of {:>7} (95 % {:.1e}..{:.1e}){claim}",
                r.set,
                r.people,
                r.counts.fnmr * 100.0,
                r.counts.genuine,
                r.counts.fmr,
                r.counts.impostor,
                r.fmr_95[0],
                r.fmr_95[1]
            );
        }
    }
    text
}
