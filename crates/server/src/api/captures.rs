//! The two capture WebSockets. The protocol is in ARCHITECTURE.md; what frames mean is `service::capture`.

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use service::capture::{Capture, CaptureEvent, CaptureSender};
use utoipa::IntoParams;
use words::Language;

use crate::extract::{Path, Query};
use crate::language;
use crate::limits::{WS_LINGER, WS_MESSAGE_BYTES, WS_WRITE};
use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TokenQuery {
    pub token: Option<String>,
}

/// What an enrolment's `capture_url` carries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EnrolmentQuery {
    token: Option<String>,
    /// Test mode only, see `POST /v1/me/enrolments`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    views: service::Views,
    /// By voice: the language to speak, such as `fr`; otherwise the page's.
    language: Option<String>,
}

/// WebSocket: frames of an enrolment.
#[utoipa::path(get, path = "/v1/enrolments/{id}/capture", params(("id" = String, Path), EnrolmentQuery), security(("capture_token" = [])), responses((status = 101, description = "WebSocket"), (status = 401, body = Problem)))]
pub async fn enrolment(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(query): Query<EnrolmentQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let (token, upgrade) = admit(query.token, upgrade)?;
    let language = language::current();
    let spoken = query.language.as_deref().unwrap_or(language.tag());
    let capture = state.app.open_enrolment_capture(&id, &token, query.views, Some(spoken)).await?;
    Ok(upgrade.on_upgrade(move |socket| run(socket, capture, language)))
}

/// WebSocket: frames that answer a challenge.
#[utoipa::path(get, path = "/v1/challenges/{id}/capture", params(("id" = String, Path), TokenQuery), security(("capture_token" = [])), responses((status = 101, description = "WebSocket"), (status = 401, body = Problem)))]
pub async fn challenge(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(query): Query<TokenQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let (token, upgrade) = admit(query.token, upgrade)?;
    let capture = state.app.open_challenge_capture(&id, &token).await?;
    let language = language::current();
    Ok(upgrade.on_upgrade(move |socket| run(socket, capture, language)))
}

/// The token is used up by opening the capture, so the request must be a WebSocket first.
pub fn admit(
    token: Option<String>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<(String, WebSocketUpgrade)> {
    let token = token.filter(|t| !t.is_empty()).ok_or(service::Error::CaptureToken)?;
    let refused =
        |_| Problem::new(StatusCode::UPGRADE_REQUIRED, "websocket_required", "Open this address as a WebSocket.");
    let upgrade = upgrade.map_err(refused)?;
    Ok((token, upgrade.max_message_size(WS_MESSAGE_BYTES).max_frame_size(WS_MESSAGE_BYTES)))
}

/// Carries frames in and events out until either side ends. Dropping the sender ends the capture as *retake*.
pub async fn run(socket: WebSocket, capture: Capture, language: Language) {
    let (write, read) = socket.split();
    let Capture { sender, events } = capture;
    let mut reading = tokio::spawn(read_frames(read, sender));
    write_events(write, events, language).await;
    // Frames are still on their way. Closing on them would reset the connection, and a reset throws away the result that
    // the client has not read yet: so they are read until the client has closed, too.
    if tokio::time::timeout(WS_LINGER, &mut reading).await.is_err() {
        reading.abort();
    }
}

/// The event as JSON, with its sentence in the payer's language.
fn said(event: &CaptureEvent, language: Language) -> Option<String> {
    let mut json = serde_json::to_value(event).ok()?;
    if let Some(say) = json.get_mut("say") {
        let key = say.as_str().unwrap_or_default();
        *say = match event {
            // Whoever reads the page in another language is asked in the one that is listened to.
            CaptureEvent::Digits { language: spoken, own_say, .. } if Language::from_tag(spoken) != Some(language) => {
                (*own_say).into()
            }
            _ => words::text(language, key).into(),
        };
    }
    serde_json::to_string(&json).ok()
}

async fn read_frames(mut read: SplitStream<WebSocket>, sender: CaptureSender) {
    while let Some(Ok(message)) = read.next().await {
        match message {
            Message::Binary(bytes) => sender.binary(&bytes),
            Message::Text(text) => sender.text(&text),
            Message::Close(_) => break,
            Message::Ping(_) | Message::Pong(_) => {}
        }
    }
}

async fn write_events(
    mut write: SplitSink<WebSocket, Message>,
    mut events: tokio::sync::mpsc::Receiver<CaptureEvent>,
    language: Language,
) {
    while let Some(event) = events.recv().await {
        let Some(text) = said(&event, language) else { break };
        let sent = tokio::time::timeout(WS_WRITE, write.send(Message::Text(text.into()))).await;
        if !matches!(sent, Ok(Ok(()))) {
            return;
        }
    }
    let bye = Message::Close(Some(CloseFrame { code: close_code::NORMAL, reason: "".into() }));
    // The client may be gone already; there is nothing left to tell it.
    let _gone = tokio::time::timeout(WS_WRITE, write.send(bye)).await;
    let _gone = tokio::time::timeout(WS_WRITE, write.close()).await;
}
