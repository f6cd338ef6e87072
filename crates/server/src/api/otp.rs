//! A payer's authenticator app.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use service::view::OtpSetupView;
use utoipa::ToSchema;

use super::passkeys::ProofBody;
use crate::auth::Payer;
use crate::extract::{Body, Device};
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeBody {
    /// Six digits.
    code: String,
}

/// Gives a new secret; it counts once a first code was shown.
#[utoipa::path(post, path = "/v1/me/otp", request_body = ProofBody, security(("payer" = [])), responses((status = 201, body = OtpSetupView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn start(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    Body(body): Body<ProofBody>,
) -> ApiResult<(StatusCode, Json<OtpSetupView>)> {
    let setup = state.app.start_otp(&payer, &device, body.passphrase.into()).await?;
    Ok((StatusCode::CREATED, Json(setup)))
}

/// Shows a first code.
#[utoipa::path(post, path = "/v1/me/otp/confirm", request_body = CodeBody, security(("payer" = [])), responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem)))]
pub async fn confirm(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    Body(body): Body<CodeBody>,
) -> ApiResult<StatusCode> {
    state.app.confirm_otp(&payer, &device, &body.code).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes the app.
#[utoipa::path(delete, path = "/v1/me/otp", request_body = ProofBody, security(("payer" = [])), responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn remove(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    Body(body): Body<ProofBody>,
) -> ApiResult<StatusCode> {
    state.app.remove_otp(&payer, &device, body.passphrase.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
