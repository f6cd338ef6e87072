//! Receipts and orders.

use axum::Json;
use axum::extract::State;
use service::view::{OrderView, ReceiptView};

use crate::api::intents::SecretQuery;
use crate::auth::{Merchant, Payer, viewer};
use crate::extract::{Path, Query};
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
