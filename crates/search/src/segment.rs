//! A part of an index with a fixed place in memory: blocks of 8-bit vectors and the f32 vectors behind them.

use crate::block::{LANES, Line, Shape, lane_of, put, put_lane};
use crate::memory::Locked;
use crate::quantise::Quantised;

pub(crate) struct Segment {
    shape: Shape,
    capacity: usize,
    lines: Locked<Line>,
    exact: Locked<f32>,
}

impl Segment {
    /// `capacity` is a multiple of [`LANES`].
    pub(crate) fn new(shape: Shape, capacity: usize) -> Self {
        let lines = Locked::filled(Line::ZERO, capacity / LANES * shape.lines());
        let exact = Locked::filled(0.0, capacity * shape.dimensions);
        Self { shape, capacity, lines, exact }
    }

    /// The blocks that hold the first `count` vectors.
    pub(crate) fn blocks(&self, count: usize) -> &[Line] {
        let lines = count.min(self.capacity).div_ceil(LANES) * self.shape.lines();
        self.lines.values().get(..lines).unwrap_or_default()
    }

    /// The f32 vector at `row`.
    pub(crate) fn exact(&self, row: usize) -> &[f32] {
        let n = self.shape.dimensions;
        self.exact.values().get(row * n..(row + 1) * n).unwrap_or_default()
    }

    fn block_mut(&mut self, row: usize) -> &mut [Line] {
        let n = self.shape.lines();
        let at = row / LANES * n;
        self.lines.values_mut().get_mut(at..at + n).unwrap_or_default()
    }

    fn exact_mut(&mut self, row: usize) -> &mut [f32] {
        let n = self.shape.dimensions;
        self.exact.values_mut().get_mut(row * n..(row + 1) * n).unwrap_or_default()
    }

    pub(crate) fn put(&mut self, row: usize, vector: &[f32], rough: &Quantised) {
        put(self.block_mut(row), row % LANES, &rough.values, rough.scale);
        self.exact_mut(row).copy_from_slice(vector);
    }

    /// Takes a vector out, wiping its place.
    pub(crate) fn take(&mut self, row: usize) -> Row {
        let n = self.shape.lines();
        let at = row / LANES * n;
        let block = self.lines.values().get(at..at + n).unwrap_or_default();
        let lane = zeroize::Zeroizing::new(lane_of(block, row % LANES).collect::<Vec<_>>());
        let exact = zeroize::Zeroizing::new(self.exact(row).to_vec());
        put_lane(self.block_mut(row), row % LANES, None::<std::iter::Empty<_>>);
        self.exact_mut(row).fill(0.0);
        Row { lane, exact }
    }

    /// Puts what [`Segment::take`] took, perhaps from another segment of the same shape.
    pub(crate) fn give(&mut self, row: usize, taken: &Row) {
        put_lane(self.block_mut(row), row % LANES, Some(taken.lane.iter().copied()));
        self.exact_mut(row).copy_from_slice(&taken.exact);
    }

    pub(crate) fn locked_bytes(&self) -> usize {
        let lines = if self.lines.is_locked() { size_of_val(self.lines.values()) } else { 0 };
        lines + if self.exact.is_locked() { size_of_val(self.exact.values()) } else { 0 }
    }
}

/// One vector on its way from one place to another.
pub(crate) struct Row {
    lane: zeroize::Zeroizing<Vec<[u8; 4]>>,
    exact: zeroize::Zeroizing<Vec<f32>>,
}
