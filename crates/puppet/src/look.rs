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
    /// Amounts that the expression network reads as neutral (≤ 0.1; obama3 ≤ 0.4) and smiling (≥ 0.95) within ±6° of yaw,
    /// for the portraits the project fetches (by file name without its ending). The portrait called obama smiles with
    /// its teeth and cannot be made neutral. An unknown portrait is taken as neutral.
    pub fn of_portrait(name: &str) -> Self {
        let look = |neutral, shut, smile, mouth| Self { neutral, shut, smile, mouth };
        match name {
            "biden" => look(-0.8, 0.0, 0.85, 0.14),
            "obama2" => look(-0.6, 0.0, 0.9, 0.0),
            "obama3" => look(-1.0, 0.5, 0.85, 0.14),
            _ => look(0.0, 0.0, 0.85, 0.14),
        }
    }
}
