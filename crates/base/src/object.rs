use serde::{Deserialize, Serialize};

/// What a payer has chosen to pay with by [`crate::Method::Kungfu`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// A tattoo, recognised by local features and their geometry.
    Tattoo,
    /// A dog or a cat.
    Pet,
}

impl ObjectKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Tattoo, Self::Pet];

    /// The name used in the API and the database; never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tattoo => "tattoo",
            Self::Pet => "pet",
        }
    }
}
