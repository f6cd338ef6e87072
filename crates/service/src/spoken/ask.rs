//! What a payer is asked to say: drawn for each payment, kept with its challenge, shown at its capture.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use serde::{Deserialize, Serialize};
use voice::{Digits, Language, Phrase, Prompt};

use crate::app::App;
use crate::capture::CaptureEvent;
use crate::error::{Error, Result};
use crate::say;

/// Which kind of prompt a payer wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptKind {
    /// Six digits.
    #[default]
    Digits,
    /// Four English words.
    Phrase,
}

/// How a payer wants to be asked.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    pub kind: PromptKind,
    /// BCP 47 tag of the payer's language; another than the server speaks becomes English.
    pub language: Option<String>,
}

/// A prompt as it is kept with its challenge.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asked {
    Digits { digits: String, language: String },
    Words(String),
}

impl Asked {
    /// # Errors
    /// What was kept is no prompt.
    pub(crate) fn prompt(&self) -> Result<Prompt> {
        let prompt = match self {
            Self::Digits { digits, language } => {
                Digits::parse(digits).zip(Language::parse(language)).map(|(d, l)| Prompt::Digits(d, l))
            }
            Self::Words(words) => Phrase::parse(words).map(Prompt::Phrase),
        };
        prompt.ok_or_else(|| Error::internal("a kept prompt is none"))
    }
}

/// The message that asks for it.
pub(super) fn event(prompt: &Prompt, number: usize, of: usize) -> CaptureEvent {
    let language = prompt.language().tag();
    match prompt {
        Prompt::Digits(digits, own) => {
            let (digits, own_say) = (digits.to_string(), own.entry().say);
            CaptureEvent::Digits { digits, say: say::DIGITS, language, own_say, number, of }
        }
        Prompt::Phrase(phrase) => {
            CaptureEvent::Words { words: phrase.to_string(), say: say::WORDS, language, number, of }
        }
    }
}

impl App {
    /// Draws what to say, or takes what a test pins.
    ///
    /// # Errors
    /// Voice or phrases are switched off; what is pinned is no prompt.
    pub(crate) fn draw_prompt(&self, asking: &Asking, pinned: Option<Vec<String>>) -> Result<Asked> {
        self.voice_workers()?;
        let language = self.language(asking.language.as_deref());
        if asking.kind == PromptKind::Phrase && !self.has_phrases() {
            return Err(Error::invalid("prompt", "phrases are switched off here; ask for digits"));
        }
        let digits = |digits: Digits| Asked::Digits { digits: digits.to_string(), language: language.tag().to_owned() };
        if let Some(pinned) = pinned {
            let [text] = pinned.as_slice() else {
                return Err(Error::invalid("steps", "give one string: six digits, or words"));
            };
            return match asking.kind {
                PromptKind::Digits => Digits::parse(text).map(digits),
                PromptKind::Phrase => Phrase::parse(text).map(|p| Asked::Words(p.to_string())),
            }
            .ok_or_else(|| Error::invalid("steps", "give six digits, or three to eight English words"));
        }
        let mut rng = ChaCha20Rng::from_seed(self.random()?);
        Ok(match asking.kind {
            PromptKind::Digits => digits(Digits::draw(&mut || rng.next_u32())),
            PromptKind::Phrase => Asked::Words(Phrase::draw(&mut || rng.next_u32()).to_string()),
        })
    }

    /// The payer's language where it is heard here.
    pub(crate) fn language(&self, tag: Option<&str>) -> Language {
        tag.and_then(Language::parse).filter(|l| self.hears(*l)).unwrap_or(Language::ENGLISH)
    }
}
