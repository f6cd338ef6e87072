//! Several pictures against several, at the shipped threshold.

use decide::Calibration;

use super::fact;
use crate::document::chart::{Histogram, histogram};
use crate::document::{Cell, Column, Fact, Figure, Section, Table};
use crate::error::EvaluateError;
use crate::gallery::Gallery;
use crate::protocol::{Compared, Protocol, llr};
use crate::templates::TemplateRow;

/// The row that sums all sets.
const ALL: &str = "*";

pub(super) fn facts(rows: &[TemplateRow]) -> Vec<Fact> {
    let Some(all) = rows.iter().find(|r| r.set == ALL) else { return Vec::new() };
    let of = |share: f64, n: u64, what: &str, upper: f64| {
        #[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
        let events = (share * n as f64).round();
        format!("{events:.0} of {} {what}; below {upper:.1e} with 95 %", crate::document::thousands(n))
    };
    vec![
        fact(
            "Right person refused",
            format!("{:.2} %", all.fnmr * 100.0),
            of(all.fnmr, all.genuine, "comparisons", all.fnmr_95[1]),
        ),
        fact("Stranger accepted", rate(all.fmr), of(all.fmr, all.impostor, "comparisons", all.fmr_95[1])),
    ]
}

fn rate(share: f64) -> String {
    if share == 0.0 { "none".to_owned() } else { format!("{share:.1e}") }
}

pub(super) fn section(
    rows: &[TemplateRow],
    gallery: &Gallery,
    protocol: &Protocol,
    calibration: &Calibration,
) -> Result<Section, EvaluateError> {
    let compared = protocol.run(&gallery.people, &gallery.vectors)?;
    let llrs = |same: bool| -> Vec<f64> {
        compared.iter().filter(|c| c.same() == same).map(|c| f64::from(llr(calibration, c))).collect()
    };
    let mark = calibration.point(&calibration.default_point).map(|p| (f64::from(p.llr), "the threshold".to_owned()));
    let mut figures = Vec::new();
    if let Some(data) = Histogram::of(&llrs(true), &llrs(false)) {
        figures.push(Figure {
            title: "Scores of all sets".to_owned(),
            caption: "Log-likelihood ratio of each comparison; right of the line is accepted.".to_owned(),
            svg: histogram(&data, "log-likelihood ratio", mark.as_slice()),
            wide: false,
        });
    }
    let worst = &calibration.made.worst_set;
    let of_worst = |same: bool| -> Vec<f64> {
        let wanted =
            |c: &&Compared| c.same() == same && gallery.people.get(c.template).is_some_and(|p| p.set == *worst);
        compared.iter().filter(wanted).map(|c| f64::from(llr(calibration, c))).collect()
    };
    if let Some(data) = Histogram::of(&of_worst(true), &of_worst(false)) {
        figures.push(Figure {
            title: format!("The set that looks most alike: {worst}"),
            caption: "The threshold is set by this set, not by the mean of all.".to_owned(),
            svg: histogram(&data, "log-likelihood ratio", mark.as_slice()),
            wide: false,
        });
    }
    Ok(Section {
        title: format!("{} pictures enrolled, {} presented", protocol.enrol, protocol.probe),
        text: vec![format!(
            "{} seeded draws; every template against every probe of the same set. One threshold for all: {}. It was fitted on half of these people; the section after this one holds the other half apart.",
            protocol.draws,
            rows.first().map_or_else(String::new, |r| format!(
                "{}, log-likelihood ratio {:.3}, cosine {:.3} at this size",
                r.threshold_for, r.threshold, r.threshold_cosine
            ))
        )],
        figures,
        tables: vec![table(rows)],
    })
}

fn table(rows: &[TemplateRow]) -> Table {
    let row = |r: &TemplateRow| {
        vec![
            Cell::text(if r.set == ALL { "all" } else { &r.set }),
            Cell::count(u64::try_from(r.people).unwrap_or(u64::MAX)),
            Cell::count(r.genuine),
            Cell::percent(r.fnmr),
            Cell::percents(r.fnmr_95),
            Cell::count(r.impostor),
            Cell::rate(r.fmr),
            Cell::rates(r.fmr_95),
            Cell::yes(r.claimable),
        ]
    };
    Table {
        id: "templates",
        title: "Error rates at the shipped threshold".to_owned(),
        note: "Claimable: one draw holds enough comparisons of two people for the bar (FMR 2e-3 in a set, 1e-4 over all; rule of three).".to_owned(),
        columns: vec![
            Column::text("Set", "set"),
            Column::number("People", "people"),
            Column::number("Genuine", "genuine"),
            Column::number("FNMR", "fnmr"),
            Column::number("95 %", "fnmr_95"),
            Column::number("Impostor", "impostor"),
            Column::number("FMR", "fmr"),
            Column::number("95 %", "fmr_95"),
            Column::text("Claimable", "claimable"),
        ],
        rows: rows.iter().map(row).collect(),
    }
}
