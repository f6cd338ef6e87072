//! Receipts and orders; where an order is.

use axum::Json;
use axum::extract::State;
use ledger::OrderEvent;
use serde::Deserialize;
use service::view::{OrderView, ReceiptView};
use utoipa::ToSchema;

use crate::api::intents::SecretQuery;
use crate::auth::{Merchant, Payer, viewer};
use crate::extract::{Body, Path, Query};
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

/// What was paid, how, and what was promised.
#[utoipa::path(get, path = "/v1/receipts/{id}", params(("id" = String, Path), SecretQuery), security(("payer" = []), ("merchant" = []), ("client_secret" = [])), responses((status = 200, body = ReceiptView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn receipt(
    State(state): State<AppState>,
    merchant: Option<Merchant>,
    payer: Option<Payer>,
    Path(id): Path<String>,
    Query(query): Query<SecretQuery>,
) -> ApiResult<Json<ReceiptView>> {
    Ok(Json(state.app.receipt(&id, &viewer(merchant, payer, query.client_secret)?).await?))
}

/// An order and its delivery promise.
#[utoipa::path(get, path = "/v1/orders/{id}", params(("id" = String, Path), SecretQuery), security(("payer" = []), ("merchant" = []), ("client_secret" = [])), responses((status = 200, body = OrderView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn order(
    State(state): State<AppState>,
    merchant: Option<Merchant>,
    payer: Option<Payer>,
    Path(id): Path<String>,
    Query(query): Query<SecretQuery>,
) -> ApiResult<Json<OrderView>> {
    Ok(Json(state.app.order(&id, &viewer(merchant, payer, query.client_secret)?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShipBody {
    /// What the carrier calls it, up to 200 bytes.
    #[serde(default)]
    #[schema(example = "RR 1948 0821 4 DE", min_length = 1, max_length = 200)]
    tracking: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliverBody {}

/// Says that an order is on its way; the shopper sees it. Saying it again changes nothing.
#[utoipa::path(post, path = "/v1/orders/{id}/ship", params(("id" = String, Path)), request_body = ShipBody, security(("merchant" = [])), responses((status = 200, body = OrderView), (status = 404, body = Problem)))]
pub async fn ship(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
    Body(body): Body<ShipBody>,
) -> ApiResult<Json<OrderView>> {
    Ok(Json(state.app.order_event(&merchant, &id, OrderEvent::Shipped, body.tracking).await?))
}

/// Says that an order was handed over. Saying it again changes nothing.
#[utoipa::path(post, path = "/v1/orders/{id}/deliver", params(("id" = String, Path)), request_body = DeliverBody, security(("merchant" = [])), responses((status = 200, body = OrderView), (status = 404, body = Problem)))]
pub async fn deliver(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
    Body(DeliverBody {}): Body<DeliverBody>,
) -> ApiResult<Json<OrderView>> {
    Ok(Json(state.app.order_event(&merchant, &id, OrderEvent::Delivered, None).await?))
}
