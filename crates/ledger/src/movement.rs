use serde::{Deserialize, Serialize};

/// Why a transfer was made; kept with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    Payment,
    Refund,
    /// Money from outside into a wallet.
    TopUp,
    /// Money from a wallet to outside.
    Withdrawal,
    /// From one wallet to another.
    Transfer,
    /// Money from a merchant to outside.
    Payout,
    /// A disputed payment, held and then given back or kept.
    Dispute,
    /// A lost dispute that the merchant had no money for: the operator brings it in.
    DisputeCover,
    /// A transfer made by hand.
    Other,
}

impl TransferKind {
    const ALL: [Self; 9] = [
        Self::Payment,
        Self::Refund,
        Self::TopUp,
        Self::Withdrawal,
        Self::Transfer,
        Self::Payout,
        Self::Dispute,
        Self::DisputeCover,
        Self::Other,
    ];

    /// The name used in the API and the database; never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::TopUp => "top_up",
            Self::Withdrawal => "withdrawal",
            Self::Transfer => "transfer",
            Self::Payout => "payout",
            Self::Dispute => "dispute",
            Self::DisputeCover => "dispute_cover",
            Self::Other => "other",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == name)
    }
}

/// Where money on its way to or from outside stands. Only `Pending` ever changes, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementStatus {
    /// The rail has it; what leaves is held.
    Pending,
    Succeeded,
    /// The rail gave it back; what was held is free again.
    Failed,
}

impl MovementStatus {
    /// The name used in the API and the database; never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pending, Self::Succeeded, Self::Failed].into_iter().find(|s| s.as_str() == name)
    }
}
