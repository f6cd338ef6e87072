//! A voice for the demo: recordings of single spoken digits, put together as asked; no recording is said twice.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use voice::Sound;

use super::error::DemoError;

/// Samples a second.
pub const RATE: usize = 16_000;
const PEAK: f32 = 0.5;
/// The noise of a quiet room.
const FLOOR: f32 = 0.001;

/// All recordings of a folder, by speaker.
pub struct Voices(BTreeMap<String, Takes>);

/// Of each digit, its recordings.
type Takes = [Vec<Vec<f32>>; 10];

/// Somebody who can say digits.
pub struct Speaker {
    takes: Takes,
    /// Of each digit, how often it was said.
    said: [usize; 10],
    rng: ChaCha8Rng,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Payer,
    Other,
}

impl Voices {
    /// Reads a folder whose files are called `DIGIT_SPEAKER_TAKE.wav`, as in the Free Spoken Digit Dataset.
    ///
    /// # Errors
    /// A file that cannot be read; no two speakers with every digit.
    pub fn read(folder: &Path) -> Result<Self, DemoError> {
        if !folder.is_dir() {
            return Err(DemoError::NoVoices(folder.to_owned()));
        }
        let failed = |source| DemoError::File { path: folder.to_owned(), source };
        let mut speakers: BTreeMap<String, Takes> = BTreeMap::new();
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(folder).and_then(|entries| entries.map(|e| Ok(e?.path())).collect()).map_err(failed)?;
        files.sort();
        for path in files {
            let Some((digit, speaker)) = name(&path) else { continue };
            if let Some(takes) = speakers.entry(speaker).or_default().get_mut(digit) {
                takes.push(samples(&path)?);
            }
        }
        speakers.retain(|_, takes| takes.iter().all(|t| !t.is_empty()));
        if speakers.len() < 2 { Err(DemoError::NoVoices(folder.to_owned())) } else { Ok(Self(speakers)) }
    }

    /// The first speaker, or the second as somebody else.
    pub fn speaker(&self, who: Who, seed: u64) -> Result<Speaker, DemoError> {
        let place = usize::from(who == Who::Other);
        let takes = self.0.values().nth(place).cloned().ok_or(DemoError::Missing("speaker"))?;
        Ok(Speaker { takes, said: [0; 10], rng: ChaCha8Rng::seed_from_u64(seed ^ (place as u64) << 32) })
    }
}

impl Speaker {
    /// 16-bit PCM of the digits, with silence before and enough after to show that they are over.
    pub fn say(&mut self, digits: &str) -> Vec<u8> {
        let mut samples = silence(0.5);
        for digit in digits.bytes().filter(u8::is_ascii_digit).map(|d| usize::from(d - b'0')) {
            let loud = PEAK * (0.7 + 0.3 * self.rng.random::<f32>());
            samples.extend(self.take(digit).iter().map(|s| s * loud));
            samples.extend(silence(0.1 + 0.08 * self.rng.random::<f32>()));
        }
        samples.extend(silence(1.6));
        let noisy = samples.iter().map(|s| s + FLOOR * (self.rng.random::<f32>() * 2.0 - 1.0));
        noisy.flat_map(|s| ((s.clamp(-1.0, 1.0) * 32_767.0) as i16).to_le_bytes()).collect()
    }

    /// The next recording of a digit.
    fn take(&mut self, digit: usize) -> &[f32] {
        let (Some(takes), Some(said)) = (self.takes.get(digit), self.said.get_mut(digit)) else { return &[] };
        *said += 1;
        takes.get((*said - 1) % takes.len().max(1)).map_or(&[], Vec::as_slice)
    }
}

/// Digit and speaker of `7_jackson_32.wav`.
fn name(path: &Path) -> Option<(usize, String)> {
    let (digit, rest) = path.file_name()?.to_str()?.strip_suffix(".wav")?.split_once('_')?;
    let (speaker, _) = rest.rsplit_once('_')?;
    Some((digit.parse().ok().filter(|d| *d < 10)?, speaker.to_owned()))
}

fn samples(path: &Path) -> Result<Vec<f32>, DemoError> {
    let bytes = std::fs::read(path).map_err(|source| DemoError::File { path: path.to_owned(), source })?;
    let sound = Sound::from_wav(&bytes)?;
    let peak = sound.samples().iter().fold(1e-6_f32, |peak, s| peak.max(s.abs()));
    Ok(sound.samples().iter().map(|s| s / peak).collect())
}

fn silence(seconds: f32) -> Vec<f32> {
    vec![0.0; (seconds * RATE as f32) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_without_recordings_is_told_what_is_needed() {
        let empty = tempfile::tempdir().unwrap();
        for folder in [empty.path(), Path::new("/nowhere/digits")] {
            let sentence = Voices::read(folder).err().unwrap().to_string();
            for wanted in
                ["--voices", "DIGIT_SPEAKER_TAKE.wav", "Free Spoken Digit Dataset", &folder.display().to_string()]
            {
                assert!(sentence.contains(wanted), "{wanted}: {sentence}");
            }
            assert!(!sentence.contains('\n'));
        }
    }

    #[test]
    fn files_name_digit_and_speaker() {
        assert_eq!(name(Path::new("a/7_jackson_32.wav")), Some((7, "jackson".to_owned())));
        for other in ["readme.md", "12_jackson_1.wav", "x_jackson_1.wav", "7.wav"] {
            assert_eq!(name(Path::new(other)), None, "{other}");
        }
    }

    #[test]
    fn no_recording_is_said_twice_while_another_is_left() {
        let takes: Takes = std::array::from_fn(|d| (0..3).map(|t| vec![(d * 3 + t) as f32; 4]).collect());
        let mut speaker = Speaker { takes, said: [0; 10], rng: ChaCha8Rng::seed_from_u64(1) };
        let said: Vec<f32> = (0..4).map(|_| speaker.take(2)[0]).collect();
        assert_eq!(said, [6.0, 7.0, 8.0, 6.0]);
    }
}
