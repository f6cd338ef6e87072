//! The store on SQLite or PostgreSQL: one writer thread with group commit, reading connections, migrations, idempotent replies, a signed
//! audit chain and an outbox.
//!
//! Every writing method is one job. Jobs that wait together share one durable commit; each has its own savepoint, so
//! an error (or a panic) undoes that job alone, and an answer is given only after the commit has reached the disk.
//! Callers inside the process are trusted to know *who* acts; the rules of money are enforced here all the same.

mod abilities;
mod api_keys;
mod attached;
mod audit;
mod books;
mod capture;
mod challenges;
mod collections;
mod consents;
mod copy;
mod decisions;
mod deliveries;
mod disputes;
mod duplicates;
mod endpoints;
mod enrolments;
mod error;
mod export;
mod failures;
mod faults;
mod fingerprints;
mod idempotency;
mod intents;
mod key;
mod kiosk;
mod known;
pub mod limits;
mod lists;
pub mod load;
mod merchants;
mod migrate;
mod movements;
mod notices;
mod open;
mod operators;
mod orders;
mod otp;
mod outbox;
mod page;
mod passkeys;
mod payers;
mod paying;
mod pool;
mod receipts;
mod refunds;
mod renewals;
mod scrub;
mod sessions;
mod shard;
mod sql;
mod statements;
mod stats;
mod templates;
mod transfers;
mod tx;
mod writer;

pub use abilities::AbilitiesRow;
pub use api_keys::{ApiKey, KeyKind, NewApiKey};
pub use attached::{answering, current_request, working_for};
pub use audit::{
    AuditProof, AuditReport, BadProof, KeptCheckpoint, Neighbour, Proven, ProvenEntry, Tampering, audited_receipt,
    check_proof, newest_checkpoint_in, prove_in, verify_audit, verify_audit_against, verify_audit_in,
};
pub use challenges::{Challenge, NewChallenge};
pub use collections::{Collection, FaceReview, NewPerson, Person, SealedPerson};
pub use consents::{Consent, NewConsent};
pub use copy::{CopyReport, copy};
pub use decisions::{Outcome, Refusal, Refused};
pub use deliveries::{Delivery, DeliveryCursor, DeliveryRow, DeliveryState, dead_deliveries_in};
pub use disputes::{Dispute, NewDispute};
pub use duplicates::{DuplicateReview, duplicate_reviews_in};
pub use endpoints::{EndpointChange, NewWebhookEndpoint, WebhookEndpoint};
pub use enrolments::{Enrolment, NewEnrolment};
pub use error::StoreError;
pub use failures::{DeviceKey, FailureRecord, LockRule};
pub use idempotency::{Idempotency, IdempotencyStart, Replied, SavedReply};
pub use intents::{Intent, NewIntent, NewOrder, Order};
pub use key::SecretHash;
pub use kiosk::{KioskAttempt, NewKioskAttempt, PhoneTag};
pub use merchants::{Merchant, NewMerchant, merchants_in};
pub use movements::{HowMuch, Movement, NewMovement, Route, Settles};
pub use notices::Notice;
pub use open::{Store, StoreKeys, StoreOptions};
pub use operators::{Operator, operators_in};
pub use otp::OtpRow;
pub use outbox::Event;
pub use page::{Between, Listed, Page};
pub use passkeys::{CounterCheck, NewPasskey, PasskeyRow};
pub use payers::{NewPayer, Payer};
pub use paying::{Authorisation, Paid};
pub use receipts::{PaymentSummary, Receipt};
pub use refunds::{NewRefund, Refund};
pub use renewals::{Exchange, KeptSealed, SealedIn};
pub use sessions::{NewSession, Session};
pub use sql::{Location, Server};
pub use statements::{BalanceLine, BalanceNow, BalanceThen, SettlementLine, TrialLine, balances_in, trial_balance_in};
pub use stats::Stats;
pub use templates::{ChangeKind, ErasedBecause, NewTemplate, SealedRow, TemplateChange, TemplateInfo, TemplateState};
pub use transfers::{BooksReport, LedgerSide, check_books_in};
