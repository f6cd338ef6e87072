//! A frame's fingerprint: 64 bits that survive another JPEG compression but not another moment.

use face::Luma;

/// Cells each way that the whole frame is averaged into.
const GRID: usize = 64;
/// Half the side of the neighbourhood whose mean is taken out of a cell: what is left has the size of eyes and edges,
/// too coarse for compression noise and too fine for a light or a wall to carry it.
const REACH: usize = 3;
/// Root mean square of what is left (grey levels) below which a frame shows nothing that could be told apart.
const SHOWS_SOMETHING: f32 = 0.5;

/// Fingerprint of a whole frame's grey picture; 0 when it shows nothing (black, covered, overexposed).
///
/// Each bit is the sign of a fixed pseudo-random sum over the band-passed cells, so the share of differing bits grows with
/// the angle between two frames' patterns: re-encoded frames differ in few bits, unrelated ones in 32 ± 4.
pub fn fingerprint(luma: &Luma) -> u64 {
    let band = band(&cells(luma));
    let energy = band.iter().map(|value| value * value).sum::<f32>() / band.len().max(1) as f32;
    if energy.sqrt() < SHOWS_SOMETHING {
        return 0;
    }
    let mut random = 0x5a1f_9a3e_77c1_0b25u64;
    let mut bits = 0u64;
    for bit in 0..64 {
        let mut sum = 0f32;
        for chunk in band.chunks(64) {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let signs = random ^ (random >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            for (place, value) in chunk.iter().enumerate() {
                sum += if signs >> place & 1 == 1 { *value } else { -*value };
            }
        }
        bits |= u64::from(sum > 0.0) << bit;
    }
    // 0 is taken.
    bits.max(1)
}

/// Mean grey of each cell, row by row.
fn cells(luma: &Luma) -> Vec<f32> {
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    let columns: Vec<usize> = (0..width).map(|x| x * GRID / width.max(1)).collect();
    let mut sums = vec![(0f32, 0f32); GRID * GRID];
    for (y, row) in luma.data().chunks_exact(width.max(1)).enumerate() {
        let first = y * GRID / height.max(1) * GRID;
        for (&column, &grey) in columns.iter().zip(row) {
            if let Some((sum, count)) = sums.get_mut(first + column) {
                *sum += f32::from(grey);
                *count += 1.0;
            }
        }
    }
    sums.into_iter().map(|(sum, count)| if count > 0.0 { sum / count } else { 0.0 }).collect()
}

/// Each cell less the mean of its neighbourhood.
fn band(cells: &[f32]) -> Vec<f32> {
    let smooth_row = |row: &[f32]| -> Vec<f32> {
        (0..row.len())
            .map(|x| {
                let near = row.get(x.saturating_sub(REACH)..(x + REACH + 1).min(row.len())).unwrap_or_default();
                near.iter().sum::<f32>() / near.len().max(1) as f32
            })
            .collect()
    };
    let rows: Vec<Vec<f32>> = cells.chunks(GRID).map(smooth_row).collect();
    let mut out = Vec::with_capacity(cells.len());
    for (y, row) in cells.chunks(GRID).enumerate() {
        let near = rows.get(y.saturating_sub(REACH)..(y + REACH + 1).min(rows.len())).unwrap_or_default();
        for (x, value) in row.iter().enumerate() {
            let sum: f32 = near.iter().filter_map(|smooth| smooth.get(x)).sum();
            out.push(value - sum / near.len().max(1) as f32);
        }
    }
    out
}
