//! What is seen of a capture beside its pictures: whether its frames hang together, when they came, what camera took them.
//! A web page can prove none of it; it makes injecting pictures more work and raises the risk of the payment.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use decide::Signals;

use crate::capture::chain::{Chain, LINK_EVERY};

/// Frames that may be unlinked at the end: the last link is on its way.
const UNLINKED_TO: u32 = 3 * LINK_EVERY;
/// How far the client's clock may run ahead of ours (ms): a slow line keeps the first frames back, but not longer. Whoever sends a
/// recording faster than it was taken is farther ahead. A clock that crawls is bounded by the challenge's 60 s here.
const AHEAD_TO_MS: f64 = 5_000.0;

struct Seen {
    chain: Chain,
    linked: u32,
    /// Moment of the first frame by the client's clock and by ours.
    first: Option<(f64, Instant)>,
    drifting: bool,
    virtual_camera: bool,
}

/// See the module.
pub struct Witness {
    seen: Mutex<Seen>,
}

impl Witness {
    /// `token`: the capture token.
    pub fn new(token: &str) -> Self {
        let chain = Chain::new(token);
        let seen = Seen { chain, linked: 0, first: None, drifting: false, virtual_camera: false };
        Self { seen: Mutex::new(seen) }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A frame's message came.
    pub fn frame(&self, message: &[u8], at_ms: f64, now: Instant) {
        let mut seen = self.lock();
        seen.chain.add(message);
        let (client, server) = *seen.first.get_or_insert((at_ms, now));
        let theirs = at_ms - client;
        let ours = now.saturating_duration_since(server).as_secs_f64() * 1_000.0;
        seen.drifting |= theirs > ours + AHEAD_TO_MS;
    }

    /// A link came: false when it does not fit what was received.
    pub fn link(&self, frames: u32, hash: &str) -> bool {
        let mut seen = self.lock();
        let fits = frames == seen.chain.frames() && hash == seen.chain.tip();
        if fits {
            seen.linked = frames;
        }
        fits
    }

    /// The client told its camera's name.
    pub fn camera(&self, label: &str) {
        self.lock().virtual_camera |= decide::signals::is_virtual_camera(label);
    }

    pub fn signals(&self) -> Signals {
        let seen = self.lock();
        Signals {
            virtual_camera: seen.virtual_camera,
            unlinked: seen.chain.frames() > seen.linked.saturating_add(UNLINKED_TO),
            drifting: seen.drifting,
            screen: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn message(i: u32) -> Vec<u8> {
        let mut bytes = f64::from(i * 66).to_le_bytes().to_vec();
        bytes.extend_from_slice(&[0xff, 0xd8, 0xff, u8::try_from(i % 256).unwrap()]);
        bytes
    }

    /// Plays `frames`; `link`: whether the client sends its links.
    fn play(frames: u32, link: bool, server_ms: f64) -> Witness {
        let (witness, mut client, start) = (Witness::new("cap_x"), Chain::new("cap_x"), Instant::now());
        for i in 0..frames {
            witness.frame(
                &message(i),
                f64::from(i * 66),
                start + Duration::from_secs_f64(f64::from(i) * server_ms / 1e3),
            );
            client.add(&message(i));
            if link && client.link().is_some() {
                assert!(witness.link(client.frames(), &client.tip()));
            }
        }
        witness
    }

    #[test]
    fn frames_that_hang_together_in_real_time_raise_nothing() {
        assert_eq!(play(200, true, 66.0).signals(), Signals::default());
        assert_eq!(play(200, true, 120.0).signals(), Signals::default(), "a slow line");
        assert_eq!(play(44, false, 66.0).signals(), Signals::default(), "too short for a link");
    }

    #[test]
    fn missing_links_clocks_that_run_away_and_virtual_cameras_do() {
        assert!(play(200, false, 66.0).signals().unlinked);
        assert!(play(200, true, 5.0).signals().drifting, "thirteen seconds within one");
        let witness = play(30, true, 66.0);
        witness.camera("FaceTime HD Camera");
        assert!(!witness.signals().virtual_camera);
        witness.camera("OBS Virtual Camera");
        assert!(witness.signals().virtual_camera);
    }

    #[test]
    fn a_changed_left_out_or_foreign_frame_breaks_the_chain() {
        let witness = play(15, false, 66.0);
        let mut honest = Chain::new("cap_x");
        (0..15).for_each(|i| honest.add(&message(i)));
        assert!(witness.link(15, &honest.tip()));
        assert!(!witness.link(14, &honest.tip()), "another count");
        let mut other = Chain::new("cap_y");
        (0..15).for_each(|i| other.add(&message(i)));
        assert!(!witness.link(15, &other.tip()), "another challenge's token");
        let mut changed = Chain::new("cap_x");
        (0..15).for_each(|i| changed.add(&message(if i == 7 { 70 } else { i })));
        assert!(!witness.link(15, &changed.tip()));
    }
}
