//! The routes of `/v1`, one file per kind of thing.

mod captures;
mod challenges;
mod consents;
mod enrolments;
mod faces;
mod form;
mod health;
mod intents;
mod keys;
mod me;
mod orders;
mod otp;
mod passkeys;
mod refunds;
mod sessions;
mod webhooks;

pub use form::PictureForm;

use axum::Router;
use axum::routing::get;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

#[derive(OpenApi)]
#[openapi(
    info(title = "Smilepay", description = "Pay with a smile: intents, face challenges, refunds, webhooks. Errors are RFC 9457 problem details."),
    modifiers(&Security),
    components(schemas(crate::problem::Problem))
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Default::default);
        let cookie = ApiKey::Cookie(ApiKeyValue::new(crate::extract::SESSION_COOKIE));
        let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let secret = ApiKey::Query(ApiKeyValue::new("client_secret"));
        let token = ApiKey::Query(ApiKeyValue::new("token"));
        components.add_security_scheme("payer", SecurityScheme::ApiKey(cookie));
        components.add_security_scheme("merchant", SecurityScheme::Http(key));
        let restricted = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("restricted_key", SecurityScheme::Http(restricted));
        components.add_security_scheme("client_secret", SecurityScheme::ApiKey(secret));
        components.add_security_scheme("capture_token", SecurityScheme::ApiKey(token));
    }
}

/// All routes under `/v1` plus `/healthz` and `/readyz`, and the document that describes them.
pub fn routes() -> (Router<AppState>, utoipa::openapi::OpenApi) {
    let (router, document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(sessions::sign_up))
        .routes(routes!(sessions::sign_in))
        .routes(routes!(sessions::sign_out))
        .routes(routes!(me::me))
        .routes(routes!(me::set_abilities))
        .routes(routes!(me::export))
        .routes(routes!(me::receipt))
        .routes(routes!(me::erasure_key))
        .routes(routes!(me::erase_method))
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
        .routes(routes!(intents::create))
        .routes(routes!(intents::read))
        .routes(routes!(intents::cancel))
        .routes(routes!(intents::confirm))
        .routes(routes!(challenges::start))
        .routes(routes!(captures::challenge))
        .routes(routes!(refunds::create))
        .routes(routes!(orders::receipt))
        .routes(routes!(orders::order))
        .routes(routes!(webhooks::list, webhooks::create))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::revoke))
        .merge(faces::routes())
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .split_for_parts();
    let served = document.clone();
    let router = router.route("/v1/openapi.json", get(move || async move { axum::Json(served) }));
    (router, document)
}
