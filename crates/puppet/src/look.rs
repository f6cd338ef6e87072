//! How far a given portrait has to be warped to look neutral or to smile.

/// The warp amounts of one portrait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Smile amount of the neutral face.
    pub neutral: f32,
    /// 0 … 1: how much an open mouth has to be shut for the neutral face.
    pub shut: f32,
    /// Smile amount of the broad smile.
    pub smile: f32,
    /// Lip opening of the broad smile, in eye distances.
    pub mouth: f32,
}

impl Look {
    /// Amounts found for the portraits the project fetches (by file name without its ending);
    /// an unknown portrait is taken as neutral.
    pub fn of_portrait(name: &str) -> Self {
        match name {
            "obama3" => Self {
                neutral: -0.35,
                shut: 0.0,
                smile: 0.85,
                mouth: 0.14,
            },
            "biden" => Self {
                neutral: -0.35,
                shut: 0.0,
                smile: 0.85,
                mouth: 0.14,
            },
            _ => Self {
                neutral: 0.0,
                shut: 0.0,
                smile: 0.85,
                mouth: 0.14,
            },
        }
    }
}
