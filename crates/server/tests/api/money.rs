//! Intents, confirmation, refunds, webhooks: what repeats, what is refused, what is delivered.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::common::{PASSPHRASE, TestApp, intent_body, problem};
use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::post;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn the_same_key_answers_again_another_body_is_refused() {
    let app = TestApp::new().await;
    let first: Value = app.create_intent("key-1", intent_body(2_000)).await.json().await.unwrap();
    let again: Value = app.create_intent("key-1", intent_body(2_000)).await.json().await.unwrap();
    assert_eq!(first, again);
    assert!(again["client_secret"].as_str().unwrap().len() > 64);
    let other = app.create_intent("key-1", intent_body(2_001)).await;
    assert_eq!(problem(other, 422).await, "idempotency_mismatch");
    let without = app.shop(Method::POST, "/v1/payment_intents").json(&intent_body(1)).send().await.unwrap();
    assert_eq!(problem(without, 400).await, "idempotency_key_missing");
}

#[tokio::test]
async fn one_key_at_the_same_time_makes_one_intent() {
    let app = TestApp::new().await;
    let asks = (0..8).map(|_| app.create_intent("same", intent_body(500)));
    let mut ids = std::collections::HashSet::new();
    for answer in futures_util::future::join_all(asks).await {
        match answer.status().as_u16() {
            201 => {
                let body: Value = answer.json().await.unwrap();
                ids.insert(body["id"].as_str().unwrap().to_owned());
            }
            409 => assert_eq!(problem(answer, 409).await, "idempotency_in_flight"),
            other => panic!("{other}"),
        }
    }
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn amounts_and_currencies_that_cannot_be_are_refused() {
    let app = TestApp::new().await;
    let huge = "9".repeat(40);
    for (amount, currency) in [
        ("0", "EUR"),
        ("-1", "EUR"),
        ("9223372036854775807", "EUR"),
        ("9223372036854775808", "EUR"),
        (huge.as_str(), "EUR"),
        ("20.5", "EUR"),
        ("\"2000\"", "EUR"),
        ("null", "EUR"),
        ("1e3", "EUR"),
        ("2000", "EURO"),
        ("2000", "eur"),
        ("2000", "XXX"),
        ("2000", ""),
    ] {
        let body = format!(
            r#"{{"amount":{amount},"currency":"{currency}","description":"x","order":{{"item":"x","ship_to":"y","delivery_days":6}}}}"#
        );
        let request = app
            .shop(Method::POST, "/v1/payment_intents")
            .header("idempotency-key", "k")
            .header("content-type", "application/json");
        let answer = request.body(body).send().await.unwrap();
        assert_eq!(problem(answer, 400).await, "invalid_request", "{amount} {currency}");
    }
    let wrong_kind =
        app.shop(Method::POST, "/v1/payment_intents").header("idempotency-key", "k").body("{}").send().await.unwrap();
    assert_eq!(problem(wrong_kind, 415).await, "invalid_request");
    let long = app
        .shop(Method::POST, "/v1/payment_intents")
        .header("idempotency-key", "k")
        .json(&"x".repeat(100_000))
        .send()
        .await
        .unwrap();
    assert_eq!(problem(long, 413).await, "invalid_request");
}

#[tokio::test]
async fn a_passphrase_pays_once_and_a_wrong_one_never() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let intent = app.intent(2_000).await;
    assert_eq!(problem(payer.confirm(&intent, "wrong wrong").await, 403).await, "proof_failed");
    assert_eq!(payer.available().await, 10_000);
    assert_eq!(app.read_intent(&intent.id).await["status"], "requires_confirmation");

    let answers = futures_util::future::join_all((0..4).map(|_| payer.confirm(&intent, PASSPHRASE))).await;
    let paid = answers.iter().filter(|a| a.status() == 200).count();
    assert!(paid >= 1);
    assert_eq!(payer.available().await, 8_000, "paid once");
    let again: Value = payer.confirm(&intent, PASSPHRASE).await.json().await.unwrap();
    assert_eq!(again["status"], "succeeded");
    assert_eq!(payer.available().await, 8_000);

    let receipt = payer.get(&format!("/v1/receipts/{}", again["receipt"].as_str().unwrap())).await;
    let receipt: Value = receipt.json().await.unwrap();
    // 1,800,000,000 s after the epoch is 2027-01-15; the promise is six days later.
    assert_eq!(receipt["delivery"]["promised"], "2027-01-21");
    assert_eq!(receipt["delivery"]["to"], "Office of the Mayor of Hanover");
    assert_eq!(receipt["methods"], json!(["passphrase"]));
    assert_eq!(receipt["payer"], "Ada");
}

#[tokio::test]
async fn too_little_money_changes_nothing_and_canceled_or_expired_intents_cannot_be_paid() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    assert_eq!(payer.confirm(&app.intent(1).await, PASSPHRASE).await.status(), 200);
    let dear = app.intent(10_000).await;
    assert_eq!(problem(payer.confirm(&dear, PASSPHRASE).await, 402).await, "insufficient_funds");
    assert_eq!(payer.available().await, 9_999);

    let gone = app.intent(100).await;
    let cancel = app.shop(Method::POST, &format!("/v1/payment_intents/{}/cancel", gone.id)).send().await.unwrap();
    assert_eq!(cancel.json::<Value>().await.unwrap()["status"], "canceled");
    assert_eq!(problem(payer.confirm(&gone, PASSPHRASE).await, 409).await, "payment_state");

    let old = app.intent(100).await;
    for _ in 0..3 {
        app.clock.advance(25 * 60);
        assert_eq!(payer.get("/v1/me").await.status(), 200, "the session is kept in use");
    }
    assert_eq!(problem(payer.confirm(&old, PASSPHRASE).await, 409).await, "payment_state");
    assert_eq!(payer.available().await, 9_999);
}

