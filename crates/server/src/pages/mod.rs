//! The pages: shop, checkout, account, wallet, papers. Templates are in `templates/`, styles and scripts in `web/`.
//!
//! A page shows what a use case says and decides nothing; whatever changes something goes through `/v1`.

mod account;
mod assets;
mod checkout;
mod faces;
mod kiosk;
mod papers;
mod reply;
#[cfg(test)]
mod samples;
mod shop;
mod show;
mod strings;
#[cfg(test)]
mod tests;
mod views;
mod wallet;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::limits::FACES_BODY_BYTES;
use crate::state::AppState;

pub use reply::nothing_here;

/// All pages and what they are made of.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(shop::page))
        .route("/shop/buy", post(shop::buy))
        .route("/language", post(crate::language::choose))
        .route("/checkout/{intent}", get(checkout::page))
        .route("/sign-in", get(account::sign_in))
        .route("/sign-up", get(account::sign_up))
        .route("/enrol", get(account::enrol))
        .route("/wallet", get(wallet::page))
        .route("/receipt/{id}", get(papers::receipt))
        .route("/order/{id}", get(papers::order))
        .route("/faces", get(faces::page).post(faces::compare).layer(DefaultBodyLimit::max(FACES_BODY_BYTES)))
        .route("/kiosk", get(kiosk::page))
        .route("/privacy", get(papers::privacy))
        .route("/assets/{name}", get(assets::asset))
}
