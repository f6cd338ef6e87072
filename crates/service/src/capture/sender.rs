//! The client's side of a capture: parses messages and holds them to the limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::capture::queue::{FrameQueue, RawFrame};
use crate::capture::run::End;
use crate::limits::{FRAME_BYTES, FRAMES_PER_CAPTURE};

/// Takes a client's messages. Dropping it ends the capture.
pub struct CaptureSender {
    queue: Arc<FrameQueue>,
    frames: AtomicU32,
}

/// Bytes in front of each frame: the client's clock.
const STAMP_BYTES: usize = 8;

impl CaptureSender {
    pub(crate) const fn new(queue: Arc<FrameQueue>) -> Self {
        Self { queue, frames: AtomicU32::new(0) }
    }

    /// 8 bytes little-endian `f64` milliseconds, then a JPEG or 16-bit PCM at 16 kHz. A message that breaks a limit ends the capture.
    pub fn binary(&self, message: &[u8]) {
        let Some((stamp, body)) = message.split_first_chunk::<STAMP_BYTES>() else {
            return self.queue.close(End::Fault);
        };
        let at_ms = f64::from_le_bytes(*stamp);
        let count = self.frames.fetch_add(1, Ordering::Relaxed);
        // A clock that is no number says nothing about order or speed; the first such frame ends the capture.
        let fine = at_ms.is_finite() && !body.is_empty() && body.len() <= FRAME_BYTES && count < FRAMES_PER_CAPTURE;
        if fine {
            self.queue.push(RawFrame { at_ms, body: body.to_vec() });
        } else {
            self.queue.close(End::Fault);
        }
    }

    /// `{"type":"cancel"}` ends the capture; any other text breaks the protocol.
    pub fn text(&self, message: &str) {
        let value: Option<serde_json::Value> = serde_json::from_str(message).ok();
        let cancel = value.is_some_and(|v| v.get("type").and_then(|t| t.as_str()) == Some("cancel"));
        self.queue.close(if cancel { End::Gone } else { End::Fault });
    }
}

impl Drop for CaptureSender {
    fn drop(&mut self) {
        self.queue.close(End::Gone);
    }
}
