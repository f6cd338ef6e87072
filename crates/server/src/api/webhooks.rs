//! A merchant's webhook endpoints.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use service::webhook::{EndpointUpdate, WebhookEndpointView};
use utoipa::ToSchema;

use crate::auth::Merchant;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateEndpointBody {
    url: String,
    /// Kinds of events to deliver, such as `payment_intent.succeeded`; all when it is left out.
    #[serde(default)]
    events: Vec<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateEndpointBody {
    #[serde(default)]
    url: Option<String>,
    /// Empty: all kinds.
    #[serde(default)]
    events: Option<Vec<String>>,
    /// `false` stops deliveries; what waits is dead until it is replayed.
    #[serde(default)]
    enabled: Option<bool>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OverlapBody {
    /// How long the one before stays valid, 0 to 604800; a day when it is left out.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 604_800, example = 3600)]
    pub overlap_seconds: Option<i64>,
}

/// The merchant's endpoints, without their secrets.
#[utoipa::path(get, path = "/v1/webhook_endpoints", security(("merchant" = [])), responses((status = 200, body = Vec<WebhookEndpointView>), (status = 401, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
) -> ApiResult<Json<Vec<WebhookEndpointView>>> {
    Ok(Json(state.app.webhook_endpoints(&merchant).await?))
}

/// Registers an endpoint; its secret is shown this once.
#[utoipa::path(post, path = "/v1/webhook_endpoints", request_body = CreateEndpointBody, security(("merchant" = [])), responses((status = 201, body = WebhookEndpointView), (status = 400, body = Problem), (status = 401, body = Problem)))]
pub async fn create(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Body(body): Body<CreateEndpointBody>,
) -> ApiResult<(StatusCode, Json<WebhookEndpointView>)> {
    Ok((StatusCode::CREATED, Json(state.app.add_webhook_endpoint(&merchant, &body.url, &body.events).await?)))
}

/// An endpoint, without its secret.
#[utoipa::path(get, path = "/v1/webhook_endpoints/{id}", params(("id" = String, Path)), security(("merchant" = [])), responses((status = 200, body = WebhookEndpointView)))]
pub async fn read(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
) -> ApiResult<Json<WebhookEndpointView>> {
    Ok(Json(state.app.webhook_endpoint(&merchant, &id).await?))
}

/// Changes an endpoint, or switches it off and on.
#[utoipa::path(patch, path = "/v1/webhook_endpoints/{id}", params(("id" = String, Path)), request_body = UpdateEndpointBody, security(("merchant" = [])), responses((status = 200, body = WebhookEndpointView)))]
pub async fn update(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
    Body(body): Body<UpdateEndpointBody>,
) -> ApiResult<Json<WebhookEndpointView>> {
    let update = EndpointUpdate { url: body.url, events: body.events, enabled: body.enabled };
    Ok(Json(state.app.update_webhook_endpoint(&merchant, &id, update).await?))
}

/// Ends an endpoint: nothing goes there any more.
#[utoipa::path(delete, path = "/v1/webhook_endpoints/{id}", params(("id" = String, Path)), security(("merchant" = [])), responses((status = 204)))]
pub async fn delete(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    state.app.delete_webhook_endpoint(&merchant, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives an endpoint a new secret, shown this once. Meanwhile deliveries carry two signatures, one for each secret.
#[utoipa::path(post, path = "/v1/webhook_endpoints/{id}/rotate_secret", params(("id" = String, Path)), request_body = OverlapBody, security(("merchant" = [])), responses((status = 200, body = WebhookEndpointView)))]
pub async fn rotate_secret(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
    Body(body): Body<OverlapBody>,
) -> ApiResult<Json<WebhookEndpointView>> {
    Ok(Json(state.app.rotate_webhook_secret(&merchant, &id, body.overlap_seconds).await?))
}
