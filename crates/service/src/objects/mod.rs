//! Paying with a tattoo or a pet: enrolling it, and judging a live capture of it. Pictures are gone as soon as they are measured.

mod capture;
mod duplicates;
mod enrol;
mod guide;
mod look;
mod pay;
mod steps;

use base::ObjectKind;
use decide::ObjectStep;
use kungfu::Kind;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;

use crate::app::App;
use crate::error::{Error, Result};

/// Steps of a payment's challenge.
const STEPS: usize = 2;
/// Frames that wait: a look takes longer than a camera, so only the newest is worth one.
const FRAMES_WAITING: usize = 2;

impl App {
    /// Draws the steps of a challenge, or takes what a test pins.
    pub(crate) fn draw_object_steps(&self, pinned: Option<Vec<String>>) -> Result<Vec<ObjectStep>> {
        self.object_workers()?;
        if let Some(names) = pinned {
            if !(1..=ObjectStep::ALL.len()).contains(&names.len()) {
                return Err(Error::invalid("steps", "give one to four steps"));
            }
            return names.iter().map(|name| step(name)).collect();
        }
        let mut rng = ChaCha20Rng::from_seed(self.random()?);
        Ok(draw(|| rng.next_u32()))
    }
}

/// Different steps in random order: 12 pairs.
fn draw(mut random: impl FnMut() -> u32) -> Vec<ObjectStep> {
    let mut left = ObjectStep::ALL.to_vec();
    (0..STEPS).map(|_| left.swap_remove(random() as usize % left.len().max(1))).collect()
}

fn step(name: &str) -> Result<ObjectStep> {
    let known = || format!("known steps: {}", ObjectStep::ALL.map(ObjectStep::as_str).join(", "));
    ObjectStep::ALL.into_iter().find(|s| s.as_str() == name).ok_or_else(|| Error::invalid("steps", known()))
}

const fn kind_of(kind: ObjectKind) -> Kind {
    match kind {
        ObjectKind::Tattoo => Kind::Tattoo,
        ObjectKind::Pet => Kind::Pet,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_different_steps_is_drawn() {
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..16_u32 {
            let mut word = seed;
            let steps = draw(|| std::mem::replace(&mut word, seed / 4));
            assert_ne!(steps[0], steps[1]);
            seen.insert(steps.iter().map(|s| s.as_str()).collect::<Vec<_>>());
        }
        assert_eq!(seen.len(), 12);
    }
}
