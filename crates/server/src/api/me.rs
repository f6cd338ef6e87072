//! A payer's own wallet.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use service::view::{ErasureView, Me};
use utoipa::ToSchema;

use crate::auth::Payer;
use crate::extract::{Body, Device, Path};
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseBody {
    /// The fresh proof that it is the payer who asks.
    passphrase: String,
}

/// The wallet: balances, methods, consents, payments.
#[utoipa::path(get, path = "/v1/me", security(("payer" = [])), responses((status = 200, body = Me), (status = 401, body = Problem)))]
pub async fn me(State(state): State<AppState>, Payer(payer): Payer) -> ApiResult<Json<Me>> {
    Ok(Json(state.app.me(&payer).await?))
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
