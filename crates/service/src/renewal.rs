//! After a payment: the template grows older with its payer, or moves to the recogniser in use. `decide::renewal` says when.
//!
//! What a second factor may still bring is kept in memory only, for as long as a step-up lasts, and wiped.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base::{AccountId, IntentId, Method, Purpose, Timestamp};
use decide::renewal::near_enough;
use decide::{FaceMatch, Outcome, Renewal, RenewalCase, decide_renewal};
use face::{Embedding, Template};
use store::{ChangeKind, SealedRow, TemplateChange};
use vault::{Features, Label, SealedTemplate};

use crate::app::App;
use crate::enrol::features;
use crate::error::{Error, Result};
use crate::limits::{RENEWALS_WAITING, STEP_UP_LIFE};

/// A capture whose face matched, as the recogniser in use sees it.
pub(crate) struct Fresh {
    account: AccountId,
    probe: Features,
    matched: Option<FaceMatch>,
    at: Timestamp,
}

/// Captures that wait for their payment's second factor.
#[derive(Default)]
pub(crate) struct Renewals(Mutex<HashMap<IntentId, Fresh>>);

impl Renewals {
    fn keep(&self, intent: IntentId, fresh: Fresh, now: Timestamp) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, f| now.since(f.at) < STEP_UP_LIFE);
        if waiting.len() < RENEWALS_WAITING {
            waiting.insert(intent, fresh);
        }
    }

    fn take(&self, intent: IntentId, account: AccountId, now: Timestamp) -> Option<Fresh> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.remove(&intent).filter(|f| f.account == account && now.since(f.at) < STEP_UP_LIFE)
    }
}

impl App {
    /// What a renewal would be made of; `None` where no frame can be used.
    pub(crate) fn fresh(
        &self,
        account: AccountId,
        views: &[(Embedding, f32)],
        matched: Option<FaceMatch>,
        eyes: f32,
    ) -> Option<Fresh> {
        let probe = Template::from_views(views).ok().and_then(|t| features(&t, eyes).ok())?;
        Some(Fresh { account, probe, matched, at: self.now() })
    }

    /// The payment asks for another factor: what was seen waits for it.
    pub(crate) fn keep_fresh(&self, intent: IntentId, fresh: Option<Fresh>) {
        if let Some(fresh) = fresh {
            self.renewals.keep(intent, fresh, self.now());
        }
    }

    /// The second factor has come, and the payment was made.
    pub(crate) async fn renew_after_factor(&self, intent: IntentId, account: AccountId, proven: &[Method]) {
        let Some(fresh) = self.renewals.take(intent, account, self.now()) else { return };
        // Whether the face still counted is in `proven`.
        let fresh = Fresh { matched: None, ..fresh };
        self.renew(Some(fresh), proven).await;
    }

    /// Changes the template if the payment that was just made allows it. The payment stands whatever comes of this.
    pub(crate) async fn renew(&self, fresh: Option<Fresh>, proven: &[Method]) {
        let Some(fresh) = fresh else { return };
        match self.try_renew(&fresh, proven).await {
            Ok(Some(kind)) => tracing::info!(?kind, "a template was changed"),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "a template could not be changed"),
        }
    }

    async fn try_renew(&self, fresh: &Fresh, proven: &[Method]) -> Result<Option<ChangeKind>> {
        let (now, account) = (self.now(), fresh.account);
        let Some(row) = self.store.active_template(account, Method::Face).await? else { return Ok(None) };
        let ageing_consent = self.store.has_consent(account, Purpose::ControlledAgeing, Method::Face).await?;
        let case = RenewalCase {
            outcome: Outcome::Allow,
            proven,
            matched: fresh.matched,
            current: row.info.model == self.model.as_str(),
            enrolled_at: row.info.created_at,
            changed_at: row.info.changed_at,
            frames: fresh.probe.views(),
            ageing_consent,
        };
        let label = Label { account, method: Method::Face, template: row.info.id };
        let before = SealedTemplate::from_bytes(row.sealed.clone()).map_err(Error::internal)?;
        let (sealed, kind) = match decide_renewal(&case, &self.policy.face, now) {
            Renewal::Leave => return Ok(None),
            Renewal::Replace => {
                let sealed = self.vault.reseal(&label, &before, &fresh.probe).map_err(Error::internal)?;
                (sealed, ChangeKind::Replaced)
            }
            Renewal::Age { share } => match self.aged(&label, &before, &fresh.probe, share)? {
                Some(sealed) => (sealed, ChangeKind::Aged),
                None => return Ok(None),
            },
        };
        if kind == ChangeKind::Replaced {
            // Vectors of two recognisers must not stand in one index; it is looked for again at the next enrolment.
            self.forget_in_searches(fresh.account).await;
        }
        let changed = self.store.change_template(change(&row, &fresh.probe, &sealed, kind), now).await?;
        if changed && kind == ChangeKind::Replaced {
            // The old recogniser's vector must not lie on in the log.
            self.store.scrub().await?;
        }
        Ok(changed.then_some(kind))
    }

    /// `None`: it would be too far from what was enrolled.
    fn aged(
        &self,
        label: &Label,
        before: &SealedTemplate,
        probe: &Features,
        share: f32,
    ) -> Result<Option<SealedTemplate>> {
        let moved = self.vault.with_template(label, before, |f| f.towards(probe, share));
        let moved = moved.map_err(Error::internal)?.map_err(Error::internal)?;
        if !near_enough(moved.anchor_cosine) {
            return Ok(None);
        }
        self.vault.reseal(label, before, &moved.features).map(Some).map_err(Error::internal)
    }
}

fn change(row: &SealedRow, probe: &Features, sealed: &SealedTemplate, kind: ChangeKind) -> TemplateChange {
    TemplateChange {
        id: row.info.id,
        account: row.info.account,
        method: row.info.method,
        before: row.sealed.clone(),
        model: probe.model().to_owned(),
        views: if kind == ChangeKind::Aged { row.info.views } else { probe.views() },
        sealed: sealed.as_bytes().to_vec(),
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Span;
    use uuid::Uuid;

    #[test]
    fn what_waits_is_the_payers_own_and_ends_with_the_step_up() {
        let renewals = Renewals::default();
        let now = Timestamp::from_millis(1_000_000);
        let (payer, other) = (AccountId::from_uuid(Uuid::from_u128(1)), AccountId::from_uuid(Uuid::from_u128(2)));
        let intent = |n: u128| IntentId::from_uuid(Uuid::from_u128(n));
        let fresh = || Fresh {
            account: payer,
            probe: Features::new(vec![1.0; 1], 5, 0.0, "m").unwrap(),
            matched: None,
            at: now,
        };
        renewals.keep(intent(1), fresh(), now);
        assert!(renewals.take(intent(1), other, now).is_none());
        assert!(renewals.take(intent(1), payer, now).is_none(), "asked for by somebody else: gone");
        renewals.keep(intent(2), fresh(), now);
        assert!(renewals.take(intent(2), payer, now.plus(STEP_UP_LIFE)).is_none());
        renewals.keep(intent(3), fresh(), now);
        assert!(renewals.take(intent(3), payer, now.plus(Span::minutes(1))).is_some());
        for n in 10..10 + 2 * RENEWALS_WAITING as u128 {
            renewals.keep(intent(n), fresh(), now);
        }
        assert_eq!(renewals.0.lock().unwrap().len(), RENEWALS_WAITING);
    }
}
