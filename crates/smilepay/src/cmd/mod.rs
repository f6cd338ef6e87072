//! One file a subcommand: its arguments and `run`.

pub mod audit;
pub mod models;
pub mod serve;
