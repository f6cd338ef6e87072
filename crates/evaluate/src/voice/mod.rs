//! Evaluation on recordings: speaker verification per set, prompted digits, synthetic voices, time.
//!
//! Trials are all pairs of bona fide clips of a set, each cropped to its first 3 s of speech. Sets: `librispeech` and `urdu` (every
//! subset whose name begins so), and `fsdd`: single digits of a speaker, spliced into random strings of six, seeded.
//! Synthetic clips are tried against a template of three clips of each speaker that has three.

mod list;
mod measure;
mod splice;
mod times;

use std::collections::BTreeMap;
use std::path::Path;

use decide::{SoundQuality, VoicePolicy};
use serde::Serialize;

use crate::EvaluateError;
use measure::Measured;

pub use times::VoiceMillis;

/// What `evaluate voice` found. Field names are a contract; a figure without trials is `null`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VoiceReport {
    pub subsets: Vec<SubsetRow>,
    pub prompt: PromptRow,
    pub tts: TtsRow,
    pub ms_per_second: VoiceMillis,
}

/// One set. Rates are 0..=1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SubsetRow {
    pub subset: &'static str,
    pub speakers: usize,
    pub genuine: usize,
    pub impostor: usize,
    pub eer: Option<f64>,
    pub tar_at_fmr: BTreeMap<&'static str, Option<f64>>,
}

/// Spoken digit strings against what was asked: the right string, and for each one a wrong digit, two digits swapped and another
/// string.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PromptRow {
    /// Spoken strings.
    pub n: usize,
    pub accepted_right: Option<f64>,
    pub accepted_wrong: Option<f64>,
}

/// Synthetic clips against templates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TtsRow {
    /// Trials.
    pub n: usize,
    pub accepted: Option<f64>,
}

/// The sets of bona fide clips.
const SETS: [&str; 3] = ["librispeech", "urdu", "fsdd"];
/// False match rates at which the true accept rate is told.
const RATES: [(&str, f64); 2] = [("1e-2", 1e-2), ("1e-3", 1e-3)];

/// Measures the recordings of `data/voice.csv`; accepting is judged by `policy`. `progress(done, total)` is called after each clip.
///
/// # Errors
/// The list or a clip is missing or malformed, or the engine fails.
pub fn voice(
    data: &Path,
    models: &voice::Models,
    policy: &VoicePolicy,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<VoiceReport, EvaluateError> {
    let clips = list::read(&data.join("voice.csv"))?;
    let mut analyzer = models.analyzer()?;
    let strings = splice::strings(data, &clips)?;
    let total = clips.iter().filter(|c| c.subset != "fsdd").count() + strings.len();
    let mut done = 0;
    let mut step = || {
        done += 1;
        progress(done, total);
    };
    let mut sets: BTreeMap<&'static str, Vec<Measured>> = SETS.into_iter().map(|s| (s, Vec::new())).collect();
    let mut synthetic = Vec::new();
    for clip in clips.iter().filter(|c| c.subset != "fsdd") {
        let sound = list::sound(data, clip)?;
        let measured = measure::clip(&mut analyzer, &clip.speaker, &sound)?;
        let set = SETS.into_iter().find(|set| clip.subset.starts_with(set));
        match set.and_then(|set| sets.get_mut(set)).filter(|_| clip.is_bona_fide()) {
            Some(set) => set.extend(measured),
            None if !clip.is_bona_fide() => synthetic.extend(measured),
            None => {}
        }
        step();
    }
    let mut prompt = measure::PromptTally::default();
    for string in &strings {
        if let Some(set) = sets.get_mut("fsdd") {
            set.extend(measure::clip(&mut analyzer, &string.speaker, &string.sound)?);
        }
        prompt.add(&mut analyzer, string, policy)?;
        step();
    }
    let subsets = SETS.into_iter().filter_map(|name| sets.get(name).map(|set| measure::row(name, set))).collect();
    let tts = measure::synthetic(sets.values().flatten(), &synthetic, policy)?;
    let ms_per_second = times::measure(&mut analyzer, data, &clips, &strings)?;
    Ok(VoiceReport { subsets, prompt: prompt.row(), tts, ms_per_second })
}

/// `voice`'s measurements in the form that `decide` takes.
fn sound_quality(q: &voice::Quality) -> SoundQuality {
    SoundQuality {
        speech_seconds: q.speech_seconds,
        level_db: q.level_db,
        clipped: q.clipped,
        snr_db: q.snr_db,
        high_band_db: q.high_band_db,
        began_at: q.began_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_form_is_the_contract() {
        let report = VoiceReport {
            subsets: vec![measure::row("urdu", &[])],
            prompt: measure::PromptTally::default().row(),
            tts: TtsRow { n: 0, accepted: None },
            ms_per_second: VoiceMillis { features: None, speaker: None, prompt: None },
        };
        let wanted = serde_json::json!({
            "subsets": [{"subset": "urdu", "speakers": 0, "genuine": 0, "impostor": 0, "eer": null,
                         "tar_at_fmr": {"1e-2": null, "1e-3": null}}],
            "prompt": {"n": 0, "accepted_right": null, "accepted_wrong": null},
            "tts": {"n": 0, "accepted": null},
            "ms_per_second": {"features": null, "speaker": null, "prompt": null},
        });
        assert_eq!(serde_json::to_value(&report).unwrap(), wanted);
    }
}
