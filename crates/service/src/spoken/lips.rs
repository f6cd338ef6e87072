//! Speaking next to the camera: pictures that come beside the sound, and whether the mouth in them moves with it.

use std::sync::Arc;
use std::time::Duration;

use decide::Extra;
use liveness::Moment;
use tokio::task::JoinHandle;

use crate::capture::engine::Analyze;
use crate::capture::frame::mouth;
use crate::capture::queue::{FrameQueue, Next};
use crate::capture::{CaptureSender, End, Workers};
use crate::limits::FRAMES_WAITING;

/// Looks at a mouth while somebody speaks.
pub(super) struct Watching {
    pictures: Arc<FrameQueue>,
    moments: JoinHandle<Vec<Moment>>,
}

/// Longest that the last picture is waited for.
const LAST_PICTURE: Duration = Duration::from_secs(3);

impl Watching {
    pub(super) fn start(workers: &Arc<Workers<dyn Analyze>>) -> Self {
        let pictures = Arc::new(FrameQueue::new(FRAMES_WAITING));
        let moments = tokio::spawn(watch(Arc::clone(workers), Arc::clone(&pictures)));
        Self { pictures, moments }
    }

    /// The client's side of a capture whose sound goes to `pieces`.
    pub(super) fn sender(&self, pieces: Arc<FrameQueue>) -> CaptureSender {
        CaptureSender::with_pictures(pieces, Arc::clone(&self.pictures))
    }

    /// How far the mouth was open, and when. Empty: nothing was seen.
    pub(super) async fn finish(self) -> Vec<Moment> {
        self.pictures.close(End::Finished);
        match tokio::time::timeout(LAST_PICTURE, self.moments).await {
            Ok(Ok(moments)) => moments,
            _ => Vec::new(),
        }
    }
}

/// Until the queue is closed. Pictures without a face, and those that cannot be read, are left out: too few are no evidence.
async fn watch(workers: Arc<Workers<dyn Analyze>>, pictures: Arc<FrameQueue>) -> Vec<Moment> {
    let mut moments: Vec<Moment> = Vec::new();
    while let Next::Frame(picture) = pictures.next().await {
        let at_ms = picture.at_ms;
        let seen = workers.run(move |analyzer| mouth(&picture, analyzer)).await;
        if let Ok(Ok(Some(open))) = seen
            && moments.last().is_none_or(|(last, _)| *last < at_ms)
        {
            moments.push((at_ms, open));
        }
    }
    moments
}

/// What the pictures say of the sound. `mouth` is `None` where the camera is not asked for.
pub(super) fn lips(mouth: Option<&[Moment]>, began_ms: Option<f64>, loudness: &[f32]) -> Extra {
    let Some(mouth) = mouth else { return Extra::NotAsked };
    let Some(began_ms) = began_ms else { return Extra::Unmeasured };
    // The middle of each 20 ms.
    let at = |n: usize| began_ms + 20.0 * f64::from(u32::try_from(n).unwrap_or(u32::MAX)) + 10.0;
    let sound: Vec<Moment> = loudness.iter().enumerate().map(|(n, loud)| (at(n), *loud)).collect();
    liveness::lips_with_sound(mouth, &sound).map_or(Extra::Unmeasured, Extra::Measured)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_that_saw_nothing_is_no_evidence() {
        assert_eq!(lips(None, Some(0.0), &[-20.0; 200]), Extra::NotAsked);
        assert_eq!(lips(Some(&[]), Some(0.0), &[-20.0; 200]), Extra::Unmeasured);
        let mouth: Vec<Moment> = (0..60).map(|n| (f64::from(n) * 66.0, 0.02)).collect();
        assert_eq!(lips(Some(&mouth), None, &[-20.0; 200]), Extra::Unmeasured);
        assert_eq!(lips(Some(&mouth), Some(0.0), &[-20.0; 200]), Extra::Measured(0.0), "a still mouth");
    }
}
