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

/// The newest of each purpose, method and language stands first.
const TEXTS: &[ConsentText] = texts! {
    Payment, Face, "2026-11", "en", "payment-face.2026-11.en.txt";
    Payment, Voice, "voice-2026-11", "en", "payment-voice.voice-2026-11.en.txt";
    ControlledAgeing, Face, "2026-11", "en", "controlled_ageing-face.2026-11.en.txt";
    DuplicateSearch, Face, "2026-11", "en", "duplicate_search-face.2026-11.en.txt";
};

impl ConsentText {
    /// What is asked for now.
    ///
    /// # Errors
    /// This method is not used for that purpose.
    pub fn current(purpose: Purpose, method: Method) -> Result<&'static Self> {
        let found = TEXTS.iter().find(|t| t.purpose == purpose && t.method == method);
        found.ok_or_else(|| Error::invalid("purpose", "this method is not used for that"))
    }

    /// The text of that version.
    ///
    /// # Errors
    /// It is not the one that is asked for now: somebody read an older page.
    pub fn shown(purpose: Purpose, method: Method, version: &str) -> Result<&'static Self> {
        let now = Self::current(purpose, method)?;
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
        rest.lines().map(|line| line.split_once(": ").unwrap_or(("", line))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_a_sentence_and_says_how_to_take_it_back() {
        for text in TEXTS {
            assert!(text.sentence().starts_with("I agree that"), "{text:?}");
            assert!(text.lines().iter().any(|(name, _)| *name == "How I take it back"), "{text:?}");
            assert!(text.lines().iter().any(|(name, _)| *name == "If I say no"), "{text:?}");
        }
    }

    #[test]
    fn only_the_text_that_is_asked_for_now_is_agreed_to() {
        assert!(ConsentText::shown(Purpose::Payment, Method::Face, "2026-11").is_ok());
        let old = ConsentText::shown(Purpose::Payment, Method::Face, "2025-01");
        assert!(old.unwrap_err().to_string().contains("consent_texts"));
        assert!(ConsentText::current(Purpose::DuplicateSearch, Method::Voice).is_err());
    }
}
