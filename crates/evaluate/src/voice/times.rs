//! Milliseconds per second of sound, on one thread: the quickest of several runs, which other work on the machine disturbs least.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;
use voice::limits::RATE;
use voice::{Analyzer, Prompt, Sound};

use super::list::{self, Clip};
use super::splice::Spoken;
use crate::EvaluateError;
use crate::limits::TIMED_CLIPS;

/// Milliseconds for each second of sound; `None` where nothing could be timed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct VoiceMillis {
    /// Speech activity, quality and filter banks.
    pub features: Option<f64>,
    /// The speaker network on 3 s, its filter banks included.
    pub speaker: Option<f64>,
    /// Encoding and scoring of one prompt.
    pub prompt: Option<f64>,
}

const SECONDS: usize = 3;

pub fn measure(
    analyzer: &mut Analyzer,
    data: &Path,
    clips: &[Clip],
    strings: &[Spoken],
) -> Result<VoiceMillis, EvaluateError> {
    let mut millis = VoiceMillis { features: None, speaker: None, prompt: None };
    let whole = clips.iter().filter(|c| c.subset != "fsdd" && c.is_bona_fide()).take(TIMED_CLIPS);
    for clip in whole {
        let sound = list::sound(data, clip)?.part(0, SECONDS * RATE);
        let start = Instant::now();
        let speech = analyzer.speech(&sound)?;
        let banks = voice::centred_banks(sound.samples());
        let quality = voice::Quality::of(&sound, &speech);
        quickest(&mut millis.features, start, &sound);
        std::hint::black_box((banks, quality));
        let start = Instant::now();
        if analyzer.embed(&sound, &speech).is_ok() {
            quickest(&mut millis.speaker, start, &sound);
        }
    }
    for string in strings.iter().take(TIMED_CLIPS) {
        let speech = analyzer.speech(&string.sound)?;
        let asked = Prompt::english(string.said);
        let start = Instant::now();
        if let Ok(attended) = analyzer.attend(&string.sound, &speech, &asked) {
            analyzer.score(&attended, &asked)?;
            quickest(&mut millis.prompt, start, &string.sound);
        }
    }
    Ok(millis)
}

fn quickest(best: &mut Option<f64>, start: Instant, sound: &Sound) {
    let took = start.elapsed().as_secs_f64() * 1e3 / f64::from(sound.seconds().max(0.1));
    *best = Some(best.map_or(took, |b| b.min(took)));
}
