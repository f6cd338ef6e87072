//! Amounts, dates and names as people read them.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Currency, Money};

use super::strings;

/// `20.00 €`; the ISO code where the currency has no sign of its own here.
pub fn amount(minor: i64, currency: &str) -> String {
    let Ok(known) = Currency::from_str(currency) else { return format!("{minor} {currency}") };
    let text = Money::new(minor, known).to_string();
    let sign = match known.code() {
        "EUR" => "€",
        "JPY" => "¥",
        other => other,
    };
    text.replace(known.code(), sign)
}

/// `21 November 2026, 20:15 UTC` from RFC 3339; what is not a time is shown as it is.
pub fn moment(rfc3339: &str) -> String {
    let parsed = rfc3339.parse::<jiff::Timestamp>();
    parsed
        .map_or_else(|_| rfc3339.to_owned(), |t| t.to_zoned(TimeZone::UTC).strftime("%-d %B %Y, %H:%M UTC").to_string())
}

/// `21 November 2026` from RFC 3339.
pub fn day(rfc3339: &str) -> String {
    let parsed = rfc3339.parse::<jiff::Timestamp>();
    parsed.map_or_else(|_| rfc3339.to_owned(), |t| t.to_zoned(TimeZone::UTC).strftime("%-d %B %Y").to_string())
}

/// `Friday, 27 November 2026` from `2026-11-27`.
pub fn date(iso: &str) -> String {
    iso.parse::<Date>().map_or_else(|_| iso.to_owned(), |d| d.strftime("%A, %-d %B %Y").to_string())
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
        assert_eq!(amount(2_000, "EUR"), "20.00 €");
        assert_eq!(amount(-500, "USD"), "-5.00 USD");
        assert_eq!(moment("2026-11-21T20:15:00.000Z"), "21 November 2026, 20:15 UTC");
        assert_eq!(date("2026-11-27"), "Friday, 27 November 2026");
        let now = base::Timestamp::from_millis(1_795_291_200_000);
        assert_eq!(date_after(now, 6), "Friday, 27 November 2026");
        assert_eq!(method("passphrase"), "Passphrase");
    }
}
