//! Every limit of this crate, in one place.

use base::Span;

/// How long a hold lasts when the caller does not say: Stripe's seven days for uncaptured payments.
pub const HOLD_LASTS: Span = Span::days(7);

/// Longest delivery promise, in days.
pub const MAX_DELIVERY_DAYS: u16 = 365;

/// How long after its payment a dispute may be opened, as card schemes have it.
pub const DISPUTE_WINDOW: Span = Span::days(120);

/// How long a merchant may take to send evidence.
pub const EVIDENCE_LASTS: Span = Span::days(14);

/// A disputed amount is held for at most this long; it is decided well before.
pub const DISPUTE_LASTS: Span = Span::days(730);
