//! The words every other crate speaks: typed ids, points in time, methods of authentication.
//!
//! Pure: nothing here reads a clock or draws a random number; [`uuid::Uuid`]s and times come in as parameters.

mod id;
mod method;
mod object;
mod purpose;
mod time;

pub use id::{
    AccountId, ApiKeyId, AuthenticationId, CaptureToken, ChallengeId, CollectionId, ConsentId, DisputeId, EnrolmentId,
    EventId, FaceReviewId, IdError, IntentId, KioskAttemptId, LedgerAccountId, MerchantId, MovementId, OperatorId,
    OrderId, PersonId, ReceiptId, RefundId, SessionId, TemplateId, TransferId, WebhookEndpointId,
};
pub use method::Method;
pub use object::ObjectKind;
pub use purpose::Purpose;
pub use time::{Span, Timestamp};
