//! A payer's own wallet.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use service::view::{ErasureKeyView, ErasureView, Me};
use utoipa::ToSchema;

use crate::auth::Payer;
use crate::extract::{Body, Device, Path};
use crate::language;
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseBody {
    /// The fresh proof that it is the payer who asks.
    passphrase: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbilitiesBody {
    smiles: bool,
    turns: bool,
    colours: bool,
    /// The fresh proof: less is checked afterwards.
    passphrase: String,
}

/// Chooses what the camera may ask for.
#[utoipa::path(put, path = "/v1/me/abilities", request_body = AbilitiesBody, security(("payer" = [])), responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem)))]
pub async fn set_abilities(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    Body(body): Body<AbilitiesBody>,
) -> ApiResult<StatusCode> {
    let AbilitiesBody { smiles, turns, colours, passphrase } = body;
    let chosen = service::Abilities { smiles, turns, colours };
    state.app.set_abilities(&payer, &device, chosen, passphrase.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneBody {
    /// As people write it. Only a keyed hash of its last four digits is kept.
    #[schema(example = "+49 511 123456")]
    number: String,
    /// The fresh proof that it is the payer who asks.
    passphrase: String,
}

/// Says by which last digits a shop's kiosk may look for this payer; it also needs the consent `kiosk`.
#[utoipa::path(put, path = "/v1/me/phone", request_body = PhoneBody, security(("payer" = [])), responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem)))]
pub async fn set_phone(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    Body(body): Body<PhoneBody>,
) -> ApiResult<StatusCode> {
    state.app.set_phone(&payer, &device, &body.number, body.passphrase.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets them: no kiosk finds this payer any more.
#[utoipa::path(delete, path = "/v1/me/phone", security(("payer" = [])), responses((status = 204), (status = 401, body = Problem)))]
pub async fn remove_phone(State(state): State<AppState>, Payer(payer): Payer) -> ApiResult<StatusCode> {
    state.app.remove_phone(&payer).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyPhraseBody {
    /// Three to eight English words, letters only.
    #[schema(example = "seven quiet lemon boats")]
    phrase: String,
    /// The fresh proof that it is the payer who asks.
    passphrase: String,
}

/// Sets the payer's own key phrase of an enrolled voice; it is asked for after the fresh prompt.
#[utoipa::path(put, path = "/v1/me/methods/{id}/key_phrase", params(("id" = String, Path)), request_body = KeyPhraseBody, security(("payer" = [])), responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn set_key_phrase(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    Path(id): Path<String>,
    Body(body): Body<KeyPhraseBody>,
) -> ApiResult<StatusCode> {
    state.app.set_key_phrase(&payer, &device, &id, &body.phrase, body.passphrase.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the key phrase away.
#[utoipa::path(delete, path = "/v1/me/methods/{id}/key_phrase", params(("id" = String, Path)), request_body = EraseBody, security(("payer" = [])), responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn remove_key_phrase(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    Path(id): Path<String>,
    Body(body): Body<EraseBody>,
) -> ApiResult<StatusCode> {
    state.app.remove_key_phrase(&payer, &device, &id, body.passphrase.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The wallet: balances, methods, consents, payments.
#[utoipa::path(get, path = "/v1/me", security(("payer" = [])), responses((status = 200, body = Me), (status = 401, body = Problem)))]
pub async fn me(State(state): State<AppState>, Payer(payer): Payer) -> ApiResult<Json<Me>> {
    let mut me = state.app.me(&payer).await?;
    for notice in &mut me.notices {
        notice.text = words::text(language::current(), notice.key).to_owned();
    }
    Ok(Json(me))
}

/// Everything that is kept about the payer, but the vectors and what only proves knowledge (hashes, keys).
#[utoipa::path(get, path = "/v1/me/export", security(("payer" = [])), responses((status = 200, content_type = "application/json"), (status = 401, body = Problem)))]
pub async fn export(State(state): State<AppState>, Payer(payer): Payer) -> ApiResult<Json<serde_json::Value>> {
    Ok(Json(state.app.export(&payer).await?))
}

/// The receipt of an erasure, for keeping.
#[utoipa::path(get, path = "/v1/me/erasures/{id}", params(("id" = String, Path)), security(("payer" = [])), responses((status = 200, content_type = "application/json"), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn receipt(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Path(id): Path<String>,
) -> ApiResult<Json<serde_json::Value>> {
    Ok(Json(state.app.erasure_receipt(&payer, &id).await?))
}

/// The public key that erasure receipts of this installation are checked with.
#[utoipa::path(get, path = "/v1/erasure_key", responses((status = 200, body = ErasureKeyView)))]
pub async fn erasure_key(State(state): State<AppState>) -> ApiResult<Json<ErasureKeyView>> {
    Ok(Json(ErasureKeyView { public_key: state.app.erasure_key()? }))
}

/// Erases an enrolled method: its key is destroyed.
#[utoipa::path(delete, path = "/v1/me/methods/{id}", params(("id" = String, Path)), request_body = EraseBody, security(("payer" = [])), responses((status = 200, body = ErasureView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn erase_method(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    Path(id): Path<String>,
    Body(body): Body<EraseBody>,
) -> ApiResult<Json<ErasureView>> {
    Ok(Json(state.app.erase_method(&payer, &device, &id, body.passphrase.into()).await?))
}
