//! Payment intents.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use service::view::{CaptureMethod, CreatedIntentView, IntentView, ListView, MagicPayer, OrderDraft};
use utoipa::{IntoParams, ToSchema};

use crate::api::list::{ExpandParams, ListQuery, PageParams, StatusParam, TimesParams};
use crate::auth::{Merchant, Payer, viewer};
use crate::extract::{Body, Device, Path, Query};
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateIntentBody {
    /// Minor units, such as cents.
    #[schema(example = 2000)]
    amount: i64,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
    description: String,
    order: OrderDraft,
    success_url: Option<String>,
    #[serde(default)]
    capture_method: CaptureMethod,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaptureBody {
    /// Minor units; all that is held when missing. The rest is free again.
    #[serde(default)]
    #[schema(minimum = 1)]
    amount: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MagicBody {
    payer: MagicPayer,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SecretQuery {
    pub client_secret: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum ConfirmBody {
    Passphrase {
        passphrase: String,
        client_secret: String,
    },
    Passkey {
        /// Id of the passkey challenge that was answered.
        challenge: String,
        /// `PublicKeyCredential.toJSON()` of the assertion.
        #[schema(value_type = Object)]
        credential: serde_json::Value,
        client_secret: String,
    },
    Otp {
        /// Six digits of the authenticator app.
        code: String,
        client_secret: String,
    },
}

/// The request's idempotency key.
pub fn idempotency_key(headers: &HeaderMap) -> ApiResult<&str> {
    let key = headers.get("idempotency-key").and_then(|v| v.to_str().ok()).unwrap_or("");
    if key.is_empty() { Err(service::Error::IdempotencyMissing.into()) } else { Ok(key) }
}

/// Opens a payment.
#[utoipa::path(post, path = "/v1/payment_intents", request_body = CreateIntentBody, params(("Idempotency-Key" = String, Header)), security(("merchant" = [])), responses((status = 201, body = CreatedIntentView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    headers: HeaderMap,
    Body(body): Body<CreateIntentBody>,
) -> ApiResult<(StatusCode, Json<CreatedIntentView>)> {
    let key = idempotency_key(&headers)?;
    let request = service::CreateIntent {
        amount: body.amount,
        currency: body.currency,
        description: body.description,
        order: body.order,
        success_url: body.success_url,
        capture_method: body.capture_method,
    };
    let created = state.app.create_intent(&merchant, key, request).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// The merchant's payments, newest first. Filters: `status`, `created_from`, `created_until`.
#[utoipa::path(get, path = "/v1/payment_intents", params(PageParams, StatusParam, TimesParams, ExpandParams), security(("merchant" = [])), responses((status = 200, body = ListView<IntentView>)))]
pub async fn list(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    query: ListQuery,
) -> ApiResult<Json<Value>> {
    let (filter, page, expand) = query.parts(&["status"], &["receipt", "order_id"])?;
    let found = state.app.intents(&merchant, &filter, page).await?;
    Ok(Json(expand.list(&state, &merchant, &found).await?))
}

/// Takes the money of an authorised payment, all or a part.
#[utoipa::path(post, path = "/v1/payment_intents/{id}/capture", params(("id" = String, Path), ("Idempotency-Key" = String, Header)), request_body = CaptureBody, security(("merchant" = [])), responses((status = 200, body = IntentView)))]
pub async fn capture(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(body): Body<CaptureBody>,
) -> ApiResult<Json<IntentView>> {
    let key = idempotency_key(&headers)?;
    Ok(Json(state.app.capture_intent(&merchant, key, &id, body.amount).await?))
}

/// Test mode: pays as a magic payer, so that a shop's tests need no face.
#[utoipa::path(post, path = "/v1/test/payment_intents/{id}/pay", params(("id" = String, Path)), request_body = MagicBody, security(("merchant" = [])), responses((status = 200, body = IntentView), (status = 402, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub async fn pay_by_magic(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
    Body(body): Body<MagicBody>,
) -> ApiResult<Json<IntentView>> {
    Ok(Json(state.app.pay_by_magic(&merchant, &id, body.payer).await?))
}

/// The intent as it stands.
#[utoipa::path(get, path = "/v1/payment_intents/{id}", params(("id" = String, Path), SecretQuery, ExpandParams), security(("merchant" = []), ("client_secret" = [])), responses((status = 200, body = IntentView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn read(
    State(state): State<AppState>,
    merchant: Option<Merchant>,
    Path(id): Path<String>,
    Query(query): Query<SecretQuery>,
    list: ListQuery,
) -> ApiResult<Json<Value>> {
    let expand = list.expand(&["receipt", "order_id"])?;
    let viewer = viewer(merchant, None, query.client_secret)?;
    let intent = state.app.intent(&id, &viewer).await?;
    Ok(Json(expand.one(&state, &viewer, &intent).await?))
}

/// Cancels an intent that is unpaid, or authorised and not captured: its hold is given back.
#[utoipa::path(post, path = "/v1/payment_intents/{id}/cancel", params(("id" = String, Path)), security(("merchant" = [])), responses((status = 200, body = IntentView), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn cancel(
    State(state): State<AppState>,
    Merchant(merchant): Merchant,
    Path(id): Path<String>,
) -> ApiResult<Json<IntentView>> {
    Ok(Json(state.app.cancel_intent(&merchant, &id).await?))
}

/// Pays by passphrase, passkey or one-time code: the other ways to pay, and the second factor after a step-up.
#[utoipa::path(post, path = "/v1/payment_intents/{id}/confirm", params(("id" = String, Path)), request_body = ConfirmBody, security(("payer" = [])), responses((status = 200, body = IntentView), (status = 401, body = Problem), (status = 402, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub async fn confirm(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    Path(id): Path<String>,
    Body(body): Body<ConfirmBody>,
) -> ApiResult<Json<IntentView>> {
    let app = &state.app;
    let paid = match body {
        ConfirmBody::Passphrase { passphrase, client_secret } => {
            app.confirm_by_passphrase(&payer, &device, &id, &client_secret, passphrase.into()).await?
        }
        ConfirmBody::Passkey { challenge, credential, client_secret } => {
            app.confirm_by_passkey(&payer, &device, &id, &client_secret, &challenge, &credential).await?
        }
        ConfirmBody::Otp { code, client_secret } => {
            app.confirm_by_otp(&payer, &device, &id, &client_secret, &code).await?
        }
    };
    Ok(Json(paid))
}
