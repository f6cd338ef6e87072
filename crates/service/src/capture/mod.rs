//! A capture: frames come in through a [`CaptureSender`], guidance and the result go out as [`CaptureEvent`]s.
//!
//! ```text
//! socket ─▶ CaptureSender ─▶ FrameQueue ─▶ run: worker{decode, detect, measure} ─▶ session ─▶ events ─▶ socket
//!             (limits)        (newest)                                                └─▶ judge / enrol ─▶ result
//! ```

pub mod chain;
pub mod engine;
mod event;
pub(crate) mod frame;
pub(crate) mod guided;
pub(crate) mod listen;
pub(crate) mod queue;
pub(crate) mod run;
mod sender;
mod vectors;
pub(crate) mod witness;
pub(crate) mod workers;

pub use engine::{Analyze, Analyzers};
// For measuring what a capture costs (`smilepay bench verify`).
pub use frame::{Aside, BadFrame, Eyes, analyse};
pub use guided::{Guided, Shown};
pub use queue::RawFrame;

pub use event::{CaptureEvent, CaptureOutcome, CaptureResult};
pub use run::End;
pub use sender::CaptureSender;
pub use vectors::Vectors;
pub(crate) use workers::Workers;

use tokio::sync::mpsc;

/// An open capture, as the socket's side holds it.
pub struct Capture {
    pub sender: CaptureSender,
    pub events: mpsc::Receiver<CaptureEvent>,
}
