//! Top-ups, withdrawals and transfers of a wallet; payouts of a merchant.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use service::view::{ListView, MovementView};
use service::{MoveAsked, TransferAsked};
use utoipa::ToSchema;

use crate::api::intents::idempotency_key;
use crate::api::list::{ListQuery, PageParams, StatusParam, TimesParams};
use crate::auth::{Merchant, Payer};
use crate::extract::{Body, Device, Path};
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

type Made = ApiResult<(StatusCode, Json<MovementView>)>;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TopUpBody {
    /// Minor units.
    #[schema(minimum = 1, example = 5000)]
    amount: i64,
    #[schema(example = "EUR")]
    currency: String,
    /// Of the test rail: `test_bank` (takes two seconds), `test_instant`, `test_returned`, `test_declined`.
    #[schema(example = "test_instant")]
    bank: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalBody {
    /// Minor units.
    #[schema(minimum = 1, example = 1000)]
    amount: i64,
    #[schema(example = "EUR")]
    currency: String,
    /// As for top-ups.
    #[schema(example = "test_instant")]
    bank: String,
    /// The fresh proof.
    passphrase: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferBody {
    /// The recipient's account id, `acct_…`.
    to: String,
    /// Minor units.
    #[schema(minimum = 1, example = 1000)]
    amount: i64,
    #[schema(example = "EUR")]
    currency: String,
    #[serde(default)]
    note: String,
    /// The fresh proof.
    passphrase: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayoutBody {
    /// Minor units; all that is available when missing.
    #[serde(default)]
    #[schema(minimum = 1)]
    amount: Option<i64>,
    #[schema(example = "EUR")]
    currency: String,
    /// As for top-ups.
    #[schema(example = "test_instant")]
    bank: String,
}

/// Brings money into the wallet.
#[utoipa::path(post, path = "/v1/me/top_ups", params(("Idempotency-Key" = String, Header)), request_body = TopUpBody, security(("payer" = [])), responses((status = 201, body = MovementView), (status = 402, body = Problem)))]
pub async fn top_up(
    State(state): State<AppState>,
    Payer(payer): Payer,
    headers: HeaderMap,
    Body(body): Body<TopUpBody>,
) -> Made {
    let key = idempotency_key(&headers)?;
    let asked = MoveAsked { amount: body.amount, currency: body.currency, bank: body.bank };
    Ok((StatusCode::CREATED, Json(state.app.top_up(&payer, key, asked).await?)))
}

/// Takes money out of the wallet. It is held until the bank has it.
#[utoipa::path(post, path = "/v1/me/withdrawals", params(("Idempotency-Key" = String, Header)), request_body = WithdrawalBody, security(("payer" = [])), responses((status = 201, body = MovementView), (status = 402, body = Problem)))]
pub async fn withdraw(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    headers: HeaderMap,
    Body(body): Body<WithdrawalBody>,
) -> Made {
    let key = idempotency_key(&headers)?;
    let asked = MoveAsked { amount: body.amount, currency: body.currency, bank: body.bank };
    let proof = (&device, body.passphrase.into());
    Ok((StatusCode::CREATED, Json(state.app.withdraw(&payer, key, asked, proof).await?)))
}

/// Sends money to another wallet.
#[utoipa::path(post, path = "/v1/me/transfers", params(("Idempotency-Key" = String, Header)), request_body = TransferBody, security(("payer" = [])), responses((status = 201, body = MovementView), (status = 402, body = Problem), (status = 404, body = Problem)))]
pub async fn transfer(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    headers: HeaderMap,
    Body(body): Body<TransferBody>,
) -> Made {
    let key = idempotency_key(&headers)?;
    let asked = TransferAsked { to: body.to, amount: body.amount, currency: body.currency, note: body.note };
    let proof = (&device, body.passphrase.into());
    Ok((StatusCode::CREATED, Json(state.app.transfer(&payer, key, asked, proof).await?)))
}

/// The wallet's top-ups, withdrawals and transfers, newest first.
#[utoipa::path(get, path = "/v1/me/movements", params(PageParams), security(("payer" = [])), responses((status = 200, body = ListView<MovementView>)))]
pub async fn list(
    State(state): State<AppState>,
    Payer(payer): Payer,
    query: ListQuery,
) -> ApiResult<Json<ListView<MovementView>>> {
    Ok(Json(state.app.movements(&payer, query.page()?).await?))
}

/// Pays the merchant out.
#[utoipa::path(post, path = "/v1/payouts", params(("Idempotency-Key" = String, Header)), request_body = PayoutBody, security(("merchant" = [])), responses((status = 201, body = MovementView), (status = 402, body = Problem)))]
pub async fn pay_out(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    headers: HeaderMap,
    Body(body): Body<PayoutBody>,
) -> Made {
    let key = idempotency_key(&headers)?;
    let made = state.app.pay_out(&merchant, key, body.amount, body.currency, body.bank).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// The merchant's payouts, newest first.
#[utoipa::path(get, path = "/v1/payouts", params(PageParams, StatusParam, TimesParams), security(("merchant" = [])), responses((status = 200, body = ListView<MovementView>)))]
pub async fn payouts(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    query: ListQuery,
) -> ApiResult<Json<ListView<MovementView>>> {
    let (filter, page, _) = query.parts(&["status"], &[])?;
    Ok(Json(state.app.payouts(&merchant, &filter, page).await?))
}

/// A payout.
#[utoipa::path(get, path = "/v1/payouts/{id}", params(("id" = String, Path)), security(("merchant" = [])), responses((status = 200, body = MovementView)))]
pub async fn payout(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
) -> ApiResult<Json<MovementView>> {
    Ok(Json(state.app.payout(&merchant, &id).await?))
}
