//! The operator's commands as processes, against a real data directory: what they print, how they end, and what they find.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may; the helpers here are part of them"
)]

mod audit;
mod books;
mod common;
mod copy;
mod operators;
