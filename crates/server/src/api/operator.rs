//! What only those who run the installation may do.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use service::MerchantView;
use service::view::{DisputeView, ListView, TrialBalanceView};
use utoipa::{IntoParams, ToSchema};

use crate::api::list::{ListQuery, PageParams, StatusParam, TimesParams};
use crate::auth::Operator;
use crate::extract::{Body, Path, Query};
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MaybeAtQuery {
    /// Seconds since 1970, that second included; now when missing.
    #[param(example = 1_800_000_000)]
    at: Option<i64>,
}

/// For whom a dispute is decided.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecidedFor {
    /// The merchant keeps the money.
    Merchant,
    /// It goes back to the payer.
    Payer,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideBody {
    decided_for: DecidedFor,
}

/// All accounts by kind and currency, now or as they stood; each currency sums to zero.
#[utoipa::path(get, path = "/v1/operator/trial_balance", params(MaybeAtQuery), security(("operator" = [])), responses((status = 200, body = TrialBalanceView)))]
pub async fn trial_balance(
    State(state): State<AppState>,
    Operator(operator): Operator,
    Query(query): Query<MaybeAtQuery>,
) -> ApiResult<Json<TrialBalanceView>> {
    Ok(Json(state.app.trial_balance(&operator, query.at).await?))
}

/// Disputes of every merchant, newest first. Filters: `status` (`under_review` waits for the operator), `created_from`, `created_until`.
#[utoipa::path(get, path = "/v1/operator/disputes", params(PageParams, StatusParam, TimesParams), security(("operator" = [])), responses((status = 200, body = ListView<DisputeView>)))]
pub async fn disputes(
    State(state): State<AppState>,
    Operator(operator): Operator,
    query: ListQuery,
) -> ApiResult<Json<ListView<DisputeView>>> {
    let (filter, page, _) = query.parts(&["status"], &[])?;
    Ok(Json(state.app.all_disputes(&operator, &filter, page).await?))
}

/// Decides a dispute that is under review. Who decided is in the audit log.
#[utoipa::path(post, path = "/v1/operator/disputes/{id}/decide", params(("id" = String, Path)), request_body = DecideBody, security(("operator" = [])), responses((status = 200, body = DisputeView), (status = 404, body = Problem)))]
pub async fn decide(
    State(state): State<AppState>,
    Operator(operator): Operator,
    Path(id): Path<String>,
    Body(body): Body<DecideBody>,
) -> ApiResult<Json<DisputeView>> {
    let for_merchant = matches!(body.decided_for, DecidedFor::Merchant);
    Ok(Json(state.app.decide_dispute(&operator, &id, for_merchant).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenShopBody {
    /// What payers see as the payee.
    #[schema(example = "Hannover Philatelie")]
    name: String,
}

/// Opens a shop. Its first secret key is in this answer only.
#[utoipa::path(post, path = "/v1/operator/merchants", request_body = OpenShopBody, security(("operator" = [])), responses((status = 201, body = MerchantView)))]
pub async fn open_shop(
    State(state): State<AppState>,
    Operator(operator): Operator,
    Body(body): Body<OpenShopBody>,
) -> ApiResult<(StatusCode, Json<MerchantView>)> {
    Ok((StatusCode::CREATED, Json(state.app.open_shop(&operator, body.name).await?)))
}

/// Every shop, newest first.
#[utoipa::path(get, path = "/v1/operator/merchants", params(PageParams), security(("operator" = [])), responses((status = 200, body = ListView<MerchantView>)))]
pub async fn merchants(
    State(state): State<AppState>,
    Operator(operator): Operator,
    query: ListQuery,
) -> ApiResult<Json<ListView<MerchantView>>> {
    Ok(Json(state.app.all_merchants(&operator, query.page()?).await?))
}
