//! Is it alive, is it ready.

use axum::extract::State;
use axum::http::StatusCode;

use crate::problem::Problem;
use crate::state::AppState;

/// The process answers.
#[utoipa::path(get, path = "/healthz", responses((status = 200, body = String)))]
pub async fn healthz() -> &'static str {
    "ok"
}

/// The database and the analyzers answer too.
#[utoipa::path(get, path = "/readyz", responses((status = 200, body = String), (status = 503, body = Problem)))]
pub async fn readyz(State(state): State<AppState>) -> Result<&'static str, Problem> {
    match state.app.ready().await {
        Ok(()) => Ok("ready"),
        Err(_) => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", "The server is not ready yet.")),
    }
}
