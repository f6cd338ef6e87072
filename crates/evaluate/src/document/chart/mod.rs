//! Small SVG charts. Colours and fonts come from the page's style sheet, so that they follow light and dark.

mod bars;
mod curves;
mod frame;
mod histogram;

pub use bars::{Bar, bars};
pub use curves::{Curve, det, roc};
pub use histogram::{Histogram, histogram};

/// Series colours in the style sheet.
const COLOURS: usize = 6;

/// Text for SVG.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
