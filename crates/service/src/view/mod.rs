//! What the outside sees: the JSON of the API and the data of the pages. Never a score, an embedding or a frame.

mod dispute;
mod event;
mod money;
mod paper;
mod payer;
mod payment;

pub use dispute::{DisputeFactsView, DisputeReason, DisputeView};
pub use event::{EventData, EventView};
pub use money::{
    BalanceAtView, BalanceTransactionView, ListView, MerchantBalanceLine, MerchantBalanceView, MovementView,
    SettlementLineView, SettlementView, TrialBalanceView, TrialLineView,
};
pub use paper::{DeliveryView, OrderView, ReceiptView};
pub use payer::{
    AbilitiesView, Balance, ConsentTextView, ConsentView, ErasedView, ErasureKeyView, ErasureView, Me, MethodView,
    NoticeView, OtpSetupView, PasskeyChallengeView, PasskeyView, PaymentView, SignedInView, WardConsentView,
};
pub use payment::{
    CaptureGrantView, CaptureMethod, ChallengeView, CreatedIntentView, Expandable, IntentView, MagicPayer, OrderDraft,
    RefundView,
};
