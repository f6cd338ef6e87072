//! Rates with their intervals, and areas under curves.

/// Two-sided 95 % point of the normal distribution.
const Z: f64 = 1.959_964;

/// Wilson's 95 % interval of `k` of `n`; 0..1 when there is nothing (E. B. Wilson, 1927).
pub fn interval(k: usize, n: usize) -> [f64; 2] {
    if n == 0 {
        return [0.0, 1.0];
    }
    let (k, n) = (count(k), count(n));
    let (p, zz) = (k / n, Z * Z);
    let middle = p + zz / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + zz / (4.0 * n * n)).sqrt();
    let scale = 1.0 + zz / n;
    // Exact at the ends, where rounding would leave a trace.
    let low = if k == 0.0 { 0.0 } else { ((middle - half) / scale).clamp(0.0, 1.0) };
    [low, ((middle + half) / scale).clamp(0.0, 1.0)]
}

/// `k` of `n`; `None` of nothing.
pub fn rate(k: usize, n: usize) -> Option<f64> {
    (n > 0).then(|| count(k) / count(n))
}

/// Probability that a live value is above an attack's, ties half; `None` when one side is empty.
pub fn auc(live: &[f32], attack: &[f32]) -> Option<f64> {
    if live.is_empty() || attack.is_empty() {
        return None;
    }
    let mut sorted = attack.to_vec();
    sorted.sort_by(f32::total_cmp);
    let wins: f64 = live
        .iter()
        .map(|value| {
            let below = sorted.partition_point(|other| other < value);
            let up_to = sorted.partition_point(|other| other <= value);
            count(below) + 0.5 * count(up_to - below)
        })
        .sum();
    Some(wins / (count(live.len()) * count(sorted.len())))
}

#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_hold_the_rate_and_say_how_little_zero_of_few_is() {
        let [low, high] = interval(0, 150);
        assert!(low == 0.0 && (0.024..0.026).contains(&high), "{high}");
        let [low, high] = interval(3, 10);
        assert!(low > 0.1 && low < 0.3 && high > 0.3 && high < 0.61);
        assert_eq!(interval(0, 0), [0.0, 1.0]);
    }

    #[test]
    fn areas() {
        assert_eq!(auc(&[0.9, 0.8], &[0.1, 0.2]), Some(1.0));
        assert_eq!(auc(&[0.5], &[0.5]), Some(0.5));
        assert_eq!(auc(&[0.1, 0.9], &[0.5]), Some(0.5));
        assert_eq!(auc(&[], &[0.5]), None);
    }
}
