//! Were these frames seen before: in an earlier capture, or in a loop of this one?

use std::collections::HashMap;

use face::Luma;

use crate::{NoEvidence, Reading};

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

/// Share of `now`'s frames (0..=1) that an earlier capture showed already; `None` where no frame shows anything.
/// For captures that are not a [`crate::Session`]: of what is no face.
pub fn share_seen_before(now: &[u64], earlier: &[u64]) -> Option<f32> {
    let shown: Vec<u64> = now.iter().copied().filter(|f| *f != 0).collect();
    let known = |f: &&u64| earlier.iter().any(|e| *e != 0 && (**f ^ e).count_ones() <= NEAR_BITS);
    (!shown.is_empty()).then(|| shown.iter().filter(known).count() as f32 / shown.len() as f32)
}

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
    runs: Runs,
    /// Largest change between two frames that stands alone, bits.
    cut: Option<u32>,
    /// The two newest changes, older first.
    changes: [Option<u32>; 2],
    last_at: f64,
}

/// Pauses up to this do not excuse a change of the whole picture (ms).
const CUT_WITHIN_MS: f64 = 200.0;
/// Time back to the frame that a moving one is compared with (frames).
const MOVED_OVER: usize = 4;
/// Bits by which a moving picture has changed in that time. People who sit still change by 2 in a second, those who move by
/// 6–15 (see [`NEAR_BITS`]).
const MOVED_BITS: u32 = 5;
/// Frames of the earlier capture that a copy may skip from one frame to the next.
const SKIPPED: usize = 4;
/// Frames that may pass unrecognised inside a run.
const MISSED: u32 = 1;

/// Runs of frames that an earlier capture showed in the same order.
#[derive(Default)]
struct Runs {
    /// Place in the earlier captures, moving frames so far, unrecognised frames since.
    open: Vec<(usize, u32, u32)>,
    longest: u32,
}

impl Runs {
    fn push(&mut self, known: &[usize], moving: bool) {
        let step = u32::from(moving);
        let mut next: Vec<(usize, u32, u32)> = Vec::new();
        for &place in known.iter().take(256) {
            let follows = |from: usize| place > from && place - from <= SKIPPED;
            let before = self.open.iter().filter(|(from, ..)| follows(*from)).map(|(_, run, _)| *run).max();
            next.push((place, before.unwrap_or(0) + step, 0));
        }
        self.longest = next.iter().map(|(_, run, _)| *run).max().unwrap_or(0).max(self.longest);
        let waiting = self.open.iter().filter(|(.., missed)| *missed < MISSED).map(|&(p, run, m)| (p, run, m + 1));
        next.extend(waiting.take(256));
        self.open = next;
    }
}

impl ReplayWatch {
    pub(crate) fn compare_with(&mut self, earlier: Vec<u64>) {
        self.earlier = earlier;
    }

    pub(crate) fn push(&mut self, at: f64, fingerprint: u64, luma: &Luma) {
        self.compare(at, fingerprint);
        let places = self.places(fingerprint);
        let known = !places.is_empty();
        let before = self.fingerprints.len().checked_sub(MOVED_OVER).and_then(|i| self.fingerprints.get(i));
        let moving = before.is_some_and(|&before| (before ^ fingerprint).count_ones() >= MOVED_BITS);
        self.runs.push(&places, moving);
        self.fingerprints.push(fingerprint);
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

    /// Where earlier captures showed this moment.
    fn places(&self, fingerprint: u64) -> Vec<usize> {
        let near = |e: u64| e != 0 && (e ^ fingerprint).count_ones() <= NEAR_BITS;
        if fingerprint == 0 {
            return Vec::new();
        }
        self.earlier.iter().enumerate().filter(|(_, e)| near(**e)).map(|(place, _)| place).collect()
    }

    /// A cut is one large change between small ones; quick movements change several frames in a row.
    fn compare(&mut self, at: f64, fingerprint: u64) {
        let last = self.fingerprints.last().copied().filter(|&last| last != 0 && fingerprint != 0);
        let near = at - self.last_at <= CUT_WITHIN_MS;
        let change = last.filter(|_| near).map(|last| (last ^ fingerprint).count_ones());
        let [before, middle] = self.changes;
        if let (Some(before), Some(middle), Some(after)) = (before, middle, change) {
            let alone = middle.saturating_sub(before.max(after));
            self.cut = Some(self.cut.map_or(alone, |most| most.max(alone)));
        }
        self.changes = [middle, change];
        self.last_at = at;
    }

    /// Most moving frames in a run that an earlier capture showed in the same order.
    pub(crate) fn splice(&self) -> Reading {
        Reading::Value(self.runs.longest as f32)
    }

    /// Largest lone change of the whole picture between neighbouring frames, bits of 64.
    pub(crate) fn scene_cut(&self) -> Reading {
        self.cut.map_or(Reading::NoEvidence(NoEvidence::TooFewFrames), |bits| Reading::Value(bits as f32))
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
