//! Weight conversions: bytes in, bytes out, deterministic to the byte.

mod faceapi;
mod fold;
mod onnx;
mod tensor;

pub(crate) use faceapi::faceapi_expression;
pub(crate) use fold::{InputSize, fold};

use crate::ModelsError;

/// A conversion error; the caller puts the file name in.
fn wrong(reason: impl Into<String>) -> ModelsError {
    ModelsError::Convert { what: String::new(), reason: reason.into() }
}
