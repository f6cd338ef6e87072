use std::collections::HashMap;
use std::ops::Range;

use crate::block::{LANES, Shape};
use crate::error::SearchError;
use crate::exact::dot;
use crate::limits::{MAX_DIMENSIONS, MAX_HITS, MAX_QUERIES, MAX_VECTORS};
use crate::quantise::Quantised;
use crate::scan::{Kernel, Seeker};
use crate::segment::Segment;

/// Vectors of the first segment; each next one is twice as large, up to [`LARGEST_SEGMENT`].
const FIRST_SEGMENT: usize = 4 * LANES;
/// 8 MiB of f32 vectors at 128 dimensions.
const LARGEST_SEGMENT: usize = 16_384;
/// How far from 1 a unit vector's squared length may be.
const UNIT_TOLERANCE: f32 = 1e-3;

/// One answer of a search. Not printable: a cosine never leaves the process.
#[derive(Clone, Copy)]
pub struct Hit {
    pub key: u128,
    /// −1..=1, in f32 arithmetic.
    pub cosine: f32,
}

/// Unit vectors by key, searched exactly.
///
/// Biometric: no `Debug`, `Clone` or serialisation, and wiped when dropped.
pub struct Index {
    shape: Shape,
    kernel: Kernel,
    segments: Vec<Segment>,
    /// By row.
    keys: Vec<u128>,
    rows: HashMap<u128, usize>,
    /// The most that any vector lost by going to 8 bits; never shrinks.
    lost: f32,
}

impl Index {
    /// An empty index of vectors with `dimensions` values.
    ///
    /// # Errors
    /// [`SearchError::Dimensions`].
    pub fn new(dimensions: usize) -> Result<Self, SearchError> {
        Self::with_kernel(dimensions, Kernel::detect())
    }

    /// As [`Index::new`], with a kernel of one's own choice; for comparing them.
    ///
    /// # Errors
    /// As [`Index::new`].
    pub fn with_kernel(dimensions: usize, kernel: Kernel) -> Result<Self, SearchError> {
        if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
            return Err(SearchError::Dimensions(dimensions));
        }
        let shape = Shape::new(dimensions);
        Ok(Self { shape, kernel, segments: Vec::new(), keys: Vec::new(), rows: HashMap::new(), lost: 0.0 })
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub fn contains(&self, key: u128) -> bool {
        self.rows.contains_key(&key)
    }

    pub const fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// Bytes that the system keeps from being swapped out; the rest could not be locked (see `ulimit -l`).
    pub fn locked_bytes(&self) -> usize {
        self.segments.iter().map(Segment::locked_bytes).sum()
    }

    /// Bytes that one query reads.
    pub fn scanned_bytes(&self) -> usize {
        self.filled().map(|(segment, rows)| size_of_val(segment.blocks(rows.len()))).sum()
    }

    /// Reads what one query reads and does nothing else with it; for measuring how fast the memory is.
    pub fn read_only(&self) -> u64 {
        self.filled().fold(0, |sum, (segment, rows)| sum ^ self.kernel.read(segment.blocks(rows.len())))
    }

    /// Adds a vector.
    ///
    /// # Errors
    /// Another length, not of unit length, a known key, a full index.
    pub fn insert(&mut self, key: u128, vector: &[f32]) -> Result<(), SearchError> {
        self.check(vector)?;
        if self.rows.contains_key(&key) {
            return Err(SearchError::Duplicate);
        }
        let row = self.keys.len();
        if row >= MAX_VECTORS {
            return Err(SearchError::Full);
        }
        let (number, place) = place_of(row);
        if number == self.segments.len() {
            self.segments.push(Segment::new(self.shape, segment_rows(number).len()));
        }
        let rough = Quantised::of(vector, self.shape.padded());
        if let Some(segment) = self.segments.get_mut(number) {
            segment.put(place, vector, &rough);
        }
        self.lost = self.lost.max(rough.lost);
        self.keys.push(key);
        self.rows.insert(key, row);
        Ok(())
    }

    /// Takes a vector out and wipes it; whether it was there.
    pub fn remove(&mut self, key: u128) -> bool {
        let Some(row) = self.rows.remove(&key) else { return false };
        let Some(last_key) = self.keys.pop() else { return false };
        let last = self.keys.len();
        let (number, place) = place_of(last);
        let Some(moved) = self.segments.get_mut(number).map(|s| s.take(place)) else { return false };
        if row != last {
            let (number, place) = place_of(row);
            if let Some(segment) = self.segments.get_mut(number) {
                segment.give(place, &moved);
            }
            if let Some(slot) = self.keys.get_mut(row) {
                *slot = last_key;
            }
            self.rows.insert(last_key, row);
        }
        // A segment that holds nothing any more gives its memory back.
        let needed = self.keys.len().checked_sub(1).map_or(0, |row| place_of(row).0 + 1);
        self.segments.truncate(needed);
        true
    }

    /// The `wanted` nearest vectors with a cosine of `at_least` or more, the nearest first: the same as comparing the query
    /// with every f32 vector.
    ///
    /// # Errors
    /// Another length, not of unit length, too many hits wanted.
    pub fn search(&self, query: &[f32], wanted: usize, at_least: f32) -> Result<Vec<Hit>, SearchError> {
        Ok(self.search_batch(&[query], wanted, at_least)?.pop().unwrap_or_default())
    }

