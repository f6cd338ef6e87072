//! Recorded captures, and what an attacker makes of them: replays, reordered acts, splices.
//!
//! A frame is whatever the player shows: JPEG bytes for a socket, a measured picture for an evaluation without one.

use crate::act::Act;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A recorded capture: its frames (ms since its beginning) and what was asked when.
#[derive(Clone)]
pub struct Tape<F> {
    pub frames: Vec<(f64, F)>,
    pub asked: Vec<(f64, Act)>,
}

impl<F> Tape<F> {
    /// ms from the first frame to the last; 0 when there is none.
    pub fn length_ms(&self) -> f64 {
        self.frames.last().map_or(0.0, |f| f.0) - self.frames.first().map_or(0.0, |f| f.0)
    }

    /// The frame shown `at_ms` after the beginning.
    pub fn at(&self, at_ms: f64) -> Option<&F> {
        let start = self.frames.first()?.0;
        let next = self.frames.partition_point(|f| f.0 <= start + at_ms);
        self.frames.get(next.saturating_sub(1)).map(|f| &f.1)
    }

    /// When `act` was asked for and when the next thing was, the `nth` time; `None` when it never was.
    pub fn span(&self, act: Act, nth: usize) -> Option<(f64, f64)> {
        let spans: Vec<(f64, f64)> = self
            .asked
            .iter()
            .enumerate()
            .filter(|(_, (_, asked))| *asked == act)
            .map(|(i, (from, _))| (*from, self.asked.get(i + 1).map_or(self.length_ms(), |next| next.0)))
            .collect();
        spans.get(nth % spans.len().max(1)).copied()
    }
}

/// What is done with tapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// One tape from its beginning, over and over, whatever is asked.
    Replay,
    /// The part of one tape that shows what is asked.
    Reordered,
    /// As before, but some acts from the first tape and the others from the second.
    Spliced,
}

/// Plays what [`Cut`] says, from one or two tapes.
pub struct Editor<'a, F> {
    cut: Cut,
    first: &'a Tape<F>,
    second: &'a Tape<F>,
    /// Bit per act: taken from the second tape.
    from_second: u32,
    /// What plays: of the second tape?, from, to, and since when.
    now: (bool, f64, f64, f64),
    lag_ms: f64,
    nth: usize,
    doing: Act,
}

impl<'a, F> Editor<'a, F> {
    /// `second` is the first again for cuts that need one tape only. The seed chooses parts and reaction time.
    pub fn new(cut: Cut, first: &'a Tape<F>, second: &'a Tape<F>, seed: u64) -> Self {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed ^ 0x07a9_ec07);
        let from_second = match cut {
            Cut::Replay | Cut::Reordered => 0,
            // Some of the acts, never all and never none.
            Cut::Spliced => rng.random_range(1..(1 << Act::ALL.len()) - 1),
        };
        let opening = first.span(Act::Neutral, 0).unwrap_or((0.0, first.length_ms()));
        let playing = if cut == Cut::Replay { (0.0, first.length_ms()) } else { opening };
        let (lag_ms, nth) = (rng.random_range(0.0..300.0), rng.random_range(0..3));
        Self {
            cut,
            first,
            second,
            from_second,
            now: (false, playing.0, playing.1, 0.0),
            lag_ms,
            nth,
            doing: Act::Neutral,
        }
    }

    /// The prompt reached whoever cuts.
    pub fn ask(&mut self, act: Act, at_ms: f64) {
        if self.cut == Cut::Replay || act == self.doing || act == Act::Hold {
            return;
        }
        self.doing = act;
        let second = self.from_second & bit(act) != 0;
        let tape = if second { self.second } else { self.first };
        let Some((from, to)) = tape.span(act, self.nth).or_else(|| tape.span(Act::Neutral, self.nth)) else { return };
        let start = at_ms + self.lag_ms;
        self.now = (second, from, to, start);
    }

    /// The frame of this moment.
    pub fn at(&self, at_ms: f64) -> Option<&'a F> {
        let (second, from, to, since) = self.now;
        let tape = if second { self.second } else { self.first };
        let played = (at_ms - since).max(0.0);
        let length = (to - from).max(1.0);
        if self.cut == Cut::Replay {
            return tape.at(played % length);
        }
        // Back and forth over the end of the act, so that it stays done without a jump.
        let tail = (length * 0.15).clamp(1.0, 200.0);
        let over = (played - length).max(0.0) % (2.0 * tail);
        let back = if over < tail { over } else { 2.0 * tail - over };
        let place = if played <= length { played } else { length - back };
        tape.at(from + place)
    }
}

const fn bit(act: Act) -> u32 {
    1 << act as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tape(base: u32) -> Tape<u32> {
        let frames = (0..60).map(|i| (f64::from(i) * 100.0, base + i)).collect();
        let asked = vec![(0.0, Act::Neutral), (1_000.0, Act::Smile), (2_500.0, Act::TurnLeft), (4_000.0, Act::Neutral)];
        Tape { frames, asked }
    }

    #[test]
    fn a_replay_ignores_what_is_asked_and_starts_again() {
        let tape = tape(0);
        let mut editor = Editor::new(Cut::Replay, &tape, &tape, 1);
        editor.ask(Act::TurnLeft, 300.0);
        assert_eq!(editor.at(1_000.0), Some(&10));
        assert_eq!(editor.at(5_900.0 + 200.0), Some(&2));
    }

    #[test]
    fn reordered_acts_begin_where_they_were_recorded() {
        let tape = tape(0);
        let mut editor = Editor::new(Cut::Reordered, &tape, &tape, 1);
        editor.ask(Act::TurnLeft, 700.0);
        let lag = editor.lag_ms;
        assert_eq!(editor.at(700.0 + lag + 450.0), Some(&29));
        // It stays in the last part of the act when nothing else is asked.
        for late in [3_000.0, 4_321.0, 9_000.0] {
            let frame = *editor.at(late).unwrap();
            assert!((37..=40).contains(&frame), "{frame} at {late}");
        }
    }

    #[test]
    fn a_splice_takes_some_acts_from_the_other_tape() {
        let (a, b) = (tape(0), tape(1_000));
        let from_second = |seed| {
            let mut splice = Editor::new(Cut::Spliced, &a, &b, seed);
            splice.ask(Act::TurnLeft, 0.0);
            *splice.at(500.0).unwrap() >= 1_000
        };
        let some = (0..40).filter(|&seed| from_second(seed)).count();
        assert!((5..35).contains(&some), "{some}");
    }
}
