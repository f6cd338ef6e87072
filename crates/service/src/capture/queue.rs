//! Frames waiting for a worker: bounded, and when it is full the oldest goes, so that guidance stays about *now*.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::capture::run::End;

/// One frame or piece of sound as it came from the client.
pub struct RawFrame {
    /// The client's clock, milliseconds, finite.
    pub at_ms: f64,
    /// One JPEG, or a piece of sound.
    pub body: Vec<u8>,
}

/// What comes out of the queue.
pub enum Next {
    Frame(RawFrame),
    /// No more frames, and why.
    Closed(End),
}

struct Inner {
    frames: VecDeque<RawFrame>,
    dropped: u64,
    closed: Option<End>,
}

/// See the module.
pub struct FrameQueue {
    inner: Mutex<Inner>,
    changed: Notify,
    limit: usize,
}

impl FrameQueue {
    pub fn new(limit: usize) -> Self {
        let inner = Inner { frames: VecDeque::with_capacity(limit), dropped: 0, closed: None };
        Self { inner: Mutex::new(inner), changed: Notify::new(), limit: limit.max(1) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a frame; the oldest one is dropped when the queue is full.
    pub fn push(&self, frame: RawFrame) {
        let mut inner = self.lock();
        if inner.closed.is_some() {
            return;
        }
        if inner.frames.len() >= self.limit {
            inner.frames.pop_front();
            inner.dropped += 1;
        }
        inner.frames.push_back(frame);
        drop(inner);
        self.changed.notify_one();
    }

    /// No more frames; what waits is thrown away. The first reason stays.
    pub fn close(&self, end: End) {
        let mut inner = self.lock();
        inner.closed.get_or_insert(end);
        inner.frames.clear();
        drop(inner);
        self.changed.notify_one();
    }

    /// Frames dropped so far.
    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// The oldest waiting frame, once there is one. One reader only.
    pub async fn next(&self) -> Next {
        loop {
            {
                let mut inner = self.lock();
                if let Some(frame) = inner.frames.pop_front() {
                    return Next::Frame(frame);
                }
                if let Some(end) = inner.closed {
                    return Next::Closed(end);
                }
            }
            self.changed.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(at_ms: f64) -> RawFrame {
        RawFrame { at_ms, body: Vec::new() }
    }

    #[tokio::test]
    async fn a_full_queue_keeps_the_newest_frames_in_order() {
        let queue = FrameQueue::new(3);
        for at in 0..5 {
            queue.push(frame(f64::from(at)));
        }
        assert_eq!(queue.dropped(), 2);
        for want in [2.0, 3.0, 4.0] {
            let Next::Frame(got) = queue.next().await else { panic!("closed") };
            assert_eq!(got.at_ms, want);
        }
    }

    #[tokio::test]
    async fn closing_wakes_the_reader_and_forgets_frames() {
        let queue = FrameQueue::new(3);
        queue.push(frame(1.0));
        queue.close(End::Gone);
        queue.push(frame(2.0));
        assert!(matches!(queue.next().await, Next::Closed(End::Gone)));
    }
}
