//! Payment intents.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use service::view::{CreatedIntentView, IntentView, OrderDraft};
use utoipa::{IntoParams, ToSchema};

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
    };
    let created = state.app.create_intent(&merchant, key, request).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// The intent as it stands.
#[utoipa::path(get, path = "/v1/payment_intents/{id}", params(("id" = String, Path), SecretQuery), security(("merchant" = []), ("client_secret" = [])), responses((status = 200, body = IntentView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn read(
    State(state): State<AppState>,
    merchant: Option<Merchant>,
    Path(id): Path<String>,
    Query(query): Query<SecretQuery>,
) -> ApiResult<Json<IntentView>> {
    let viewer = viewer(merchant, None, query.client_secret)?;
    Ok(Json(state.app.intent(&id, &viewer).await?))
}

/// Cancels an unpaid intent.
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
