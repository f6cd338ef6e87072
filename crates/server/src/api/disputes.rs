//! Disputes: the payer opens and withdraws, the merchant answers.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use service::Viewer;
use service::view::{DisputeReason, DisputeView, ListView};
use utoipa::ToSchema;

use crate::api::intents::idempotency_key;
use crate::api::list::{ExpandParams, ListQuery, PageParams, StatusParam, TimesParams};
use crate::auth::{Merchant, Payer};
use crate::extract::{Body, Path};
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenDisputeBody {
    payment_intent: String,
    reason: DisputeReason,
    /// Minor units; all that is left of the payment when missing.
    #[serde(default)]
    #[schema(minimum = 1)]
    amount: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceBody {
    /// What speaks for the merchant. In test mode `winning_evidence` and `losing_evidence` decide at once.
    #[schema(example = "winning_evidence")]
    evidence: String,
}

/// Contests a payment. Its money is held out of the merchant's balance meanwhile.
#[utoipa::path(post, path = "/v1/me/disputes", params(("Idempotency-Key" = String, Header)), request_body = OpenDisputeBody, security(("payer" = [])), responses((status = 201, body = DisputeView), (status = 404, body = Problem)))]
pub async fn open(
    State(state): State<AppState>,
    Payer(payer): Payer,
    headers: HeaderMap,
    Body(body): Body<OpenDisputeBody>,
) -> ApiResult<(StatusCode, Json<DisputeView>)> {
    let key = idempotency_key(&headers)?;
    let made = state.app.dispute(&payer, key, &body.payment_intent, body.amount, body.reason).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Takes a dispute back; the merchant keeps the money.
#[utoipa::path(post, path = "/v1/me/disputes/{id}/withdraw", params(("id" = String, Path)), security(("payer" = [])), responses((status = 200, body = DisputeView)))]
pub async fn withdraw(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Path(id): Path<String>,
) -> ApiResult<Json<DisputeView>> {
    Ok(Json(state.app.withdraw_dispute(&payer, &id).await?))
}

/// The merchant's disputes, newest first. Filters: `status`, `created_from`, `created_until`.
#[utoipa::path(get, path = "/v1/disputes", params(PageParams, StatusParam, TimesParams, ExpandParams), security(("merchant" = [])), responses((status = 200, body = ListView<DisputeView>)))]
pub async fn list(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    query: ListQuery,
) -> ApiResult<Json<Value>> {
    let (filter, page, expand) = query.parts(&["status"], &["payment_intent"])?;
    let found = state.app.disputes(&merchant, &filter, page).await?;
    Ok(Json(expand.list(&state, &merchant, &found).await?))
}

/// A dispute, with what is on record about its payment.
#[utoipa::path(get, path = "/v1/disputes/{id}", params(("id" = String, Path), ExpandParams), security(("merchant" = [])), responses((status = 200, body = DisputeView)))]
pub async fn read(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
    query: ListQuery,
) -> ApiResult<Json<Value>> {
    let expand = query.expand(&["payment_intent"])?;
    let dispute = state.app.merchants_dispute(&merchant, &id).await?;
    Ok(Json(expand.one(&state, &Viewer::Merchant(merchant.id), &dispute).await?))
}

/// Sends evidence; the operator decides then.
#[utoipa::path(post, path = "/v1/disputes/{id}/evidence", params(("id" = String, Path)), request_body = EvidenceBody, security(("merchant" = [])), responses((status = 200, body = DisputeView)))]
pub async fn evidence(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
    Body(body): Body<EvidenceBody>,
) -> ApiResult<Json<DisputeView>> {
    Ok(Json(state.app.send_evidence(&merchant, &id, body.evidence).await?))
}

/// Gives in: the money goes back to the payer.
#[utoipa::path(post, path = "/v1/disputes/{id}/accept", params(("id" = String, Path)), security(("merchant" = [])), responses((status = 200, body = DisputeView)))]
pub async fn accept(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
) -> ApiResult<Json<DisputeView>> {
    Ok(Json(state.app.accept_dispute(&merchant, &id).await?))
}
