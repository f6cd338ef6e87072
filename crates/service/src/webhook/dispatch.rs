//! Delivers events from the outbox: signed, retried with jitter for three days.

use std::sync::Arc;
use std::time::Duration;

use base::{Span, Timestamp};
use futures_util::StreamExt;
use futures_util::stream;
use store::Delivery;
use url::Url;

use crate::app::App;
use crate::limits::{WEBHOOK_GIVE_UP, WEBHOOK_TIMEOUT};
use crate::webhook::{endpoint, reach, sign};

/// How often the outbox is looked at.
const EVERY: Duration = Duration::from_millis(300);
/// Deliveries taken at once, and those under way at one time.
const AT_ONCE: usize = 16;
/// A delivery that never reports back is handed out again after this long.
const BUSY: Span = Span::seconds(60);
/// First wait after a failure; doubles each time.
const FIRST_WAIT: Span = Span::seconds(5);
/// Longest wait.
const LONGEST_WAIT: Span = Span::hours(6);

/// Runs until its task is dropped. A failure of one delivery touches no other.
pub async fn run_dispatcher(app: Arc<App>) {
    // Another part of the process may have chosen the provider already; then that one stays.
    let _already = rustls::crypto::ring::default_provider().install_default();
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let now = app.now();
        match app.store.take_due_deliveries(AT_ONCE, now.plus(BUSY), now).await {
            Ok(due) => stream::iter(due).for_each_concurrent(AT_ONCE, |d| deliver(&app, d)).await,
            Err(store::StoreError::Closed) => return,
            Err(error) => tracing::warn!(%error, "the outbox could not be read"),
        }
    }
}

async fn deliver(app: &App, delivery: Delivery) {
    let (seq, since, attempts) = (delivery.event.seq, delivery.since, delivery.attempts);
    let endpoint = delivery.endpoint;
    let noted = match attempt(app, delivery).await {
        Ok(()) => app.store.mark_delivered(seq, endpoint, app.now()).await,
        Err(why) => {
            let next = next_try(attempts, since, app.now(), jitter(app));
            tracing::info!(%endpoint, why, again = next.is_some(), "a webhook was not taken");
            app.store.mark_failed(seq, endpoint, why, next, app.now()).await
        }
    };
    if let Err(error) = noted {
        tracing::warn!(%error, "a delivery could not be noted; it will be made again");
    }
}

async fn attempt(app: &App, delivery: Delivery) -> Result<(), &'static str> {
    let url = reach::parse(&delivery.url, app.mode()).map_err(|_| "address not allowed")?;
    let address = reach::resolve(&url, app.mode()).await.ok_or("address not reachable")?;
    let event = &delivery.event;
    let id = event.id.to_string();
    let object: serde_json::Value = serde_json::from_str(&event.object).map_err(|_| "event")?;
    let body = serde_json::json!({"id": id, "type": event.kind, "created_at": event.created_at.rfc3339(), "data": {"object": object}});
    let body = body.to_string();
    let seconds = app.now().as_millis() / 1_000;
    let signature = signatures(app, &delivery, &id, seconds, body.as_bytes()).ok_or("secret")?;
    let sent = client(&url, address)?
        .post(url)
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signature)
        .body(body)
        .send();
    let answer = sent.await.map_err(|_| "no answer")?;
    if answer.status().is_success() { Ok(()) } else { Err("refused by the endpoint") }
}

/// One signature, or two while the secret is being changed: each receiver finds that of the secret it knows.
fn signatures(app: &App, delivery: &Delivery, id: &str, seconds: i64, body: &[u8]) -> Option<String> {
    let purpose = endpoint::purpose(delivery.endpoint);
    let sign = |sealed: &[u8]| {
        let secret = app.vault.open_secret(&purpose, sealed).ok()?;
        sign::signature(std::str::from_utf8(&secret).ok()?, id, seconds, body)
    };
    let newest = sign(&delivery.secret)?;
    match delivery.old_secret.as_ref().filter(|(_, until)| *until > app.now()) {
        Some((old, _)) => Some(format!("{newest} {}", sign(old)?)),
        None => Some(newest),
    }
}

/// Connects to the checked address only, whatever the name says a moment later; follows no redirect, uses no proxy.
fn client(url: &Url, address: std::net::SocketAddr) -> Result<reqwest::Client, &'static str> {
    let host = url.host_str().ok_or("address")?;
    let builder = reqwest::Client::builder()
        .resolve(host, address)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(WEBHOOK_TIMEOUT);
    builder.build().map_err(|_| "client")
}

/// When to try again: doubling waits, up to a fifth earlier or later; `None` three days after the tries began.
fn next_try(attempts: u32, since: Timestamp, now: Timestamp, jitter: u8) -> Option<Timestamp> {
    let doubled = FIRST_WAIT.as_millis().saturating_mul(1i64 << attempts.min(20));
    let wait = doubled.min(LONGEST_WAIT.as_millis());
    let spread = wait / 5 * (i64::from(jitter) - 128) / 128;
    let next = now.plus(Span::millis(wait.saturating_add(spread)));
    (next.since(since) < WEBHOOK_GIVE_UP).then_some(next)
}

fn jitter(app: &App) -> u8 {
    // Without randomness all retries fall together; that is no reason not to retry.
    app.random::<1>().map_or(128, |[b]| b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_with_jitter_and_end_after_three_days() {
        let t0 = Timestamp::from_millis(0);
        assert_eq!(next_try(0, t0, t0, 128), Some(t0.plus(Span::seconds(5))));
        assert_eq!(next_try(3, t0, t0, 128), Some(t0.plus(Span::seconds(40))));
        let (early, late) = (next_try(3, t0, t0, 0).unwrap(), next_try(3, t0, t0, 255).unwrap());
        assert!(early >= t0.plus(Span::seconds(32)) && late <= t0.plus(Span::seconds(48)) && early < late);
        assert_eq!(next_try(60, t0, t0.plus(Span::days(3)), 128), None);
        assert!(next_try(60, t0, t0.plus(Span::days(2)), 128).is_some());
    }
}
