//! The two guided sessions behind one face: a payment's challenge and an enrolment.

use face::Detection;
use liveness::{EnrolSession, FrameInput, Progress, Session, Wants};

/// What a frame led to.
pub struct Shown {
    pub progress: Progress,
    /// Views kept so far and wanted, in an enrolment.
    pub views: Option<(usize, usize)>,
}

/// A session that frames are pushed into.
pub trait Guided: Send + 'static {
    fn wants(&self, at_ms: f64, faces: usize, detection: Option<&Detection>) -> Wants;
    fn push(&mut self, frame: FrameInput<'_>) -> Shown;
    fn now(&self) -> Shown;
}

impl Guided for Session {
    fn wants(&self, at_ms: f64, faces: usize, detection: Option<&Detection>) -> Wants {
        Self::wants(self, at_ms, faces, detection)
    }

    fn push(&mut self, frame: FrameInput<'_>) -> Shown {
        Shown { progress: Self::push(self, frame), views: None }
    }

    fn now(&self) -> Shown {
        Shown { progress: self.progress(), views: None }
    }
}

impl Guided for EnrolSession {
    fn wants(&self, at_ms: f64, faces: usize, detection: Option<&Detection>) -> Wants {
        Self::wants(self, at_ms, faces, detection)
    }

    fn push(&mut self, frame: FrameInput<'_>) -> Shown {
        let shown = Self::push(self, frame);
        Shown { progress: shown.progress, views: Some((shown.kept, shown.of)) }
    }

    fn now(&self) -> Shown {
        let shown = self.progress();
        Shown { progress: shown.progress, views: Some((shown.kept, shown.of)) }
    }
}
