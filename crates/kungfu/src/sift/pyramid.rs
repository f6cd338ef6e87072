//! Smoothed grey planes and their differences.

use face::Luma;
use multiversion::multiversion;

/// A grey picture, 0..=1.
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) data: Vec<f32>,
}

/// Planes of one size, each smoother than the one before.
pub(super) struct Octave {
    pub(super) smooth: Vec<Plane>,
    /// Each smooth plane less the one before it.
    pub(super) differences: Vec<Plane>,
    /// Smoothing of the first plane and the factor between neighbours.
    pub(super) sigma: f32,
    pub(super) step: f32,
}

impl Octave {
    pub(super) fn of(first: Plane, sigma: f32, layers: usize) -> Self {
        let step = 2.0_f32.powf(1.0 / layers as f32);
        let mut smooth = vec![first];
        let mut differences = Vec::new();
        let mut from = sigma;
        for _ in 0..layers + 2 {
            let to = from * step;
            let Some(last) = smooth.last() else { break };
            let next = last.blurred((to * to - from * from).sqrt());
            differences.push(next.less(last));
            smooth.push(next);
            from = to;
        }
        Self { smooth, differences, sigma, step }
    }
}

impl Plane {
    pub(super) fn of(grey: &Luma) -> Self {
        let data = grey.data().iter().map(|v| f32::from(*v) / 255.0).collect();
        Self { width: grey.width() as usize, height: grey.height() as usize, data }
    }

    /// Smoothed by a Gaussian; the edge's value goes on outside.
    pub(super) fn blurred(&self, sigma: f32) -> Self {
        let taps = taps(sigma);
        let reach = taps.len() - 1;
        let mut across = vec![0.0; self.data.len()];
        let mut line = vec![0.0; self.width + 2 * reach];
        for (row, out) in self.data.chunks_exact(self.width).zip(across.chunks_exact_mut(self.width)) {
            pad(row, reach, &mut line);
            mix(&taps, out, |off| line.get(reach.wrapping_add_signed(off)..)?.get(..self.width));
        }
        let mut data = vec![0.0; self.data.len()];
        let last = self.height.saturating_sub(1);
        for (y, out) in data.chunks_exact_mut(self.width).enumerate() {
            let row = |off: isize| y.saturating_add_signed(off).min(last) * self.width;
            mix(&taps, out, |off| across.get(row(off)..)?.get(..self.width));
        }
        Self { width: self.width, height: self.height, data }
    }

    fn less(&self, other: &Self) -> Self {
        let data = self.data.iter().zip(&other.data).map(|(a, b)| a - b).collect();
        Self { width: self.width, height: self.height, data }
    }

    /// The mean of each two by two pixels.
    pub(super) fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut data = Vec::with_capacity(width * height);
        for rows in self.data.chunks_exact(self.width * 2) {
            let (top, bottom) = rows.split_at(self.width);
            let (top, _) = top.as_chunks::<2>();
            let (bottom, _) = bottom.as_chunks::<2>();
            data.extend(top.iter().zip(bottom).map(|([a, b], [c, d])| (a + b + c + d) / 4.0));
        }
        Self { width, height, data }
    }

    /// The value at a place inside.
    #[inline]
    pub(super) fn at(&self, x: usize, y: usize) -> f32 {
        self.data.get(y * self.width + x).copied().unwrap_or(0.0)
    }
}

/// A Gaussian's weights from its middle outward; the middle's and twice the others' add up to 1.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few pixels")]
fn taps(sigma: f32) -> Vec<f32> {
    let reach = (sigma * 3.5).ceil().max(1.0) as u16;
    let raw: Vec<f32> = (0..=reach).map(|i| (-0.5 * (f32::from(i) / sigma).powi(2)).exp()).collect();
    let sum = 2.0 * raw.iter().sum::<f32>() - 1.0;
    raw.into_iter().map(|v| v / sum).collect()
}

fn pad(row: &[f32], reach: usize, line: &mut [f32]) {
    let (first, last) = (row.first().copied().unwrap_or(0.0), row.last().copied().unwrap_or(0.0));
    line.fill(last);
    line.iter_mut().take(reach).for_each(|v| *v = first);
    line.iter_mut().skip(reach).zip(row).for_each(|(to, v)| *to = *v);
}

/// The weighted sum of the rows around one; `row(off)` gives them.
fn mix<'a>(taps: &[f32], out: &mut [f32], row: impl Fn(isize) -> Option<&'a [f32]>) {
    for (off, weight) in (0_isize..).zip(taps) {
        match (row(-off), row(off)) {
            (Some(_), Some(middle)) if off == 0 => {
                out.iter_mut().zip(middle).for_each(|(o, v)| *o = weight * v);
            }
            (Some(before), Some(after)) => add(*weight, before, after, out),
            _ => {}
        }
    }
}

#[multiversion(targets(
    "x86_64+avx+avx2+bmi1+bmi2+fma+lzcnt+avx512f+avx512bw+avx512dq+avx512vl",
    "x86_64+avx+avx2+fma"
))]
fn add(weight: f32, before: &[f32], after: &[f32], out: &mut [f32]) {
    out.iter_mut().zip(before).zip(after).for_each(|((o, a), b)| *o += weight * (a + b));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothing_keeps_the_sum_and_widens_a_point_to_a_gaussian() {
        let mut data = vec![0.0; 61 * 61];
        data[30 * 61 + 30] = 1.0;
        let plane = Plane { width: 61, height: 61, data };
        let once = plane.blurred(3.0);
        assert!((once.data.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        let ratio = once.at(33, 30) / once.at(30, 30);
        assert!((ratio - (-0.5_f32).exp()).abs() < 1e-3, "{ratio}");
        // σ² adds up.
        let twice = plane.blurred(2.0).blurred(5.0_f32.sqrt());
        assert!((twice.at(30, 30) - once.at(30, 30)).abs() < 2e-4);
    }

    #[test]
    fn a_flat_plane_stays_flat_to_the_edge() {
        let plane = Plane { width: 33, height: 20, data: vec![0.4; 660] };
        assert!(plane.blurred(2.2).data.iter().all(|v| (v - 0.4).abs() < 1e-5));
        let half = plane.halved();
        assert_eq!((half.width, half.height, half.data.len()), (16, 10, 160));
    }
}
