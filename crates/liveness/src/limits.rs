//! Every limit and gate of this crate, with its source. None of them accepts or denies a payment.

/// How much a capture may ask of us. `Default` is what production uses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Frames a capture may hold; the next one fails it. 60 s at 15 fps.
    pub max_frames: u32,
    /// Frames with an unusable timestamp before the capture fails.
    pub max_refused: u32,
    /// Longest a single step may stay unanswered, in ms of the client's clock.
    pub step_ms: f64,
    /// Longest capture, in ms of the client's clock.
    pub total_ms: f64,
    /// Frames per second that a turn needs to be tracked; evaluations of clips without a known rate set it to 0.
    pub depth_fps: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_frames: 900, max_refused: 60, step_ms: 8_000.0, total_ms: 60_000.0, depth_fps: DEPTH_FPS }
    }
}

/// Steps of a challenge, the neutral start included.
pub const MAX_STEPS: usize = 8;
/// Fingerprints of earlier captures that a session compares with; the rest is ignored.
pub const MAX_EARLIER: usize = 4_096;
/// A pause between two frames longer than this breaks every running measurement (ms).
pub const GAP_MS: f64 = 1_000.0;
/// Frames without any progress before a hint is shown (ms).
pub const HINT_AFTER_MS: f64 = 1_500.0;

/// |Nose offset − this payer's neutral| in eye distances up to which a face counts as frontal.
pub const FRONTAL: f32 = 0.15;
/// Nose offset to reach in a turn. Hand-moved prints stay within 0.11 (95th percentile of 47), people who turn exceed 0.28.
pub const TURN: f32 = 0.30;
/// Neighbouring frames that must meet a step's gate.
pub const NEUTRAL_FRAMES: u32 = 5;
/// See [`NEUTRAL_FRAMES`].
pub const TURN_FRAMES: u32 = 2;
/// See [`NEUTRAL_FRAMES`].
pub const SMILE_FRAMES: u32 = 5;
/// A smile whose onset reads less than this is watched for [`SMILE_MORE`] further frames: no verdict, only when to look.
/// Grown smiles of puppets read 0.81–1.00.
pub const SMILE_GROWN: f32 = 0.65;
/// See [`SMILE_GROWN`].
pub const SMILE_MORE: usize = 6;
/// See [`NEUTRAL_FRAMES`]; back at the front after a turn.
pub const RETURN_FRAMES: u32 = 2;
/// Share of the neutral eye distance that must remain in a turn. A head at nose offset 0.30–0.45 keeps 0.72–0.82 (two
/// people), a phone picture tilted to offset 0.23–0.39 keeps 0.68–0.58.
pub const TURNED_EYES: f32 = 0.68;
/// Nose offset (less the neutral one) up to which the eye distance of a frontal face is learnt anew.
pub const STRAIGHT: f32 = 0.05;
/// How much of that distance one frame may take away. Somebody moving back by a fifth in a second loses 2 % a frame at most,
/// and has time to be caught up with before the next turn.
pub const NARROWING: f32 = 0.985;
/// Happy score up to which a mouth counts as neutral.
pub const NEUTRAL_HAPPY: f32 = 0.30;
/// Happy score from which a mouth counts as smiling.
pub const SMILE_HAPPY: f32 = 0.70;

/// Eye distance over the one when it was asked, from which somebody has come closer. Says nothing about depth.
pub const CLOSER: f32 = 1.16;
/// The same for having moved back.
pub const BACK: f32 = 0.86;
/// Largest move between neighbouring frames (eye distances) that is called still.
pub const STILL: f32 = 0.07;
/// See [`NEUTRAL_FRAMES`]: half a second at 15 fps.
pub const STILL_FRAMES: u32 = 7;
/// Largest share of the picture that a face may take when an approach will be asked for.
pub const ROOM_TO_COME: f32 = 0.72;

