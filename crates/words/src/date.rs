//! Dates and times as each locale writes them (CLDR 46, *full* date, *long* date with minutes). Times are UTC and say so.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::Language;

const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const GERMAN_MONTHS: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

/// `Friday, 27 November 2026` from `2026-11-27`; what is not a date is shown as it is.
pub fn date(language: Language, iso: &str) -> String {
    iso.parse::<Date>().map_or_else(|_| iso.to_owned(), |date| with_weekday(language, date))
}

/// `21 November 2026` from RFC 3339, by UTC; what is not a time is shown as it is.
pub fn day(language: Language, rfc3339: &str) -> String {
    civil(rfc3339).map_or_else(|| rfc3339.to_owned(), |at| without_weekday(language, at.date()))
}

/// `21 November 2026, 20:15 UTC` from RFC 3339; what is not a time is shown as it is.
pub fn moment(language: Language, rfc3339: &str) -> String {
    let Some(at) = civil(rfc3339) else { return rfc3339.to_owned() };
    let (day, hour, minute) = (without_weekday(language, at.date()), at.hour(), at.minute());
    match language {
        Language::English => format!("{day}, {hour:02}:{minute:02} UTC"),
        Language::Chinese => format!("{day} {hour:02}:{minute:02} UTC"),
        Language::German => format!("{day}, {hour:02}:{minute:02} Uhr UTC"),
    }
}

fn civil(rfc3339: &str) -> Option<jiff::civil::DateTime> {
    rfc3339.parse::<jiff::Timestamp>().ok().map(|t| t.to_zoned(TimeZone::UTC).datetime())
}

fn with_weekday(language: Language, date: Date) -> String {
    let (day, weekday) = (without_weekday(language, date), weekday(language, date.weekday()));
    if language == Language::Chinese { format!("{day}{weekday}") } else { format!("{weekday}, {day}") }
}

fn without_weekday(language: Language, date: Date) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let named = |months: [&'static str; 12]| {
        usize::try_from(month - 1).ok().and_then(|at| months.get(at).copied()).unwrap_or_default()
    };
    match language {
        Language::English => format!("{day} {} {year}", named(ENGLISH_MONTHS)),
        Language::Chinese => format!("{year}年{month}月{day}日"),
        Language::German => format!("{day}. {} {year}", named(GERMAN_MONTHS)),
    }
}

const fn weekday(language: Language, day: Weekday) -> &'static str {
    let (english, german, chinese) = match day {
        Weekday::Monday => ("Monday", "Montag", "星期一"),
        Weekday::Tuesday => ("Tuesday", "Dienstag", "星期二"),
        Weekday::Wednesday => ("Wednesday", "Mittwoch", "星期三"),
        Weekday::Thursday => ("Thursday", "Donnerstag", "星期四"),
        Weekday::Friday => ("Friday", "Freitag", "星期五"),
        Weekday::Saturday => ("Saturday", "Samstag", "星期六"),
        Weekday::Sunday => ("Sunday", "Sonntag", "星期日"),
    };
    match language {
        Language::English => english,
        Language::Chinese => chinese,
        Language::German => german,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_each_locale_writes() {
        let [en, zh, de] = Language::ALL;
        assert_eq!(date(en, "2026-11-27"), "Friday, 27 November 2026");
        assert_eq!(date(zh, "2026-11-27"), "2026年11月27日星期五");
        assert_eq!(date(de, "2026-03-01"), "Sonntag, 1. März 2026");
        assert_eq!(moment(en, "2026-11-21T20:15:00.000Z"), "21 November 2026, 20:15 UTC");
        assert_eq!(moment(zh, "2026-11-21T20:05:00Z"), "2026年11月21日 20:05 UTC");
        assert_eq!(moment(de, "2026-11-21T20:15:00Z"), "21. November 2026, 20:15 Uhr UTC");
        assert_eq!(day(de, "2026-12-31T23:59:59Z"), "31. Dezember 2026");
        assert_eq!(day(zh, "2026-01-01T00:00:00Z"), "2026年1月1日");
        for odd in ["", "tomorrow", "2026-13-01"] {
            assert_eq!(
                (date(en, odd), day(zh, odd), moment(de, odd)),
                (odd.to_owned(), odd.to_owned(), odd.to_owned())
            );
        }
    }
}
