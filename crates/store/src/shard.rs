//! Which rows live together, so that a database that is spread over machines can keep a payer's rows, and a merchant's, in
//! one place each.
//!
//! The rule: **a row lives with its owner**, and the last byte of the owner's id (random in every id we make) is the
//! shard, 0 to 255. Every table has it as the column `shard`:
//!
//! | owner | rows |
//! |---|---|
//! | payer | payers, sessions, consents, enrolments, templates, notices, failures, fingerprints, passkeys, otp, abilities, phones, challenges, authentications, receipts, duplicate_reviews (the later wallet's) |
//! | merchant | merchants, api_keys, webhook_endpoints, kiosk_attempts, intents (with their order), refunds, disputes, events, deliveries |
//! | whom the account belongs to | ledger_accounts, movements; entries with their account; transfers with the account that pays |
//! | a collection of faces | collections, persons, face_reviews |
//! | who asks | idempotency (payer or merchant, from its scope) |
//! | whom it tells of | audit |
//!
//! So paying touches two shards: the payer's (challenge, decision, receipt, transfer, a line) and the merchant's (intent, event,
//! a line). Where the row has the owner's id the database works the column out; where it has not (entries, transfers,
//! deliveries, audit) we write it. `audit_head` and `audit_checkpoints` belong to a writer, not to an owner.

use crate::key::Key;

/// A shard, 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard(u8);

/// Shards of one audit chain.
const PER_CHAIN: u8 = 8;
/// Audit chains of a store: few enough that all their heads fit into one small row.
pub(crate) const CHAINS: usize = 32;

impl Shard {
    /// Where what belongs to no payer and no merchant lives: the operator's.
    pub(crate) const OPERATOR: Self = Self(0);

    pub(crate) fn of(owner: &impl Key) -> Self {
        Self::of_id(owner.key())
    }

    pub(crate) const fn of_id([.., last]: [u8; 16]) -> Self {
        Self(last)
    }

    /// As a row has it.
    pub(crate) fn from_row(number: i64) -> Option<Self> {
        u8::try_from(number).ok().map(Self)
    }

    pub(crate) fn number(self) -> i64 {
        i64::from(self.0)
    }

    /// Its audit chain, below [`CHAINS`].
    pub(crate) fn chain(self) -> usize {
        usize::from(self.0 / PER_CHAIN)
    }

    /// The shards of a chain, first and last.
    pub(crate) fn of_chain(chain: usize) -> (i64, i64) {
        let first = i64::try_from(chain).unwrap_or(0).saturating_mul(i64::from(PER_CHAIN));
        (first, first.saturating_add(i64::from(PER_CHAIN) - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_share_the_shards_out() {
        for number in 0..=255 {
            let shard = Shard::from_row(number).unwrap();
            let (first, last) = Shard::of_chain(shard.chain());
            assert!(shard.chain() < CHAINS && (first..=last).contains(&number));
        }
        assert_eq!(Shard::from_row(256), None);
    }
}
