//! What became of a merchant's events, and once more.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use service::view::ListView;
use service::webhook::{ReplayedView, WebhookDeliveryView};
use utoipa::{IntoParams, ToSchema};

use crate::api::list::{ListQuery, PageParams};
use crate::auth::Merchant;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only the document reads it: the page's parameters stand beside it")]
pub struct DeliveryParams {
    /// `pending`, `delivered` or `dead`.
    status: Option<String>,
    /// Deliveries to this endpoint only.
    endpoint: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayBody {
    /// This endpoint only.
    #[serde(default)]
    endpoint: Option<String>,
}

/// The merchant's deliveries, newest event first; with `status=dead` those that were given up.
#[utoipa::path(get, path = "/v1/webhook_deliveries", params(DeliveryParams, PageParams), security(("merchant" = [])), responses((status = 200, body = ListView<WebhookDeliveryView>)))]
pub async fn list(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    mut query: ListQuery,
) -> ApiResult<Json<ListView<WebhookDeliveryView>>> {
    let endpoint = query.take("endpoint");
    let status = query.take("status");
    let filter = service::ListFilter { status, ..service::ListFilter::default() };
    let found = state.app.webhook_deliveries(&merchant, &filter, endpoint.as_deref(), query.page()?).await?;
    Ok(Json(found))
}

/// Takes dead deliveries up again, at most a thousand at once: for three more days.
#[utoipa::path(post, path = "/v1/webhook_deliveries/replay", request_body = ReplayBody, security(("merchant" = [])), responses((status = 200, body = ReplayedView), (status = 404, body = Problem)))]
pub async fn replay_dead(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Body(body): Body<ReplayBody>,
) -> ApiResult<Json<ReplayedView>> {
    Ok(Json(state.app.replay_dead(&merchant, body.endpoint.as_deref()).await?))
}

/// Delivers an event again, whatever became of it: to every endpoint that is switched on, or to one.
#[utoipa::path(post, path = "/v1/events/{id}/replay", params(("id" = String, Path)), request_body = ReplayBody, security(("merchant" = [])), responses((status = 200, body = ReplayedView)))]
pub async fn replay_event(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
    Body(body): Body<ReplayBody>,
) -> ApiResult<Json<ReplayedView>> {
    Ok(Json(state.app.replay_event(&merchant, &id, body.endpoint.as_deref()).await?))
}
