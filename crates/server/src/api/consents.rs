//! Consents: the texts, giving one more, taking one back.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base::{Method, Purpose};
use serde::Deserialize;
use service::consent::GiveConsent;
use service::view::{ConsentTextView, ConsentView};
use utoipa::ToSchema;

use super::enrolments::GuardianBody;
use crate::auth::Payer;
use crate::extract::{Body, Device, Path};
use crate::language;
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveConsentBody {
    #[schema(value_type = String, example = "payment")]
    purpose: Purpose,
    #[schema(value_type = String, example = "face")]
    method: Method,
    /// Version of the text that was shown.
    text_version: String,
    /// Language in which it was shown; the request's own when it is left out.
    #[serde(default)]
    #[schema(example = "en")]
    locale: Option<String>,
    accepted: bool,
    /// The fresh proof by an existing factor.
    passphrase: String,
    #[serde(default)]
    guardian: Option<GuardianBody>,
}

/// The texts that are asked for now, word by word.
#[utoipa::path(get, path = "/v1/consent_texts", responses((status = 200, body = [ConsentTextView])))]
pub async fn texts(State(state): State<AppState>) -> Json<Vec<ConsentTextView>> {
    Json(state.app.consent_texts())
}

/// Agrees to one more purpose, or again to one that was withdrawn.
#[utoipa::path(post, path = "/v1/me/consents", request_body = GiveConsentBody, security(("payer" = [])), responses((status = 201, body = ConsentView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub async fn give(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    Body(body): Body<GiveConsentBody>,
) -> ApiResult<(StatusCode, Json<ConsentView>)> {
    let give = GiveConsent {
        purpose: body.purpose,
        method: body.method,
        text_version: body.text_version,
        locale: body.locale.unwrap_or_else(|| language::current().tag().to_owned()),
        accepted: body.accepted,
        passphrase: body.passphrase.into(),
        minor: body.guardian.map(Into::into),
    };
    Ok((StatusCode::CREATED, Json(state.app.give_consent(&payer, &device, give).await?)))
}

/// Takes a consent back; nothing uses it from now on.
#[utoipa::path(delete, path = "/v1/me/consents/{id}", params(("id" = String, Path)), security(("payer" = [])), responses((status = 200, body = ConsentView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn withdraw(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Path(id): Path<String>,
) -> ApiResult<Json<ConsentView>> {
    Ok(Json(state.app.withdraw_consent(&payer, &id).await?))
}
