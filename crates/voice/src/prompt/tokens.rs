//! English words to Whisper's tokens: byte-level BPE (Sennrich et al. 2016, as in GPT-2), for lower-case ASCII words only, so that
//! bytes stand for themselves.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::VoiceError;

/// Stands for the space before a word.
const SPACE: char = 'Ġ';
/// Largest file that is read.
const MAX_BYTES: u64 = 16 << 20;

/// Vocabulary and merges.
pub(crate) struct Tokens {
    numbers: HashMap<String, u32>,
    ranks: HashMap<(String, String), usize>,
}

#[derive(Deserialize)]
struct File {
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    vocab: HashMap<String, u32>,
    merges: Vec<Merge>,
}

/// Older files write a pair as one text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Pair(String, String),
    Text(String),
}

impl Tokens {
    pub(crate) fn read(path: &Path) -> Result<Self, VoiceError> {
        let broken = |e: String| VoiceError::Tokenizer(format!("{}: {e}", path.display()));
        let size = std::fs::metadata(path).map_err(|e| broken(e.to_string()))?.len();
        if size > MAX_BYTES {
            return Err(broken("it is too large".to_owned()));
        }
        let bytes = std::fs::read(path).map_err(|e| broken(e.to_string()))?;
        Self::parse(&bytes).map_err(|e| broken(e.to_string()))
    }

    fn parse(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let File { model } = serde_json::from_slice(bytes)?;
        let pair = |merge| match merge {
            Merge::Pair(a, b) => Some((a, b)),
            Merge::Text(both) => both.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())),
        };
        let ranks = model.merges.into_iter().filter_map(pair).enumerate().map(|(rank, both)| (both, rank)).collect();
        Ok(Self { numbers: model.vocab, ranks })
    }

    /// The tokens of a word with the space before it. `None`: not a word of lower-case ASCII letters.
    pub(crate) fn word(&self, word: &str) -> Option<Vec<u32>> {
        if word.is_empty() || !word.bytes().all(|b| b.is_ascii_lowercase()) {
            return None;
        }
        let mut parts: Vec<String> = std::iter::once(SPACE).chain(word.chars()).map(String::from).collect();
        while let Some(at) = self.next_merge(&parts) {
            let right = parts.remove(at + 1);
            if let Some(left) = parts.get_mut(at) {
                left.push_str(&right);
            }
        }
        parts.iter().map(|part| self.numbers.get(part).copied()).collect()
    }

    /// Where the pair of lowest rank is.
    fn next_merge(&self, parts: &[String]) -> Option<usize> {
        let rank = |pair: &[String]| match pair {
            [a, b] => self.ranks.get(&(a.clone(), b.clone())).copied(),
            _ => None,
        };
        let ranked = parts.windows(2).enumerate().filter_map(|(at, pair)| rank(pair).map(|r| (r, at)));
        ranked.min().map(|(_, at)| at)
    }

    /// Tokens that are lower-case letters, with or without the space before them: all that a phrase may hold.
    pub(crate) fn letters(&self) -> Vec<u32> {
        let plain = |text: &str| {
            let text = text.strip_prefix(SPACE).unwrap_or(text);
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase())
        };
        let mut found: Vec<u32> = self.numbers.iter().filter(|(t, _)| plain(t)).map(|(_, n)| *n).collect();
        found.sort_unstable();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_merged_by_rank() {
        let file = r#"{"model": {"vocab": {"Ġ": 0, "a": 1, "b": 2, "ab": 3, "Ġab": 4, "Ġa": 5, ",": 6},
            "merges": [["a", "b"], "Ġ a", "Ġ ab"]}}"#;
        let tokens = Tokens::parse(file.as_bytes()).unwrap();
        assert_eq!(tokens.word("ab").unwrap(), [4], "a b before Ġ a");
        assert_eq!(tokens.word("aab").unwrap(), [5, 3]);
        assert!(tokens.word("abc").is_none() && tokens.word("").is_none() && tokens.word("AB").is_none());
        assert_eq!(tokens.letters(), [1, 2, 3, 4, 5]);
    }
}
