//! Drawing a challenge; its capture is in `captures`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base::Method;
use serde::Deserialize;
use service::view::ChallengeView;
use utoipa::ToSchema;

use crate::auth::Payer;
use crate::extract::{Body, Device, Path};
use crate::language;
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartChallengeBody {
    #[schema(value_type = String, example = "face")]
    method: Method,
    client_secret: String,
    /// Test mode only: the steps to ask for, such as `["neutral","smile"]`, by voice `["307145"]`, by kungfu `["closer","from_left"]`.
    steps: Option<Vec<String>>,
    /// By voice: six `digits` (the default), or a `phrase` of four English words where the operator allows it.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "digits")]
    prompt: service::PromptKind,
    /// By voice: the language to speak, such as `fr`; otherwise the page's. One that is not listened to here becomes English.
    language: Option<String>,
}

/// Draws a one-time challenge that is bound to this payment and payer.
#[utoipa::path(post, path = "/v1/payment_intents/{id}/challenges", params(("id" = String, Path)), request_body = StartChallengeBody, security(("payer" = [])), responses((status = 201, body = ChallengeView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub async fn start(
    State(state): State<AppState>,
    Payer(payer): Payer,
    Device(device): Device,
    Path(id): Path<String>,
    Body(body): Body<StartChallengeBody>,
) -> ApiResult<(StatusCode, Json<ChallengeView>)> {
    let language = body.language.or_else(|| Some(language::current().tag().to_owned()));
    let request = service::StartChallenge {
        method: body.method,
        client_secret: body.client_secret,
        steps: body.steps,
        asking: service::Asking { kind: body.prompt, language },
    };
    let challenge = state.app.start_challenge(&payer, &device, &id, request).await?;
    Ok((StatusCode::CREATED, Json(challenge)))
}
