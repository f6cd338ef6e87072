//! Which challenges are drawn, for whom, and how seldom a recording of one fits another.

use serde::{Deserialize, Serialize};

use crate::challenge::{Challenge, Step};

/// What a payer can be asked for; what was switched off in the profile is never asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Abilities {
    pub smiles: bool,
    /// Turning the head. Without it nothing shows depth.
    pub turns: bool,
    /// Colours on the screen.
    pub colours: bool,
}

impl Default for Abilities {
    fn default() -> Self {
        Self { smiles: true, turns: true, colours: true }
    }
}

/// Movements asked for after the neutral start, when smiles are among them.
const MOVES: u32 = 5;
/// The same without smiles, which take as long: one more, so that there are enough orders.
const MOVES_UNSMILING: u32 = 6;
/// How many of them are turns: two, so that depth is read twice; more of them only make the capture longer.
const TURNS: std::ops::RangeInclusive<usize> = 2..=3;
/// What is drawn from.
const DRAWN: [Step; 5] = [Step::Smile, Step::TurnLeft, Step::TurnRight, Step::Closer, Step::Back];

impl Challenge {
    /// Draws one of [`Challenge::possible`], each as likely as any other. `random` gives 32 random bits; 2^32 modulo their
    /// number leaves a bias below 1e-6.
    pub fn draw(abilities: Abilities, random: &mut impl FnMut() -> u32) -> Self {
        let all = Self::possible(abilities);
        let count = u32::try_from(all.len()).unwrap_or(1).max(1);
        let pick = usize::try_from(random() % count).unwrap_or(0);
        let moves = all.into_iter().nth(pick).unwrap_or_else(|| vec![Step::Closer, Step::Back]);
        Self::of(std::iter::once(Step::Neutral).chain(moves).collect())
    }

    /// Every tail that may follow the neutral start (which sets this payer's baseline): movements in any order; the smile
    /// once, two or three turns but never three to one side in a row, and approaches and retreats that stay within one step of
    /// where the payer began.
    ///
    /// All tails of one payer are equally long, so the movements of one answer hold those of another challenge, in its
    /// order, only when both are the same: a recording fits a fresh challenge once in [`Challenge::one_in`].
    pub fn possible(abilities: Abilities) -> Vec<Vec<Step>> {
        let (kinds, length) = (DRAWN.len(), if abilities.smiles { MOVES } else { MOVES_UNSMILING });
        let tail = |mut code: usize| -> Vec<Step> {
            let digits = (0..length).map(|_| {
                let digit = code % kinds;
                code /= kinds;
                digit
            });
            digits.filter_map(|digit| DRAWN.get(digit).copied()).collect()
        };
        (0..kinds.pow(length)).map(tail).filter(|moves| may_be_asked(moves, abilities)).collect()
    }

    /// How many challenges are equally likely for this payer: 536, 848 without smiles, at most a few dozen without turns.
    pub fn one_in(abilities: Abilities) -> u32 {
        u32::try_from(Self::possible(abilities).len()).unwrap_or(u32::MAX)
    }
}

fn may_be_asked(moves: &[Step], abilities: Abilities) -> bool {
    let count = |wanted: &[Step]| moves.iter().filter(|step| wanted.contains(step)).count();
    let smiles = count(&[Step::Smile]);
    let turns = count(&[Step::TurnLeft, Step::TurnRight]);
    let fits = match (abilities.smiles, abilities.turns) {
        (true, true) => smiles == 1 && TURNS.contains(&turns),
        (false, true) => smiles == 0 && TURNS.contains(&turns),
        (true, false) => smiles >= 1 && turns == 0 && !moves.windows(2).any(|w| w == [Step::Smile, Step::Smile]),
        (false, false) => smiles == 0 && turns == 0,
    };
    let thrice = moves.windows(3).any(|w| w.iter().all(|step| step.turn_sign().is_some() && w.first() == Some(step)));
    fits && !thrice && stays_near(moves)
}

/// Never two steps nearer or farther than at the start: there would be no room left.
fn stays_near(moves: &[Step]) -> bool {
    let mut place = 0i32;
    moves.iter().all(|step| {
        place += match step {
            Step::Closer => 1,
            Step::Back => -1,
            _ => 0,
        };
        place.abs() <= 1
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const FULL: Abilities = Abilities { smiles: true, turns: true, colours: true };
    const NO_SMILES: Abilities = Abilities { smiles: false, ..FULL };
    const NO_TURNS: Abilities = Abilities { turns: false, ..FULL };

    /// Whether whoever makes `recorded` movements, whatever is asked, answers `asked`: all of `asked`, in its order, with
    /// others between. More than a session allows (it fails at the second unasked turn), so never too hopeful.
    fn answers(recorded: &[Step], asked: &[Step]) -> bool {
        let mut moves = recorded.iter();
        asked.iter().all(|step| moves.any(|made| made == step))
    }

    /// Probability that the recording of one draw answers another, over all pairs.
    fn match_probability(abilities: Abilities) -> f64 {
        let all = Challenge::possible(abilities);
        let matches: usize = all.iter().map(|a| all.iter().filter(|b| answers(a, b)).count()).sum();
        matches as f64 / (all.len() * all.len()) as f64
    }

    #[test]
    fn a_recording_fits_a_fresh_challenge_once_in_500_at_most() {
        for (abilities, count) in [(FULL, 536), (NO_SMILES, 848)] {
            assert_eq!(Challenge::one_in(abilities), count);
            let p = match_probability(abilities);
            assert!(p <= 1.0 / 500.0, "{p}");
            assert!((p - 1.0 / f64::from(count)).abs() < 1e-12, "only the same challenge fits: {p}");
        }
        // Payers who cannot turn are asked for another factor; see `decide`.
        assert!(Challenge::one_in(NO_TURNS) < 500);
        let neither = Abilities { smiles: false, turns: false, colours: false };
        assert_eq!(Challenge::one_in(neither), 8);
    }

    #[test]
    fn what_is_switched_off_is_never_asked_and_the_rest_keeps_its_shape() {
        for moves in Challenge::possible(NO_SMILES) {
            assert!(!moves.contains(&Step::Smile));
        }
        for moves in Challenge::possible(NO_TURNS) {
            assert!(moves.iter().all(|step| step.turn_sign().is_none()) && moves.contains(&Step::Smile));
        }
        for moves in Challenge::possible(FULL) {
            assert_eq!(moves.iter().filter(|&&step| step == Step::Smile).count(), 1);
            assert!(moves.iter().filter(|step| step.turn_sign().is_some()).count() >= 2);
            assert!(stays_near(&moves));
        }
    }

    #[test]
    fn every_challenge_is_drawn_about_equally_often() {
        let mut state = 7u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 32) as u32
        };
        let mut counts: HashMap<Vec<Step>, u32> = HashMap::new();
        for _ in 0..10_720 {
            let challenge = Challenge::draw(FULL, &mut random);
            assert_eq!(challenge.steps()[0], Step::Neutral);
            *counts.entry(challenge.steps().to_vec()).or_default() += 1;
        }
        assert_eq!(counts.len(), 536);
        assert!(counts.values().all(|&n| (4..=45).contains(&n)), "20 each: {:?}", counts.values().max());
    }
}
