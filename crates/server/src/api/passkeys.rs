//! A payer's devices, signing in with one, and the challenge that one signs to pay.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use service::view::{PasskeyChallengeView, PasskeyView, SignedInView};
use utoipa::ToSchema;

use super::sessions::{limit, with_cookies};
use crate::auth::Payer;
use crate::extract::{Body, Device, Path};
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

/// The fresh proof that it is the payer who asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProofBody {
    pub passphrase: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasskeyBody {
    /// What the payer calls the device.
    name: String,
    /// `PublicKeyCredential.toJSON()` of the registration.
    #[schema(value_type = Object)]
    credential: Value,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameBody {
    name: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeySignInBody {
    /// `PublicKeyCredential.toJSON()` of the assertion.
    #[schema(value_type = Object)]
    credential: Value,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeyChallengeBody {
    client_secret: String,
}

/// Starts registering a device: options for `navigator.credentials.create`.
#[utoipa::path(post, path = "/v1/me/passkeys/options", request_body = ProofBody, security(("payer" = [])), responses((status = 200, body = Object), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub async fn options(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    Body(body): Body<ProofBody>,
) -> ApiResult<Json<Value>> {
    Ok(Json(state.app.start_passkey(&payer, &device, body.passphrase.into()).await?))
}

/// Finishes registering a device.
#[utoipa::path(post, path = "/v1/me/passkeys", request_body = NewPasskeyBody, security(("payer" = [])), responses((status = 201, body = PasskeyView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn register(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Body(body): Body<NewPasskeyBody>,
) -> ApiResult<(StatusCode, Json<PasskeyView>)> {
    let made = state.app.finish_passkey(&payer, &body.name, &body.credential).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Gives a device another name.
#[utoipa::path(patch, path = "/v1/me/passkeys/{id}", params(("id" = String, Path)), request_body = RenameBody, security(("payer" = [])), responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn rename(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Path(id): Path<String>,
    Body(body): Body<RenameBody>,
) -> ApiResult<StatusCode> {
    state.app.rename_passkey(&payer, &id, &body.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Revokes a device.
#[utoipa::path(delete, path = "/v1/me/passkeys/{id}", params(("id" = String, Path)), request_body = ProofBody, security(("payer" = [])), responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn revoke(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    Path(id): Path<String>,
    Body(body): Body<ProofBody>,
) -> ApiResult<StatusCode> {
    state.app.revoke_passkey(&payer, &device, &id, body.passphrase.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A challenge for signing in: options for `navigator.credentials.get`. Names no account.
#[utoipa::path(post, path = "/v1/sessions/passkey/options", responses((status = 200, body = Object), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub async fn sign_in_options(State(state): State<AppState>, Device(device): Device) -> ApiResult<Json<Value>> {
    limit(&state, &device)?;
    Ok(Json(state.app.start_passkey_sign_in()?))
}

/// Signs in with a device.
#[utoipa::path(post, path = "/v1/sessions/passkey", request_body = PasskeySignInBody, responses((status = 201, body = SignedInView), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub async fn sign_in(
    State(state): State<AppState>,
    Device(device): Device,
    Body(body): Body<PasskeySignInBody>,
) -> ApiResult<Response> {
    limit(&state, &device)?;
    let signed_in = state.app.finish_passkey_sign_in(&device, &body.credential).await?;
    Ok(with_cookies(&state, signed_in))
}

/// A challenge that only this payment can answer: the hash of intent, amount, currency, payee, account and a nonce.
#[utoipa::path(post, path = "/v1/payment_intents/{id}/passkey_challenges", params(("id" = String, Path)), request_body = PasskeyChallengeBody, security(("payer" = [])), responses((status = 201, body = PasskeyChallengeView), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub async fn challenge(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    Path(id): Path<String>,
    Body(body): Body<PasskeyChallengeBody>,
) -> ApiResult<(StatusCode, Json<PasskeyChallengeView>)> {
    let challenge = state.app.start_passkey_challenge(&payer, &device, &id, &body.client_secret).await?;
    Ok((StatusCode::CREATED, Json(challenge)))
}
