//! A plug for a network that tells a living voice from a synthetic or replayed one. None is shipped: no package with such weights was
//! found; an operator brings one.

use std::path::PathBuf;

use nn::{Engine, Model, NnError, Session};

use crate::error::VoiceError;
use crate::fbank::{BANDS, FRAMES, centre, log_banks};
use crate::sound::Sound;
use crate::speech::Speech;

/// What the network takes. Shorter speech goes round and round, longer is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LivingInput {
    /// 1 × so many samples at 16 kHz, −1..1.
    Wave(usize),
    /// 1 × 298 × 80 Kaldi log-mel filter banks of 3 s minus their mean over time.
    Banks,
}

/// What its output means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LivingScale {
    /// A probability already.
    Probability,
    /// A logit: the logistic function makes it one.
    Logit,
    /// Logits of classes: softmax makes them probabilities.
    Classes,
}

/// A network and how to use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LivingPlug {
    /// ONNX with one input.
    pub path: PathBuf,
    pub input: LivingInput,
    /// Name of the output.
    pub output: String,
    /// Values of the output.
    pub values: usize,
    /// Which of them is the living voice.
    pub living: usize,
    pub scale: LivingScale,
}

/// Most samples of the input, and most classes.
pub const MOST_SAMPLES: usize = crate::limits::MAX_SAMPLES;
pub const MOST_VALUES: usize = 64;

/// The compiled network.
pub(crate) struct LivingModel {
    model: Model,
    plug: LivingPlug,
    output: &'static str,
}

/// The engine's advice is about our own weights; here the operator's description is at fault, or its file.
fn unfit(error: NnError) -> VoiceError {
    let why = match error {
        NnError::ModelMissing { path } => format!("{} is missing", path.display()),
        NnError::ModelBroken { path, reason } => format!("{}: {reason}", path.display()),
        NnError::Shape { name, reason } => format!("its output `{name}` has another size: {reason}"),
        other => other.to_string(),
    };
    VoiceError::Living(why.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The same with memory of its own.
pub(crate) struct LivingSession {
    session: Session,
    plug: LivingPlug,
    output: &'static str,
}

impl LivingModel {
    pub(crate) fn load(engine: &Engine, plug: &LivingPlug) -> Result<Self, VoiceError> {
        Self::compile(engine, plug).map_err(unfit)
    }

    fn compile(engine: &Engine, plug: &LivingPlug) -> Result<Self, NnError> {
        // The engine keeps names for as long as the process lives; a server loads one plug.
        let output: &'static str = Box::leak(plug.output.clone().into_boxed_str());
        let model = match plug.input {
            LivingInput::Wave(samples) => engine.compile(&plug.path, &[1, samples], &[output])?,
            LivingInput::Banks => engine.compile(&plug.path, &[1, FRAMES, BANDS], &[output])?,
        };
        Ok(Self { model, plug: plug.clone(), output })
    }

    /// A session that has run once on silence: a network of another shape is told at the start, not at the first payment.
    pub(crate) fn session(&self) -> Result<LivingSession, VoiceError> {
        let mut session =
            LivingSession { session: self.model.session()?, plug: self.plug.clone(), output: self.output };
        match session.run(&vec![0.0; FRAMES * BANDS]) {
            Err(VoiceError::Engine(error)) => Err(unfit(error)),
            Err(error) => Err(error),
            Ok(_) => Ok(session),
        }
    }
}

impl LivingSession {
    /// Probability of a living voice, 0..=1.
    pub(crate) fn measure(&mut self, sound: &Sound, speech: &Speech) -> Result<f32, VoiceError> {
        let span = speech.span().ok_or(VoiceError::TooShort)?;
        let spoken = sound.part(span.start, span.end);
        match self.plug.input {
            LivingInput::Wave(_) => self.run(spoken.samples()),
            LivingInput::Banks => {
                let mut banks = log_banks(spoken.samples());
                banks.truncate(FRAMES * BANDS);
                centre(&mut banks);
                self.run(&banks)
            }
        }
    }

    fn run(&mut self, values: &[f32]) -> Result<f32, VoiceError> {
        if values.is_empty() {
            return Err(VoiceError::TooShort);
        }
        let fill = |input: &mut [f32]| input.iter_mut().zip(values.iter().cycle()).for_each(|(to, v)| *to = *v);
        let outputs = self.session.run(fill)?;
        Ok(probability(outputs.named(self.output, self.plug.values)?, self.plug.living, self.plug.scale))
    }
}

fn probability(output: &[f32], living: usize, scale: LivingScale) -> f32 {
    let own = output.get(living).copied().unwrap_or(f32::NAN);
    match scale {
        LivingScale::Probability => own,
        LivingScale::Logit => 1.0 / (1.0 + (-own).exp()),
        LivingScale::Classes => {
            let most = output.iter().copied().fold(f32::MIN, f32::max);
            (own - most).exp() / output.iter().map(|v| (v - most).exp()).sum::<f32>()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scale_becomes_a_probability() {
        assert_eq!(probability(&[0.25], 0, LivingScale::Probability), 0.25);
        assert_eq!(probability(&[0.0], 0, LivingScale::Logit), 0.5);
        assert!((probability(&[0.0, 3_f32.ln()], 1, LivingScale::Classes) - 0.75).abs() < 1e-6);
        assert!(probability(&[0.5], 3, LivingScale::Classes).is_nan(), "no such class is no evidence");
    }
}
