//! Whether one asked movement is being answered, by motions from the straight view. Pure.

use decide::{KungfuPolicy, ObjectMotion, ObjectStep, StepProgress};

/// Before so long nobody can have answered a prompt, ms: what is seen until then still belongs to the movement before, whose end the
/// hand overshoots.
const REACTION_MS: f64 = 900.0;
/// Another movement than asked counts only when it lasts, ms, and over so many frames in a row: one frame's motion may be wrong by
/// chance, and a hand swings back.
const OTHER_MS: f64 = 600.0;
const OTHER_FRAMES: u8 = 3;
/// So many frames in a row show that it is done, for the same reason.
const DONE_FRAMES: u8 = 2;
/// A straight view differs from the one before it by less than this share of every step.
const STILL_SHARE: f32 = 0.5;

/// What was seen of a step so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Answer {
    Done,
    /// So much of it, 0..=1.
    Under(f32),
    /// Something else was done, and not by chance.
    Wrong,
}

/// A step that was asked for.
pub(super) struct Asked {
    step: ObjectStep,
    /// The step before it.
    after: Option<ObjectStep>,
    since_ms: f64,
    /// Where the hand was when the prompt reached it.
    from: Option<ObjectMotion>,
    /// Since when, and in how many frames, another movement is seen.
    other: Option<(f64, u8)>,
    /// Frames in a row that show it done.
    done: u8,
}

impl Asked {
    pub const fn new(step: ObjectStep, after: Option<ObjectStep>, since_ms: f64) -> Self {
        Self { step, after, since_ms, from: None, other: None, done: 0 }
    }

    /// The view of a frame at `at_ms` of the same clock.
    pub fn see(&mut self, policy: &KungfuPolicy, motion: &ObjectMotion, at_ms: f64) -> Answer {
        let reacting = at_ms - self.since_ms < REACTION_MS;
        let from = match self.from {
            None => *motion,
            Some(from) if reacting => self.carried_on(from, *motion),
            Some(from) => from,
        };
        self.from = Some(from);
        let progress = policy.progress(self.step, motion, &from);
        self.other = match progress {
            StepProgress::Other if !reacting => {
                self.other.map_or(Some((at_ms, 1)), |(since, n)| Some((since, n.saturating_add(1))))
            }
            _ => None,
        };
        self.done = if progress == StepProgress::Done { self.done.saturating_add(1) } else { 0 };
        match progress {
            StepProgress::Done if self.done >= DONE_FRAMES => Answer::Done,
            StepProgress::Done => Answer::Under(1.0),
            _ if self.other.is_some_and(|(since, n)| n >= OTHER_FRAMES && at_ms - since >= OTHER_MS) => Answer::Wrong,
            StepProgress::Other => Answer::Under(0.0),
            StepProgress::Under(share) => Answer::Under(share),
        }
    }

    /// Where the step before it led, when the hand goes on with it; nothing else is forgiven.
    fn carried_on(&self, from: ObjectMotion, now: ObjectMotion) -> ObjectMotion {
        match self.after {
            None => from,
            Some(ObjectStep::Closer) => ObjectMotion { scale: from.scale.max(now.scale), ..from },
            Some(ObjectStep::Back) => ObjectMotion { scale: from.scale.min(now.scale), ..from },
            Some(ObjectStep::FromLeft) => ObjectMotion { aside: from.aside.min(now.aside), ..from },
            Some(ObjectStep::FromRight) => ObjectMotion { aside: from.aside.max(now.aside), ..from },
        }
    }
}

