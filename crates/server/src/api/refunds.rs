//! Refunds.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use service::Viewer;
use service::view::{ListView, RefundView};
use utoipa::ToSchema;

use crate::api::intents::idempotency_key;
use crate::api::list::{ExpandParams, ListQuery, PageParams, PaymentParam, TimesParams};
use crate::auth::Merchant;
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRefundBody {
    payment_intent: String,
    /// Minor units; all that is left when missing.
    amount: Option<i64>,
}

/// The merchant's refunds, newest first. Filters: `payment_intent`, `created_from`, `created_until`.
#[utoipa::path(get, path = "/v1/refunds", params(PageParams, PaymentParam, TimesParams, ExpandParams), security(("merchant" = [])), responses((status = 200, body = ListView<RefundView>)))]
pub async fn list(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    query: ListQuery,
) -> ApiResult<Json<Value>> {
    let (filter, page, expand) = query.parts(&["payment_intent"], &["payment_intent"])?;
    let found = state.app.refunds(&merchant, &filter, page).await?;
    Ok(Json(expand.list(&state, &merchant, &found).await?))
}

/// A refund.
#[utoipa::path(get, path = "/v1/refunds/{id}", params(("id" = String, Path), ExpandParams), security(("merchant" = [])), responses((status = 200, body = RefundView)))]
pub async fn read(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
    query: ListQuery,
) -> ApiResult<Json<Value>> {
    let expand = query.expand(&["payment_intent"])?;
    let refund = state.app.read_refund(&merchant, &id).await?;
    Ok(Json(expand.one(&state, &Viewer::Merchant(merchant.id), &refund).await?))
}

/// Gives money back, all or part.
#[utoipa::path(post, path = "/v1/refunds", request_body = CreateRefundBody, params(("Idempotency-Key" = String, Header)), security(("merchant" = [])), responses((status = 201, body = RefundView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn create(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    headers: HeaderMap,
    Body(body): Body<CreateRefundBody>,
) -> ApiResult<(StatusCode, Json<RefundView>)> {
    let key = idempotency_key(&headers)?;
    let refund = state.app.refund(&merchant, key, &body.payment_intent, body.amount).await?;
    Ok((StatusCode::CREATED, Json(refund)))
}
