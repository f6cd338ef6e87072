use std::path::{Path, PathBuf};
use std::sync::Arc;

use nn::{Engine, Model, NnError};

use crate::analyzer::Analyzer;
use crate::embedding::EMBEDDING_LEN;
use crate::error::VoiceError;
use crate::fbank::{BANDS, FRAMES};
use crate::language::Language;
use crate::living::{LivingModel, LivingPlug};
use crate::prompt::{self, Tokens, Whisper, WordReader};
use crate::speaker;
use crate::speech::{ROW, ROWS, STATE};

/// Which network and features make the vectors; goes into every template.
pub const MODEL_ID: &str = "campplus-zh-en-common/fbank80-3s/1";

/// Where the weight files are.
#[derive(Clone, Debug)]
pub struct ModelPaths {
    /// CAM++ for 298 frames, f32 ONNX.
    pub speaker: PathBuf,
    /// Silero VAD, f32 ONNX.
    pub speech: PathBuf,
    /// Whisper tiny.en for digits.
    pub prompt: PromptPaths,
    /// Whisper base for digits in other languages; `None`: English only.
    pub world: Option<PromptPaths>,
    /// What English phrases take; `None`: digits only.
    pub phrase: Option<PhrasePaths>,
    /// The operator's own anti-spoofing network.
    pub living: Option<LivingPlug>,
}

/// A Whisper that hears digits.
#[derive(Clone, Debug)]
pub struct PromptPaths {
    /// Encoder for 8 s, f32 ONNX.
    pub encoder: PathBuf,
    /// Decoder for digits, f32 ONNX.
    pub decoder: PathBuf,
}

/// What hears words beside Whisper tiny.en's encoder.
#[derive(Clone, Debug)]
pub struct PhrasePaths {
    /// Decoder with every token, f32 ONNX.
    pub decoder: PathBuf,
    /// Vocabulary and merges, JSON.
    pub tokenizer: PathBuf,
}

/// The compiled networks; cheap to clone, shared by threads.
#[derive(Clone)]
pub struct Models {
    inner: Arc<Inner>,
}

struct Inner {
    speaker: Model,
    speech: Model,
    prompt: Ear,
    world: Option<Ear>,
    words: Option<Words>,
    living: Option<LivingModel>,
}

struct Ear {
    encoder: Model,
    decoder: Model,
}

struct Words {
    decoder: Model,
    tokens: Arc<Tokens>,
    letters: Arc<[u32]>,
}

impl Models {
    /// Compiles all networks (1–2 s; with other languages and phrases twice that).
    ///
    /// # Errors
    /// A weight file is missing or broken.
    pub fn load(engine: &Engine, paths: &ModelPaths) -> Result<Self, VoiceError> {
        const { assert!(EMBEDDING_LEN == 192) };
        let state = [1, 1, STATE];
        let speech: [(&str, &[usize]); 3] = [("input", &[ROWS, ROW]), ("h", &state), ("c", &state)];
        let inner = Inner {
            speaker: engine.compile(&paths.speaker, &[1, FRAMES, BANDS], &[speaker::OUTPUT])?,
            speech: engine.compile_named(&paths.speech, &speech, &["speech_probs", "hn", "cn"])?,
            prompt: Ear::load(engine, &paths.prompt, false)?,
            world: paths.world.as_ref().map(|p| Ear::load(engine, p, true)).transpose()?,
            words: paths.phrase.as_ref().map(|p| Words::load(engine, p)).transpose()?,
            living: paths.living.as_ref().map(|p| LivingModel::load(engine, p)).transpose()?,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether digits in this language are heard.
    pub fn hears(&self, language: Language) -> bool {
        language.ear() == crate::language::Ear::English || self.inner.world.is_some()
    }

    /// Whether English phrases are heard.
    pub fn hears_phrases(&self) -> bool {
        self.inner.words.is_some()
    }

    /// A set of scratch memory to analyse sound with: one per worker thread.
    ///
    /// # Errors
    /// The engine cannot reserve the memory.
    pub fn analyzer(&self) -> Result<Analyzer, VoiceError> {
        let inner = &self.inner;
        let english = inner.prompt.whisper(false)?;
        let analyzer = Analyzer::new([inner.speaker.session()?, inner.speech.session()?], english);
        let world = inner.world.as_ref().map(|ear| ear.whisper(true)).transpose()?;
        let words = inner.words.as_ref().map(Words::reader).transpose()?;
        let living = inner.living.as_ref().map(LivingModel::session).transpose()?;
        Ok(analyzer.with_world(world).with_words(words).with_living(living))
    }
}

/// A decoder's inputs for so many tokens.
fn compile_decoder(engine: &Engine, path: &Path, tokens: usize, cross: &[usize]) -> Result<Model, NnError> {
    let (list, square) = ([tokens], [tokens, tokens]);
    let inputs: [(&str, &[usize]); 4] = [("ids", &list), ("positions", &list), ("mask", &square), ("cross", cross)];
    let outputs = [prompt::DECODER_OUTPUT];
    if tokens == prompt::WORD_TOKENS {
        // Its tokens are numbers up to 51,863.
        return engine.compile_exactly(path, &inputs, &outputs);
    }
    engine.compile_named(path, &inputs, &outputs)
}

impl Ear {
    fn load(engine: &Engine, paths: &PromptPaths, world: bool) -> Result<Self, NnError> {
        let (mel, shape) = prompt::ENCODER_INPUT;
        Ok(Self {
            encoder: engine.compile_named(&paths.encoder, &[(mel, &shape)], &[prompt::ENCODER_OUTPUT])?,
            decoder: compile_decoder(engine, &paths.decoder, prompt::DIGIT_TOKENS, &prompt::cross(world))?,
        })
    }

    fn whisper(&self, world: bool) -> Result<Whisper, VoiceError> {
        Whisper::new(&self.encoder, &self.decoder, world)
    }
}

impl Words {
    fn load(engine: &Engine, paths: &PhrasePaths) -> Result<Self, VoiceError> {
        let tokens = Tokens::read(&paths.tokenizer)?;
        let letters = tokens.letters().into();
        let decoder = compile_decoder(engine, &paths.decoder, prompt::WORD_TOKENS, &prompt::cross(false))?;
        Ok(Self { decoder, tokens: Arc::new(tokens), letters })
    }

    fn reader(&self) -> Result<WordReader, VoiceError> {
        WordReader::new(&self.decoder, Arc::clone(&self.tokens), Arc::clone(&self.letters))
    }
}
