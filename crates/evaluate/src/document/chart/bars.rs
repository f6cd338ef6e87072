//! One bar a group, with the interval it may truly lie in.

use std::fmt::Write as _;

use super::frame::{LETTER, Scale, WIDTH};
use super::{COLOURS, escape};
use crate::document::table::rate as words_of;

const ROW: f64 = 46.0;
const THICK: f64 = 12.0;
const RIGHT: f64 = 14.0;
const BELOW: f64 = 44.0;

/// A rate and its interval, 0..=1.
#[derive(Clone, Debug)]
pub struct Bar {
    pub name: String,
    pub value: f64,
    pub interval: [f64; 2],
    /// Beside the name: how many comparisons.
    pub note: String,
}

/// Horizontal bars on a scale of powers of ten; a rate of zero has no bar, only its interval.
pub fn bars(data: &[Bar], label: &str, from: f64, mark: Option<(f64, &str)>) -> String {
    let scale = Scale::Log { from, to: 1.0 };
    let px = |v: f64| 8.0 + scale.at(v) * (WIDTH - 8.0 - RIGHT);
    #[expect(clippy::cast_precision_loss, reason = "a handful of groups")]
    let low = ROW * data.len() as f64 + 8.0;
    let mut svg = String::new();
    for (value, words) in scale.ticks() {
        let x = px(value);
        let anchor = if x > WIDTH - 24.0 {
            "end"
        } else if x < 24.0 {
            "start"
        } else {
            "middle"
        };
        let _ = write!(
            svg,
            r#"<path class="grid" d="M{x:.1} 0V{low}"/><text x="{x:.1}" y="{:.1}" text-anchor="{anchor}">{words}</text>"#,
            low + 18.0
        );
    }
    if let Some((at, words)) = mark {
        let x = px(at);
        let (anchor, shift) = if x > WIDTH * 0.6 { ("end", -5.0) } else { ("start", 5.0) };
        let _ = write!(
            svg,
            r#"<path class="mark" d="M{x:.1} 0V{low}"/><text x="{:.1}" y="{:.1}" text-anchor="{anchor}">{}</text>"#,
            x + shift,
            low - 3.0,
            escape(words)
        );
    }
    for (i, bar) in data.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a handful of groups")]
        let top = ROW * i as f64 + 4.0;
        push_bar(&mut svg, bar, top, i % COLOURS, px);
    }
    let height = low + BELOW;
    let names: Vec<&str> = data.iter().map(|b| b.name.as_str()).collect();
    format!(
        r#"<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{} of {}">{svg}<path class="axis" d="M8 {low}H{}"/><text x="{}" y="{}" text-anchor="middle">{}</text></svg>"#,
        escape(label),
        escape(&names.join(", ")),
        WIDTH - RIGHT,
        WIDTH / 2.0,
        low + 37.0,
        escape(label)
    )
}

fn push_bar(svg: &mut String, bar: &Bar, top: f64, colour: usize, px: impl Fn(f64) -> f64) {
    let line = top + 20.0;
    let middle = line + THICK / 2.0;
    #[expect(clippy::cast_precision_loss, reason = "a few letters")]
    let after = 8.0 + LETTER * 1.15 * bar.name.chars().count() as f64 + 10.0;
    let _ = write!(
        svg,
        r#"<text class="strong" x="8" y="{:.1}">{}</text><text x="{after:.1}" y="{:.1}">{} · {}</text>"#,
        top + 12.0,
        escape(&bar.name),
        top + 12.0,
        words_of(bar.value),
        escape(&bar.note)
    );
    if bar.value > 0.0 {
        let width = (px(bar.value) - 8.0).max(2.0);
        let _ =
            write!(svg, r#"<rect class="f{colour}" x="8" y="{line:.1}" width="{width:.1}" height="{THICK}" rx="3"/>"#);
    }
    let (a, b) = (px(bar.interval[0]), px(bar.interval[1]));
    let _ = write!(
        svg,
        r#"<path class="whisker" d="M{a:.1} {middle:.1}H{b:.1}M{b:.1} {:.1}v8{}"/>"#,
        middle - 4.0,
        if bar.interval[0] > 0.0 { format!("M{a:.1} {:.1}v8", middle - 4.0) } else { String::new() }
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_zero_has_no_bar_but_an_interval() {
        let bar = |value, interval| Bar { name: "g".to_owned(), value, interval, note: "of 10".to_owned() };
        let svg = bars(&[bar(0.0, [0.0, 0.3])], "FMR", 1e-4, Some((2e-3, "bar")));
        assert!(!svg.contains("<rect") && svg.contains("whisker"));
        assert!(bars(&[bar(0.1, [0.01, 0.3])], "FMR", 1e-4, None).contains("<rect"));
    }
}
