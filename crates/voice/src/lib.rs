//! From sound to what is known of a speaker: speech activity, quality, speaker vector, spoken digits, fingerprint.
//!
//! Walkthrough: [`Sound`] is bounded mono sound at 16 kHz; an [`Analyzer`] (one per worker thread, made by
//! [`Models::analyzer`]) finds the speech in it, makes an [`Embedding`] of 3 s of speech and scores how well a
//! [`Prompt`] (digits in a [`Language`], or an English [`Phrase`]) explains what was said; [`Quality`] says how usable the recording is; [`fingerprint`] recognises sound that was
//! heard before; a [`Listener`] does this while the sound is still coming in. Nothing here decides: thresholds that accept or
//! deny live in `decide`.

mod analyzer;
mod digits;
mod embedding;
mod error;
mod fbank;
pub mod fingerprint;
mod language;
pub mod limits;
mod listener;
mod living;
mod logmel;
mod mel;
mod models;
mod phrase;
mod prompt;
mod quality;
mod resample;
mod sound;
mod speaker;
mod speech;

pub use analyzer::Analyzer;
pub use digits::{DIGITS, Digits};
pub use embedding::{EMBEDDING_LEN, Embedding};
pub use error::VoiceError;
pub use fbank::{BANDS, FRAMES, centred_banks, log_banks};
pub use language::{Ear, Entry, Language};
pub use listener::{Heard, Listener, ListenerLimits, Stage};
pub use living::{LivingInput, LivingPlug, LivingScale, MOST_SAMPLES, MOST_VALUES};
pub use logmel::{MEL_FRAMES, MELS, log_mel};
pub use models::{MODEL_ID, ModelPaths, Models, PhrasePaths, PromptPaths};
pub use phrase::Phrase;
pub use prompt::{Attended, Prompt, Spoken};
pub use quality::Quality;
pub use sound::Sound;
pub use speech::{Speech, SpeechTracker};
