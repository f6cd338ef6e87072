//! What a payer can be asked for before the camera: kept with the profile, used by every draw.

use base::AccountId;
use decide::{Adapted, ChallengeKind};
use liveness::{Abilities, Challenge};
use store::AbilitiesRow;

use crate::app::App;
use crate::device::Device;
use crate::error::Result;
use crate::passphrase::Passphrase;
use crate::session::PayerSession;

impl App {
    /// Chooses what the camera may ask for. Needs the passphrase: less is then checked.
    ///
    /// # Errors
    /// A wrong passphrase, or a paused device.
    pub async fn set_abilities(
        &self,
        payer: &PayerSession,
        device: &Device,
        chosen: Abilities,
        passphrase: Passphrase,
    ) -> Result<()> {
        self.prove(payer, device, passphrase).await?;
        let Abilities { smiles, turns, colours } = chosen;
        Ok(self.store.set_abilities(payer.account, AbilitiesRow { smiles, turns, colours }, self.now()).await?)
    }

    /// The payer's choice; everything without one.
    pub(crate) async fn abilities(&self, account: AccountId) -> Result<Abilities> {
        let kept = self.store.abilities(account).await?;
        Ok(kept.map_or_else(Abilities::default, |row| Abilities {
            smiles: row.smiles,
            turns: row.turns,
            colours: row.colours,
        }))
    }
}

/// How `decide` is to see a challenge drawn for these abilities.
pub(crate) fn kind_of(abilities: Abilities) -> ChallengeKind {
    let Abilities { smiles, turns, colours: _ } = abilities;
    if smiles && turns {
        ChallengeKind::Drawn
    } else {
        ChallengeKind::Adapted(Adapted { turns, smile: smiles, one_in: Challenge::one_in(abilities) })
    }
}

#[cfg(test)]
mod tests {
    use decide::LivenessPolicy;

    use super::*;

    #[test]
    fn who_cannot_turn_needs_another_factor_and_who_cannot_smile_does_not() {
        let policy = LivenessPolicy::default();
        let weak = |smiles, turns| kind_of(Abilities { smiles, turns, colours: true }).is_weak(&policy);
        assert!(!weak(true, true) && !weak(false, true));
        assert!(weak(true, false) && weak(false, false));
        // The full draw is not asked for its number: it must have it.
        assert!(Challenge::one_in(Abilities::default()) >= policy.one_in_from);
    }
}
