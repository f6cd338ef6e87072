//! Groups beside each other.

use super::fact;
use crate::document::chart::{Bar, bars};
use crate::document::{Cell, Column, Fact, Figure, Section, Table};
use crate::fairness::{FairnessReport, GroupRow, RatioRow};

pub(super) fn facts(report: &FairnessReport) -> Vec<Fact> {
    let at_default = |r: &&RatioRow| r.point == report.default_point && r.rate == "fmr";
    let shipped = report.ratios.iter().find(at_default);
    let measured = report.ratios.iter().find(|r| r.rate == "fmr" && r.worst_geomean.is_some());
    let mut facts = Vec::new();
    match (shipped.and_then(|r| Some((r, r.worst_geomean?))), measured) {
        (Some((r, ratio)), _) => facts.push(fact(
            "Worst group against the mean",
            format!("{ratio:.1} ×"),
            format!("false matches at the shipped threshold; worst: {}", r.worst.as_deref().unwrap_or("–")),
        )),
        (None, Some(r)) => facts.push(fact(
            "Worst group against the mean",
            format!("{:.1} ×", r.worst_geomean.unwrap_or_default()),
            format!(
                "false matches where the groups' mean is {}; worst: {}. At the shipped threshold too few to tell",
                mean_of(&r.point),
                r.worst.as_deref().unwrap_or("–")
            ),
        )),
        (None, None) => facts.push(fact("Worst group against the mean", "not known", "too few false matches to tell")),
    }
    facts
}

/// The rate in the name of an anchor.
fn mean_of(point: &str) -> &str {
    point.trim_start_matches("mean_").trim_start_matches("fmr_")
}

pub(super) fn section(report: &FairnessReport) -> Section {
    let shipped: Vec<&GroupRow> = report.groups.iter().filter(|g| g.point == report.default_point).collect();
    let looser = report.ratios.iter().find(|r| r.rate == "fmr" && r.worst_geomean.is_some());
    let mut figures = vec![
        figure("Strangers accepted, shipped threshold", &shipped, true),
        figure("Right person refused, shipped threshold", &shipped, false),
    ];
    if let Some(point) = looser.map(|r| &r.point).filter(|p| **p != report.default_point) {
        let rows: Vec<&GroupRow> = report.groups.iter().filter(|g| g.point == *point).collect();
        figures.push(figure(&format!("Strangers accepted where the mean is {}", mean_of(point)), &rows, true));
    }
    Section {
        title: "Groups".to_owned(),
        text: vec![
            format!(
                "{} × {} pictures, {} draws, log-likelihood ratio {:.3} (cosine {:.3}) for everybody. Strangers are compared within their group and set. A group without a single error has no ratio: that is said, not filled in.",
                report.enrol, report.probe, report.draws, report.threshold, report.threshold_cosine
            ),
            "mean_1e-2 and mean_1e-1 are no thresholds of a payment: they are where the groups' false match rates are 1e-2 and 1e-1 in the mean, and show how the groups part where there is enough to count.".to_owned(),
        ],
        figures,
        tables: vec![groups(report), ratios(report)],
    }
}

/// The points to show: the shipped one, and those where a group has false matches. The JSON has all of them.
fn telling(report: &FairnessReport, point: &str) -> bool {
    point == report.default_point || report.groups.iter().any(|g| g.point == point && g.false_matches > 0)
}

fn figure(title: &str, rows: &[&GroupRow], strangers: bool) -> Figure {
    let bar = |r: &&GroupRow| Bar {
        name: r.group.clone(),
        value: if strangers { r.fmr } else { r.fnmr },
        interval: if strangers { r.fmr_95 } else { r.fnmr_95 },
        note: format!("{} people", r.people),
    };
    let (label, mark) =
        if strangers { ("false match rate", (2e-3, "bar 2e-3")) } else { ("false non-match rate", (1e-2, "bar 1 %")) };
    let bars_of: Vec<Bar> = rows.iter().map(bar).collect();
    Figure {
        title: title.to_owned(),
        caption: "Bar: measured. Line: where the true rate lies with 95 %, from one draw's comparisons.".to_owned(),
        svg: bars(&bars_of, label, 1e-4, Some(mark)),
        wide: false,
    }
}

fn groups(report: &FairnessReport) -> Table {
    let row = |r: &GroupRow| {
        vec![
            Cell::text(r.group.clone()),
            Cell::text(r.point.clone()),
            Cell::count(u64::try_from(r.people).unwrap_or(u64::MAX)),
            Cell::text(r.sets.join(" ")),
            Cell::count(r.genuine),
            Cell::percent(r.fnmr),
            Cell::percents(r.fnmr_95),
            Cell::count(r.impostor),
            Cell::rate(r.fmr),
            Cell::rates(r.fmr_95),
            Cell::text(r.says.clone()).with_care(!r.says.is_empty()),
        ]
    };
    Table {
        id: "groups",
        title: "Error rates of each group".to_owned(),
        note: "The first rows are the shipped point. Intervals: exact, on one draw. Claimable at FMR 2e-3 and FNMR 1 %: one draw must hold 1,500 comparisons of strangers and 300 of one person (rule of three).".to_owned(),
        columns: vec![
            Column::text("Group", "group"),
            Column::text("Point", "point"),
            Column::number("People", "people"),
            Column::text("Sets", "sets"),
            Column::number("Genuine", "genuine"),
            Column::number("FNMR", "fnmr"),
            Column::number("95 %", "fnmr_95"),
            Column::number("Impostor", "impostor"),
            Column::number("FMR", "fmr"),
            Column::number("95 %", "fmr_95"),
            Column::text("Claimable", "says"),
        ],
        rows: report.groups.iter().filter(|r| telling(report, &r.point)).map(row).collect(),
    }
}

fn ratios(report: &FairnessReport) -> Table {
    let interval = |i: Option<(f64, Option<f64>)>| {
        Cell::or_none(i, |(low, high)| {
            Cell::text(high.map_or_else(|| format!("{low:.1} – ∞"), |h| format!("{low:.1} – {h:.1}")))
        })
    };
    let row = |r: &RatioRow| {
        vec![
            Cell::text(r.point.clone()),
            Cell::text(r.rate.to_uppercase()),
            Cell::text(r.worst.clone().unwrap_or_default()),
            Cell::or_none(r.max_min, |v| Cell::number(v, 2)),
            interval(r.max_min_95),
            Cell::or_none(r.worst_geomean, |v| Cell::number(v, 2)),
            interval(r.worst_geomean_95),
            Cell::text(r.says.clone()).with_care(!r.says.is_empty()),
        ]
    };
    Table {
        id: "ratios",
        title: "How far apart the groups lie".to_owned(),
        note: "Highest rate over the lowest, and over the geometric mean of all (NIST IR 8429). Intervals: people drawn again, 1,000 times. Groups of fewer than three people and unknown ones take no part.".to_owned(),
        columns: vec![
            Column::text("Point", "point"),
            Column::text("Rate", "rate"),
            Column::text("Worst group", "worst"),
            Column::number("Max / min", "max_min"),
            Column::number("95 %", "max_min_95"),
            Column::number("Worst / geomean", "worst_geomean"),
            Column::number("95 %", "worst_geomean_95"),
            Column::text("Known", "says"),
        ],
        rows: report.ratios.iter().filter(|r| telling(report, &r.point)).map(row).collect(),
    }
}
