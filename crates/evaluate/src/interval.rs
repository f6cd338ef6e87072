//! 95 % intervals of a share, and what may be claimed.

/// Exact (Clopper–Pearson) 95 % interval of `events` in `n` trials; 0..1 without trials. Trials that share people are not
/// independent: then the true interval is wider.
pub fn exact_95(events: u64, n: u64) -> [f64; 2] {
    if n == 0 {
        return [0.0, 1.0];
    }
    let (k, n) = (as_f64(events.min(n)), as_f64(n));
    let low = if k > 0.0 { quantile(0.025, k, n - k + 1.0) } else { 0.0 };
    let high = if k < n { quantile(0.975, k + 1.0, n - k) } else { 1.0 };
    [low, high]
}

/// Rule of three: without a single error in `n` independent trials the rate is below 3/n with 95 % confidence, so a rate is
/// claimed only from 3/rate trials on.
pub fn claimable(rate: f64, independent: u64) -> bool {
    as_f64(independent) * rate >= 3.0
}

#[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
const fn as_f64(n: u64) -> f64 {
    n as f64
}

/// Where the regularised incomplete beta function reaches `p`, by bisection.
fn quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..80 {
        let mid = f64::midpoint(low, high);
        if beta(mid, a, b) < p { low = mid } else { high = mid }
    }
    f64::midpoint(low, high)
}

/// Regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz; Numerical Recipes 6.4).
fn beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let keep = |v: f64| if v.abs() < TINY { TINY } else { v };
    let (mut c, mut d) = (1.0, 1.0 / keep(1.0 - (a + b) * x / (a + 1.0)));
    let mut result = d;
    for m in 1..1_000_u32 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / keep(1.0 + term * d);
            c = keep(1.0 + term / c);
            change = c * d;
            result *= change;
        }
        if (change - 1.0).abs() < 1e-12 {
            break;
        }
    }
    result
}

/// ln Γ(x) for x > 0 (Lanczos, g = 7).
fn ln_gamma(x: f64) -> f64 {
    const C: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let start = 0.999_999_999_999_809_9;
    let sum = C.iter().zip(1_u32..).fold(start, |s, (c, i)| s + c / (x + f64::from(i)));
    let t = x + 7.5;
    0.5 * std::f64::consts::TAU.ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

/// Two-sided exact binomial test of "both equally often" (McNemar): the chance of a split at least as uneven as this.
pub fn sign_test(a: u64, b: u64) -> f64 {
    let n = a + b;
    if n == 0 {
        return 1.0;
    }
    let (k, n) = (as_f64(a.min(b)), as_f64(n));
    // P(X ≤ k) = I_{1/2}(n − k, k + 1).
    (2.0 * beta(0.5, n - k, k + 1.0)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-4
    }

    #[test]
    fn intervals_agree_with_tables() {
        // Values of R's binom.test.
        assert!(close(exact_95(0, 100)[1], 0.036_217) && exact_95(0, 100)[0].abs() < 1e-12);
        let [low, high] = exact_95(5, 100);
        assert!(close(low, 0.016_432) && close(high, 0.112_835), "{low} {high}");
        assert!(close(exact_95(100, 100)[0], 0.963_783) && close(exact_95(100, 100)[1], 1.0));
        let [low, high] = exact_95(3, 300_000);
        assert!((low - 2.062e-6).abs() < 1e-8 && (high - 2.922e-5).abs() < 1e-7, "{low} {high}");
        assert_eq!(exact_95(0, 0), [0.0, 1.0]);
    }

    #[test]
    fn the_rule_of_three() {
        assert!(claimable(1e-3, 3_000) && !claimable(1e-3, 2_999) && !claimable(1e-6, 1_000_000));
    }

    #[test]
    fn mcnemar_by_hand() {
        assert!(close(sign_test(0, 0), 1.0) && close(sign_test(3, 3), 1.0));
        // 2 · (1 + 5) / 2^5
        assert!(close(sign_test(1, 4), 0.375));
        assert!(close(sign_test(0, 10), 2.0 / 1024.0));
    }
}
