//! The page of a shop's kiosk. What it may do comes from the key that it was paired with, not from who opens it.

use axum::extract::State;

use super::reply::{Page, show};
use super::views;
use crate::state::AppState;

pub async fn page(State(state): State<AppState>) -> Page {
    let region = state.app.region();
    if !region.enables(base::Method::Face) || !region.asks_for(base::Purpose::Kiosk) {
        return Err(service::Error::NotFound("page").into());
    }
    show(&views::Kiosk::new(region.currency.code(), state.app.is_test_mode()))
}
