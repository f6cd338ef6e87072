//! A shop's kiosk: payments for what is handed over at once, taken from whoever stands there. `docs/kiosk.md` has the whole.

use axum::Json;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use service::KioskProof;
use service::view::{ChallengeView, CreatedIntentView, IntentView};
use utoipa::ToSchema;

use super::captures::{TokenQuery, admit, run};
use super::intents::idempotency_key;
use crate::auth::FaceKey;
use crate::extract::{Body, Path, Query};
use crate::language;
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KioskPaymentBody {
    /// Minor units, such as cents.
    #[schema(example = 350)]
    amount: i64,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
    /// What is sold; `Sale at the counter` when missing.
    description: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KioskAttemptBody {
    payment_intent: String,
    client_secret: String,
    /// The last four digits of the payer's phone number.
    #[schema(example = "4321")]
    last_digits: String,
    /// Test mode only: the steps to ask for, such as `["neutral","smile"]`.
    steps: Option<Vec<String>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum KioskConfirmBody {
    /// Six digits of the payer's authenticator app.
    Otp {
        code: String,
    },
    Passphrase {
        passphrase: String,
    },
}

/// Opens a payment of the kiosk's shop. Needs the scope `kiosk.pay`.
#[utoipa::path(post, path = "/v1/kiosk/payment_intents", request_body = KioskPaymentBody, params(("Idempotency-Key" = String, Header)), security(("restricted_key" = [])), responses((status = 201, body = CreatedIntentView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn pay(
    State(state): State<AppState>,
    FaceKey(key): FaceKey,
    headers: HeaderMap,
    Body(body): Body<KioskPaymentBody>,
) -> ApiResult<(StatusCode, Json<CreatedIntentView>)> {
    let text = |key| words::text(language::current(), key).to_owned();
    let new = service::NewKioskPayment {
        amount: body.amount,
        currency: body.currency,
        description: body.description.unwrap_or_else(|| text("kiosk.item")),
        place: text("kiosk.place"),
    };
    let made = state.app.create_kiosk_payment(&key, idempotency_key(&headers)?, new).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Draws a one-time challenge for whoever stands at the kiosk. The answer is the same whether the digits have a wallet or not.
#[utoipa::path(post, path = "/v1/kiosk/attempts", request_body = KioskAttemptBody, security(("restricted_key" = [])), responses((status = 201, body = ChallengeView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub async fn start(
    State(state): State<AppState>,
    FaceKey(key): FaceKey,
    Body(body): Body<KioskAttemptBody>,
) -> ApiResult<(StatusCode, Json<ChallengeView>)> {
    let KioskAttemptBody { payment_intent: intent, client_secret, last_digits, steps } = body;
    let ask = service::StartKioskAttempt { intent, client_secret, last_digits, steps };
    Ok((StatusCode::CREATED, Json(state.app.start_kiosk_attempt(&key, ask).await?)))
}

/// WebSocket: frames of whoever stands at the kiosk.
#[utoipa::path(get, path = "/v1/kiosk/attempts/{id}/capture", params(("id" = String, Path), TokenQuery), security(("capture_token" = [])), responses((status = 101, description = "WebSocket"), (status = 401, body = Problem)))]
pub async fn capture(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(query): Query<TokenQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let (token, upgrade) = admit(query.token, upgrade)?;
    let capture = state.app.open_kiosk_capture(&id, &token).await?;
    let language = language::current();
    Ok(upgrade.on_upgrade(move |socket| run(socket, capture, language)))
}

/// After `step_up`: the second factor, given at the kiosk.
#[utoipa::path(post, path = "/v1/kiosk/attempts/{id}/confirm", params(("id" = String, Path)), request_body = KioskConfirmBody, security(("restricted_key" = [])), responses((status = 200, body = IntentView), (status = 401, body = Problem), (status = 402, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub async fn confirm(
    State(state): State<AppState>,
    FaceKey(key): FaceKey,
    Path(id): Path<String>,
    Body(body): Body<KioskConfirmBody>,
) -> ApiResult<Json<IntentView>> {
    let proof = match body {
        KioskConfirmBody::Otp { code } => KioskProof::Otp(code),
        KioskConfirmBody::Passphrase { passphrase } => KioskProof::Passphrase(passphrase.into()),
    };
    Ok(Json(state.app.confirm_at_kiosk(&key, &id, proof).await?))
}
