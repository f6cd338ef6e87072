//! The pass over all 8-bit vectors: which of them could be among the best.

use zeroize::Zeroize;

use crate::block::{GROUP, LANES, Line, OFFSET, Shape, scales};
use crate::limits::MAX_HITS;
use crate::quantise::{Quantised, error_bound};

/// What compares the 8-bit vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// AVX-512 with VNNI: 64 products an instruction.
    Avx512Vnni,
    /// Whatever the compiler makes of plain loops.
    Portable,
}

impl Kernel {
    /// The best one for this processor.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if crate::vnni::is_supported() {
            return Self::Avx512Vnni;
        }
        Self::Portable
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Avx512Vnni => "avx512-vnni",
            Self::Portable => "portable",
        }
    }

    /// Shows the blocks of one segment to the queries. `first` is the index-wide row of the first vector.
    pub(crate) fn scan(self, blocks: &[Line], shape: Shape, first: usize, queries: &mut [Seeker]) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni if crate::vnni::is_supported() => crate::vnni::scan(blocks, shape, first, queries),
            _ => portable(blocks, shape, first, queries),
        }
    }

    /// Reads the blocks and does nothing else: the yardstick of the scan.
    pub(crate) fn read(self, blocks: &[Line]) -> u64 {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni if crate::vnni::is_supported() => crate::vnni::read(blocks),
            _ => blocks.iter().flat_map(|l| l.0.as_chunks::<8>().0).fold(0, |s, b| s ^ u64::from_le_bytes(*b)),
        }
    }
}

/// Candidates that are kept before those that have fallen behind are thrown out.
const PRUNE_AT: usize = 1_024;

/// One query on its way through the index: what it looks for and what it has found.
pub(crate) struct Seeker {
    /// Groups of four whole numbers, as one lane of a VNNI instruction takes them.
    pub(crate) groups: Vec<i32>,
    pub(crate) scale: f32,
    /// What the stored offset adds to every product.
    pub(crate) excess: i32,
    /// 8-bit cosines below this cannot be among the hits.
    pub(crate) floor: f32,
    /// Vectors in the index; lanes beyond hold nothing.
    rows: usize,
    error: f32,
    wanted: usize,
    at_least: f32,
    /// The best 8-bit cosines, the worst of them last; as many as hits are wanted at most.
    best: Vec<f32>,
    candidates: Vec<(f32, usize)>,
    prune_at: usize,
}

impl Seeker {
    /// `lost`: the most that any vector of the index has lost.
    pub(crate) fn new(query: &Quantised, lost: f32, rows: usize, wanted: usize, at_least: f32) -> Self {
        let (fours, _) = query.values.as_chunks::<GROUP>();
        let groups = fours.iter().map(|four| i32::from_le_bytes(four.map(i8::cast_unsigned))).collect();
        let wanted = wanted.clamp(1, MAX_HITS);
        let error = error_bound(query.lost, lost);
        Self {
            groups,
            scale: query.scale,
            excess: OFFSET * query.sum(),
            floor: at_least - error,
            rows,
            error,
            wanted,
            at_least,
            best: Vec::with_capacity(wanted + 1),
            candidates: Vec::new(),
            prune_at: PRUNE_AT,
        }
    }

    /// Takes the 8-bit cosines of sixteen vectors, some of which are not below the floor.
    #[cold]
    pub(crate) fn offer(&mut self, first: usize, cosines: &[f32; LANES]) {
        for (lane, &cosine) in cosines.iter().enumerate() {
            let row = first + lane;
            if cosine < self.floor || row >= self.rows {
                continue;
            }
            self.candidates.push((cosine, row));
            self.rank(cosine);
        }
        if self.candidates.len() > self.prune_at {
            let floor = self.floor;
            self.candidates.retain(|(cosine, _)| *cosine >= floor);
            // Many vectors that are nearly the same: rather more memory than a pass over the list each time.
            self.prune_at = (self.candidates.len() * 2).max(PRUNE_AT);
        }
    }

    /// A vector can be a hit only if it is within twice the error of the last of the best: either cosine may be off.
    fn rank(&mut self, cosine: f32) {
        let place = self.best.partition_point(|b| *b >= cosine);
        self.best.insert(place, cosine);
        self.best.truncate(self.wanted);
        if let Some(last) = self.best.last().filter(|_| self.best.len() == self.wanted) {
            self.floor = (last - 2.0 * self.error).max(self.at_least - self.error);
        }
    }

    /// Rows that must be compared in full.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = usize> + '_ {
        self.candidates.iter().filter(|(cosine, _)| *cosine >= self.floor).map(|(_, row)| *row)
    }

    /// The whole-number products of a block's lanes (offset included) as cosines.
    #[inline]
    pub(crate) fn cosine(&self, product: i32, scale: f32) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "rounding of 2^-24 is covered by `quantise::ROUNDING`")]
        let whole = (product - self.excess) as f32;
        whole * scale * self.scale
    }
}

impl Drop for Seeker {
    fn drop(&mut self) {
        self.groups.zeroize();
        self.best.zeroize();
        self.candidates.iter_mut().for_each(|(cosine, _)| cosine.zeroize());
    }
}

/// Without special instructions.
pub(crate) fn portable(blocks: &[Line], shape: Shape, first: usize, queries: &mut [Seeker]) {
    for (number, block) in blocks.chunks_exact(shape.lines()).enumerate() {
        let Some((last, groups)) = block.split_last() else { return };
        let scales = scales(last);
        for query in queries.iter_mut() {
            let mut sums = [0_i32; LANES];
            for (line, group) in groups.iter().zip(&query.groups) {
                let [a, b, c, d] = group.to_le_bytes().map(|v| i32::from(v.cast_signed()));
                let (lanes, _) = line.0.as_chunks::<GROUP>();
                for (sum, [w, x, y, z]) in sums.iter_mut().zip(lanes) {
                    *sum += a * i32::from(*w) + b * i32::from(*x) + c * i32::from(*y) + d * i32::from(*z);
                }
            }
            let mut cosines = [0.0; LANES];
            let products = sums.iter().zip(&scales);
            cosines.iter_mut().zip(products).for_each(|(c, (sum, scale))| *c = query.cosine(*sum, *scale));
            if cosines.iter().any(|c| *c >= query.floor) {
                query.offer(first + number * LANES, &cosines);
            }
        }
    }
}
