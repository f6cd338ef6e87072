use std::path::PathBuf;
use std::sync::Arc;

use nn::{Engine, Model};

use crate::analyzer::Analyzer;
use crate::embedding::EMBEDDING_LEN;
use crate::error::VoiceError;
use crate::fbank::{BANDS, FRAMES};
use crate::speech::{ROW, ROWS, STATE};
use crate::{prompt, speaker};

/// Which network and features make the vectors; goes into every template.
pub const MODEL_ID: &str = "campplus-zh-en-common/fbank80-3s/1";

/// Where the weight files are.
#[derive(Clone, Debug)]
pub struct ModelPaths {
    /// CAM++ for 298 frames, f32 ONNX.
    pub speaker: PathBuf,
    /// Silero VAD, f32 ONNX.
    pub speech: PathBuf,
    /// Whisper's encoder for 8 s, f32 ONNX.
    pub prompt_encoder: PathBuf,
    /// Whisper's decoder for digits, f32 ONNX.
    pub prompt_decoder: PathBuf,
}

/// The compiled networks; cheap to clone, shared by threads.
#[derive(Clone)]
pub struct Models {
    inner: Arc<Inner>,
}

struct Inner {
    speaker: Model,
    speech: Model,
    encoder: Model,
    decoder: Model,
}

impl Models {
    /// Compiles all networks (1–2 s).
    ///
    /// # Errors
    /// A weight file is missing or broken.
    pub fn load(engine: &Engine, paths: &ModelPaths) -> Result<Self, VoiceError> {
        const { assert!(EMBEDDING_LEN == 192) };
        let state = [1, 1, STATE];
        let speech: [(&str, &[usize]); 3] = [("input", &[ROWS, ROW]), ("h", &state), ("c", &state)];
        let (mel, shape) = prompt::ENCODER_INPUT;
        let inner = Inner {
            speaker: engine.compile(&paths.speaker, &[1, FRAMES, BANDS], &[speaker::OUTPUT])?,
            speech: engine.compile_named(&paths.speech, &speech, &["speech_probs", "hn", "cn"])?,
            encoder: engine.compile_named(&paths.prompt_encoder, &[(mel, &shape)], &[prompt::ENCODER_OUTPUT])?,
            decoder: engine.compile_named(&paths.prompt_decoder, &prompt::DECODER_INPUTS, &[prompt::DECODER_OUTPUT])?,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// A set of scratch memory to analyse sound with: one per worker thread.
    ///
    /// # Errors
    /// The engine cannot reserve the memory.
    pub fn analyzer(&self) -> Result<Analyzer, VoiceError> {
        let inner = &self.inner;
        Ok(Analyzer::new([
            inner.speaker.session()?,
            inner.speech.session()?,
            inner.encoder.session()?,
            inner.decoder.session()?,
        ]))
    }
}
