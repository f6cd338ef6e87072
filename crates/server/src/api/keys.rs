//! A merchant's restricted keys.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use service::faces::{ApiKeyView, NewKey};
use utoipa::ToSchema;

use crate::auth::Merchant;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateKeyBody {
    /// What it is for, such as `entrance kiosk`.
    label: String,
    /// Of `faces.detect`, `faces.compare`, `faces.search`, `faces.manage`, `kiosk.pay`.
    #[schema(example = json!(["faces.compare"]))]
    scopes: Vec<String>,
    /// Requests a minute, 1 to 6000.
    #[schema(example = 60)]
    per_minute: u32,
}

/// The merchant's restricted keys, without the keys themselves.
#[utoipa::path(get, path = "/v1/api_keys", security(("merchant" = [])), responses((status = 200, body = Vec<ApiKeyView>), (status = 401, body = Problem)))]
pub async fn list(State(state): State<AppState>, Merchant(merchant): Merchant) -> ApiResult<Json<Vec<ApiKeyView>>> {
    Ok(Json(state.app.restricted_keys(&merchant).await?))
}

/// Makes a key that may do only some things; it is shown this once.
#[utoipa::path(post, path = "/v1/api_keys", request_body = CreateKeyBody, security(("merchant" = [])), responses((status = 201, body = ApiKeyView), (status = 400, body = Problem), (status = 401, body = Problem)))]
pub async fn create(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Body(body): Body<CreateKeyBody>,
) -> ApiResult<(StatusCode, Json<ApiKeyView>)> {
    let new = NewKey { label: body.label, scopes: body.scopes, per_minute: body.per_minute };
    Ok((StatusCode::CREATED, Json(state.app.create_restricted_key(&merchant, new).await?)))
}

/// Ends a key at once.
#[utoipa::path(delete, path = "/v1/api_keys/{id}", params(("id" = String, Path)), security(("merchant" = [])), responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn revoke(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    state.app.revoke_restricted_key(&merchant, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
