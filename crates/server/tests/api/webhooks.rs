//! Webhooks from end to end: two secrets while one is changed, three days of tries, the dead letter list, once more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{TestApp, problem};

/// A shop's receiver that can be closed.
struct Receiver {
    url: String,
    open: Arc<AtomicBool>,
    seen: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

impl Receiver {
    async fn start(open: bool) -> Self {
        let (open, seen) = (Arc::new(AtomicBool::new(open)), Arc::new(Mutex::new(Vec::new())));
        let (is_open, keep) = (Arc::clone(&open), Arc::clone(&seen));
        let take = post(move |headers: HeaderMap, body: Bytes| async move {
            if !is_open.load(Ordering::SeqCst) {
                return StatusCode::SERVICE_UNAVAILABLE;
            }
            keep.lock().unwrap().push((headers, body));
            StatusCode::NO_CONTENT
        });
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/", take)).await.unwrap() });
        Self { url, open, seen }
    }

    /// Waits for the next delivery.
    async fn next(&self) -> (HeaderMap, Bytes) {
        for _ in 0..100 {
            if let Some(first) = { self.seen.lock().unwrap().pop() } {
                return first;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nothing was delivered");
    }
}

async fn asked(app: &TestApp, method: Method, path: &str, body: Value) -> Value {
    let answer = app.shop(method, path).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
    if answer.status() == 204 { Value::Null } else { answer.json().await.unwrap() }
}

/// Whether this secret alone tells that the delivery is the server's.
fn genuine(secret: &Value, (headers, body): &(HeaderMap, Bytes)) -> bool {
    let text = |name: &str| headers[name].to_str().unwrap();
    let at = text("webhook-timestamp").parse().unwrap();
    let (id, signed) = (text("webhook-id"), text("webhook-signature"));
    service::webhook::verify(secret.as_str().unwrap(), id, at, body, signed, at)
}

#[tokio::test]
async fn a_secret_is_changed_without_a_delivery_that_cannot_be_verified() {
    let app = TestApp::new().await;
    let shop = Receiver::start(true).await;
    let events = json!(["payment_intent.created"]);
    let made =
        asked(&app, Method::POST, "/v1/webhook_endpoints", json!({"url": shop.url, "events": events.clone()})).await;
    let path = format!("/v1/webhook_endpoints/{}", made["id"].as_str().unwrap());
    app.intent(100).await;
    let first = shop.next().await;
    assert!(genuine(&made["secret"], &first));
    assert_eq!(first.0["webhook-signature"].to_str().unwrap().split(' ').count(), 1);

    let rotated = asked(&app, Method::POST, &format!("{path}/rotate_secret"), json!({"overlap_seconds": 3_600})).await;
    assert_ne!(rotated["secret"], made["secret"]);
    assert_eq!(rotated["old_secret_until"], "2027-01-15T09:00:00.000Z");
    app.intent(100).await;
    let both = shop.next().await;
    assert!(genuine(&made["secret"], &both) && genuine(&rotated["secret"], &both));
    app.clock.advance(3_600);
    app.intent(100).await;
    let after = shop.next().await;
    assert!(!genuine(&made["secret"], &after) && genuine(&rotated["secret"], &after));

    let read = asked(&app, Method::GET, &path, json!({})).await;
    assert_eq!((read["events"].clone(), read["enabled"].clone()), (events, json!(true)));
    assert!(read.get("secret").is_none() && read.get("old_secret_until").is_none());
    for (body, why) in [(json!({"overlap_seconds": 604_801}), "too long"), (json!({"overlap_seconds": -1}), "negative")]
    {
        let answer = app.shop(Method::POST, &format!("{path}/rotate_secret")).json(&body).send().await.unwrap();
        assert_eq!(problem(answer, 400).await, "invalid_request", "{why}");
    }
    let unknown = app.shop(Method::PATCH, &path).json(&json!({"events": ["payment_intent.dreamt"]}));
    assert_eq!(problem(unknown.send().await.unwrap(), 400).await, "invalid_request");
}

#[tokio::test]
async fn after_three_days_an_event_is_a_dead_letter_and_a_replay_brings_the_same_event() {
    let app = TestApp::new().await;
    let shop = Receiver::start(false).await;
    let made = asked(&app, Method::POST, "/v1/webhook_endpoints", json!({"url": shop.url})).await;
    let path = format!("/v1/webhook_endpoints/{}", made["id"].as_str().unwrap());
    app.intent(100).await;
    let dead = async || asked(&app, Method::GET, "/v1/webhook_deliveries?status=dead", json!({})).await;
    let mut letters = Value::Null;
    for _ in 0..200 {
        app.clock.advance(2 * 3_600);
        tokio::time::sleep(Duration::from_millis(100)).await;
        letters = dead().await;
        if letters["data"][0]["status"] == "dead" {
            break;
        }
    }
    let letter = &letters["data"][0];
    assert_eq!(
        (letter["type"].clone(), letter["last_error"].clone()),
        (json!("payment_intent.created"), json!("refused by the endpoint"))
    );
    assert!(letter["attempts"].as_u64().unwrap() >= 3, "{letter}");

    shop.open.store(true, Ordering::SeqCst);
    assert_eq!(asked(&app, Method::POST, "/v1/webhook_deliveries/replay", json!({})).await["replayed"], 1);
    let first = shop.next().await;
    assert!(genuine(&made["secret"], &first));
    assert_eq!(first.0["webhook-id"].to_str().unwrap(), letter["event"].as_str().unwrap(), "the same event: act once");
    assert_eq!(dead().await["data"], json!([]));
    let again = format!("/v1/events/{}/replay", letter["event"].as_str().unwrap());
    assert_eq!(asked(&app, Method::POST, &again, json!({"endpoint": made["id"]})).await["replayed"], 1);
    assert_eq!(shop.next().await.1, first.1, "byte by byte");

    // Switched off, nothing comes; what happened meanwhile can be asked for afterwards.
    assert_eq!(asked(&app, Method::PATCH, &path, json!({"enabled": false})).await["enabled"], false);
    app.intent(200).await;
    let none = app.shop(Method::POST, &again).json(&json!({"endpoint": made["id"]})).send().await.unwrap();
    assert_eq!(problem(none, 404).await, "not_found");
    asked(&app, Method::PATCH, &path, json!({"enabled": true})).await;
    let newest = asked(&app, Method::GET, "/v1/events?limit=1", json!({})).await;
    let newest = newest["data"][0]["id"].as_str().unwrap();
    asked(&app, Method::POST, &format!("/v1/events/{newest}/replay"), json!({})).await;
    assert_eq!(shop.next().await.0["webhook-id"].to_str().unwrap(), newest);
    asked(&app, Method::DELETE, &path, json!({})).await;
    let gone = app.shop(Method::GET, &path).send().await.unwrap();
    assert_eq!(problem(gone, 404).await, "not_found");
    let page = "/v1/webhook_deliveries?limit=1&starting_after=";
    let all = asked(&app, Method::GET, "/v1/webhook_deliveries?limit=1", json!({})).await;
    assert_eq!(all["has_more"], true);
    let next = asked(&app, Method::GET, &format!("{page}{}", all["data"][0]["id"].as_str().unwrap()), json!({})).await;
    assert_ne!(next["data"][0]["id"], all["data"][0]["id"]);
    let wrong = app.shop(Method::GET, &format!("{page}x")).send().await.unwrap();
    assert_eq!(problem(wrong, 400).await, "invalid_request");
}

#[test]
fn every_kind_of_event_that_the_store_writes_can_be_asked_for() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../store/src");
    let mut written = std::collections::BTreeSet::new();
    for file in std::fs::read_dir(source).unwrap().filter_map(|f| f.ok()).filter(|f| f.path().is_file()) {
        let text = std::fs::read_to_string(file.path()).unwrap();
        // Audit entries have names of their own; events are those of these objects.
        for name in text.split('"').filter(|t| !t.contains(char::is_whitespace)) {
            if ["payment_intent.", "refund.", "dispute.", "order."]
                .iter()
                .any(|p| name.starts_with(p) && name.len() > p.len())
            {
                written.insert(name.to_owned());
            }
        }
    }
    let known: std::collections::BTreeSet<String> =
        service::webhook::KINDS.iter().map(|kind| (*kind).to_owned()).collect();
    // The audit log's word for what an operator did; shops hear `dispute.closed`.
    written.remove("dispute.decided");
    assert_eq!(written, known);
}
