//! From photos of a chosen object — a tattoo, a dog or a cat — to how alike two of them are.
//!
//! Walkthrough: an [`Analyzer`] (one per worker thread, made by [`Models::analyzer`]) looks at a [`face::Picture`], or at the part
//! of it that the page's frame encloses, and gives a [`Seen`]: local features, for a pet also an embedding, and a
//! [`PhotoQuality`]. Three or more of one object become an [`ObjectTemplate`]; its bytes go to the vault.
//! [`ObjectTemplate::compare`] gives a [`Likeness`] of a fresh capture, [`motion_between`] says how the camera moved between two
//! photos. Nothing here decides: thresholds that accept or deny live in `decide`.
//!
//! An object is public: whoever can photograph it, or a photo of it, can show it (SECURITY.md).

mod analyzer;
mod bytes;
mod canvas;
mod error;
mod features;
mod geometry;
mod lattice;
mod likeness;
pub mod limits;
mod matching;
mod models;
mod motion;
mod pet;
mod quality;
mod seen;
mod sift;
mod template;
mod xfeat;

pub use analyzer::Analyzer;
pub use canvas::Rect;
pub use error::KungfuError;
pub use likeness::Likeness;
pub use models::{MODEL_ID, ModelPaths, Models};
pub use motion::{Motion, motion_between};
pub use quality::{PhotoQuality, Species};
pub use seen::{Kind, Seen};
pub use template::ObjectTemplate;
