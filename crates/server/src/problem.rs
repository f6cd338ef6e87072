//! Errors on the wire: RFC 9457 problem details.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// `application/problem+json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A URI reference that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: &'static str,
    pub status: u16,
    /// What the person can do.
    pub detail: String,
    /// Stable, for programs.
    pub code: String,
    /// With `step_up_required`: each of these methods would complete the payment.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false, value_type = Vec<String>)]
    pub needs: Box<[String]>,
    #[serde(skip)]
    pub retry_after: Option<u32>,
}

/// What handlers give back.
pub type ApiResult<T> = Result<T, Problem>;

impl Problem {
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/problems/{code}"),
            title: status.canonical_reason().unwrap_or("Problem"),
            status: status.as_u16(),
            detail: detail.into(),
            code: code.to_owned(),
            needs: Box::default(),
            retry_after: None,
        }
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(u32::try_from(seconds).unwrap_or(u32::MAX));
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, retry) = (self.status(), self.retry_after);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

fn status_of(error: &service::Error) -> StatusCode {
    use service::Error as E;
    match error {
        E::SignInFailed | E::NotSignedIn | E::UnknownKey | E::CaptureToken => StatusCode::UNAUTHORIZED,
        E::Csrf | E::Scope(_) | E::ProofFailed | E::TestModeOnly | E::GuardianNeeded => StatusCode::FORBIDDEN,
        E::NotFound(_) => StatusCode::NOT_FOUND,
        E::Invalid { .. } | E::IdempotencyMissing => StatusCode::BAD_REQUEST,
        E::IdempotencyMismatch => StatusCode::UNPROCESSABLE_ENTITY,
        E::EmailTaken
        | E::IdempotencyInFlight
        | E::State { .. }
        | E::NotEnrolled(_)
        | E::NoConsent
        | E::StepUp { .. }
        | E::NoPasskeysHere => StatusCode::CONFLICT,
        E::InsufficientFunds => StatusCode::PAYMENT_REQUIRED,
        E::Paused { .. } | E::TooFast { .. } | E::TriesExhausted => StatusCode::TOO_MANY_REQUESTS,
        E::Busy => StatusCode::SERVICE_UNAVAILABLE,
        E::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<service::Error> for Problem {
    fn from(error: service::Error) -> Self {
        if let service::Error::Internal(source) = &error {
            // The cause is for the operator's log; the payer only learns that nothing was changed.
            tracing::error!(cause = %source, "a use case failed");
        }
        let mut problem = Self::new(status_of(&error), error.code(), error.to_string());
        if let service::Error::StepUp { needs } = &error {
            problem.needs = needs.iter().map(|m| m.as_str().to_owned()).collect();
        }
        match error {
            service::Error::Busy => problem.retry_after(2),
            service::Error::TooFast { .. } => problem.retry_after(60),
            _ => problem,
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        let status = match rejection.status() {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            other => other,
        };
        Self::new(status, "invalid_request", rejection.body_text())
    }
}

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address.")
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", rejection.body_text())
    }
}
