//! Fits of one or two numbers.

/// Logistic regression of one variable: `offset + slope·x` is the log-likelihood ratio when both kinds weigh the same in
/// total. `samples`: (x, is genuine, weight > 0). Newton's method; `None` when it does not settle (for instance when a gap
/// separates the kinds: then every steep slope fits).
pub(crate) fn logistic(samples: &[(f64, bool, f64)]) -> Option<(f64, f64)> {
    let total = |kind: bool| samples.iter().filter(|s| s.1 == kind).map(|s| s.2).sum::<f64>();
    let (genuine, impostor) = (total(true), total(false));
    if genuine <= 0.0 || impostor <= 0.0 {
        return None;
    }
    let (mut offset, mut slope) = (0.0, 0.1);
    for _ in 0..200 {
        let step = newton_step(samples, genuine, impostor, offset, slope)?;
        // Short steps at first: far from the answer the surface is flat and Newton overshoots.
        let scale = (1.0 / step.0.hypot(step.1)).min(1.0);
        offset += scale * step.0;
        slope += scale * step.1;
        if step.0.hypot(step.1) < 1e-9 {
            return Some((offset, slope));
        }
    }
    None
}

fn newton_step(
    samples: &[(f64, bool, f64)],
    genuine: f64,
    impostor: f64,
    offset: f64,
    slope: f64,
) -> Option<(f64, f64)> {
    // A little ridge keeps the slope finite on data without overlap.
    const RIDGE: f64 = 1e-6;
    let (mut g0, mut g1) = (0.0, -RIDGE * slope);
    let (mut h00, mut h01, mut h11) = (RIDGE, 0.0, RIDGE);
    for &(x, same, weight) in samples {
        let w = weight / if same { genuine } else { impostor };
        let p = 1.0 / (1.0 + (-(offset + slope * x)).exp());
        let (error, curve) = (w * (f64::from(u8::from(same)) - p), w * p * (1.0 - p));
        g0 += error;
        g1 += error * x;
        h00 += curve;
        h01 += curve * x;
        h11 += curve * x * x;
    }
    let det = h00 * h11 - h01 * h01;
    (det > 0.0).then(|| ((h11 * g0 - h01 * g1) / det, (h00 * g1 - h01 * g0) / det))
}

/// Cost of log-likelihood ratios in bits (Cllr): 0 perfect, 1 worth nothing (Brümmer and du Preez, 2006).
pub(crate) fn cllr(genuine: &[f64], impostor: &[f64]) -> Option<f64> {
    if genuine.is_empty() || impostor.is_empty() {
        return None;
    }
    let cost = |llrs: &[f64], sign: f64| {
        let sum: f64 = llrs.iter().map(|l| softplus(sign * l)).sum();
        #[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
        let n = llrs.len() as f64;
        sum / n
    };
    Some((cost(genuine, -1.0) + cost(impostor, 1.0)) / (2.0 * std::f64::consts::LN_2))
}

/// ln(1 + e^x) without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// The score that a share `rate` of `sorted` (lowest first) reaches, from an exponential tail fitted to its top twentieth
/// (at least 20 scores): beyond the data a model, not a measurement.
pub(crate) fn tail_quantile(sorted: &[f64], rate: f64) -> Option<f64> {
    let take = (sorted.len() / 20).max(20);
    let start = sorted.len().checked_sub(take)?;
    let threshold = *sorted.get(start)?;
    #[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
    let (take, all) = (take as f64, sorted.len() as f64);
    let mean_excess = sorted.get(start..)?.iter().map(|s| s - threshold).sum::<f64>() / take;
    let share = take / all;
    if rate >= share {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
        let place = ((1.0 - rate) * all) as usize;
        return sorted.get(place.min(sorted.len() - 1)).copied();
    }
    (mean_excess > 0.0).then(|| threshold + mean_excess * (share / rate).ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Evenly spread normal deviates around `mean` (probit by bisection would be longer; sums of uniforms do).
    fn bell(mean: f64, n: usize) -> Vec<f64> {
        let mut state = 1_u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        (0..n).map(|_| mean + (0..12).map(|_| uniform()).sum::<f64>() - 6.0).collect()
    }

    #[test]
    fn logistic_regression_finds_the_ratio_of_two_bells() {
        // Two unit normals three apart: llr = 3·x − 4.5 exactly.
        let samples: Vec<(f64, bool, f64)> = bell(3.0, 40_000)
            .into_iter()
            .map(|x| (x, true, 1.0))
            .chain(bell(0.0, 40_000).into_iter().map(|x| (x, false, 0.5)))
            .collect();
        let (offset, slope) = logistic(&samples).unwrap();
        assert!((slope - 3.0).abs() < 0.15 && (offset + 4.5).abs() < 0.25, "{offset} {slope}");
        assert!(logistic(&[(1.0, true, 1.0)]).is_none());
    }

    #[test]
    fn cllr_knows_perfect_and_worthless() {
        assert!(cllr(&[40.0], &[-40.0]).unwrap() < 1e-9);
        assert!((cllr(&[0.0], &[0.0]).unwrap() - 1.0).abs() < 1e-12);
        assert!(cllr(&[-9.0], &[9.0]).unwrap() > 5.0);
        assert!(cllr(&[], &[1.0]).is_none());
    }

    #[test]
    fn the_tail_follows_an_exponential() {
        let n = 20_000;
        let sorted: Vec<f64> = (0..n).map(|i| -(1.0 - (i as f64 + 0.5) / n as f64).ln()).collect();
        for rate in [0.5, 1e-2, 1e-3, 1e-5] {
            let got = tail_quantile(&sorted, rate).unwrap();
            assert!((got + rate.ln()).abs() < 0.25, "{rate}: {got}");
        }
        assert!(tail_quantile(&sorted[..5], 0.1).is_none());
    }
}
