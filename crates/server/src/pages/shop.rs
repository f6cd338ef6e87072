//! The stamp shop: an ordinary merchant that sells one stamp.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use service::ports::{Clock, SystemClock};
use service::view::OrderDraft;

use super::reply::{Page, Refusal, show};
use super::{show as text, strings, views};
use crate::auth::Payer;
use crate::extract::Device;
use crate::state::AppState;

/// 20.00 of the region's currency, in minor units.
const PRICE: i64 = 2_000;
const DELIVERY_DAYS: u16 = 6;

pub async fn page(State(state): State<AppState>, payer: Option<Payer>) -> Page {
    let csrf = csrf(payer);
    let promised = text::date_after(SystemClock.now(), DELIVERY_DAYS);
    show(&views::Shop::new(
        csrf,
        text::amount(PRICE, state.app.region().currency.code()),
        &promised,
        strings::text("shop.ship_to").to_owned(),
    ))
}

/// Opens a payment, as any shop does, and goes to its checkout.
pub async fn buy(State(state): State<AppState>, Device(device): Device) -> Page {
    if state.rate.take(device.address, std::time::Instant::now()).is_err() {
        return Err(service::Error::Busy.into());
    }
    let key = state.config.shop_key.as_deref().ok_or(Refusal::Closed)?;
    let merchant = state.app.merchant(key).await?;
    let item = strings::text("shop.order").to_owned();
    let request = service::CreateIntent {
        amount: PRICE,
        currency: state.app.region().currency.code().to_owned(),
        description: item.clone(),
        order: OrderDraft { item, ship_to: strings::text("shop.ship_to").to_owned(), delivery_days: DELIVERY_DAYS },
        success_url: None,
        capture_method: service::view::CaptureMethod::Automatic,
    };
    let once = format!("shop-{}", uuid::Uuid::now_v7().simple());
    let intent = state.app.create_intent(&merchant, &once, request).await?;
    // On this host, so that the session's cookie and the camera's permission are at hand.
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_secret", &intent.client_secret)
        .finish();
    Ok(Redirect::to(&format!("/checkout/{}?{query}", intent.id)).into_response())
}

/// The signed-in payer's token for scripts, if anybody is signed in.
pub fn csrf(payer: Option<Payer>) -> Option<String> {
    payer.map(|Payer(payer)| payer.csrf_token())
}
