//! The web side: API `/v1`, capture WebSockets, pages, OpenAPI, TLS. Decides nothing; asks [`service::App`].

mod api;
pub mod auth;
mod caller;
pub mod config;
pub mod extract;
mod headers;
mod language;
pub mod limits;
pub mod once;
pub mod pages;
mod problem;
mod rate;
mod start;
pub mod state;
mod tls;

pub use config::{Config, Tls, language};
pub use start::{RunningServer, ServerError, openapi, router, start};
pub use state::AppState;
pub use tls::lan_address;
