//! One file a subcommand: its arguments and `run`.

pub mod audit;
pub mod bench;
pub mod demo;
pub mod duplicates;
pub mod erasure;
pub mod evaluate;
mod evaluate_kungfu;
mod evaluate_voice;
pub mod hardening;
pub mod keys;
pub mod ledger;
pub mod merchants;
pub mod models;
pub mod operators;
pub mod policy;
pub mod privacy;
pub mod puppet;
pub mod serve;
pub mod store;
pub mod webhooks;
