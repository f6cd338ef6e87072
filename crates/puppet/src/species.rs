//! The attack factory's catalogue: every generated species, by the name that reports and documents use.

use crate::sheet::Medium;
use crate::tape::Cut;

/// A generated presentation or injection attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Species {
    /// A picture on something flat; `true`: its mouth is made to move.
    Still(Medium, bool),
    /// Made of recorded captures.
    Cut(Cut),
    /// The smile comes from one frame to the next.
    HardCut,
    /// Somebody else moves, the payer's face is shown for the neutral and the smiling part.
    IdentitySwap,
    /// A puppet's frames injected as a virtual camera does.
    InjectedFrames,
    /// The payer's face laid over somebody else's movements.
    FaceSwap,
}

impl Species {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 14] = [
        Self::Still(Medium::Print, false),
        Self::Still(Medium::BentPrint, false),
        Self::Still(Medium::CutOut, false),
        Self::Still(Medium::Poster, false),
        Self::Still(Medium::Phone, false),
        Self::Still(Medium::Tablet, false),
        Self::Still(Medium::Phone, true),
        Self::Cut(Cut::Replay),
        Self::Cut(Cut::Reordered),
        Self::Cut(Cut::Spliced),
        Self::HardCut,
        Self::IdentitySwap,
        Self::InjectedFrames,
        Self::FaceSwap,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Still(_, true) => "still_moving_mouth",
            Self::Still(Medium::Print, _) => "print",
            Self::Still(Medium::BentPrint, _) => "bent_print",
            Self::Still(Medium::CutOut, _) => "cut_out",
            Self::Still(Medium::Poster, _) => "poster",
            Self::Still(Medium::Phone, _) => "phone_still",
            Self::Still(Medium::Tablet, _) => "tablet_still",
            Self::Cut(Cut::Replay) => "replay",
            Self::Cut(Cut::Reordered) => "reordered",
            Self::Cut(Cut::Spliced) => "spliced",
            Self::HardCut => "hard_cut",
            Self::IdentitySwap => "identity_swap",
            Self::InjectedFrames => "injected_frames",
            Self::FaceSwap => "face_swap_realtime",
        }
    }

    /// A variant of another species that reports show with fewer captures.
    pub const fn is_variant(self) -> bool {
        matches!(self, Self::Still(Medium::CutOut, _) | Self::Still(_, true))
    }

    /// Whether a web camera cannot refuse it by design: it is measured and answered by a bound device and limits.
    pub const fn is_gap(self) -> bool {
        matches!(self, Self::InjectedFrames | Self::FaceSwap)
    }
}
