//! A against B.

use super::fact;
use crate::compare::{ALL, CompareReport, EerRow, ErrorRow};
use crate::document::chart::{Curve, det};
use crate::document::{Cell, Column, Fact, Figure, Section, Table, rate};
use crate::gallery::Gallery;

pub(super) fn facts(report: &CompareReport) -> Vec<Fact> {
    let all = |rate: &str| report.templates.iter().find(|r| r.set == ALL && r.rate == rate);
    let words = |r: &ErrorRow| {
        let verdict = if r.difference_95[0] > 0.0 {
            "B is worse"
        } else if r.difference_95[1] < 0.0 {
            "B is better"
        } else {
            "no difference shown"
        };
        format!("{verdict}; A {}, B {}, McNemar p {:.3}", rate(r.a), rate(r.b), r.p)
    };
    let of = |name: &str, rate: &str| {
        all(rate).map(|r| fact(name, format!("{:+.2} points", r.difference * 100.0), words(r)))
    };
    [of("Right person refused, B − A", "fnmr"), of("Stranger accepted, B − A", "fmr")].into_iter().flatten().collect()
}

pub(super) fn section(report: &CompareReport, a: &Gallery, b: &Gallery) -> Section {
    let curve = |name: &str, gallery: &Gallery| {
        let mut scores = crate::metrics::Scores::default();
        gallery.each_pair(|pair, cosine| scores.push(pair.same, cosine));
        Curve { name: name.to_owned(), points: scores.finish().curve() }
    };
    let figures = vec![Figure {
        title: "Pairs of all sets".to_owned(),
        caption: "Picture against picture, cosines; further down and to the left is better.".to_owned(),
        svg: det(&[curve("A", a), curve("B", b)], 1e-3),
        wide: false,
    }];
    Section {
        title: "A against B".to_owned(),
        text: vec![
            format!("A is {}. B is {}.", report.a, report.b),
            format!(
                "{} × {} pictures, {} draws; both judge the same comparisons. {} pictures were left out because only one of the two found a face.",
                report.enrol, report.probe, report.draws, report.only_one_saw
            ),
        ],
        figures: if a.list.pairs.is_empty() { Vec::new() } else { figures },
        tables: vec![errors(report), eers(report)],
    }
}

fn errors(report: &CompareReport) -> Table {
    let row = |r: &ErrorRow| {
        vec![
            Cell::text(if r.set == ALL { "all" } else { &r.set }),
            Cell::text(r.rate.to_uppercase()),
            Cell::count(r.comparisons),
            Cell::rate(r.a),
            Cell::rate(r.b),
            Cell::count(r.only_a_wrong),
            Cell::count(r.only_b_wrong),
            Cell::rate(r.difference),
            Cell::rates(r.difference_95),
            Cell::number(r.p, 3),
        ]
    };
    Table {
        id: "errors",
        title: "Errors at the thresholds".to_owned(),
        note: "Difference B − A with its 95 % interval over people drawn again. p: McNemar's exact test on the first draw alone.".to_owned(),
        columns: vec![
            Column::text("Set", "set"),
            Column::text("Rate", "rate"),
            Column::number("Comparisons", "comparisons"),
            Column::number("A", "a"),
            Column::number("B", "b"),
            Column::number("only A wrong", "only_a_wrong"),
            Column::number("only B wrong", "only_b_wrong"),
            Column::number("B − A", "difference"),
            Column::number("95 %", "difference_95"),
            Column::number("p", "p"),
        ],
        rows: report.templates.iter().map(row).collect(),
    }
}

fn eers(report: &CompareReport) -> Table {
    let row = |r: &EerRow| {
        vec![
            Cell::text(r.set.clone()),
            Cell::count(u64::try_from(r.pairs).unwrap_or(u64::MAX)),
            Cell::percent(r.a),
            Cell::percent(r.b),
            Cell::percent(r.difference),
            Cell::percents(r.difference_95),
        ]
    };
    Table {
        id: "eer",
        title: "Equal error rates of the pairs, without a threshold".to_owned(),
        note: "Interval over pairs drawn again.".to_owned(),
        columns: vec![
            Column::text("Set", "set"),
            Column::number("Pairs", "pairs"),
            Column::number("A", "a"),
            Column::number("B", "b"),
            Column::number("B − A", "difference"),
            Column::number("95 %", "difference_95"),
        ],
        rows: report.eer.iter().map(row).collect(),
    }
}
