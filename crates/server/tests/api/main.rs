//! The API from outside, against whole servers on free loopback ports. One binary, so that it is linked once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests and helpers of tests"
)]

mod abilities;
mod auth;
mod captures;
mod common;
mod document;
mod faces;
mod guide;
mod idempotency;
mod keys;
mod kiosk;
mod money;
mod objects;
mod operator;
mod orders;
mod payments;
mod privacy;
mod receivers;
mod scene;
mod threats;
mod tls;
mod webhooks;
