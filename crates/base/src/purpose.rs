use serde::{Deserialize, Serialize};

/// What a consent allows an enrolled method to be used for. Each is given, and taken back, by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Compared when this payer pays.
    Payment,
    /// Slowly brought up to date by strong payments.
    ControlledAgeing,
    /// Compared at somebody's enrolment, to find one person with two wallets.
    DuplicateSearch,
    /// Searched at a shop's kiosk, among the wallets whose phone number ends alike.
    Kiosk,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 4] = [Self::Payment, Self::ControlledAgeing, Self::DuplicateSearch, Self::Kiosk];

    /// The name used in the API and the database; never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::ControlledAgeing => "controlled_ageing",
            Self::DuplicateSearch => "duplicate_search",
            Self::Kiosk => "kiosk",
        }
    }
}
