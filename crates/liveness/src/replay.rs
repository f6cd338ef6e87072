//! Were these frames seen before: in an earlier capture, or in a loop of this one?

use std::collections::HashMap;

use face::Luma;

use crate::Reading;

/// Bits in which two fingerprints may differ and still show the same moment.
const NEAR_BITS: u32 = 6;
/// A frame that comes back sooner than this is a camera handing over the same picture twice (ms).
const LOOP_AFTER_MS: f64 = 1_000.0;
/// Frames that must come back one after the other to count as a loop. No camera repeats a pixel-exact picture after a
/// second, a looping file does nothing else.
const LOOP_FRAMES: u32 = 8;

#[derive(Default)]
pub(crate) struct ReplayWatch {
    earlier: Vec<u64>,
    fingerprints: Vec<u64>,
    seen: HashMap<u64, f64>,
    last: u64,
    run: u32,
    count: u32,
}

impl ReplayWatch {
    pub(crate) fn compare_with(&mut self, earlier: Vec<u64>) {
        self.earlier = earlier;
    }

    pub(crate) fn push(&mut self, at: f64, fingerprint: u64, luma: &Luma) {
        self.fingerprints.push(fingerprint);
        let known =
            fingerprint != 0 && self.earlier.iter().any(|&e| e != 0 && (e ^ fingerprint).count_ones() <= NEAR_BITS);
        let exact = exact(luma);
        let unchanged = exact == self.last;
        self.last = exact;
        let came_back = self.seen.get(&exact).is_some_and(|&first| at - first >= LOOP_AFTER_MS);
        self.seen.entry(exact).or_insert(at);
        if !unchanged {
            self.run = if came_back { self.run + 1 } else { 0 };
        }
        let looped = came_back && !unchanged && self.run >= LOOP_FRAMES;
        if known || looped {
            self.count = self.count.saturating_add(1);
        }
    }

    /// Frames that were seen before: low is good.
    pub(crate) fn reading(&self) -> Reading {
        Reading::Value(self.count as f32)
    }

    pub(crate) fn into_fingerprints(self) -> Vec<u64> {
        self.fingerprints
    }
}

/// FNV-1a over eight pixels at a time.
fn exact(luma: &Luma) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let (chunks, rest) = luma.data().as_chunks::<8>();
    for chunk in chunks {
        hash = (hash ^ u64::from_le_bytes(*chunk)).wrapping_mul(0x0100_0000_01b3);
        hash ^= hash >> 32;
    }
    rest.iter().fold(hash, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
