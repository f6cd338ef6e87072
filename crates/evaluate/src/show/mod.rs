//! From figures to documents: which table, which curve, which words.

mod calibrated;
mod compare;
mod fairness;
mod pairs;
mod templates;

use decide::Calibration;

use crate::calibrate::Calibrated;
use crate::compare::CompareReport;
use crate::document::{Document, Fact};
use crate::error::EvaluateError;
use crate::fairness::FairnessReport;
use crate::gallery::Gallery;
use crate::protocol::Protocol;
use crate::report::Report;

/// What every document says about how it was made, and the command that repeats it.
#[derive(Clone, Debug)]
pub struct Made {
    pub command: String,
    /// Number format of the networks.
    pub precision: String,
    pub data_sha256: String,
}

fn made(made: &Made, calibration: &Calibration) -> Vec<(String, String)> {
    let line = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut lines = vec![line("Command", &made.command), line("Recogniser", &calibration.model)];
    lines.push((
        "Calibration".to_owned(),
        format!(
            "{} (made by {} from data {})",
            calibration.default_point,
            calibration.made.command,
            short(&calibration.made.data_sha256)
        ),
    ));
    lines.push(line("Number format", &made.precision));
    lines.push(line("SHA-256 of the people's pictures", &made.data_sha256));
    lines
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// `evaluate faces`.
///
/// # Errors
/// The protocol is out of range.
pub fn faces_document(
    report: &Report,
    gallery: &Gallery,
    protocol: Option<&Protocol>,
    calibration: &Calibration,
    how: &Made,
) -> Result<Document, EvaluateError> {
    let mut document = Document {
        title: "Faces: accuracy and error rates".to_owned(),
        lead: "Pictures against pictures, and several pictures against several, at thresholds that were not made from this data."
            .to_owned(),
        facts: pairs::facts(report),
        sections: vec![pairs::section(report, gallery)],
        made: made(how, calibration),
    };
    if let (Some(rows), Some(protocol)) = (&report.templates, protocol) {
        document.facts.extend(templates::facts(rows));
        document.sections.push(templates::section(rows, gallery, protocol, calibration)?);
    }
    Ok(document)
}

/// `evaluate fairness`.
pub fn fairness_document(report: &FairnessReport, calibration: &Calibration, how: &Made) -> Document {
    Document {
        title: "Fairness: error rates of each group".to_owned(),
        lead: "One threshold for everybody. Strangers are compared within their own group, where people resemble each other most."
            .to_owned(),
        facts: fairness::facts(report),
        sections: vec![fairness::section(report)],
        made: made(how, calibration),
    }
}

/// `evaluate compare`; `calibration` is A's.
pub fn compare_document(
    report: &CompareReport,
    a: &Gallery,
    b: &Gallery,
    calibration: &Calibration,
    how: &Made,
) -> Document {
    Document {
        title: "Two recognisers side by side".to_owned(),
        lead: "The same pictures, the same draws: where one is wrong and the other is right.".to_owned(),
        facts: compare::facts(report),
        sections: vec![compare::section(report, a, b)],
        made: made(how, calibration),
    }
}

/// `evaluate calibrate`.
pub fn calibrate_document(done: &Calibrated, how: &Made) -> Document {
    Document {
        title: "Calibration: what each threshold buys".to_owned(),
        lead: "Fitted on one half of the people, checked on the other half, which the fit did not see.".to_owned(),
        facts: Vec::new(),
        sections: calibrated::sections(done),
        made: made(how, &done.calibration),
    }
}

/// Everything that `docs/accuracy.md` holds.
///
/// # Errors
/// The protocol is out of range.
pub fn accuracy_document(
    report: &Report,
    fair: &FairnessReport,
    unseen: &Calibrated,
    gallery: &Gallery,
    protocol: &Protocol,
    calibration: &Calibration,
    how: &Made,
) -> Result<Document, EvaluateError> {
    let mut document = faces_document(report, gallery, Some(protocol), calibration, how)?;
    document.title = "How sure is the face?".to_owned();
    document.lead = "Accuracy, error rates and fairness of the recogniser and the threshold that ship. Every figure comes from one command, with the number of comparisons and the interval that it rests on."
        .to_owned();
    document.facts = templates::facts(report.templates.as_deref().unwrap_or_default());
    document.facts.extend(fairness::facts(fair));
    document.facts.extend(pairs::accuracy_fact(report));
    // Times belong to a machine and a moment: BENCHMARKS.md has them with their circumstances.
    document.sections.iter_mut().for_each(|s| s.tables.retain(|t| t.id != pairs::TIMES));
    let unseen = calibrated::sections(unseen);
    document.sections.extend(unseen);
    document.sections.push(fairness::section(fair));
    document.sections.push(limits());
    Ok(document)
}

fn limits() -> crate::document::Section {
    let text = [
        "Intervals are exact (Clopper–Pearson) and take comparisons as independent. Ten draws repeat the same people: for groups only one draw's comparisons count.",
        "Rule of three: without a single error in n independent comparisons the rate lies below 3/n with 95 % confidence. A false match rate of 1e-4 may be claimed from 30,000 comparisons on, 1e-6 from three million. What is not claimable here is not claimed.",
        "Group labels are somebody's reading of names and pictures. Many of these people are celebrities and may have been in the network's training data: the figures are optimistic. Twins, children, masks and ageing were not measured.",
    ];
    crate::document::Section {
        title: "What these figures do not say".to_owned(),
        text: text.map(str::to_owned).to_vec(),
        ..crate::document::Section::default()
    }
}

fn fact(name: &str, value: impl Into<String>, note: impl Into<String>) -> Fact {
    Fact { name: name.to_owned(), value: value.into(), note: note.into() }
}
