//! What speaks of injected or shown pictures without proving it. It raises the risk of a payment, never more: a web page cannot prove
//! its camera, and people do use virtual ones.

use serde::{Deserialize, Serialize};

use crate::Reason;

/// What was noticed beside a capture's pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signals {
    /// The camera's label is one of known virtual cameras.
    pub virtual_camera: bool,
    /// The client did not send the hash chain of its frames.
    pub unlinked: bool,
    /// The client's clock and the arrival of its frames do not go together.
    pub drifting: bool,
    /// The pictures repeat themselves finely, as a display or a halftone does.
    pub screen: bool,
}

impl Signals {
    pub const NONE: Self = Self { virtual_camera: false, unlinked: false, drifting: false, screen: false };

    pub const fn any(self) -> bool {
        self.virtual_camera || self.unlinked || self.drifting || self.screen
    }

    /// For the operator.
    pub(crate) fn reasons(self) -> impl Iterator<Item = Reason> {
        let told = [
            (self.virtual_camera, Reason::VirtualCamera),
            (self.unlinked, Reason::FramesUnlinked),
            (self.drifting, Reason::ClockDrifts),
            (self.screen, Reason::ScreenPattern),
        ];
        told.into_iter().filter_map(|(noticed, reason)| noticed.then_some(reason))
    }
}

/// Words in the labels of known virtual cameras (lower case). Cameras that are a phone's or a capture card's are not among them.
const VIRTUAL: [&str; 20] = [
    "virtual",
    "obs-camera",
    "obs cam",
    "manycam",
    "snap camera",
    "xsplit",
    "vcam",
    "splitcam",
    "camtwist",
    "mmhmm",
    "altercam",
    "webcamoid",
    "akvcam",
    "v4l2loopback",
    "dummy video device",
    "unity video capture",
    "fake_device",
    "deepfacelive",
    "avatarify",
    "chromacam",
];

/// Whether a camera's label names a known virtual camera.
pub fn is_virtual_camera(label: &str) -> bool {
    let label = label.to_lowercase();
    VIRTUAL.iter().any(|word| label.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_virtual_cameras_are_known_and_others_are_not() {
        for label in
            ["OBS Virtual Camera (m-de:vice)", "ManyCam Webcam", "Dummy video device (0x0000)", "fake_device_0"]
        {
            assert!(is_virtual_camera(label), "{label}");
        }
        for label in ["", "FaceTime HD Camera", "camera2 1, facing front", "Logitech BRIO (046d:085e)", "Cam Link 4K"] {
            assert!(!is_virtual_camera(label), "{label}");
        }
    }
}
