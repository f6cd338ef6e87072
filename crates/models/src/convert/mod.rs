//! Weight conversions: bytes in, bytes out, deterministic to the byte.

mod campplus;
mod ct2;
mod faceapi;
mod fold;
mod graph;
mod lite0;
mod onnx;
mod pickle;
mod tensor;
mod whisper;
mod xfeat;

pub(crate) use campplus::speaker_embedding;
pub(crate) use faceapi::faceapi_expression;
pub(crate) use fold::{InputSize, fold};
pub(crate) use lite0::pet_embedder;
pub(crate) use whisper::{Task, decoder, encoder};
pub(crate) use xfeat::local_features;

use crate::ModelsError;

/// A conversion error; the caller puts the file name in.
fn wrong(reason: impl Into<String>) -> ModelsError {
    ModelsError::Convert { what: String::new(), reason: reason.into() }
}
