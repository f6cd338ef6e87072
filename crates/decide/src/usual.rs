//! What makes a payment unusual beyond its proof: how many there were lately, from which device and from where.
//!
//! Each thing that is noticed raises the risk one step; what a risk may pay is the step-up table's business. Nothing here
//! refuses by itself, and nothing of it is told to the payer.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::rules::Risk;
use crate::{PolicyError, Reason};

/// A country by ISO 3166-1 alpha-2, such as `DE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// Not two capital letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a country is two capital letters (ISO 3166-1), such as DE")]
pub struct NoCountry;

impl FromStr for Country {
    type Err = NoCountry;

    fn from_str(text: &str) -> Result<Self, NoCountry> {
        let letters: [u8; 2] = text.as_bytes().try_into().map_err(|_| NoCountry)?;
        if letters.iter().all(u8::is_ascii_uppercase) { Ok(Self(letters)) } else { Err(NoCountry) }
    }
}

impl TryFrom<String> for Country {
    type Error = NoCountry;

    fn try_from(text: String) -> Result<Self, NoCountry> {
        text.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.to_string()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| fmt::Write::write_char(f, char::from(*letter)))
    }
}

/// What is usual; the `[usual]` part of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UsualPolicy {
    /// Payments of one payer in an hour, by any method; the next one is unusual. Default 20: a shopping day, not a script.
    pub payments_hour: u32,
    /// The same in 24 hours. Default 60.
    pub payments_day: u32,
    /// A device on which the payer has never signed in is unusual. Default no: a payer signs in before paying, and that
    /// makes the device known; an operator whose sessions come from elsewhere says yes.
    pub known_device: bool,
    /// Countries in which payments are usual; elsewhere, and where the country is not known, they are not. Empty (the
    /// default): anywhere. The country is what the operator's proxy says (`serve --country-header`).
    pub countries: Vec<Country>,
}

impl Default for UsualPolicy {
    fn default() -> Self {
        Self { payments_hour: 20, payments_day: 60, known_device: false, countries: Vec::new() }
    }
}

/// What is known of the payment's surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// Payments of this payer in the last hour, this one not counted.
    pub payments_hour: u32,
    /// In the last 24 hours.
    pub payments_day: u32,
    /// The payer has signed in on this device before.
    pub known_device: bool,
    pub country: Option<Country>,
}

impl Circumstances {
    /// The first payment of the day on a known device.
    pub const QUIET: Self = Self { payments_hour: 0, payments_day: 0, known_device: true, country: None };
}

/// Highest count a policy may name: no more payments are looked at.
const MOST: u32 = 100;
const MOST_COUNTRIES: usize = 300;

impl UsualPolicy {
    /// What is unusual.
    pub fn noticed(&self, of: &Circumstances) -> impl Iterator<Item = Reason> {
        let elsewhere = !self.countries.is_empty() && !of.country.is_some_and(|c| self.countries.contains(&c));
        let found = [
            (of.payments_hour >= self.payments_hour || of.payments_day >= self.payments_day, Reason::ManyPayments),
            (self.known_device && !of.known_device, Reason::NewDevice),
            (elsewhere, Reason::OtherCountry),
        ];
        found.into_iter().filter_map(|(noticed, reason)| noticed.then_some(reason))
    }

    /// The risk with all that is unusual: one step for each.
    pub fn raise(&self, risk: Risk, of: &Circumstances) -> Risk {
        self.noticed(of).fold(risk, |risk, _| risk.raised())
    }

    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        let count = |n: u32| (1..=MOST).contains(&n);
        if !count(self.payments_hour) || !count(self.payments_day) || self.payments_day < self.payments_hour {
            let why = "usual: payments_hour and payments_day are 1 to 100, a day's not below an hour's";
            return Err(PolicyError::Rules(why.to_owned()));
        }
        if self.countries.len() > MOST_COUNTRIES {
            return Err(PolicyError::Rules("usual: at most 300 countries".to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(text: &str) -> Country {
        text.parse().unwrap()
    }

    #[test]
    fn each_unusual_thing_raises_the_risk_a_step() {
        let policy = UsualPolicy {
            payments_hour: 3,
            payments_day: 10,
            known_device: true,
            countries: vec![country("DE"), country("CN")],
        };
        let home = Circumstances { country: Some(country("DE")), ..Circumstances::QUIET };
        assert_eq!(policy.raise(Risk::Low, &home), Risk::Low);
        for (case, reason) in [
            (Circumstances { payments_hour: 3, ..home }, Reason::ManyPayments),
            (Circumstances { payments_day: 10, ..home }, Reason::ManyPayments),
            (Circumstances { known_device: false, ..home }, Reason::NewDevice),
            (Circumstances { country: Some(country("FR")), ..home }, Reason::OtherCountry),
            (Circumstances { country: None, ..home }, Reason::OtherCountry),
        ] {
            assert_eq!(policy.noticed(&case).collect::<Vec<_>>(), [reason]);
            assert_eq!(policy.raise(Risk::Low, &case), Risk::Elevated);
            assert_eq!(policy.raise(Risk::Elevated, &case), Risk::High);
        }
        let all = Circumstances { payments_hour: 9, payments_day: 9, known_device: false, country: None };
        assert_eq!(policy.raise(Risk::Low, &all), Risk::High);
        assert_eq!(UsualPolicy::default().raise(Risk::Low, &Circumstances { known_device: false, ..home }), Risk::Low);
    }

    #[test]
    fn countries_are_two_capital_letters() {
        assert_eq!(country("DE").to_string(), "DE");
        for wrong in ["", "D", "de", "DEU", "D1", "\u{c4}"] {
            assert_eq!(wrong.parse::<Country>(), Err(NoCountry), "{wrong}");
        }
    }

    #[test]
    fn counts_that_mean_nothing_are_refused() {
        assert!(UsualPolicy::default().check().is_ok());
        assert!(UsualPolicy { payments_hour: 0, ..UsualPolicy::default() }.check().is_err());
        assert!(UsualPolicy { payments_day: 5, ..UsualPolicy::default() }.check().is_err());
    }
}
