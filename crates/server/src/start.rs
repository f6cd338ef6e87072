//! Starting and stopping.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use service::App;
use tokio::task::JoinHandle;

use crate::config::{Config, Tls};
use crate::limits::{BODY_BYTES, DRAIN, HEADER_READ, SIGN_IN_WINDOW};
use crate::problem::Problem;
use crate::rate::RateLimiter;
use crate::state::AppState;
use crate::{api, caller, headers, language, once, pages, tls};

/// Why the server does not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("cannot listen on {address}: {source}. Choose another address with --listen.")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("cannot make a certificate: {0}")]
    Certificate(String),
    #[error("the server stopped: {0}")]
    Stopped(String),
}

/// A server that answers.
pub struct RunningServer {
    /// Where it listens.
    pub addr: SocketAddr,
    /// `http://…` or `https://…`, without a slash at the end.
    pub base_url: String,
    handle: Handle<SocketAddr>,
    task: JoinHandle<std::io::Result<()>>,
    dispatcher: JoinHandle<()>,
    keeper: JoinHandle<()>,
    upkeep: JoinHandle<()>,
}

impl RunningServer {
    /// Ends: no new requests, open ones may finish for a few seconds.
    pub async fn shutdown(self) -> Result<(), ServerError> {
        self.handle.graceful_shutdown(Some(DRAIN));
        self.dispatcher.abort();
        self.keeper.abort();
        self.upkeep.abort();
        finished(self.task.await)
    }

    /// Waits until the server ends by itself.
    pub async fn wait(self) -> Result<(), ServerError> {
        let end = finished(self.task.await);
        self.dispatcher.abort();
        self.keeper.abort();
        self.upkeep.abort();
        end
    }
}

fn finished(end: Result<std::io::Result<()>, tokio::task::JoinError>) -> Result<(), ServerError> {
    match end {
        Ok(Ok(())) => Ok(()),
        Ok(Err(e)) => Err(ServerError::Stopped(e.to_string())),
        Err(e) => Err(ServerError::Stopped(e.to_string())),
    }
}

/// Everything the server answers to.
pub fn router(state: AppState) -> Router {
    let (api, document) = api::routes();
    let kept = Arc::new(once::KeptElsewhere::of(&document));
    let api = api.route_layer(from_fn_with_state((state.clone(), kept), once::answer));
    let api = api.route_layer(from_fn_with_state(state.clone(), caller::identify));
    Router::new()
        .merge(api)
        .merge(pages::routes())
        .fallback(pages::nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(after_panic))
        .layer(from_fn(caller::preflight))
        .layer(from_fn(headers::deadline))
        .layer(from_fn(headers::same_site))
        .layer(from_fn_with_state(state.clone(), language::answer))
        .layer(from_fn_with_state(state.clone(), headers::security))
        .layer(from_fn(headers::request_id))
        .with_state(state)
}

/// The OpenAPI document, as served at `/v1/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    api::routes().1
}

/// Listens and answers until [`RunningServer::shutdown`]. Must be called inside a tokio runtime.
pub async fn start(mut config: Config, app: Arc<App>) -> Result<RunningServer, ServerError> {
    let failed = |source| ServerError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let addr = listener.local_addr().map_err(failed)?;
    let scheme = if config.tls == Tls::Off { "http" } else { "https" };
    let base_url = config.public_url.clone().unwrap_or_else(|| format!("{scheme}://{}", shown(addr)));
    config.public_url = Some(base_url.clone());
    app.set_public_url(&base_url);

    let upkeep = tokio::spawn(service::run_upkeep(Arc::clone(&app)));
    let dispatcher = tokio::spawn(service::webhook::run_dispatcher(Arc::clone(&app)));
    let keeper = tokio::spawn(service::run_keeper(Arc::clone(&app)));
    let rate = Arc::new(RateLimiter::new(config.sign_in_per_minute, SIGN_IN_WINDOW));
    let with_tls = config.tls == Tls::SelfSigned;
    let state = AppState { app, config: Arc::new(config), rate };
    let make = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    let task = if with_tls {
        let (cert, key) = tls::self_signed(addr).map_err(ServerError::Certificate)?;
        let tls = RustlsConfig::from_pem(cert, key).await.map_err(|e| ServerError::Certificate(e.to_string()))?;
        let mut server =
            axum_server::from_tcp_rustls(listener, tls).map_err(|e| ServerError::Certificate(e.to_string()))?;
        bound_headers(server.http_builder());
        tokio::spawn(server.handle(handle.clone()).serve(make))
    } else {
        let mut server = axum_server::from_tcp(listener).map_err(|e| ServerError::Stopped(e.to_string()))?;
        bound_headers(server.http_builder());
        tokio::spawn(server.handle(handle.clone()).serve(make))
    };
    tracing::info!(%addr, "listening");
    Ok(RunningServer { addr, base_url, handle, task, dispatcher, keeper, upkeep })
}

/// A client that sends its headers drop by drop is cut off.
fn bound_headers(builder: &mut Builder<TokioExecutor>) {
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_READ);
}

/// `localhost` for the loopback address: browsers give cameras to it without TLS.
fn shown(addr: SocketAddr) -> String {
    if addr.ip().is_loopback() || addr.ip().is_unspecified() {
        format!("localhost:{}", addr.port())
    } else {
        addr.to_string()
    }
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This address does not take that method.")
}

fn after_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    let detail = words::text(language::current(), "api.internal");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail).into_response()
}
