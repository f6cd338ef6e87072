//! A receiver on this machine: prints and verifies what comes, and does nothing with it.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use reqwest::Method;
use serde_json::{Value, json};
use service::ports::{Clock as _, SystemClock};
use service::webhook;
use tokio::sync::Notify;

use super::api::Shop;
use super::{ListenArgs, secret};
use crate::boot::BootError;
use crate::terminal::{note, say};

/// Largest body taken.
const BODY_BYTES: usize = 1 << 20;
/// Events that are remembered, to tell one that comes again.
const REMEMBERED: usize = 10_000;

struct Ear {
    secret: String,
    heard: Mutex<Heard>,
    left: Notify,
}

#[derive(Default)]
struct Heard {
    ids: HashSet<String>,
    /// Events still to come before it ends; `None`: any number.
    to_come: Option<u64>,
}

pub async fn run(args: ListenArgs) -> Result<ExitCode, BootError> {
    let failed = |e: std::io::Error| BootError::Answered(format!("cannot listen: {e}"));
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
    let url = format!("http://{}/", listener.local_addr().map_err(failed)?);
    let (secret, registered) = match &args.server {
        Some(server) => {
            let shop = Shop::new(server)?;
            let asked = json!({"url": url, "events": args.events});
            let made = shop.ask(Method::POST, "/v1/webhook_endpoints", &asked).await?;
            let text = |name: &str| made.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            (text("secret"), Some((shop, text("id"))))
        }
        None => (secret("WEBHOOK_SECRET")?, None),
    };
    say(format_args!("listening on {url}"));
    let heard = Heard { to_come: args.count, ..Heard::default() };
    let ear = Arc::new(Ear { secret, heard: Mutex::new(heard), left: Notify::new() });
    let routes = Router::new().route("/", post(take)).layer(DefaultBodyLimit::max(BODY_BYTES));
    let serving = axum::serve(listener, routes.with_state(Arc::clone(&ear)));
    let end = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = ear.left.notified() => {}
        }
    };
    let served = serving.with_graceful_shutdown(end).await;
    if let Some((shop, id)) = registered {
        shop.ask(Method::DELETE, &format!("/v1/webhook_endpoints/{id}"), &Value::Null).await?;
        note(format_args!("{id} was taken off"));
    }
    served.map_err(failed)?;
    Ok(ExitCode::SUCCESS)
}

async fn take(State(ear): State<Arc<Ear>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let (id, signed) = (text("webhook-id"), text("webhook-signature"));
    let at = text("webhook-timestamp").parse().unwrap_or(0);
    let now = SystemClock.now().as_millis() / 1_000;
    let status = match webhook::check(&ear.secret, id, at, &body, signed, now) {
        Ok(()) => {
            let event: Value = serde_json::from_slice(&body).unwrap_or_default();
            let field = |path: &str| event.pointer(path).and_then(Value::as_str).unwrap_or("-").to_owned();
            let again = !remember(&ear, id);
            let word = if again { "again" } else { "ok" };
            say(format_args!("{word}  {}  {id}  {}", field("/type"), field("/data/object/id")));
            StatusCode::NO_CONTENT
        }
        Err(why) => {
            say(format_args!("not verified  {}: {why}", if id.is_empty() { "no webhook-id" } else { id }));
            StatusCode::BAD_REQUEST
        }
    };
    let mut heard = ear.heard.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(left) = heard.to_come.as_mut().filter(|_| status == StatusCode::NO_CONTENT) {
        *left = left.saturating_sub(1);
        if *left == 0 {
            ear.left.notify_one();
        }
    }
    status
}

/// False for an event that was here before.
fn remember(ear: &Ear, id: &str) -> bool {
    let mut heard = ear.heard.lock().unwrap_or_else(PoisonError::into_inner);
    if heard.ids.len() >= REMEMBERED {
        heard.ids.clear();
    }
    heard.ids.insert(id.to_owned())
}
