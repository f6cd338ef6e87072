//! Were these frames seen before: in an earlier capture, or in a loop of this one?

use std::collections::HashMap;

use face::Luma;

use crate::Reading;

/// Bits in which two fingerprints may differ and still show the same moment. Frames compressed again (quality 50, or 80 and
/// 1.3 times as large; 3 clips) differ in ≤1 at the median and ≤3 at the 90th percentile. The same person in the same seat
/// a second later differs in 6–15 at the median (5 clips that move), 2 in a clip that hardly moves, 24–28 in another session
/// (2 people): so single frames do come back, and only their share says something.
const NEAR_BITS: u32 = 1;
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
    /// Frames of an earlier capture.
    known: u32,
    /// Frames that came back in a loop of this one.
    looped: u32,
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
        self.known += u32::from(known);
        self.looped += u32::from(looped);
    }

    /// Share of the frames that an earlier capture showed; 1 when this capture loops.
    pub(crate) fn reading(&self) -> Reading {
        let share = self.known as f32 / self.fingerprints.len().max(1) as f32;
        Reading::Value(if self.looped > 0 { 1.0 } else { share })
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
