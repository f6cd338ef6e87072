//! How the scores of one person's and of two people's comparisons lie.

use super::frame::{Axis, Frame, Scale};

/// Bins.
const BINS: usize = 48;

/// Counts of scores in equal bins; single scores cannot be told from it.
#[derive(Clone, Debug)]
pub struct Histogram {
    pub from: f64,
    pub to: f64,
    /// Share of the genuine comparisons in each bin.
    pub genuine: Vec<f64>,
    /// Share of the impostor comparisons in each bin.
    pub impostor: Vec<f64>,
}

impl Histogram {
    /// `None` without scores of both kinds.
    pub fn of(genuine: &[f64], impostor: &[f64]) -> Option<Self> {
        if genuine.is_empty() || impostor.is_empty() {
            return None;
        }
        let all = || genuine.iter().chain(impostor).copied();
        let (from, to) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
        let to = if to > from { to } else { from + 1.0 };
        Some(Self { from, to, genuine: shares(genuine, from, to), impostor: shares(impostor, from, to) })
    }
}

fn shares(scores: &[f64], from: f64, to: f64) -> Vec<f64> {
    let mut bins = vec![0_u64; BINS];
    for score in scores {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a bin's number"
        )]
        let bin = (((score - from) / (to - from)) * BINS as f64) as usize;
        if let Some(count) = bins.get_mut(bin.min(BINS - 1)) {
            *count += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
    bins.into_iter().map(|n| n as f64 / scores.len() as f64).collect()
}

/// Two areas and the thresholds that lie across them.
pub fn histogram(data: &Histogram, label: &str, marks: &[(f64, String)]) -> String {
    let top = data.genuine.iter().chain(&data.impostor).copied().fold(0.0, f64::max) * 1.15;
    let x = Axis { label, scale: Scale::Linear { from: data.from, to: data.to } };
    let y = Axis { label: "share of comparisons", scale: Scale::Linear { from: 0.0, to: top } };
    let mut frame = Frame::new(x, y);
    for (i, (name, shares)) in [("same person", &data.genuine), ("two people", &data.impostor)].into_iter().enumerate()
    {
        #[expect(clippy::cast_precision_loss, reason = "a bin's number")]
        let edge = |bin: usize| data.from + (data.to - data.from) * bin as f64 / BINS as f64;
        let mut path = format!("M{:.1} {:.1}", frame.px(data.from), frame.py(0.0));
        for (bin, share) in shares.iter().enumerate() {
            path.push_str(&format!("V{:.1}H{:.1}", frame.py(*share), frame.px(edge(bin + 1))));
        }
        path.push_str(&format!("V{:.1}Z", frame.py(0.0)));
        frame.push(&format!(r#"<path class="area s{i} f{i}" d="{path}"/>"#));
        frame.name(name);
    }
    for (value, words) in marks {
        frame.mark_x(*value, words);
    }
    frame.finish("score histograms of one person and of two people")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_score_lands_in_a_bin() {
        let h = Histogram::of(&[1.0, 0.9, 1.0], &[-1.0, 0.0]).unwrap();
        assert!((h.genuine.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((h.impostor.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(h.genuine[BINS - 1] > 0.6 && h.impostor[0] > 0.4);
        assert!(Histogram::of(&[], &[1.0]).is_none());
        assert!(histogram(&h, "score", &[(0.5, "here".to_owned())]).contains("here"));
    }
}
