//! Somebody under 14: a guardian, who is a payer too, agrees for them with a proof of their own.

use base::{AccountId, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use crate::app::App;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::limits::AGE_OF_CONSENT;
use crate::passphrase::Passphrase;
use crate::session::PayerSession;
use crate::sign_up::clean_email;

/// What somebody under 14 and their guardian say.
pub struct Minor {
    /// Calendar date, `2015-03-01`. Only the 14th birthday is kept.
    pub born_on: String,
    pub guardian_email: String,
    /// The guardian's own, not the child's.
    pub guardian_passphrase: Passphrase,
}

impl App {
    /// Who agrees for this payer; `None`: the payer alone. Keeps that the payer is under 14.
    ///
    /// # Errors
    /// The payer is under 14 and no guardian agrees; a guardian who cannot be one, or whose proof is wrong.
    pub(crate) async fn guardian_of(
        &self,
        payer: &PayerSession,
        device: &Device,
        minor: Option<Minor>,
    ) -> Result<Option<AccountId>> {
        let now = self.now();
        let known = self.store.minor_until(payer.account).await?;
        let Some(minor) = minor else {
            return if known.is_some_and(|until| now < until) { Err(Error::GuardianNeeded) } else { Ok(None) };
        };
        let until = of_age(&minor.born_on, now)?;
        let guardian = self.proven_guardian(payer, device, &minor.guardian_email, minor.guardian_passphrase).await?;
        if known.is_none_or(|known| known < until) {
            self.store.set_minor_until(payer.account, until, now).await?;
        }
        Ok(Some(guardian))
    }

    /// Same answer for an unknown address and a wrong passphrase, and failures count as at signing in.
    async fn proven_guardian(
        &self,
        payer: &PayerSession,
        device: &Device,
        email: &str,
        passphrase: Passphrase,
    ) -> Result<AccountId> {
        let email = clean_email(email).unwrap_or_default();
        let found = self.store.payer_by_email(&email).await?.map(|p| p.id);
        let who = found.unwrap_or_else(|| self.shadow_account(&email));
        if !self.passphrase_is_right(who, device, passphrase).await? {
            return Err(Error::ProofFailed);
        }
        let minor = self.store.minor_until(who).await?.is_some_and(|until| self.now() < until);
        if who == payer.account || minor {
            return Err(Error::invalid("guardian", "a parent or guardian is somebody else, 14 or older"));
        }
        Ok(who)
    }
}

/// The 14th birthday, as midnight UTC.
fn of_age(born_on: &str, now: Timestamp) -> Result<Timestamp> {
    let wrong = || Error::invalid("born_on", "a past date such as 2015-03-01, less than 14 years ago");
    let born: Date = born_on.trim().parse().map_err(|_| wrong())?;
    let birthday = born.checked_add(years()).map_err(|_| wrong())?;
    let at = |date: Date| date.to_zoned(TimeZone::UTC).map(|z| Timestamp::from_millis(z.timestamp().as_millisecond()));
    let (born, until) = (at(born).map_err(|_| wrong())?, at(birthday).map_err(|_| wrong())?);
    if born <= now && now < until { Ok(until) } else { Err(wrong()) }
}

fn years() -> Span {
    AGE_OF_CONSENT.years()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_past_date_less_than_fourteen_years_ago_makes_a_minor() {
        let now = Timestamp::from_millis(1_795_291_200_000); // 2026-11-21
        assert_eq!(of_age("2015-03-01", now).unwrap().date(), "2029-03-01");
        assert_eq!(of_age("2016-02-29", now).unwrap().date(), "2030-02-28");
        for wrong in ["2012-11-21", "2027-01-01", "1980-01-01", "yesterday", "", "2015-13-01"] {
            assert!(of_age(wrong, now).is_err(), "{wrong}");
        }
    }
}
