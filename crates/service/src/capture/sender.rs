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
    use futures_util::FutureExt as _;
    use proptest::prelude::*;

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

    /// A message as a client may send it: sound ones, cut ones, and anything.
    #[derive(Clone, Debug)]
    enum Sent {
        Bytes(Vec<u8>),
        Text(String),
    }

    fn sent() -> impl Strategy<Value = Sent> {
        let stamp = prop_oneof![3 => 0.0..1e6_f64, 1 => any::<f64>()];
        let picture = (stamp, prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(at, body)| Sent::Bytes([&at.to_le_bytes()[..], &[0xff, 0xd8, 0xff], &body].concat()));
        let word = prop_oneof![
            Just(r#"{"type":"cancel"}"#.to_owned()),
            ".{0,40}".prop_map(|label| serde_json::json!({"type": "camera", "label": label}).to_string()),
            (any::<u32>(), "[0-9a-fx]{0,70}").prop_map(|(frames, hash)| {
                serde_json::json!({"type": "chain", "frames": frames, "hash": hash}).to_string()
            }),
            ".{0,60}",
            prop::collection::vec(Just('['), 0..9_000).prop_map(String::from_iter),
        ];
        prop_oneof![
            6 => picture,
            1 => prop::collection::vec(any::<u8>(), 0..30).prop_map(Sent::Bytes),
            2 => word.prop_map(Sent::Text),
        ]
    }

    proptest! {
        /// Whatever a client sends to a capture of an object: nothing panics, no more waits than may, and what does not hold to the
        /// protocol ends it.
        #[test]
        fn no_message_gets_beyond_the_limits(all in prop::collection::vec(sent(), 0..30), object in any::<bool>()) {
            let queue = Arc::new(FrameQueue::new(2));
            let sender = CaptureSender::new(Arc::clone(&queue));
            let sender = if object { sender.seen_by(Arc::new(Witness::new("token"))) } else { sender };
            let mut end = None;
            let mut frames = 0;
            for message in &all {
                let told = match message {
                    Sent::Bytes(bytes) => {
                        sender.binary(bytes);
                        let at = bytes.split_first_chunk().filter(|(_, body)| !body.is_empty());
                        let fine = at.is_some_and(|(at, _)| f64::from_le_bytes(*at).is_finite());
                        frames += usize::from(fine && end.is_none());
                        (!fine).then_some(End::Fault)
                    }
                    Sent::Text(text) => {
                        sender.text(text);
                        match serde_json::from_str(text).ok().filter(|_| text.len() <= WORD_BYTES) {
                            Some(Word::Cancel) => Some(End::Gone),
                            Some(Word::Chain { .. }) if object => Some(End::Fault),
                            Some(_) => None,
                            None => Some(End::Fault),
                        }
                    }
                };
                end = end.or(told);
            }
            let mut waiting = 0;
            let ended = loop {
                // Nobody writes any more: what does not come at once never comes.
                match queue.next().now_or_never() {
                    Some(Next::Frame(_)) => waiting += 1,
                    Some(Next::Closed(end)) => break Some(end),
                    None => break None,
                }
            };
            prop_assert_eq!(ended, end);
            prop_assert_eq!(waiting, if end.is_some() { 0 } else { frames.min(2) });
        }
    }
}
