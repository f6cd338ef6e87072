//! Prompts of words: drawn from a committed list, or the payer's own.

use std::fmt;
use std::sync::LazyLock;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// 256 common English words of four to nine letters, at least three letters apart from each other.
static ENGLISH: LazyLock<Vec<&'static str>> = LazyLock::new(|| include_str!("../words/english.txt").lines().collect());

/// Words of a drawn phrase: 4 of 256, so 32 bits less those that say a word twice.
pub const DRAWN: usize = 4;
/// Fewest and most words of a phrase.
pub const WORDS: std::ops::RangeInclusive<usize> = 3..=8;
/// Letters of one word.
pub const LETTERS: std::ops::RangeInclusive<usize> = 1..=16;

/// Words to be said one after another: lower-case ASCII letters.
///
/// A payer's own phrase is a secret: no `Debug`, and wiped when dropped.
#[derive(PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Phrase {
    words: Vec<String>,
}

impl Phrase {
    /// Drawn by `random`, which gives uniformly distributed numbers; no word comes twice.
    pub fn draw(random: &mut impl FnMut() -> u32) -> Self {
        let mut words: Vec<String> = Vec::with_capacity(DRAWN);
        while words.len() < DRAWN {
            // 256 divides 2^32, so the remainder has no bias.
            let place = random() as usize % ENGLISH.len().max(1);
            let Some(word) = ENGLISH.get(place) else { break };
            if !words.iter().any(|w| w == word) {
                words.push((*word).to_owned());
            }
        }
        Self { words }
    }

    /// Three to eight words of ASCII letters; case and punctuation at the ends of words are dropped. `None`: it is none.
    pub fn parse(text: &str) -> Option<Self> {
        const LONGEST: usize = 200;
        if text.len() > LONGEST {
            return None;
        }
        let plain = |word: &str| word.trim_matches(|c: char| c.is_ascii_punctuation()).to_ascii_lowercase();
        let phrase = Self { words: text.split_whitespace().map(plain).collect() };
        let fine = |w: &String| LETTERS.contains(&w.len()) && w.bytes().all(|b| b.is_ascii_lowercase());
        (WORDS.contains(&phrase.words.len()) && phrase.words.iter().all(fine)).then_some(phrase)
    }

    pub fn words(&self) -> &[String] {
        &self.words
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.words.iter().enumerate().try_for_each(|(at, w)| write!(f, "{}{w}", if at == 0 { "" } else { " " }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_what_its_entropy_counts_on() {
        let mut sorted = ENGLISH.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!((sorted.len(), ENGLISH.len()), (256, 256));
        assert!(ENGLISH.iter().all(|w| (4..=9).contains(&w.len()) && w.bytes().all(|b| b.is_ascii_lowercase())));
        // 256·255·254·253 phrases.
        assert!((256_f64 * 255.0 * 254.0 * 253.0).log2() > 31.9);
    }

    #[test]
    fn drawn_words_differ() {
        let mut rest = [5_u32, 5, 261, 6, 7, 8].into_iter();
        let drawn = Phrase::draw(&mut || rest.next().unwrap());
        assert_eq!(drawn.words(), &[ENGLISH[5], ENGLISH[6], ENGLISH[7], ENGLISH[8]]);
    }

    #[test]
    fn text_and_back_and_nothing_else() {
        assert_eq!(Phrase::parse(" Apple,  river canvas! ").unwrap().to_string(), "apple river canvas");
        for bad in ["apple river", "a b c d e f g h i", "apple 12 river", "äpfel river canvas", "- - -", ""] {
            assert!(Phrase::parse(bad).is_none(), "{bad}");
        }
        assert!(Phrase::parse(&"word ".repeat(50)).is_none());
    }
}
