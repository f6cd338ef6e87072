//! Every limit of this crate, in one place.

/// Largest amount of one payment, refund or top-up, in minor units (10^12, that is 10 billion EUR).
///
/// Keeps more than 9 million largest payments inside an `i64` balance; every sum is checked nevertheless.
pub const MAX_AMOUNT_MINOR: i64 = 1_000_000_000_000;

/// Longest text that [`crate::Money`] parses, in bytes.
pub const MAX_MONEY_TEXT: usize = 40;
