//! The routes of `/v1`, one file per kind of thing.

mod balance;
mod captures;
mod challenges;
mod consents;
mod deliveries;
mod disputes;
mod document;
mod enrolments;
mod faces;
mod form;
mod health;
mod intents;
mod keys;
mod kiosk;
mod list;
mod me;
mod movements;
mod operator;
mod orders;
mod otp;
mod passkeys;
mod refunds;
mod sessions;
mod webhooks;

pub use form::PictureForm;

use axum::Router;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// All routes under `/v1` plus `/healthz` and `/readyz`, and the document that describes them.
pub fn routes() -> (Router<AppState>, utoipa::openapi::OpenApi) {
    let (router, mut document) = OpenApiRouter::with_openapi(document::Head::openapi())
        .routes(routes!(sessions::sign_up))
        .routes(routes!(sessions::sign_in))
        .routes(routes!(sessions::sign_out))
        .routes(routes!(me::me))
        .routes(routes!(me::set_abilities))
        .routes(routes!(me::export))
        .routes(routes!(me::receipt))
        .routes(routes!(me::erasure_key))
        .routes(routes!(me::erase_method))
        .routes(routes!(me::set_key_phrase, me::remove_key_phrase))
        .routes(routes!(passkeys::options))
        .routes(routes!(passkeys::register))
        .routes(routes!(passkeys::rename, passkeys::revoke))
        .routes(routes!(passkeys::sign_in_options))
        .routes(routes!(passkeys::sign_in))
        .routes(routes!(passkeys::challenge))
        .routes(routes!(otp::start, otp::remove))
        .routes(routes!(otp::confirm))
        .routes(routes!(consents::texts))
        .routes(routes!(consents::give))
        .routes(routes!(consents::withdraw))
        .routes(routes!(enrolments::start))
        .routes(routes!(captures::enrolment))
        .routes(routes!(intents::list, intents::create))
        .routes(routes!(intents::read))
        .routes(routes!(intents::cancel))
        .routes(routes!(intents::confirm))
        .routes(routes!(intents::capture))
        .routes(routes!(intents::pay_by_magic))
        .merge(money())
        .routes(routes!(challenges::start))
        .routes(routes!(captures::challenge))
        .routes(routes!(refunds::list, refunds::create))
        .routes(routes!(refunds::read))
        .routes(routes!(orders::receipt))
        .routes(routes!(orders::order))
        .routes(routes!(orders::ship))
        .routes(routes!(orders::deliver))
        .routes(routes!(webhooks::list, webhooks::create))
        .routes(routes!(webhooks::read, webhooks::update, webhooks::delete))
        .routes(routes!(webhooks::rotate_secret))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::replay_dead))
        .routes(routes!(deliveries::replay_event))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::revoke))
        .routes(routes!(kiosk::pay))
        .routes(routes!(kiosk::start))
        .routes(routes!(kiosk::capture))
        .routes(routes!(kiosk::confirm))
        .routes(routes!(me::set_phone, me::remove_phone))
        .routes(routes!(keys::rotate))
        .merge(faces::routes())
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .split_for_parts();
    document::complete(&mut document);
    let served = document.clone();
    let router = router.route("/v1/openapi.json", get(move || async move { axum::Json(served) }));
    (router, document)
}

/// Disputes, movements, balances and events.
fn money() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(disputes::open))
        .routes(routes!(disputes::withdraw))
        .routes(routes!(disputes::list))
        .routes(routes!(disputes::read))
        .routes(routes!(disputes::evidence))
        .routes(routes!(disputes::accept))
        .routes(routes!(movements::top_up))
        .routes(routes!(movements::withdraw))
        .routes(routes!(movements::transfer))
        .routes(routes!(movements::list))
        .routes(routes!(movements::payouts, movements::pay_out))
        .routes(routes!(movements::payout))
        .routes(routes!(balance::balance))
        .routes(routes!(balance::history))
        .routes(routes!(balance::transactions))
        .routes(routes!(balance::settlement))
        .routes(routes!(balance::wallet_transactions))
        .routes(routes!(balance::wallet_history))
        .routes(routes!(balance::events))
        .routes(routes!(balance::event))
        .routes(routes!(operator::trial_balance))
        .routes(routes!(operator::disputes))
        .routes(routes!(operator::decide))
        .routes(routes!(operator::merchants, operator::open_shop))
}
