//! The client's side of a capture: parses messages and holds them to the limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use serde::Deserialize;

use crate::capture::frame::is_picture;
use crate::capture::queue::{FrameQueue, RawFrame};
use crate::capture::run::End;
use crate::capture::witness::Witness;
use crate::limits::{FRAME_BYTES, FRAMES_PER_CAPTURE, WORD_BYTES};

/// Takes a client's messages. Dropping it ends the capture.
pub struct CaptureSender {
    queue: Arc<FrameQueue>,
    /// Where pictures beside a sound go.
    pictures: Option<Arc<FrameQueue>>,
    frames: AtomicU32,
    /// `None`: nobody asks how the frames came.
    witness: Option<Arc<Witness>>,
}

/// What a client says in words.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Word {
    Cancel,
    /// The label of the camera in use.
    Camera {
        label: String,
    },
    /// The hash chain after so many frames.
    Chain {
        frames: u32,
        hash: String,
    },
}

/// Bytes in front of each frame: the client's clock.
const STAMP_BYTES: usize = 8;

/// A tenth of a second of sound.
const PIECE_BYTES: usize = 3_200;

impl CaptureSender {
    pub(crate) const fn new(queue: Arc<FrameQueue>) -> Self {
        Self { queue, pictures: None, frames: AtomicU32::new(0), witness: None }
    }

    /// Lets `witness` see how the frames come.
    #[must_use]
    pub(crate) fn seen_by(mut self, witness: Arc<Witness>) -> Self {
        self.witness = Some(witness);
        self
    }

    /// Sound in one queue, pictures that come beside it in another.
    pub(crate) const fn with_pictures(queue: Arc<FrameQueue>, pictures: Arc<FrameQueue>) -> Self {
        Self { queue, pictures: Some(pictures), frames: AtomicU32::new(0), witness: None }
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
            if let Some(witness) = &self.witness {
                witness.frame(message, at_ms, Instant::now());
            }
            let frame = RawFrame { at_ms, body: body.to_vec() };
            match &self.pictures {
                // A piece of sound has one length, which no picture of a face has.
                Some(pictures) if body.len() != PIECE_BYTES && is_picture(body) => pictures.push(frame),
                _ => self.queue.push(frame),
            }
        } else {
            self.queue.close(End::Fault);
        }
    }

    /// `{"type":"cancel"}` ends the capture; a camera's label and the links of the frames' hash chain are noted. A link that does
    /// not fit what was received, and any other text, break the protocol.
    pub fn text(&self, message: &str) {
        let word = (message.len() <= WORD_BYTES).then(|| serde_json::from_str(message).ok()).flatten();
        match word {
            Some(Word::Camera { label }) => self.witness.iter().for_each(|w| w.camera(&label)),
            Some(Word::Chain { frames, hash }) => {
                if self.witness.as_ref().is_some_and(|w| !w.link(frames, &hash)) {
                    self.queue.close(End::Fault);
                }
            }
            Some(Word::Cancel) => self.queue.close(End::Gone),
            None => self.queue.close(End::Fault),
        }
    }
}

impl Drop for CaptureSender {
    fn drop(&mut self) {
        self.queue.close(End::Gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::queue::Next;

    fn message(body: &[u8]) -> Vec<u8> {
        [&7.5_f64.to_le_bytes(), body].concat()
    }

    async fn lengths(queue: &FrameQueue, count: usize) -> Vec<usize> {
        let mut found = Vec::new();
        while found.len() < count {
            let Next::Frame(frame) = queue.next().await else { break };
            found.push(frame.body.len());
        }
        found
    }

    #[tokio::test]
    async fn pictures_beside_a_sound_go_their_own_way() {
        let (sound, pictures) = (Arc::new(FrameQueue::new(8)), Arc::new(FrameQueue::new(8)));
        let sender = CaptureSender::with_pictures(Arc::clone(&sound), Arc::clone(&pictures));
        let mut loud = vec![0; PIECE_BYTES];
        loud[..3].copy_from_slice(&[0xff, 0xd8, 0xff]);
        sender.binary(&message(&loud));
        sender.binary(&message(&[[0xff, 0xd8, 0xff].as_slice(), &[0; 500]].concat()));
        sender.binary(&message(&[0; 3_200]));
        assert_eq!(lengths(&sound, 2).await, [3_200, 3_200], "a piece of sound may begin like a picture");
        assert_eq!(lengths(&pictures, 1).await, [503]);
        let plain = CaptureSender::new(Arc::clone(&sound));
        plain.binary(&message(&[0xff, 0xd8, 0xff, 0]));
        assert_eq!(lengths(&sound, 1).await, [4], "without a camera everything is sound");
    }
}
