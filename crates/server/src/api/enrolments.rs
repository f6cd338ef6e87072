//! Starting an enrolment; its capture is in `captures`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base::{Method, ObjectKind};
use serde::Deserialize;
use service::view::CaptureGrantView;
use utoipa::ToSchema;

use crate::auth::Payer;
use crate::extract::{Body, Device};
use crate::language;
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartEnrolmentBody {
    #[schema(value_type = String, example = "face")]
    method: Method,
    /// By `kungfu`: `tattoo` or `pet`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "tattoo")]
    kind: Option<ObjectKind>,
    /// The fresh proof by an existing factor.
    passphrase: String,
    consent: ConsentBody,
    /// Test mode only: `as_found` takes good views as a recording shows them; nothing is asked for.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "guided")]
    views: service::Views,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentBody {
    /// Version of the consent text that was shown.
    text_version: String,
    /// Language in which it was shown; the request's own when it is left out.
    #[serde(default)]
    #[schema(example = "en")]
    locale: Option<String>,
    accepted: bool,
    /// For somebody under 14: who agrees for them.
    #[serde(default)]
    guardian: Option<GuardianBody>,
}

/// A parent or guardian, who has a wallet here.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardianBody {
    /// Birthday of who is under 14; only the day they turn 14 is kept.
    #[schema(example = "2015-03-01")]
    born_on: String,
    email: String,
    /// The guardian's own.
    passphrase: String,
}

impl From<GuardianBody> for service::consent::Minor {
    fn from(body: GuardianBody) -> Self {
        let GuardianBody { born_on, email, passphrase } = body;
        Self { born_on, guardian_email: email, guardian_passphrase: passphrase.into() }
    }
}

/// Records the consent and opens a guided capture.
#[utoipa::path(post, path = "/v1/me/enrolments", request_body = StartEnrolmentBody, security(("payer" = [])), responses((status = 201, body = CaptureGrantView), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn start(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    Body(body): Body<StartEnrolmentBody>,
) -> ApiResult<(StatusCode, Json<CaptureGrantView>)> {
    let request = service::StartEnrolment {
        method: body.method,
        kind: body.kind,
        passphrase: body.passphrase.into(),
        consent_version: body.consent.text_version,
        consent_locale: body.consent.locale.unwrap_or_else(|| language::current().tag().to_owned()),
        accepted: body.consent.accepted,
        minor: body.consent.guardian.map(Into::into),
        as_found: body.views == service::Views::AsFound,
    };
    let grant = state.app.start_enrolment(&payer, &device, request).await?;
    Ok((StatusCode::CREATED, Json(grant)))
}
