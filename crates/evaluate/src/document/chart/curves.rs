//! ROC and DET curves: error rates at every threshold.

use super::COLOURS;
use super::frame::{Axis, Frame, Scale};

/// One series: (FMR, FNMR) from the loosest to the strictest threshold.
#[derive(Clone, Debug)]
pub struct Curve {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

/// Receiver operating characteristic: true accepts over false matches, false matches by powers of ten from `from` on.
pub fn roc(curves: &[Curve], from: f64) -> String {
    let x = Axis { label: "false match rate", scale: Scale::Log { from, to: 1.0 } };
    let lowest = curves.iter().flat_map(|c| &c.points).filter(|p| p.0 >= from).map(|p| 1.0 - p.1).fold(1.0, f64::min);
    let low = ((lowest * 20.0).floor() / 20.0).clamp(0.0, 0.9);
    let y = Axis { label: "true accept rate", scale: Scale::Linear { from: low, to: 1.0 } };
    draw(curves, Frame::new(x, y), |(fmr, fnmr)| (fmr, 1.0 - fnmr), "ROC curves")
}

/// Detection error trade-off: false non-matches over false matches, both by powers of ten.
pub fn det(curves: &[Curve], from: f64) -> String {
    let x = Axis { label: "false match rate", scale: Scale::Log { from, to: 1.0 } };
    let y = Axis { label: "false non-match rate", scale: Scale::Log { from: 1e-3, to: 1.0 } };
    draw(curves, Frame::new(x, y), |p| p, "DET curves")
}

fn draw(curves: &[Curve], mut frame: Frame<'_>, place: impl Fn((f64, f64)) -> (f64, f64), title: &str) -> String {
    for (i, curve) in curves.iter().enumerate() {
        let mut path = String::new();
        let mut last = (f64::NAN, f64::NAN);
        for point in &curve.points {
            let (x, y) = place(*point);
            let at = (frame.px(x), frame.py(y));
            // What would not move the pen by a fifth of a pixel is left out.
            if (at.0 - last.0).abs() + (at.1 - last.1).abs() < 0.2 {
                continue;
            }
            // Rates are steps, not slopes.
            if path.is_empty() {
                path = format!("M{:.1} {:.1}", at.0, at.1);
            } else {
                path.push_str(&format!("H{:.1}V{:.1}", at.0, at.1));
            }
            last = at;
        }
        frame.push(&format!(r#"<path class="line s{}" d="{path}"/>"#, i % COLOURS));
        frame.name(&curve.name);
    }
    let names: Vec<&str> = curves.iter().map(|c| c.name.as_str()).collect();
    frame.finish(&format!("{title} of {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_curve_runs_along_the_top() {
        let curve = Curve { name: "a<b".to_owned(), points: vec![(1.0, 0.0), (0.1, 0.0), (0.0, 0.0)] };
        let svg = roc(std::slice::from_ref(&curve), 1e-3);
        assert!(svg.contains("M386.0 12.0H278.0") && svg.contains("a&lt;b"), "{svg}");
        assert!(det(&[curve], 1e-3).contains("DET curves"));
    }
}
