//! A hash chain over the frames of a capture: each link holds everything sent before it and the capture's one-time token.
//!
//! It ties the pictures to this challenge and to their order and moments on the client's side; whoever runs the page's own
//! script with other pictures can still make one.

use sha2::{Digest, Sha256};

/// Frames between two links.
pub const LINK_EVERY: u32 = 15;
/// What the first hash begins with.
const PREFIX: &str = "smilepay chain 1\0";

/// One side's end of the chain.
#[derive(Clone)]
pub struct Chain {
    tip: [u8; 32],
    frames: u32,
}

impl Chain {
    /// `token`: the capture token.
    pub fn new(token: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(PREFIX);
        hash.update(token);
        Self { tip: hash.finalize().into(), frames: 0 }
    }

    /// Adds one message: 8 bytes of time and the picture.
    pub fn add(&mut self, message: &[u8]) {
        let mut hash = Sha256::new();
        hash.update(self.tip);
        hash.update(message);
        self.tip = hash.finalize().into();
        self.frames = self.frames.saturating_add(1);
    }

    pub const fn frames(&self) -> u32 {
        self.frames
    }

    /// The hash of everything so far, in hexadecimal digits.
    pub fn tip(&self) -> String {
        hex::encode(self.tip)
    }

    /// The message that a client sends after this frame; `None` between links.
    pub fn link(&self) -> Option<String> {
        let due = self.frames > 0 && self.frames.is_multiple_of(LINK_EVERY);
        due.then(|| format!(r#"{{"type":"chain","frames":{},"hash":"{}"}}"#, self.frames, self.tip()))
    }
}
