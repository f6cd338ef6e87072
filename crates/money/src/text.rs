//! How money reads: `20.00 EUR`, `1,500 JPY`, `-0.500 BHD`.

use std::fmt;
use std::str::FromStr;

use crate::limits::MAX_MONEY_TEXT;
use crate::{Amount, Currency, Money, MoneyError};

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_major = self.currency().minor_per_major().unsigned_abs();
        let minor = self.minor().unsigned_abs();
        let (major, rest) = (minor / per_major, minor % per_major);
        if self.minor() < 0 {
            f.write_str("-")?;
        }
        f.write_str(&grouped(major))?;
        let digits = usize::from(self.currency().digits());
        if digits > 0 {
            write!(f, ".{rest:0digits$}")?;
        }
        write!(f, " {}", self.currency())
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.money().fmt(f)
    }
}

/// Digits with a comma before every third from the right.
fn grouped(number: u64) -> String {
    let plain = number.to_string();
    let mut out = String::with_capacity(plain.len().saturating_mul(4) / 3);
    for (at, digit) in plain.chars().enumerate() {
        if at > 0 && (plain.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads what `Display` writes; commas may be left out, and so may a fraction as a whole (`20 EUR`).
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        if text.len() > MAX_MONEY_TEXT {
            return Err(MoneyError::Malformed);
        }
        let (number, code) = text.trim().rsplit_once(' ').ok_or(MoneyError::Malformed)?;
        let currency: Currency = code.parse()?;
        let (negative, number) = number.strip_prefix('-').map_or((false, number), |n| (true, n));
        let (major, fraction) = number.split_once('.').unwrap_or((number, ""));
        let wanted = usize::from(currency.digits());
        let has_point = number.contains('.');
        if has_point && (fraction.len() != wanted || wanted == 0) {
            return Err(MoneyError::Malformed);
        }
        let major = digits(&ungrouped(major)?)?;
        let minor = major
            .checked_mul(i128::from(currency.minor_per_major()))
            .and_then(|m| m.checked_add(if has_point { digits(fraction).ok()? } else { 0 }))
            .ok_or(MoneyError::Malformed)?;
        let signed = if negative { -minor } else { minor };
        i64::try_from(signed).map(|m| Self::new(m, currency)).map_err(|_| MoneyError::Overflow)
    }
}

impl FromStr for Amount {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        text.parse::<Money>()?.try_into()
    }
}

/// Takes the commas out, if they stand where `grouped` puts them.
fn ungrouped(text: &str) -> Result<String, MoneyError> {
    if !text.contains(',') {
        return Ok(text.to_owned());
    }
    let mut groups = text.split(',');
    let first = groups.next().unwrap_or_default();
    let well_placed = (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3);
    if well_placed { Ok(text.replace(',', "")) } else { Err(MoneyError::Malformed) }
}

fn digits(text: &str) -> Result<i128, MoneyError> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(MoneyError::Malformed);
    }
    text.parse().map_err(|_| MoneyError::Overflow)
}
