//! Signing up, in and out.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use service::view::SignedInView;
use utoipa::ToSchema;

use crate::auth::Payer;
use crate::extract::{Body, DEVICE_COOKIE, Device, SESSION_COOKIE};
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUpBody {
    name: String,
    email: String,
    passphrase: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInBody {
    email: String,
    passphrase: String,
}

/// Opens an account and its wallet, and signs in.
#[utoipa::path(post, path = "/v1/payers", request_body = SignUpBody, responses((status = 201, body = SignedInView), (status = 400, body = Problem), (status = 409, body = Problem)))]
pub async fn sign_up(
    State(state): State<AppState>,
    Device(device): Device,
    Body(body): Body<SignUpBody>,
) -> ApiResult<Response> {
    limit(&state, &device)?;
    let sign_up = service::SignUp { name: body.name, email: body.email, passphrase: body.passphrase.into() };
    let signed_in = state.app.sign_up(sign_up).await?;
    Ok(with_cookies(&state, signed_in))
}

/// Signs in.
#[utoipa::path(post, path = "/v1/sessions", request_body = SignInBody, responses((status = 201, body = SignedInView), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub async fn sign_in(
    State(state): State<AppState>,
    Device(device): Device,
    Body(body): Body<SignInBody>,
) -> ApiResult<Response> {
    limit(&state, &device)?;
    let signed_in = state.app.sign_in(&device, &body.email, body.passphrase.into()).await?;
    Ok(with_cookies(&state, signed_in))
}

/// Signs out: the session is gone on the server too.
#[utoipa::path(delete, path = "/v1/sessions/current", security(("payer" = [])), responses((status = 204), (status = 401, body = Problem)))]
pub async fn sign_out(State(state): State<AppState>, Payer(payer): Payer) -> ApiResult<Response> {
    state.app.sign_out(&payer).await?;
    let mut headers = HeaderMap::new();
    set_cookie(&mut headers, &state, SESSION_COOKIE, "", 0);
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}

pub(super) fn limit(state: &AppState, device: &service::Device) -> ApiResult<()> {
    state.rate.take(device.address, Instant::now()).map_err(|wait| {
        let detail = "Too many requests from this address. Wait a moment and try again.";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail).retry_after(wait.as_secs() + 1)
    })
}

pub(super) fn with_cookies(state: &AppState, signed_in: service::SignedIn) -> Response {
    let mut headers = HeaderMap::new();
    let life = service::limits::SESSION_LIFE.as_millis() / 1_000;
    set_cookie(&mut headers, state, SESSION_COOKIE, &signed_in.session_token, life);
    set_cookie(&mut headers, state, DEVICE_COOKIE, &signed_in.device_cookie, DEVICE_SECONDS);
    (StatusCode::CREATED, headers, Json(signed_in.view)).into_response()
}

/// A device is known for a year.
const DEVICE_SECONDS: i64 = 365 * 24 * 3_600;

fn set_cookie(headers: &mut HeaderMap, state: &AppState, name: &str, value: &str, seconds: i64) {
    let secure = if state.config.is_https() { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        headers.append(header::SET_COOKIE, value);
    }
}
