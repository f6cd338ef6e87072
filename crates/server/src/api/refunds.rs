//! Refunds.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use service::view::RefundView;
use utoipa::ToSchema;

use crate::api::intents::idempotency_key;
use crate::auth::Merchant;
use crate::extract::Body;
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRefundBody {
    payment_intent: String,
    /// Minor units; all that is left when missing.
    amount: Option<i64>,
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
