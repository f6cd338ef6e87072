//! The keys of a merchant's programs.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use service::keys::{ApiKeyView, KeyKind, NewKey};
use utoipa::ToSchema;

use crate::api::webhooks::OverlapBody;
use crate::auth::Merchant;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

/// What a key is for.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `sk_…`, for the shop's server: everything.
    Secret,
    /// `pk_…`, for the shop's page: reads a payment by its client secret.
    Publishable,
    /// `rk_…` (`fk_…` with scopes of the face service only): what its scopes allow.
    #[default]
    Restricted,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateKeyBody {
    /// What it is for, such as `entrance kiosk`.
    label: String,
    #[serde(default)]
    kind: Kind,
    /// Of a restricted key: `faces.detect`, `faces.compare`, `faces.search`, `faces.manage`, `kiosk.pay`, and `.read` or `.write` (which reads, too) of
    /// `payment_intents`, `refunds`, `disputes`, `payouts`, `balance`, `events`, `webhooks`, `orders`.
    #[serde(default)]
    #[schema(example = json!(["payment_intents.write", "refunds.read"]))]
    scopes: Vec<String>,
    /// Requests a minute that read, and as many that change something, 1 to 6000; as its kind has it when left out.
    #[serde(default)]
    #[schema(example = 60)]
    per_minute: Option<u32>,
    /// Version of the API that its requests get; the newest when left out.
    #[serde(default)]
    #[schema(example = "2026-11-24")]
    version: Option<String>,
}

/// The merchant's keys that work, without the keys themselves.
#[utoipa::path(get, path = "/v1/api_keys", security(("merchant" = [])), responses((status = 200, body = Vec<ApiKeyView>), (status = 401, body = Problem)))]
pub async fn list(State(state): State<AppState>, Merchant(merchant): Merchant) -> ApiResult<Json<Vec<ApiKeyView>>> {
    Ok(Json(state.app.api_keys(&merchant).await?))
}

/// Makes a key; it is shown this once.
#[utoipa::path(post, path = "/v1/api_keys", request_body = CreateKeyBody, security(("merchant" = [])), responses((status = 201, body = ApiKeyView), (status = 400, body = Problem), (status = 401, body = Problem)))]
pub async fn create(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Body(body): Body<CreateKeyBody>,
) -> ApiResult<(StatusCode, Json<ApiKeyView>)> {
    let kind = match body.kind {
        Kind::Secret => KeyKind::Secret,
        Kind::Publishable => KeyKind::Publishable,
        Kind::Restricted => KeyKind::Restricted,
    };
    let CreateKeyBody { label, scopes, per_minute, version, .. } = body;
    let new = NewKey { label, kind, scopes, per_minute, version };
    Ok((StatusCode::CREATED, Json(state.app.create_api_key(&merchant, new).await?)))
}

/// Gives a key a successor that may do the same, shown this once; the old one works for a while longer.
#[utoipa::path(post, path = "/v1/api_keys/{id}/rotate", params(("id" = String, Path)), request_body = OverlapBody, security(("merchant" = [])), responses((status = 201, body = ApiKeyView)))]
pub async fn rotate(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
    Body(body): Body<OverlapBody>,
) -> ApiResult<(StatusCode, Json<ApiKeyView>)> {
    let made = state.app.rotate_api_key(&merchant, &id, body.overlap_seconds).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Ends a key at once. The last secret key stays.
#[utoipa::path(delete, path = "/v1/api_keys/{id}", params(("id" = String, Path)), security(("merchant" = [])), responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn revoke(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    state.app.revoke_api_key(&merchant, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
