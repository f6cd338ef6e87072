//! What is before the imagined camera: a puppet that answers prompts, or recorded frames.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use puppet::{Act, Actor};

use super::error::DemoError;

/// Gives a JPEG for every moment (ms since the capture began) and hears the prompts.
pub trait Camera: Send {
    /// The server asks for this step.
    fn prompt(&mut self, step: &str, at_ms: f64);

    /// The server says what to do better.
    fn hint(&mut self, _hint: &str, _at_ms: f64) {}

    /// The frame of this moment; `None` when the recording has ended.
    ///
    /// # Errors
    /// When a frame cannot be rendered or read.
    fn frame(&mut self, at_ms: f64) -> Result<Option<Vec<u8>>, DemoError>;
}

/// An actor before the camera.
pub struct Stage(pub Box<dyn Actor>);

impl Camera for Stage {
    fn prompt(&mut self, step: &str, at_ms: f64) {
        if let Some(act) = Act::from_name(step) {
            self.0.ask(act, at_ms);
        }
    }

    fn hint(&mut self, hint: &str, at_ms: f64) {
        self.0.hear(hint, at_ms);
    }

    fn frame(&mut self, at_ms: f64) -> Result<Option<Vec<u8>>, DemoError> {
        Ok(Some(self.0.frame(at_ms)?))
    }
}

/// JPEG frames of a folder, played at their own rate whatever is asked.
pub struct Recording {
    files: Arc<[PathBuf]>,
    fps: f64,
    play: Play,
}

/// What comes after the last frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Play {
    /// Nothing.
    Once,
    /// Backwards and forwards again, so that there is no jump.
    PingPong,
}

impl Recording {
    /// The `.jpg` and `.jpeg` files of `dir` in the order of their names.
    ///
    /// # Errors
    /// An unreadable folder, or none in it.
    pub fn open(dir: &Path, fps: f64, play: Play) -> Result<Self, DemoError> {
        let failed = |source| DemoError::File { path: dir.to_owned(), source };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let ending = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
            if matches!(ending.as_deref(), Some("jpg" | "jpeg")) {
                files.push(path);
            }
        }
        if files.is_empty() {
            return Err(DemoError::NoFrames(dir.to_owned()));
        }
        files.sort();
        Ok(Self { files: files.into(), fps, play })
    }

    /// The number of the frame at this moment.
    fn position(&self, at_ms: f64) -> Option<usize> {
        // A hair later than the moment, so that rounding never shows a frame twice.
        let index = (at_ms.max(0.0) * self.fps / 1000.0 + 1e-6) as usize;
        position(index, self.files.len(), self.play)
    }
}

fn position(index: usize, frames: usize, play: Play) -> Option<usize> {
    match play {
        Play::Once => (index < frames).then_some(index),
        Play::PingPong => {
            let there_and_back = (2 * frames).saturating_sub(2).max(1);
            let at = index % there_and_back;
            Some(if at < frames { at } else { there_and_back - at })
        }
    }
}

impl Camera for Recording {
    fn prompt(&mut self, _step: &str, _at_ms: f64) {}

    fn frame(&mut self, at_ms: f64) -> Result<Option<Vec<u8>>, DemoError> {
        let Some(path) = self.position(at_ms).and_then(|i| self.files.get(i)) else { return Ok(None) };
        let read = std::fs::read(path).map_err(|source| DemoError::File { path: path.clone(), source });
        read.map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ping_pong_shows_no_frame_twice_in_a_row() {
        let shown: Vec<_> = (0..9).filter_map(|i| position(i, 4, Play::PingPong)).collect();
        assert_eq!(shown, [0, 1, 2, 3, 2, 1, 0, 1, 2]);
        assert_eq!(position(5, 1, Play::PingPong), Some(0));
    }

    #[test]
    fn a_recording_played_once_ends() {
        assert_eq!(position(3, 4, Play::Once), Some(3));
        assert_eq!(position(4, 4, Play::Once), None);
    }

    #[test]
    fn a_folder_without_frames_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(Recording::open(dir.path(), 15.0, Play::Once), Err(DemoError::NoFrames(_))));
        std::fs::write(dir.path().join("b.JPG"), [1]).unwrap();
        std::fs::write(dir.path().join("a.jpeg"), [2]).unwrap();
        let mut found = Recording::open(dir.path(), 10.0, Play::Once).unwrap();
        assert_eq!(found.frame(0.0).unwrap(), Some(vec![2]));
        assert_eq!(found.frame(100.0).unwrap(), Some(vec![1]));
        assert_eq!(found.frame(200.0).unwrap(), None);
    }
}
