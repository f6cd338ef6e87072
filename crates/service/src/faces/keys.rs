//! What a restricted key may do with faces.

use base::{ApiKeyId, MerchantId};

use crate::error::{Error, Result};

/// What a restricted key may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// See where faces are and how good a picture is.
    Detect,
    /// Compare pictures that are sent along.
    Compare,
    /// Look for a face in a collection.
    Search,
    /// Make collections, enrol and erase people, resolve reviews.
    Manage,
    /// Be a kiosk: open payments of the shop, and take them from whoever stands there.
    Kiosk,
}

impl Scope {
    pub(crate) const ALL: [Self; 5] = [Self::Detect, Self::Compare, Self::Search, Self::Manage, Self::Kiosk];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Detect => "faces.detect",
            Self::Compare => "faces.compare",
            Self::Search => "faces.search",
            Self::Manage => "faces.manage",
            Self::Kiosk => "kiosk.pay",
        }
    }
}

/// Whoever has shown a key that may do something with faces.
#[derive(Clone, Debug)]
pub struct FaceKey {
    pub(crate) id: ApiKeyId,
    pub(crate) merchant: MerchantId,
    scopes: Vec<Scope>,
}

impl FaceKey {
    pub(crate) const fn new(id: ApiKeyId, merchant: MerchantId, scopes: Vec<Scope>) -> Self {
        Self { id, merchant, scopes }
    }

    /// Whose key it is.
    pub const fn merchant(&self) -> MerchantId {
        self.merchant
    }

    /// # Errors
    /// [`Error::Scope`].
    pub fn allows(&self, scope: Scope) -> Result<()> {
        if self.scopes.contains(&scope) { Ok(()) } else { Err(Error::Scope(scope.as_str())) }
    }
}
