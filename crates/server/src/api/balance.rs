//! Balances, now and before, and what they are made of; events.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use service::view::{BalanceAtView, BalanceTransactionView, EventView, ListView, MerchantBalanceView, SettlementView};
use utoipa::IntoParams;

use crate::api::list::{KindParam, ListQuery, PageParams, TimesParams};
use crate::auth::{Merchant, Payer};
use crate::extract::{Path, Query};
use crate::problem::ApiResult;
use crate::state::AppState;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AtQuery {
    /// ISO 4217.
    #[param(example = "EUR")]
    currency: String,
    /// Seconds since 1970, that second included.
    #[param(example = 1_800_000_000)]
    at: i64,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only the document reads it: the page's parameters stand beside it")]
pub struct CurrencyQuery {
    /// ISO 4217; EUR when missing.
    #[param(example = "EUR")]
    currency: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DayQuery {
    /// Calendar date (UTC).
    #[param(example = "2026-11-24")]
    day: String,
}

fn currency(query: &mut ListQuery) -> String {
    query.take("currency").unwrap_or_else(|| "EUR".to_owned())
}

/// What the merchant has now.
#[utoipa::path(get, path = "/v1/balance", security(("merchant" = [])), responses((status = 200, body = MerchantBalanceView)))]
pub async fn balance(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
) -> ApiResult<Json<MerchantBalanceView>> {
    Ok(Json(state.app.merchant_balance(&merchant).await?))
}

/// What stood on the merchant's account at a time.
#[utoipa::path(get, path = "/v1/balance/history", params(AtQuery), security(("merchant" = [])), responses((status = 200, body = BalanceAtView)))]
pub async fn history(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Query(query): Query<AtQuery>,
) -> ApiResult<Json<BalanceAtView>> {
    Ok(Json(state.app.merchant_balance_at(&merchant, &query.currency, query.at).await?))
}

/// Every line of the merchant's account, newest first.
#[utoipa::path(get, path = "/v1/balance_transactions", params(CurrencyQuery, PageParams), security(("merchant" = [])), responses((status = 200, body = ListView<BalanceTransactionView>)))]
pub async fn transactions(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    mut query: ListQuery,
) -> ApiResult<Json<ListView<BalanceTransactionView>>> {
    let currency = currency(&mut query);
    Ok(Json(state.app.balance_transactions(&merchant, &currency, query.page()?).await?))
}

/// What a day brought the merchant, by currency and kind.
#[utoipa::path(get, path = "/v1/settlements", params(DayQuery), security(("merchant" = [])), responses((status = 200, body = SettlementView)))]
pub async fn settlement(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Query(query): Query<DayQuery>,
) -> ApiResult<Json<SettlementView>> {
    Ok(Json(state.app.settlement(&merchant, &query.day).await?))
}

/// Every line of the wallet, newest first.
#[utoipa::path(get, path = "/v1/me/balance_transactions", params(CurrencyQuery, PageParams), security(("payer" = [])), responses((status = 200, body = ListView<BalanceTransactionView>)))]
pub async fn wallet_transactions(
    State(state): State<AppState>,
    Payer(payer): Payer,
    mut query: ListQuery,
) -> ApiResult<Json<ListView<BalanceTransactionView>>> {
    let currency = currency(&mut query);
    Ok(Json(state.app.wallet_transactions(&payer, &currency, query.page()?).await?))
}

/// What stood in the wallet at a time.
#[utoipa::path(get, path = "/v1/me/balance/history", params(AtQuery), security(("payer" = [])), responses((status = 200, body = BalanceAtView)))]
pub async fn wallet_history(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Query(query): Query<AtQuery>,
) -> ApiResult<Json<BalanceAtView>> {
    Ok(Json(state.app.wallet_balance_at(&payer, &query.currency, query.at).await?))
}

/// The merchant's events, newest first, for whoever missed a webhook. Filters: `type`, `created_from`, `created_until`.
#[utoipa::path(get, path = "/v1/events", params(PageParams, KindParam, TimesParams), security(("merchant" = [])), responses((status = 200, body = ListView<EventView>)))]
pub async fn events(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    query: ListQuery,
) -> ApiResult<Json<ListView<EventView>>> {
    let (filter, page, _) = query.parts(&["type"], &[])?;
    Ok(Json(state.app.events(&merchant, &filter, page).await?))
}

/// An event, as it was delivered.
#[utoipa::path(get, path = "/v1/events/{id}", params(("id" = String, Path)), security(("merchant" = [])), responses((status = 200, body = EventView)))]
pub async fn event(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
) -> ApiResult<Json<EventView>> {
    Ok(Json(state.app.event(&merchant, &id).await?))
}
