use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::MoneyError;

/// Active ISO 4217 codes (list one, funds and metals left out), grouped by the number of minor-unit digits.
const TWO_DIGITS: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF \
     CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR \
     ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR \
     MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP \
     STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG";
const NO_DIGITS: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
const THREE_DIGITS: &str = "BHD IQD JOD KWD LYD OMR TND";

/// An active ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    code: &'static str,
    digits: u8,
}

impl Currency {
    pub const EUR: Self = Self { code: "EUR", digits: 2 };
    pub const USD: Self = Self { code: "USD", digits: 2 };
    pub const JPY: Self = Self { code: "JPY", digits: 0 };

    /// The three capital letters.
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// How many decimal digits the minor unit has: 2 for EUR, 0 for JPY, 3 for BHD.
    pub const fn digits(self) -> u8 {
        self.digits
    }

    /// Minor units in one major unit: 100 for EUR.
    pub const fn minor_per_major(self) -> i64 {
        match self.digits {
            0 => 1,
            3 => 1_000,
            _ => 100,
        }
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    /// Exactly three capital letters of a currency in use.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let find = |list: &'static str, digits| {
            list.split_ascii_whitespace().find(|code| *code == text).map(|code| Self { code, digits })
        };
        find(TWO_DIGITS, 2)
            .or_else(|| find(NO_DIGITS, 0))
            .or_else(|| find(THREE_DIGITS, 3))
            .ok_or(MoneyError::UnknownCurrency)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_minor_units_and_refuses_the_rest() {
        for (code, digits) in [("EUR", 2), ("CNY", 2), ("JPY", 0), ("KRW", 0), ("BHD", 3), ("TND", 3)] {
            assert_eq!(code.parse::<Currency>().map(Currency::digits), Ok(digits), "{code}");
        }
        for bad in ["", "eur", "EURO", "XXX", "DEM", "E R", " EUR", "\u{20ac}"] {
            assert_eq!(bad.parse::<Currency>(), Err(MoneyError::UnknownCurrency), "{bad}");
        }
    }

    #[test]
    fn no_code_is_listed_twice() {
        let mut codes: Vec<_> =
            [TWO_DIGITS, NO_DIGITS, THREE_DIGITS].iter().flat_map(|l| l.split_ascii_whitespace()).collect();
        let listed = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), listed);
        assert!(codes.iter().all(|c| c.len() == 3 && c.bytes().all(|b| b.is_ascii_uppercase())));
    }
}
