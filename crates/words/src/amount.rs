//! Amounts as each locale writes them. Signs, places and separators after CLDR 46 (`en-GB`, `de`, `zh-CN`); its whole machinery
//! would weigh more than this table, which a test holds.

use money::{Currency, Money};

use crate::Language;

/// `€1,234.50`, `1.234,50 €`, `¥500`; an ISO code where the locale has no sign for the currency.
pub fn amount(language: Language, money: Money) -> String {
    let currency = money.currency();
    let minus = if money.minor() < 0 { "-" } else { "" };
    let number = number(language, money.minor().unsigned_abs(), currency);
    let sign = sign(language, currency.code());
    match language {
        // The space does not break.
        Language::German => format!("{minus}{number}\u{a0}{sign}"),
        _ if sign == currency.code() => format!("{minus}{sign}\u{a0}{number}"),
        _ => format!("{minus}{sign}{number}"),
    }
}

/// A whole number: `1,000,000` or `1.000.000`.
pub fn whole(language: Language, number: u64) -> String {
    grouped(number, if language == Language::German { '.' } else { ',' })
}

fn number(language: Language, minor: u64, currency: Currency) -> String {
    let per_major = currency.minor_per_major().unsigned_abs();
    let major = whole(language, minor / per_major);
    let point = if language == Language::German { ',' } else { '.' };
    match usize::from(currency.digits()) {
        0 => major,
        digits => format!("{major}{point}{:0digits$}", minor % per_major),
    }
}

fn grouped(number: u64, separator: char) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

const fn sign(language: Language, code: &str) -> &str {
    match (language, code.as_bytes()) {
        (_, b"EUR") => "€",
        (_, b"GBP") => "£",
        (Language::Chinese, b"CNY") => "¥",
        (_, b"CNY") => "CN¥",
        (Language::German, b"USD") => "$",
        (_, b"USD") => "US$",
        (Language::German, b"JPY") => "¥",
        (_, b"JPY") => "JP¥",
        _ => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_each_locale_writes() {
        let [en, zh, de] = Language::ALL;
        for (language, minor, code, wanted) in [
            (en, 2_000, "EUR", "€20.00"),
            (en, 123_456_789, "EUR", "€1,234,567.89"),
            (en, -500, "USD", "-US$5.00"),
            (en, 1_500, "JPY", "JP¥1,500"),
            (en, 1_234_567, "KWD", "KWD\u{a0}1,234.567"),
            (en, 5, "GBP", "£0.05"),
            (en, 8_800, "CNY", "CN¥88.00"),
            (zh, 2_000, "EUR", "€20.00"),
            (zh, 1_234_567, "CNY", "¥12,345.67"),
            (zh, 1_500, "JPY", "JP¥1,500"),
            (zh, 1_500, "KWD", "KWD\u{a0}1.500"),
            (zh, -1, "USD", "-US$0.01"),
            (de, 2_000, "EUR", "20,00\u{a0}€"),
            (de, 123_456_789, "EUR", "1.234.567,89\u{a0}€"),
            (de, 1_500, "JPY", "1.500\u{a0}¥"),
            (de, 500, "KWD", "0,500\u{a0}KWD"),
            (de, -8_800, "CNY", "-88,00\u{a0}CN¥"),
            (de, 500, "USD", "5,00\u{a0}$"),
            (de, 0, "CHF", "0,00\u{a0}CHF"),
        ] {
            assert_eq!(amount(language, Money::new(minor, code.parse().unwrap())), wanted);
        }
        assert_eq!(amount(en, Money::new(i64::MIN, Currency::JPY)), "-JP¥9,223,372,036,854,775,808");
        assert_eq!(
            (whole(en, 1_000_000), whole(de, 10_000), whole(zh, 999)),
            ("1,000,000".into(), "10.000".into(), "999".into())
        );
    }
}
