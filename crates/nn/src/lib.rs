//! The inference engine. The only crate that knows which engine it is (OpenVINO, linked at run time).
//!
//! [`Engine::load`] opens the shared library, [`Engine::compile`] turns a weight file into a [`Model`],
//! [`Model::session`] gives each worker thread its own [`Session`]; a session is reused for every frame and allocates
//! nothing per run.

mod engine;
mod error;
mod limits;
mod precision;
mod session;

pub use engine::{Engine, EngineOptions, Model};
pub use error::NnError;
pub use precision::{Kind, Precision};
pub use session::{Outputs, Session};