#[tokio::test]
async fn five_wrong_passphrases_pause_and_say_no_more() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let intent = app.intent(100).await;
    for _ in 0..5 {
        assert_eq!(problem(payer.confirm(&intent, "wrong wrong").await, 403).await, "proof_failed");
    }
    assert_eq!(problem(payer.confirm(&intent, PASSPHRASE).await, 429).await, "paused");
    app.clock.advance(61);
    assert_eq!(payer.confirm(&intent, PASSPHRASE).await.status(), 200);
}

#[tokio::test]
async fn refunds_repeat_by_key_and_never_exceed_the_payment() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let intent = app.intent(2_000).await;
    payer.confirm(&intent, PASSPHRASE).await;
    let refund = |key: &str, amount: Option<i64>| {
        let body = json!({"payment_intent": intent.id, "amount": amount});
        app.shop(Method::POST, "/v1/refunds").header("idempotency-key", key.to_owned()).json(&body).send()
    };
    let first: Value = refund("r1", Some(500)).await.unwrap().json().await.unwrap();
    let again: Value = refund("r1", Some(500)).await.unwrap().json().await.unwrap();
    assert_eq!(first, again);
    assert_eq!(payer.available().await, 8_500);
    assert_eq!(problem(refund("r2", Some(1_501)).await.unwrap(), 409).await, "payment_state");
    assert_eq!(refund("r3", None).await.unwrap().status(), 201);
    assert_eq!(payer.available().await, 10_000);
    assert_eq!(problem(refund("r4", Some(1)).await.unwrap(), 409).await, "payment_state");
    assert_eq!(problem(refund("r5", Some(-1)).await.unwrap(), 400).await, "invalid_request");
}

type Seen = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A shop's receiver: refuses the first event, takes the others.
async fn receiver() -> (String, Seen) {
    let seen = Seen::default();
    let keep = Arc::clone(&seen);
    let take = post(move |headers: HeaderMap, body: Bytes| async move {
        let mut seen = keep.lock().unwrap();
        seen.push((headers, body));
        if seen.len() == 1 { axum::http::StatusCode::INTERNAL_SERVER_ERROR } else { axum::http::StatusCode::OK }
    });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", take)).await.unwrap() });
    (url, seen)
}

#[tokio::test]
async fn a_payment_is_delivered_signed_and_again_after_a_failure() {
    let app = TestApp::new().await;
    let (url, seen) = receiver().await;
    let made = app.shop(Method::POST, "/v1/webhook_endpoints").json(&json!({"url": url})).send().await.unwrap();
    assert_eq!(made.status(), 201);
    let secret = made.json::<Value>().await.unwrap()["secret"].as_str().unwrap().to_owned();
    let listed: Value = app.shop(Method::GET, "/v1/webhook_endpoints").send().await.unwrap().json().await.unwrap();
    assert_eq!(listed[0]["url"], url);
    assert!(listed[0].get("secret").is_none(), "the secret is shown once");

    let payer = app.payer("ada@example.org").await;
    let intent = app.intent(2_000).await;
    payer.confirm(&intent, PASSPHRASE).await;
    let mut kinds = Vec::new();
    for round in 0..100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        // The clock is the test's: retries come when it moves.
        if round % 10 == 9 {
            app.clock.advance(20);
        }
        kinds.clear();
        for (headers, body) in seen.lock().unwrap().iter() {
            let text = |name: &str| headers[name].to_str().unwrap().to_owned();
            let (id, at) = (text("webhook-id"), text("webhook-timestamp").parse().unwrap());
            assert!(service::webhook::verify(&secret, &id, at, body, &text("webhook-signature"), at));
            assert!(!service::webhook::verify(&secret, &id, at, b"{}", &text("webhook-signature"), at));
            let event: Value = serde_json::from_slice(body).unwrap();
            kinds.push((id, event["type"].as_str().unwrap().to_owned()));
        }
        let (first, done) =
            (kinds.first().map(|k| k.0.clone()), kinds.iter().any(|k| k.1 == "payment_intent.succeeded"));
        let repeated = kinds.iter().filter(|k| Some(&k.0) == first.as_ref()).count() == 2;
        if done && repeated {
            return;
        }
    }
    panic!("not delivered: {kinds:?}");
}

#[tokio::test]
async fn a_live_server_takes_no_inside_or_plain_webhook_address() {
    let app = TestApp::with(service::Mode::Live, u32::MAX).await;
    for url in [
        "http://shop.example/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/",
        "https://192.168.1.1/",
        "ftp://x.example",
    ] {
        let answer = app.shop(Method::POST, "/v1/webhook_endpoints").json(&json!({"url": url})).send().await.unwrap();
        assert_eq!(problem(answer, 400).await, "invalid_request", "{url}");
    }
}

#[tokio::test]
async fn above_its_limit_the_passphrase_alone_asks_for_one_more_method() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let intent = app.intent(10_001).await;
    let answer = payer.confirm(&intent, PASSPHRASE).await;
    assert_eq!(answer.status(), 409);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["code"], "step_up_required");
    assert_eq!(body["needs"], json!(["passkey", "otp", "face", "voice"]));
    assert_eq!(app.read_intent(&intent.id).await["status"], "requires_confirmation");
    assert_eq!(app.read_intent(&intent.id).await["last_error"], "second_factor_required");
    assert_eq!(payer.available().await, 10_000);
}
