#![allow(clippy::unwrap_used, reason = "helpers of tests may stop the test")]

use money::limits::MAX_AMOUNT_MINOR;
use money::{Amount, Currency, Money, MoneyError};
use proptest::prelude::*;

fn currencies() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["EUR", "USD", "JPY", "BHD", "CNY", "KRW"]).prop_map(|c| c.parse().unwrap())
}

#[test]
fn reads_as_people_write_it() {
    for (minor, code, text) in [
        (2_000, "EUR", "20.00 EUR"),
        (1_500, "JPY", "1,500 JPY"),
        (-500, "BHD", "-0.500 BHD"),
        (123_456_789, "USD", "1,234,567.89 USD"),
        (i64::MIN, "EUR", "-92,233,720,368,547,758.08 EUR"),
    ] {
        let money = Money::new(minor, code.parse().unwrap());
        assert_eq!(money.to_string(), text);
        assert_eq!(text.parse(), Ok(money));
    }
    assert_eq!("20 EUR".parse(), Ok(Money::new(2_000, Currency::EUR)));
    for bad in [
        "",
        "EUR",
        "20.0 EUR",
        "20.000 EUR",
        "1.5 JPY",
        "2,00 EUR",
        "- 1 EUR",
        "--1 EUR",
        "1e3 EUR",
        "+1 EUR",
        ".50 EUR",
        "\u{0663} EUR",
    ] {
        assert_eq!(bad.parse::<Money>(), Err(MoneyError::Malformed), "{bad}");
    }
    assert_eq!("99999999999999999999 EUR".parse::<Money>(), Err(MoneyError::Overflow));
    assert_eq!("5 EURO".parse::<Money>(), Err(MoneyError::UnknownCurrency));
}

#[test]
fn amounts_stay_inside_their_limits() {
    for (minor, wrong) in
        [(0, MoneyError::NotPositive), (-1, MoneyError::NotPositive), (MAX_AMOUNT_MINOR + 1, MoneyError::AboveLimit)]
    {
        assert_eq!(Amount::new(minor, Currency::EUR), Err(wrong));
        let json = format!(r#"{{"amount":{minor},"currency":"EUR"}}"#);
        assert!(serde_json::from_str::<Amount>(&json).is_err(), "{json}");
    }
    assert!(Amount::new(MAX_AMOUNT_MINOR, Currency::EUR).is_ok());
    assert!(serde_json::from_str::<Amount>(r#"{"amount":12.5,"currency":"EUR"}"#).is_err());
}

proptest! {
    #[test]
    fn text_and_json_round_trip(minor in any::<i64>(), currency in currencies()) {
        let money = Money::new(minor, currency);
        prop_assert_eq!(money.to_string().parse(), Ok(money));
        let json = serde_json::to_string(&money).unwrap();
        prop_assert_eq!(&json, &format!(r#"{{"amount":{minor},"currency":"{currency}"}}"#));
        prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
    }

    #[test]
    fn sums_are_exact_or_refused(a in any::<i64>(), b in any::<i64>(), x in currencies(), y in currencies()) {
        let sum = Money::new(a, x).checked_add(Money::new(b, y));
        let exact = i64::try_from(i128::from(a) + i128::from(b));
        match (x == y, exact) {
            (false, _) => prop_assert_eq!(sum, Err(MoneyError::CurrencyMismatch)),
            (true, Ok(minor)) => {
                prop_assert_eq!(sum, Ok(Money::new(minor, x)));
                prop_assert_eq!(sum.unwrap().checked_sub(Money::new(b, y)), Ok(Money::new(a, x)));
            }
            (true, Err(_)) => prop_assert_eq!(sum, Err(MoneyError::Overflow)),
        }
    }

    #[test]
    fn any_text_is_answered(text in ".{0,60}") {
        let _ = text.parse::<Money>();
    }
}
