//! Errors on the wire: RFC 9457 problem details.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use words::Language;

use crate::language;

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
        E::Csrf
        | E::Scope(_)
        | E::KeyKind(_)
        | E::ProofFailed
        | E::TestModeOnly
        | E::NotHere
        | E::GuardianNeeded
        | E::TooMuchAtOnce => StatusCode::FORBIDDEN,
        E::NotFound(_) => StatusCode::NOT_FOUND,
        E::Invalid { .. } | E::IdempotencyMissing | E::UnknownVersion { .. } => StatusCode::BAD_REQUEST,
        E::IdempotencyMismatch => StatusCode::UNPROCESSABLE_ENTITY,
        E::EmailTaken
        | E::IdempotencySpent
        | E::LastKey
        | E::NoRail
        | E::IdempotencyInFlight
        | E::State { .. }
        | E::NotEnrolled(_)
        | E::NoConsent
        | E::StepUp { .. }
        | E::NoPasskeysHere => StatusCode::CONFLICT,
        E::InsufficientFunds | E::RailDeclined => StatusCode::PAYMENT_REQUIRED,
        E::Paused { .. } | E::TooFast { .. } | E::TriesExhausted => StatusCode::TOO_MANY_REQUESTS,
        E::Busy => StatusCode::SERVICE_UNAVAILABLE,
        E::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What the error says: to payers in their language; what only a program can send is for its author, in English.
fn said(error: &service::Error) -> String {
    use service::Error as E;
    let language = language::current();
    let fill = |values: &[(&str, &str)]| words::fill(language, &format!("api.{}", error.code()), values);
    match error {
        E::Paused { until } => fill(&[("until", &words::moment(language, &until.rfc3339()))]),
        E::NotEnrolled(method) => fill(&[("method", words::text(language, &format!("method.{method}")))]),
        E::StepUp { needs } => {
            let names = needs.iter().map(|m| words::fill(language, &format!("method.{}", m.as_str()), &[]));
            fill(&[("needs", &names.collect::<Vec<_>>().join(" / "))])
        }
        E::Invalid { field, .. } if language != Language::English => {
            let field = field.split('.').next().unwrap_or_default();
            let key = format!("api.field.{field}");
            let known = words::variables(language, &key).is_some();
            fill(&[("field", words::text(language, if known { &key } else { "api.field.other" }))])
        }
        E::Invalid { .. } | E::State { .. } if language == Language::English => error.to_string(),
        other if words::variables(language, &format!("api.{}", other.code())).is_some() => fill(&[]),
        other => other.to_string(),
    }
}

impl From<service::Error> for Problem {
    fn from(error: service::Error) -> Self {
        if let service::Error::Internal(source) = &error {
            // The cause is for the operator's log; the payer only learns that nothing was changed.
            tracing::error!(cause = %source, "a use case failed");
        }
        let mut problem = Self::new(status_of(&error), error.code(), said(&error));
        if let service::Error::StepUp { needs } = &error {
            problem.needs = needs.iter().map(|m| m.as_str().to_owned()).collect();
        }
        match error {
            service::Error::Busy => problem.retry_after(2),
            service::Error::TooFast { wait, .. } => problem.retry_after(wait),
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

#[cfg(test)]
mod tests {
    use super::*;
    use service::Error as E;

    /// Two places say it in English, the terminal's and the catalogue; they say the same.
    #[test]
    fn the_english_of_the_catalogue_is_what_the_error_says_itself() {
        let errors =
            [E::SignInFailed, E::EmailTaken, E::NotSignedIn, E::ProofFailed, E::CaptureToken, E::TriesExhausted];
        let more = [E::NotHere, E::InsufficientFunds, E::NoConsent, E::NoPasskeysHere, E::Busy];
        for error in errors.into_iter().chain(more) {
            assert_eq!(said(&error), error.to_string(), "{}", error.code());
        }
    }

    #[test]
    fn payers_are_answered_in_their_language() {
        let step = || E::StepUp { needs: vec![base::Method::Passkey, base::Method::Otp] };
        let paused = || E::Paused { until: base::Timestamp::from_millis(1_795_291_200_000) };
        assert_eq!(said(&step()), "Confirm this payment in one more way: Passkey / One-time code.");
        let short = || E::Invalid { field: "passphrase", why: "needs at least 8 characters".into() };
        assert_eq!(said(&short()), "passphrase: needs at least 8 characters", "a developer needs to know why");
        language::speaking(Language::German, || {
            assert_eq!(said(&step()), "Bestätigen Sie diese Zahlung auf einem weiteren Weg: Passkey / Einmalcode.");
            assert!(said(&paused()).contains("21. November 2026, 20:00 Uhr UTC"), "{}", said(&paused()));
            assert_eq!(said(&short()), "Bitte prüfen Sie Ihre Eingabe: die Passphrase.");
        });
        language::speaking(Language::Chinese, || {
            assert_eq!(said(&E::NotEnrolled("face")), "尚未设置面容。请在钱包中设置，或用其他方式付款。")
        });
    }
}
