//! The languages that prompts can be in: a catalogue. To add one, add a line: its tag, its place among Whisper's languages, its ten
//! digits as they are spoken, and what the payer is told.

use std::fmt;

/// One language of prompts.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Primary subtag of BCP 47.
    pub tag: &'static str,
    /// Its own name.
    pub name: &'static str,
    /// The digits 0 to 9 as they are spoken: for people, and for whoever reads them aloud.
    pub digits: [&'static str; 10],
    /// Before digits to be said.
    pub say: &'static str,
    /// Which network hears it.
    pub ear: Ear,
}

/// Which of the two Whispers hears a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ear {
    /// tiny.en.
    English,
    /// base, told the language: its place in Whisper's own order.
    World(u8),
}

/// A language of the catalogue.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Language(&'static Entry);

const CATALOGUE: [Entry; 7] = [
    Entry {
        tag: "en",
        name: "English",
        digits: ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
        say: "Say these digits one by one, in English",
        ear: Ear::English,
    },
    Entry {
        tag: "zh",
        name: "中文",
        digits: ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"],
        say: "请逐个读出这些数字",
        ear: Ear::World(1),
    },
    Entry {
        tag: "de",
        name: "Deutsch",
        digits: ["null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"],
        say: "Sagen Sie diese Ziffern einzeln",
        ear: Ear::World(2),
    },
    Entry {
        tag: "es",
        name: "Español",
        digits: ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"],
        say: "Di estas cifras una por una",
        ear: Ear::World(3),
    },
    Entry {
        tag: "ru",
        name: "Русский",
        digits: ["ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"],
        say: "Произнесите эти цифры по одной",
        ear: Ear::World(4),
    },
    Entry {
        tag: "fr",
        name: "Français",
        digits: ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"],
        say: "Dites ces chiffres un par un",
        ear: Ear::World(6),
    },
    Entry {
        tag: "it",
        name: "Italiano",
        digits: ["zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"],
        say: "Pronuncia queste cifre una per una",
        ear: Ear::World(15),
    },
];

impl Language {
    /// English, which needs no further weights.
    pub const ENGLISH: Self = Self(&CATALOGUE[0]);

    /// Every language of the catalogue.
    pub fn all() -> impl Iterator<Item = Self> {
        CATALOGUE.iter().map(Self)
    }

    /// From a tag such as `zh`, `zh-CN` or `en_GB`; letter case does not matter.
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::all().find(|l| l.0.tag.eq_ignore_ascii_case(primary))
    }

    /// What is known of it.
    pub const fn entry(self) -> &'static Entry {
        self.0
    }

    pub const fn tag(self) -> &'static str {
        self.0.tag
    }

    pub const fn ear(self) -> Ear {
        self.0.ear
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_by_their_first_part() {
        for (tag, wanted) in [("en", "en"), ("EN-gb", "en"), ("zh-Hans-CN", "zh"), ("fr_CA", "fr")] {
            assert_eq!(Language::parse(tag).unwrap().tag(), wanted, "{tag}");
        }
        assert!(Language::parse("tlh").is_none() && Language::parse("").is_none());
    }

    #[test]
    fn every_language_has_ten_different_digits_and_a_place_of_its_own() {
        let mut places = Vec::new();
        for language in Language::all() {
            let mut digits = language.entry().digits.to_vec();
            digits.sort_unstable();
            digits.dedup();
            assert_eq!(digits.len(), 10, "{language:?}");
            places.push(format!("{:?}", language.ear()));
        }
        places.sort();
        places.dedup();
        assert_eq!(places.len(), Language::all().count());
    }
}