/// Smallest eye distance (picture pixels) to work with.
pub const MIN_EYE_PX: f32 = 28.0;
/// Largest share of the picture's width or height that the face box may take.
pub const MAX_FACE_SHARE: f32 = 0.92;
/// Mean grey level (0–255) of the face box below which it is too dark.
pub const MIN_BRIGHTNESS: f32 = 45.0;

/// Shortest time between two sampled embeddings (ms): every third frame at 15 fps.
pub const EMBED_EVERY_MS: f64 = 190.0;
/// The same while probe frames are being collected (near-frontal neutral or smile).
pub const EMBED_PROBE_EVERY_MS: f64 = 120.0;
/// Embeddings kept per capture.
pub const MAX_SAMPLES: usize = 320;
/// Probe frames handed back, best first.
pub const MAX_PROBE: usize = 12;

/// Good frames of the asked pose in a row, of which the last becomes the view.
pub const VIEW_FRAMES: u32 = 3;
/// The same for a turn: the head may be passing through on its way farther.
pub const TURNED_VIEW_FRAMES: u32 = 2;
/// Nose offset (less the neutral one) of a small turn: far enough to be another view …
pub const SMALL_TURN: f32 = 0.13;
/// … and not so far that the recogniser sees a half profile.
pub const TOO_MUCH_TURNED: f32 = 0.42;
/// Eye distance (picture pixels) that a view needs: the recogniser's crop has 35, less would be blown up.
pub const VIEW_EYE_PX: f32 = 40.0;
/// Sharpness ([`face::Quality::sharpness`]) below which a view is blurred.
pub const VIEW_SHARPNESS: f32 = 20.0;
/// Mean brightness of the inner face, 0..1, below which a view is too dark.
pub const VIEW_BRIGHTNESS: f32 = 0.18;
/// Standard deviation of the inner face's grey values, 0..0.5, below which it shows too little (fog, glare).
pub const VIEW_CONTRAST: f32 = 0.06;
/// Eye openness ([`face::Quality::eye_openness`]) below which eyes are shut or covered; 0.15 is shut, narrow eyes rest at 0.18.
pub const VIEW_EYES_OPEN: f32 = 0.13;
/// Cosine to the first view below which a frame shows someone else. Not an accept threshold: enrolment just goes on waiting.
pub const VIEW_SAME_PERSON: f32 = 0.45;

/// Longest window for the depth check (ms).
pub const DEPTH_WINDOW_MS: f64 = 900.0;
/// Change of nose offset that the window needs, in eye distances.
pub const DEPTH_CHANGE: f32 = 0.20;
/// Frames per second that the window needs; at about 5 fps prints lost their tracks.
pub const DEPTH_FPS: f64 = 10.0;
/// Corners to start with.
pub const DEPTH_CORNERS: usize = 300;
/// Corners that must arrive.
pub const DEPTH_TRACKS: usize = 40;
/// Face width to track at (pixels); larger pictures are shrunk, smaller ones are taken as they are.
pub const DEPTH_FACE_PX: f32 = 170.0;

/// Frames of a clear turn that was not asked for, one after the other, that count as a wrong answer.
pub const WRONG_FRAMES: u32 = 3;
/// Wrong answers that are forgiven: people do mix up left and right once.
pub const MAX_WRONG: u32 = 1;
/// Before a neutral face is known, a head may sit this far off (nose offset): phones are held to the side.
pub const FIRST_FRONTAL: f32 = 0.20;
/// Happy score that is taken for a neutral mouth when nothing lower came for [`RESTING_AFTER_MS`]: some mouths rest high.
pub const RESTING_HAPPY: f32 = 0.60;
/// See [`RESTING_HAPPY`] (ms).
pub const RESTING_AFTER_MS: f64 = 2_500.0;
/// A smile rises at least this far over a resting mouth.
pub const SMILE_RISE: f32 = 0.35;
/// Time between two views that are taken as a recording shows them (ms).
pub const FOUND_VIEW_EVERY_MS: f64 = 400.0;
