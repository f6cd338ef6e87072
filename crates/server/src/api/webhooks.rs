//! A merchant's webhook endpoints.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use service::view::WebhookEndpointView;
use utoipa::ToSchema;

use crate::auth::Merchant;
use crate::extract::Body;
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateEndpointBody {
    url: String,
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
    Ok((StatusCode::CREATED, Json(state.app.add_webhook_endpoint(&merchant, &body.url).await?)))
}
