//! Dynamic linking (RTS art. 5): the challenge *is* the payment.

use base::{AccountId, ChallengeId, IntentId, MerchantId};
use money::Money;
use sha2::{Digest, Sha256};

/// Everything that a payment's assertion is bound to.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    pub intent: IntentId,
    pub amount: Money,
    pub payee: MerchantId,
    /// The payee's name as it is shown to the payer.
    pub payee_name: &'a str,
    pub account: AccountId,
    pub challenge: ChallengeId,
    /// Drawn by the server for this one challenge.
    pub nonce: [u8; 32],
}

impl Terms<'_> {
    /// SHA-256 over all fields, each with its length in front, so that no two payments can give the same bytes.
    pub fn challenge(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut field = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        field(b"smilepay payment challenge v1");
        field(self.intent.as_uuid().as_bytes());
        field(&self.amount.minor().to_be_bytes());
        field(self.amount.currency().code().as_bytes());
        field(self.payee.as_uuid().as_bytes());
        field(self.payee_name.as_bytes());
        field(self.account.as_uuid().as_bytes());
        field(self.challenge.as_uuid().as_bytes());
        field(&self.nonce);
        hash.finalize().into()
    }

    /// The amount as Secure Payment Confirmation writes it: `20.00`, `1500`.
    pub fn value(&self) -> String {
        let shown = self.amount.to_string();
        shown.split(' ').next().unwrap_or_default().replace(',', "")
    }
}