/// Whether the hand kept still between two views.
pub(super) fn still(policy: &KungfuPolicy, motion: &ObjectMotion) -> bool {
    let little = |step| match policy.progress(step, motion, &ObjectMotion::NONE) {
        StepProgress::Under(share) => share < STILL_SHARE,
        StepProgress::Done | StepProgress::Other => false,
    };
    ObjectStep::ALL.into_iter().all(little)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME_MS: f64 = 100.0;
    const GIVEN_UP_MS: f64 = 15_000.0;

    /// A hand that trembles, hesitates, overshoots, and now and then is measured quite wrongly.
    struct Hand {
        state: u64,
        at_ms: f64,
        /// Logarithm of the size, and how far aside.
        place: [f32; 2],
        to: [f32; 2],
        /// When it begins to follow.
        from_ms: f64,
    }

    impl Hand {
        fn new(seed: u64) -> Self {
            let state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            Self { state, at_ms: 0.0, place: [0.0; 2], to: [0.0; 2], from_ms: 0.0 }
        }

        /// −1..1.
        fn random(&mut self) -> f32 {
            self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.state >> 40) as f32 / (1_u32 << 23) as f32 - 1.0
        }

        /// So many times as far as was asked for.
        fn ask(&mut self, step: ObjectStep, far: f32) {
            self.to = match step {
                ObjectStep::Closer => [0.25 * far, 0.0],
                ObjectStep::Back => [-0.25 * far, 0.0],
                ObjectStep::FromLeft => [0.0, -0.17 * far],
                ObjectStep::FromRight => [0.0, 0.17 * far],
            };
            self.from_ms = self.at_ms + 500.0 + 300.0 * f64::from(self.random());
        }

        fn next(&mut self) -> ObjectMotion {
            self.at_ms += FRAME_MS;
            if self.at_ms >= self.from_ms {
                let pull = |place: f32, to: f32| place + 0.18 * (to - place);
                self.place = [pull(self.place[0], self.to[0]), pull(self.place[1], self.to[1])];
            }
            let wild = if self.random() > 0.9 { 8.0 } else { 1.0 };
            let tremble = [0.05 * wild * self.random(), 0.05 * wild * self.random()];
            ObjectMotion { scale: (self.place[0] + tremble[0]).exp(), aside: self.place[1] + tremble[1] }
        }

        /// Follows what is asked, or does `instead`; how that ends.
        fn answers(&mut self, asked: &mut Asked, instead: Option<ObjectStep>) -> Answer {
            let (policy, began) = (KungfuPolicy::default(), self.at_ms);
            // Between one and three times as far as was asked for; another way clearly, as the test's films go.
            let far = 2.0 + self.random() * if instead.is_some() { 0.4 } else { 0.9 };
            self.ask(instead.unwrap_or(asked.step), far);
            while self.at_ms - began < GIVEN_UP_MS {
                let motion = self.next();
                match asked.see(&policy, &motion, self.at_ms) {
                    Answer::Under(_) => {}
                    end => return end,
                }
            }
            Answer::Under(0.0)
        }
    }

    fn pairs() -> impl Iterator<Item = (ObjectStep, ObjectStep)> {
        let all = |first| ObjectStep::ALL.into_iter().filter(move |s| *s != first).map(move |s| (first, s));
        ObjectStep::ALL.into_iter().flat_map(all)
    }

    #[test]
    fn an_unsteady_hand_that_overshoots_and_hesitates_answers_every_pair() {
        for (first, second) in pairs() {
            for seed in 0..200 {
                let mut hand = Hand::new(seed);
                for (step, after) in [(first, None), (second, Some(first))] {
                    let mut asked = Asked::new(step, after, hand.at_ms);
                    let end = hand.answers(&mut asked, None);
                    assert_eq!(end, Answer::Done, "{after:?} then {step:?}, seed {seed}");
                    // It goes on for a moment before the next prompt is understood.
                    assert!(hand.at_ms < 30_000.0);
                }
            }
        }
    }

    #[test]
    fn who_does_the_opposite_is_not_waited_for() {
        let opposite = |step| match step {
            ObjectStep::Closer => ObjectStep::Back,
            ObjectStep::Back => ObjectStep::Closer,
            ObjectStep::FromLeft => ObjectStep::FromRight,
            ObjectStep::FromRight => ObjectStep::FromLeft,
        };
        for (first, second) in pairs() {
            let mut wrong = 0;
            for seed in 0..100 {
                let mut hand = Hand::new(seed);
                let mut asked = Asked::new(first, None, 0.0);
                if second != opposite(first) {
                    assert_eq!(hand.answers(&mut asked, None), Answer::Done);
                    asked = Asked::new(second, Some(first), hand.at_ms);
                } else {
                    asked = Asked::new(first, None, 0.0);
                }
                let instead = opposite(asked.step);
                wrong += u32::from(hand.answers(&mut asked, Some(instead)) == Answer::Wrong);
            }
            assert!(wrong >= 90, "{first:?} then {second:?}: {wrong} of 100");
        }
    }

    #[test]
    fn what_is_measured_wrongly_for_a_moment_and_what_was_begun_before_is_no_other_answer() {
        let policy = KungfuPolicy::default();
        let near = |scale| ObjectMotion { scale, aside: 0.0 };
        // A single frame, and two, among steady ones.
        let mut asked = Asked::new(ObjectStep::Closer, None, 0.0);
        for (i, scale) in (0_u32..).zip([1.0, 1.0, 1.0, 0.5, 1.0, 0.5, 0.5, 1.0, 1.1]) {
            let seen = asked.see(&policy, &near(scale), 2_000.0 + 300.0 * f64::from(i));
            assert!(matches!(seen, Answer::Under(_)), "{i}");
        }
        // On its way: it goes on coming closer for a moment after "back" is asked.
        let mut asked = Asked::new(ObjectStep::Back, Some(ObjectStep::Closer), 0.0);
        for (i, scale) in (0_u32..).zip([1.26, 1.5, 1.8, 2.1, 2.2, 2.2, 2.2, 2.0, 1.5, 1.0]) {
            let seen = asked.see(&policy, &near(scale), 200.0 * f64::from(i));
            assert!(matches!(seen, Answer::Under(_)), "{i}");
        }
        assert_eq!(asked.see(&policy, &near(0.7), 2_200.0), Answer::Under(1.0), "may be a mistake");
        assert_eq!(asked.see(&policy, &near(0.7), 2_400.0), Answer::Done);
        // With no such step before it the same is another answer.
        let mut asked = Asked::new(ObjectStep::Back, None, 0.0);
        let seen = (0_u32..).zip([1.0, 1.5, 1.8, 2.1, 2.2, 2.2, 2.2, 2.2, 2.2]);
        let last = seen.map(|(i, scale)| asked.see(&policy, &near(scale), 200.0 * f64::from(i))).last();
        assert_eq!(last, Some(Answer::Wrong));
    }

    #[test]
    fn a_hand_that_still_comes_closer_is_not_still() {
        let policy = KungfuPolicy::default();
        assert!(still(&policy, &ObjectMotion { scale: 1.05, aside: -0.03 }));
        assert!(!still(&policy, &ObjectMotion { scale: 1.2, aside: 0.0 }));
        assert!(!still(&policy, &ObjectMotion { scale: 1.0, aside: 0.3 }));
    }

    proptest::proptest! {
        /// Whatever is measured, and whatever the client's clock says: no panic, and nothing that is no number answers a step.
        #[test]
        fn no_motion_and_no_clock_breaks_it(
            seen in proptest::collection::vec((proptest::num::f32::ANY, proptest::num::f32::ANY, proptest::num::f64::ANY), 1..40),
            step in 0..4_usize,
            after in proptest::option::of(0..4_usize),
        ) {
            let policy = KungfuPolicy::default();
            let mut asked = Asked::new(ObjectStep::ALL[step], after.map(|i| ObjectStep::ALL[i]), 0.0);
            for (scale, aside, at_ms) in seen {
                let motion = ObjectMotion { scale, aside };
                let answer = asked.see(&policy, &motion, at_ms);
                let told = scale.is_finite() && scale > 0.0 && aside.is_finite();
                proptest::prop_assert!(told || answer != Answer::Done);
                proptest::prop_assert!(!matches!(answer, Answer::Under(share) if !(0.0..=1.0).contains(&share)));
                let _ = still(&policy, &motion);
            }
        }
    }
}
