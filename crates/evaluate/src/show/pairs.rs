//! Picture against picture.

use super::fact;
use crate::document::chart::{Curve, det, roc};
use crate::document::{Cell, Column, Fact, Figure, Section, Table};
use crate::gallery::Gallery;
use crate::report::{Report, SetRow};

/// The row over all groups of a set.
const ALL: &str = "*";

/// The table of milliseconds.
pub(super) const TIMES: &str = "times";

pub(super) fn facts(report: &Report) -> Vec<Fact> {
    let mut facts: Vec<Fact> = accuracy_fact(report).into_iter().collect();
    if report.ms.p720_total > 0.0 {
        facts.push(fact(
            "One 720p selfie",
            format!("{:.1} ms", report.ms.p720_total),
            "decode, detect, align, embed; median on one thread of this machine",
        ));
    }
    facts
}

pub(super) fn accuracy_fact(report: &Report) -> Option<Fact> {
    let rows: Vec<&SetRow> = report.sets.iter().filter(|r| r.group == ALL).collect();
    let known: Vec<f64> = rows.iter().filter_map(|r| r.accuracy).collect();
    if known.is_empty() {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a handful of sets")]
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    Some(fact(
        "Picture against picture",
        format!("{:.2} %", mean * 100.0),
        format!("mean accuracy of {} sets, each at its best threshold", known.len()),
    ))
}

pub(super) fn section(report: &Report, gallery: &Gallery) -> Section {
    let curves: Vec<Curve> = gallery
        .pair_scores()
        .into_iter()
        .map(|(set, scores)| Curve { name: set.to_owned(), points: scores.curve() })
        .collect();
    let caption =
        "Each set on its own; further up and to the left is better. The curves are short where a set has few pairs.";
    let figures = vec![
        Figure {
            title: "Right people accepted".to_owned(),
            caption: caption.to_owned(),
            svg: roc(&curves, 1e-3),
            wide: false,
        },
        Figure {
            title: "The two errors against each other".to_owned(),
            caption: "Further down and to the left is better.".to_owned(),
            svg: det(&curves, 1e-3),
            wide: false,
        },
    ];
    Section {
        title: "Picture against picture".to_owned(),
        text: vec![format!(
            "{} pictures, {} without a usable face (failure to acquire). Accuracy is at the best threshold of each set, as in the literature: it says how good the pipeline is, not how safe a payment is.",
            report.images, report.fta
        )],
        figures,
        tables: vec![table(report), times(report)],
    }
}

fn table(report: &Report) -> Table {
    let columns = vec![
        Column::text("Set", "set"),
        Column::text("Group", "group"),
        Column::number("Genuine", "genuine"),
        Column::number("Impostor", "impostor"),
        Column::number("Accuracy", "accuracy"),
        Column::number("with FTA", "accuracy_with_fta"),
        Column::number("EER", "eer"),
        Column::number("TAR at FMR 1e-2", "tar_at_fmr_1e-2"),
        Column::number("TAR at FMR 1e-3", "tar_at_fmr_1e-3"),
    ];
    let count = |n: usize| Cell::count(u64::try_from(n).unwrap_or(u64::MAX));
    let row = |r: &SetRow| {
        let tar = |name: &str| Cell::or_none(r.tar_at_fmr.get(name).copied().flatten(), Cell::percent);
        let group = match r.group.as_str() {
            ALL => "all",
            "" => "(unknown)",
            name => name,
        };
        vec![
            Cell::text(r.set.clone()),
            Cell::text(group),
            count(r.genuine),
            count(r.impostor),
            Cell::or_none(r.accuracy, Cell::percent),
            Cell::or_none(r.accuracy_with_fta, Cell::percent),
            Cell::or_none(r.eer, Cell::percent),
            tar("1e-2"),
            tar("1e-3"),
        ]
    };
    Table {
        id: "pairs",
        title: "Accuracy by set and group".to_owned(),
        note: "With fewer than 1/FMR impostor pairs the TAR is the one without any false match in the list.".to_owned(),
        columns,
        rows: report.sets.iter().map(row).collect(),
    }
}

fn times(report: &Report) -> Table {
    let ms = &report.ms;
    let row = |name: &str, [decode, detect, embed]: [f64; 3], total: f64| {
        let mut cells = vec![Cell::text(name)];
        cells.extend([decode, detect, embed, total].map(|v| Cell::number(v, 1)));
        cells
    };
    Table {
        id: TIMES,
        title: "Milliseconds on one thread, median".to_owned(),
        note: "Of this machine at this moment; other work beside it makes them longer.".to_owned(),
        columns: vec![
            Column::text("Picture", "picture"),
            Column::number("Decode", "decode_ms"),
            Column::number("Detect", "detect_ms"),
            Column::number("Align + embed", "embed_ms"),
            Column::number("Together", "total_ms"),
        ],
        rows: vec![
            row("of the list", [ms.decode, ms.detect, ms.embed], ms.decode + ms.detect + ms.embed),
            row("one 720p JPEG", [ms.p720_decode, ms.p720_detect, ms.p720_embed], ms.p720_total),
        ],
    }
}
