//! Amounts, dates and names as people read them, in the language of the request.

use std::str::FromStr;

use money::{Currency, Money};

use super::strings;
use crate::language::current;

/// `€20.00`, `20,00 €`.
pub fn amount(minor: i64, currency: &str) -> String {
    let Ok(known) = Currency::from_str(currency) else { return format!("{minor} {currency}") };
    words::amount(current(), Money::new(minor, known))
}

/// `21 November 2026, 20:15 UTC` from RFC 3339; what is not a time is shown as it is.
pub fn moment(rfc3339: &str) -> String {
    words::moment(current(), rfc3339)
}

/// `21 November 2026` from RFC 3339.
pub fn day(rfc3339: &str) -> String {
    words::day(current(), rfc3339)
}

/// `Friday, 27 November 2026` from `2026-11-27`.
pub fn date(iso: &str) -> String {
    words::date(current(), iso)
}

/// The calendar date (UTC) that is `days` after `now`, as in [`date`].
pub fn date_after(now: base::Timestamp, days: u16) -> String {
    date(&now.plus(base::Span::days(i64::from(days))).date())
}

/// A method of the API in words.
pub fn method(name: &str) -> String {
    let key = format!("method.{name}");
    let text = strings::text(&key);
    if text == key { name.to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_like_people_write() {
        assert_eq!(amount(2_000, "EUR"), "€20.00");
        assert_eq!(amount(-500, "???"), "-500 ???");
        let now = base::Timestamp::from_millis(1_795_291_200_000);
        assert_eq!(date_after(now, 6), "Friday, 27 November 2026");
        assert_eq!(method("passphrase"), "Passphrase");
        assert_eq!(method("dance"), "dance");
    }
}
