//! What a calibration buys on the people it did not see.

use crate::calibrate::{Calibrated, CheckRow, SizeRow};
use crate::document::{Cell, Column, Section, Table};

pub(super) fn sections(done: &Calibrated) -> Vec<Section> {
    let c = &done.calibration;
    let cllr: Vec<String> = done.cllr.iter().map(|(size, bits)| format!("{size} {bits:.3}")).collect();
    vec![Section {
        title: "On people the calibration did not see".to_owned(),
        text: vec![
            format!(
                "Fitted on {} people of {}; these are the others. Cost of the log-likelihood ratios in bits (Cllr; 0 perfect, 1 worthless): {}.",
                c.made.people,
                c.made.sets.join(", "),
                cllr.join(", ")
            ),
            format!(
                "The default point {} is {}.",
                c.default_point,
                c.point(&c.default_point).map_or("", |p| p.aim.as_str())
            ),
        ],
        figures: Vec::new(),
        tables: vec![checks(done), sizes(done)],
    }]
}

fn checks(done: &Calibrated) -> Table {
    let default = &done.calibration.default_point;
    let mut rows: Vec<&CheckRow> = done.checks.iter().filter(|r| r.point == *default).collect();
    rows.extend(done.checks.iter().filter(|r| r.point != *default && r.set == "*"));
    let row = |r: &&CheckRow| {
        vec![
            Cell::text(r.point.clone()),
            Cell::text(if r.set == "*" { "all" } else { &r.set }),
            Cell::count(u64::try_from(r.people).unwrap_or(u64::MAX)),
            Cell::count(r.counts.genuine),
            Cell::percent(r.counts.fnmr),
            Cell::percents(r.fnmr_95),
            Cell::count(r.counts.impostor),
            Cell::rate(r.counts.fmr),
            Cell::rates(r.fmr_95),
            Cell::yes(r.claimable),
        ]
    };
    Table {
        id: "unseen",
        title: "Operating points at 5 × 3".to_owned(),
        note: "The default point in every set, the others over all. Points beyond the data are an exponential tail, and not claimable.".to_owned(),
        columns: vec![
            Column::text("Point", "point"),
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

fn sizes(done: &Calibrated) -> Table {
    let row = |r: &SizeRow| {
        vec![
            Cell::text(r.size.clone()),
            Cell::number(f64::from(r.cosine), 3),
            Cell::rate(r.worst.fmr),
            Cell::percent(r.worst.fnmr),
            Cell::rate(r.all.fmr),
            Cell::percent(r.all.fnmr),
        ]
    };
    Table {
        id: "sizes",
        title: "One threshold at every size".to_owned(),
        note: format!(
            "The point {} means the same false match rate however many pictures are joined; as a cosine it moves.",
            done.by_size.first().map_or("", |r| r.point)
        ),
        columns: vec![
            Column::text("Views × frames", "size"),
            Column::number("Cosine", "cosine"),
            Column::number("FMR, most alike", "worst_fmr"),
            Column::number("FNMR, most alike", "worst_fnmr"),
            Column::number("FMR, all", "fmr"),
            Column::number("FNMR, all", "fnmr"),
        ],
        rows: done.by_size.iter().map(row).collect(),
    }
}
