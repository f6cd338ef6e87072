//! Every consent text that was ever shown, word by word. A changed text is a new file and a new version; old ones stay,
//! so that it can be told years later what somebody agreed to.

use base::{Method, Purpose};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// One text in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentText {
    pub purpose: Purpose,
    pub method: Method,
    pub version: &'static str,
    /// BCP 47.
    pub locale: &'static str,
    /// First the sentence that is agreed to, then an empty line, then one line for each thing to know.
    pub body: &'static str,
}

macro_rules! texts {
    ($($purpose:ident, $method:ident, $version:literal, $locale:literal, $file:literal;)*) => {
        &[$(ConsentText {
            purpose: Purpose::$purpose,
            method: Method::$method,
            version: $version,
            locale: $locale,
            body: include_str!(concat!("../../../../web/consents/", $file)),
        }),*]
    };
}

/// Shown where a text has no translation.
const FALLBACK: &str = "en";

/// The newest of each purpose, method and language stands first.
const TEXTS: &[ConsentText] = texts! {
    Payment, Face, "2026-11", "en", "payment-face.2026-11.en.txt";
    Payment, Voice, "voice-2026-11", "en", "payment-voice.voice-2026-11.en.txt";
    Payment, Kungfu, "kungfu-2026-11", "en", "payment-kungfu.kungfu-2026-11.en.txt";
    ControlledAgeing, Face, "2026-11", "en", "controlled_ageing-face.2026-11.en.txt";
    DuplicateSearch, Face, "2026-11", "en", "duplicate_search-face.2026-11.en.txt";
    Kiosk, Face, "2026-11", "en", "kiosk-face.2026-11.en.txt";
    Payment, Face, "2026-11", "zh-CN", "payment-face.2026-11.zh-CN.txt";
    Payment, Voice, "voice-2026-11", "zh-CN", "payment-voice.voice-2026-11.zh-CN.txt";
    Payment, Kungfu, "kungfu-2026-11", "zh-CN", "payment-kungfu.kungfu-2026-11.zh-CN.txt";
    ControlledAgeing, Face, "2026-11", "zh-CN", "controlled_ageing-face.2026-11.zh-CN.txt";
    DuplicateSearch, Face, "2026-11", "zh-CN", "duplicate_search-face.2026-11.zh-CN.txt";
    Kiosk, Face, "2026-11", "zh-CN", "kiosk-face.2026-11.zh-CN.txt";
    Payment, Face, "2026-11", "de", "payment-face.2026-11.de.txt";
    Payment, Voice, "voice-2026-11", "de", "payment-voice.voice-2026-11.de.txt";
    Payment, Kungfu, "kungfu-2026-11", "de", "payment-kungfu.kungfu-2026-11.de.txt";
    ControlledAgeing, Face, "2026-11", "de", "controlled_ageing-face.2026-11.de.txt";
    DuplicateSearch, Face, "2026-11", "de", "duplicate_search-face.2026-11.de.txt";
    Kiosk, Face, "2026-11", "de", "kiosk-face.2026-11.de.txt";
};

impl ConsentText {
    /// What is asked for now in `locale` (BCP 47); in English where there is no translation.
    ///
    /// # Errors
    /// This method is not used for that purpose.
    pub fn current(purpose: Purpose, method: Method, locale: &str) -> Result<&'static Self> {
        let asked = |locale: &str| {
            TEXTS.iter().find(|t| (t.purpose, t.method) == (purpose, method) && t.locale.eq_ignore_ascii_case(locale))
        };
        let found = asked(locale).or_else(|| asked(FALLBACK));
        found.ok_or_else(|| Error::invalid("purpose", "this method is not used for that"))
    }

    /// The text of that version in that language.
    ///
    /// # Errors
    /// It is not the one that is asked for now: somebody read an older page.
    pub fn shown(purpose: Purpose, method: Method, version: &str, locale: &str) -> Result<&'static Self> {
        let now = Self::current(purpose, method, locale)?;
        let known = (now.version == version).then_some(now);
        known.ok_or_else(|| {
            Error::invalid(
                "consent.text_version",
                format!("the text is `{}` now: show it (GET /v1/consent_texts) and ask again", now.version),
            )
        })
    }

    /// The text that somebody agreed to, however old.
    pub fn of(purpose: Purpose, method: Method, version: &str, locale: &str) -> Option<&'static Self> {
        TEXTS.iter().find(|t| (t.purpose, t.method, t.version, t.locale) == (purpose, method, version, locale))
    }

    /// Those that are asked for now.
    pub fn all() -> &'static [Self] {
        TEXTS
    }

    /// SHA-256 of the text's UTF-8.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.body.as_bytes()).into()
    }

    /// The sentence that is agreed to.
    pub fn sentence(&self) -> &'static str {
        self.body.split("\n\n").next().unwrap_or_default().trim()
    }

    /// The lines of what to know, each a name and what is said about it.
    pub fn lines(&self) -> Vec<(&'static str, &'static str)> {
        let rest = self.body.split_once("\n\n").map_or("", |(_, rest)| rest);
        let parts = |line: &'static str| line.split_once(": ").or_else(|| line.split_once('：')).unwrap_or(("", line));
        rest.lines().map(parts).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_a_sentence_and_says_how_to_take_it_back() {
        for text in TEXTS {
            let (agree, back, no) = match text.locale {
                "en" => ("I agree that", "How I take it back", "If I say no"),
                "de" => ("Ich willige ein, dass", "Wie ich es zurücknehme", "Wenn ich nein sage"),
                _ => ("我同意", "如何收回", "如果我不同意"),
            };
            assert!(text.sentence().starts_with(agree), "{text:?}");
            assert!(text.lines().iter().any(|(name, _)| *name == back), "{text:?}");
            assert!(text.lines().iter().any(|(name, _)| *name == no), "{text:?}");
        }
    }

    #[test]
    fn what_is_asked_for_now_is_there_in_every_language_and_says_as_much() {
        let mut digests = std::collections::BTreeSet::new();
        for text in TEXTS.iter().filter(|t| t.locale == FALLBACK) {
            for locale in ["zh-CN", "de"] {
                let Ok(now) = ConsentText::current(text.purpose, text.method, text.locale) else { unreachable!() };
                let Ok(other) = ConsentText::current(text.purpose, text.method, locale) else { unreachable!() };
                assert_eq!((other.locale, other.version), (locale, now.version));
                assert_eq!(other.lines().len(), now.lines().len(), "{other:?}");
            }
        }
        assert!(TEXTS.iter().all(|t| digests.insert(t.digest())), "each text in each language has a digest of its own");
        let unknown = ConsentText::current(Purpose::Payment, Method::Face, "fr").unwrap();
        assert_eq!(unknown.locale, "en");
    }

    #[test]
    fn only_the_text_that_is_asked_for_now_is_agreed_to() {
        assert!(ConsentText::shown(Purpose::Payment, Method::Face, "2026-11", "de").is_ok());
        let old = ConsentText::shown(Purpose::Payment, Method::Face, "2025-01", "en");
        assert!(old.unwrap_err().to_string().contains("consent_texts"));
        assert!(ConsentText::current(Purpose::DuplicateSearch, Method::Voice, "en").is_err());
    }
}
