//! Every limit of this crate, in one place.

use base::Span;

/// How long a hold lasts when the caller does not say: Stripe's seven days for uncaptured payments.
pub const HOLD_LASTS: Span = Span::days(7);

/// Longest delivery promise, in days.
pub const MAX_DELIVERY_DAYS: u16 = 365;