    /// As [`Index::search`], for several queries that share each pass over the memory.
    ///
    /// # Errors
    /// As [`Index::search`], and [`SearchError::Queries`].
    pub fn search_batch(&self, queries: &[&[f32]], wanted: usize, at_least: f32) -> Result<Vec<Vec<Hit>>, SearchError> {
        if !(1..=MAX_HITS).contains(&wanted) {
            return Err(SearchError::Hits(wanted));
        }
        if queries.len() > MAX_QUERIES {
            return Err(SearchError::Queries(queries.len()));
        }
        queries.iter().try_for_each(|q| self.check(q))?;
        let seeker =
            |q: &&[f32]| Seeker::new(&Quantised::of(q, self.shape.padded()), self.lost, self.len(), wanted, at_least);
        let mut seekers: Vec<Seeker> = queries.iter().map(seeker).collect();
        for (segment, rows) in self.filled() {
            self.kernel.scan(segment.blocks(rows.len()), self.shape, rows.start, &mut seekers);
        }
        let answers = seekers.iter().zip(queries);
        Ok(answers.map(|(s, q)| self.rank(q, s.candidates(), wanted, at_least)).collect())
    }

    /// The same answer from f32 vectors alone: the reference, five to ten times slower.
    ///
    /// # Errors
    /// As [`Index::search`].
    pub fn brute_force(&self, query: &[f32], wanted: usize, at_least: f32) -> Result<Vec<Hit>, SearchError> {
        self.check(query)?;
        if !(1..=MAX_HITS).contains(&wanted) {
            return Err(SearchError::Hits(wanted));
        }
        Ok(self.rank(query, 0..self.len(), wanted, at_least))
    }

    /// The best hit of each query from f32 vectors alone, reading every vector once for all of them.
    ///
    /// # Errors
    /// As [`Index::search_batch`].
    pub fn brute_force_batch(&self, queries: &[&[f32]]) -> Result<Vec<Option<Hit>>, SearchError> {
        queries.iter().try_for_each(|q| self.check(q))?;
        let mut best: Vec<Option<Hit>> = queries.iter().map(|_| None).collect();
        for (segment, rows) in self.filled() {
            for (place, key) in self.keys.get(rows).unwrap_or_default().iter().enumerate() {
                let vector = segment.exact(place);
                for (query, best) in queries.iter().zip(&mut best) {
                    let cosine = dot(vector, query);
                    if best.as_ref().is_none_or(|b| cosine > b.cosine) {
                        *best = Some(Hit { key: *key, cosine });
                    }
                }
            }
        }
        Ok(best)
    }

    /// As [`Index::search`], among `keys` only (unknown ones are left out).
    ///
    /// # Errors
    /// As [`Index::search`].
    pub fn among(&self, keys: &[u128], query: &[f32], wanted: usize, at_least: f32) -> Result<Vec<Hit>, SearchError> {
        self.check(query)?;
        if !(1..=MAX_HITS).contains(&wanted) {
            return Err(SearchError::Hits(wanted));
        }
        let rows = keys.iter().filter_map(|key| self.rows.get(key).copied());
        Ok(self.rank(query, rows, wanted, at_least))
    }

    fn rank(&self, query: &[f32], rows: impl Iterator<Item = usize>, wanted: usize, at_least: f32) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::with_capacity(wanted + 1);
        for row in rows {
            let (number, place) = place_of(row);
            let Some(segment) = self.segments.get(number) else { continue };
            let cosine = dot(segment.exact(place), query);
            let behind = hits.len() == wanted && hits.last().is_some_and(|h| h.cosine >= cosine);
            if cosine >= at_least && !behind {
                let at = hits.partition_point(|h| h.cosine >= cosine);
                hits.insert(at, Hit { key: self.keys.get(row).copied().unwrap_or_default(), cosine });
                hits.truncate(wanted);
            }
        }
        hits
    }

    /// Segments with the rows they hold.
    fn filled(&self) -> impl Iterator<Item = (&Segment, Range<usize>)> {
        let len = self.len();
        self.segments.iter().enumerate().map(move |(number, segment)| {
            let rows = segment_rows(number);
            (segment, rows.start..rows.end.min(len))
        })
    }

    fn check(&self, vector: &[f32]) -> Result<(), SearchError> {
        if vector.len() != self.shape.dimensions {
            return Err(SearchError::OtherLength { expected: self.shape.dimensions, got: vector.len() });
        }
        let square = dot(vector, vector);
        if (square - 1.0).abs() <= UNIT_TOLERANCE { Ok(()) } else { Err(SearchError::NotUnit) }
    }
}

/// Doublings before segments stop growing.
const DOUBLINGS: usize = (LARGEST_SEGMENT / FIRST_SEGMENT).ilog2() as usize;
/// Rows before the segments that are all equally large.
const GROWING: usize = FIRST_SEGMENT * ((1 << DOUBLINGS) - 1);

/// The rows of one segment.
fn segment_rows(number: usize) -> Range<usize> {
    if number < DOUBLINGS {
        let start = FIRST_SEGMENT * ((1 << number) - 1);
        start..start + (FIRST_SEGMENT << number)
    } else {
        let start = GROWING + (number - DOUBLINGS) * LARGEST_SEGMENT;
        start..start + LARGEST_SEGMENT
    }
}

/// Segment and place of a row.
fn place_of(row: usize) -> (usize, usize) {
    let number = if row < GROWING {
        (row / FIRST_SEGMENT + 1).ilog2() as usize
    } else {
        DOUBLINGS + (row - GROWING) / LARGEST_SEGMENT
    };
    (number, row - segment_rows(number).start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_one_place() {
        let mut expected = (0, 0);
        for row in 0..200_000 {
            assert_eq!(place_of(row), expected, "{row}");
            expected.1 += 1;
            if expected.1 == segment_rows(expected.0).len() {
                expected = (expected.0 + 1, 0);
            }
        }
    }
}
