//! Axes, grid and legend.

use std::fmt::Write as _;

use super::{COLOURS, escape};

/// Size in units that are about a pixel on a phone.
pub(super) const WIDTH: f64 = 400.0;
const PLOT_HEIGHT: f64 = 220.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 12.0;
const BELOW: f64 = 52.0;
const LEGEND_ROW: f64 = 20.0;
/// About the width of a letter.
pub(super) const LETTER: f64 = 7.0;

#[derive(Clone, Copy)]
pub(super) enum Scale {
    Linear { from: f64, to: f64 },
    Log { from: f64, to: f64 },
}

impl Scale {
    /// Where `value` lies, 0..=1; what is outside is brought to the edge.
    pub(super) fn at(self, value: f64) -> f64 {
        let (v, from, to) = match self {
            Self::Linear { from, to } => (value, from, to),
            Self::Log { from, to } => (value.max(from).log10(), from.log10(), to.log10()),
        };
        ((v - from) / (to - from)).clamp(0.0, 1.0)
    }

    /// Places and words of the ticks.
    pub(super) fn ticks(self) -> Vec<(f64, String)> {
        match self {
            Self::Linear { from, to } => linear_ticks(from, to),
            Self::Log { from, to } => {
                #[expect(clippy::cast_possible_truncation, reason = "exponents")]
                let (low, high) = (from.log10().ceil() as i32, to.log10().floor() as i32);
                (low..=high).map(|e| (10_f64.powi(e), power(e))).collect()
            }
        }
    }
}

fn linear_ticks(from: f64, to: f64) -> Vec<(f64, String)> {
    let rough = (to - from) / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= rough).unwrap_or(rough);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small exponent")]
    let decimals = (-step.log10().floor()).clamp(0.0, 4.0) as usize;
    let first = (from / step).ceil();
    (0..=10)
        .map(|i| (first + f64::from(i)) * step)
        .filter(|t| *t <= to + step * 1e-9)
        .map(|t| (t, format!("{t:.decimals$}")))
        .collect()
}

/// 10 to the power, as people write it.
fn power(exponent: i32) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    match exponent {
        0 => "1".to_owned(),
        -1 => "0.1".to_owned(),
        e => {
            let digit = RAISED.get(usize::try_from(e.unsigned_abs()).unwrap_or(0) % 10).copied().unwrap_or('⁰');
            format!("10{}{digit}", if e < 0 { "⁻" } else { "" })
        }
    }
}

pub(super) struct Axis<'a> {
    pub label: &'a str,
    pub scale: Scale,
}

/// A chart under construction.
pub(super) struct Frame<'a> {
    pub x: Axis<'a>,
    pub y: Axis<'a>,
    body: String,
    /// Words of the legend, in the order of colours.
    legend: Vec<String>,
}

impl<'a> Frame<'a> {
    pub(super) const fn new(x: Axis<'a>, y: Axis<'a>) -> Self {
        Self { x, y, body: String::new(), legend: Vec::new() }
    }

    pub(super) fn px(&self, x: f64) -> f64 {
        LEFT + self.x.scale.at(x) * (WIDTH - LEFT - RIGHT)
    }

    pub(super) fn py(&self, y: f64) -> f64 {
        TOP + (1.0 - self.y.scale.at(y)) * PLOT_HEIGHT
    }

    pub(super) fn push(&mut self, svg: &str) {
        self.body.push_str(svg);
    }

    pub(super) fn name(&mut self, series: &str) {
        self.legend.push(series.to_owned());
    }

    /// A dashed line across the plot with its words.
    pub(super) fn mark_x(&mut self, x: f64, words: &str) {
        let (px, top, low) = (self.px(x), TOP, TOP + PLOT_HEIGHT);
        let left = px > WIDTH * 0.55;
        let (anchor, shift) = if left { ("end", -6.0) } else { ("start", 6.0) };
        let _ = write!(
            self.body,
            r#"<path class="mark" d="M{px:.1} {top}V{low}"/><text class="strong" x="{:.1}" y="{:.1}" text-anchor="{anchor}">{}</text>"#,
            px + shift,
            top + 12.0,
            escape(words)
        );
    }

    /// The finished drawing; `title` is read aloud by screen readers.
    pub(super) fn finish(self, title: &str) -> String {
        let (legend, rows) = self.legend_svg();
        let height = TOP + PLOT_HEIGHT + BELOW + rows * LEGEND_ROW;
        format!(
            r#"<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{}">{}{}{legend}</svg>"#,
            escape(title),
            self.axes(),
            self.body
        )
    }

    fn axes(&self) -> String {
        let mut svg = String::new();
        let (low, right) = (TOP + PLOT_HEIGHT, WIDTH - RIGHT);
        for (value, words) in self.y.scale.ticks() {
            let y = self.py(value);
            let _ = write!(
                svg,
                r#"<path class="grid" d="M{LEFT} {y:.1}H{right}"/><text x="{:.1}" y="{:.1}" text-anchor="end">{words}</text>"#,
                LEFT - 7.0,
                y + 4.5
            );
        }
        for (value, words) in self.x.scale.ticks() {
            let x = self.px(value);
            let _ = write!(
                svg,
                r#"<path class="grid" d="M{x:.1} {TOP}V{low}"/><text x="{x:.1}" y="{:.1}" text-anchor="middle">{words}</text>"#,
                low + 18.0
            );
        }
        let _ = write!(
            svg,
            r#"<path class="axis" d="M{LEFT} {TOP}V{low}H{right}"/><text x="{:.1}" y="{:.1}" text-anchor="middle">{}</text><text x="11" y="{:.1}" text-anchor="middle" transform="rotate(-90 11 {:.1})">{}</text>"#,
            f64::midpoint(LEFT, right),
            low + 37.0,
            escape(self.x.label),
            TOP + PLOT_HEIGHT / 2.0,
            TOP + PLOT_HEIGHT / 2.0,
            escape(self.y.label)
        );
        svg
    }

    fn legend_svg(&self) -> (String, f64) {
        let mut svg = String::new();
        let (mut x, mut row) = (LEFT, 0.0);
        for (i, words) in self.legend.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a few letters")]
            let width = 34.0 + LETTER * words.chars().count() as f64;
            if x + width > WIDTH && x > LEFT {
                (x, row) = (LEFT, row + 1.0);
            }
            let y = TOP + PLOT_HEIGHT + BELOW + row * LEGEND_ROW + 10.0;
            let _ = write!(
                svg,
                r#"<path class="line s{}" d="M{x:.1} {:.1}h16"/><text x="{:.1}" y="{y:.1}">{}</text>"#,
                i % COLOURS,
                y - 4.5,
                x + 22.0,
                escape(words)
            );
            x += width;
        }
        let rows = if self.legend.is_empty() { 0.0 } else { row + 1.0 };
        (svg, rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let words = |s: Scale| s.ticks().into_iter().map(|t| t.1).collect::<Vec<String>>().join(" ");
        assert_eq!(words(Scale::Linear { from: 0.0, to: 1.0 }), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(words(Scale::Linear { from: -12.0, to: 9.0 }), "-10 -5 0 5");
        assert_eq!(words(Scale::Log { from: 1e-4, to: 1.0 }), "10⁻⁴ 10⁻³ 10⁻² 0.1 1");
        assert!((Scale::Log { from: 1e-4, to: 1.0 }.at(1e-2) - 0.5).abs() < 1e-12);
        assert!(Scale::Log { from: 1e-4, to: 1.0 }.at(0.0).abs() < 1e-12);
    }
}
