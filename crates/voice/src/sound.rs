use std::io::Cursor;

use hound::{SampleFormat, WavReader};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::VoiceError;
use crate::limits::{FILE_RATES, MAX_CHANNELS, MAX_FILE_BYTES, MAX_SAMPLES, RATE};
use crate::resample::resample;

/// Mono sound at 16 kHz, −1..=1, at most [`crate::limits::MAX_SECONDS`] long.
///
/// A voice is biometric: no `Debug`, `Clone` or serialisation, and wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Sound {
    samples: Vec<f32>,
}

impl Sound {
    /// # Errors
    /// Too long, or a value that is no number.
    pub fn from_samples(mut samples: Vec<f32>) -> Result<Self, VoiceError> {
        if samples.len() > MAX_SAMPLES {
            samples.zeroize();
            return Err(VoiceError::TooLong);
        }
        if !samples.iter().all(|s| s.is_finite()) {
            samples.zeroize();
            return Err(VoiceError::Unreadable("a sample is no number".to_owned()));
        }
        Ok(Self { samples })
    }

    /// Little-endian 16-bit samples at 16 kHz.
    ///
    /// # Errors
    /// An odd number of bytes, or too long.
    pub fn from_pcm16(bytes: &[u8]) -> Result<Self, VoiceError> {
        let (words, []) = bytes.as_chunks::<2>() else {
            return Err(VoiceError::Unreadable("half a sample".to_owned()));
        };
        Self::from_samples(words.iter().map(|b| pcm(i16::from_le_bytes(*b))).collect())
    }

    /// A WAV file of whole-number samples (8 to 32 bit, 8 to 48 kHz): channels are averaged, other rates converted.
    ///
    /// # Errors
    /// Not such a file, or larger than the limits.
    pub fn from_wav(bytes: &[u8]) -> Result<Self, VoiceError> {
        if bytes.len() > MAX_FILE_BYTES {
            return Err(VoiceError::TooLong);
        }
        let broken = |e: hound::Error| VoiceError::Unreadable(e.to_string());
        let reader = WavReader::new(Cursor::new(bytes)).map_err(broken)?;
        let spec = reader.spec();
        let fits = spec.sample_format == SampleFormat::Int
            && (1..=MAX_CHANNELS).contains(&spec.channels)
            && FILE_RATES.contains(&spec.sample_rate)
            && (8..=32).contains(&spec.bits_per_sample);
        if !fits {
            return Err(VoiceError::Unreadable("another format of samples".to_owned()));
        }
        let channels = usize::from(spec.channels);
        let scale = 1.0 / f32::from(spec.channels) / 2f32.powi(i32::from(spec.bits_per_sample) - 1);
        #[expect(clippy::cast_precision_loss, reason = "more than 24 bits of a sample are noise")]
        let all = reader.into_samples::<i32>().map(|s| s.map(|v| v as f32 * scale).map_err(broken));
        let all = all.collect::<Result<Vec<f32>, _>>()?;
        let mono: Vec<f32> = all.chunks_exact(channels).map(|frame| frame.iter().sum()).collect();
        Self::from_samples(resample(mono, spec.sample_rate))
    }

    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    #[expect(clippy::cast_precision_loss, reason = "below 2^24 samples")]
    pub fn seconds(&self) -> f32 {
        self.samples.len() as f32 / RATE as f32
    }

    /// How loud it is, dB below full scale, each 20 ms; the loudness of place `n` is that of the middle of its 20 ms.
    pub fn loudness(&self) -> Vec<f32> {
        const PIECE: usize = RATE / 50;
        let energy = |piece: &[f32]| piece.iter().map(|s| s * s).sum::<f32>() / PIECE_F;
        let pieces = self.samples.chunks_exact(PIECE).map(energy);
        pieces.map(|e| if e > 1e-12 { 10.0 * e.log10() } else { -120.0 }).collect()
    }

    /// A part, held to what there is.
    #[must_use]
    pub fn part(&self, from: usize, to: usize) -> Self {
        let to = to.min(self.samples.len());
        Self { samples: self.samples.get(from.min(to)..to).unwrap_or_default().to_vec() }
    }
}

/// Samples of 20 ms.
const PIECE_F: f32 = 320.0;

/// A 16-bit sample as −1..1.
pub(crate) fn pcm(sample: i16) -> f32 {
    f32::from(sample) / 32_768.0
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn wav(channels: u16, rate: u32, bits: u16, samples: &[i32]) -> Vec<u8> {
        let spec =
            hound::WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format: SampleFormat::Int };
        let mut out = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut out, spec).unwrap();
        samples.iter().for_each(|s| writer.write_sample(*s).unwrap());
        writer.finalize().unwrap();
        out.into_inner()
    }

    #[test]
    fn files_become_mono_at_16_khz() {
        let sound = Sound::from_wav(&wav(2, 16_000, 16, &[16_384, 0, -16_384, -16_384])).unwrap();
        assert_eq!(sound.samples(), [0.25, -0.5]);
        let half = Sound::from_wav(&wav(1, 8_000, 8, &[64; 800])).unwrap();
        assert!((1_590..=1_600).contains(&half.samples().len()), "{}", half.samples().len());
        assert!(half.samples()[400..1_200].iter().all(|s| (s - 0.5).abs() < 0.01));
    }

    #[test]
    fn loudness_is_told_every_20_ms() {
        let samples = [vec![0.0; 640], vec![0.1; 320], vec![1.0; 100]].concat();
        let loud = Sound::from_samples(samples).unwrap().loudness();
        assert_eq!(loud.len(), 3);
        assert!(loud[0] == -120.0 && (loud[2] + 20.0).abs() < 1e-3, "{loud:?}");
    }

    #[test]
    fn what_is_no_sound_is_refused() {
        assert!(Sound::from_wav(b"RIFF").is_err());
        assert!(Sound::from_pcm16(&[1, 2, 3]).is_err());
        assert!(matches!(Sound::from_samples(vec![0.0; MAX_SAMPLES + 1]), Err(VoiceError::TooLong)));
        assert!(Sound::from_samples(vec![f32::NAN]).is_err());
        assert!(Sound::from_wav(&wav(1, 96_000, 16, &[0; 10])).is_err(), "another rate");
        let mut cut = wav(1, 16_000, 16, &[0; 100]);
        cut.truncate(60);
        assert!(Sound::from_wav(&cut).is_err());
        assert_eq!(Sound::from_pcm16(&[0, 0x40, 0, 0xc0]).unwrap().samples(), [0.5, -0.5]);
    }
}
