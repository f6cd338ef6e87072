//! What only an operator's key opens: all disputes and their decision, all books.

use crate::common::{PASSPHRASE, TestApp, client, problem};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use service::ports::Clock as _;

async fn ask(app: &TestApp, key: &str, method: Method, path: &str, body: Value) -> Response {
    client().request(method, app.url(path)).bearer_auth(key).json(&body).send().await.unwrap()
}

#[tokio::test]
async fn an_operator_decides_disputes_and_is_named_in_the_audit_log() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let operator = app.operator().await;
    let mut disputes = Vec::new();
    for key in ["a", "b"] {
        let intent = app.intent(1_000).await;
        payer.confirm(&intent, PASSPHRASE).await;
        let body = json!({"payment_intent": intent.id, "reason": "not_received"});
        let made = payer.request(Method::POST, "/v1/me/disputes").header("idempotency-key", key).json(&body);
        disputes.push(made.send().await.unwrap().json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned());
    }
    let decide = async |id: &str, whom: &str| {
        let path = format!("/v1/operator/disputes/{id}/decide");
        ask(&app, &operator, Method::POST, &path, json!({"decided_for": whom})).await
    };
    assert_eq!(problem(decide(&disputes[0], "payer").await, 409).await, "payment_state", "nobody has answered yet");
    for id in &disputes {
        let sent = app.shop(Method::POST, &format!("/v1/disputes/{id}/evidence")).json(&json!({"evidence": "Sent."}));
        assert_eq!(sent.send().await.unwrap().status(), 200);
    }
    let waiting = ask(&app, &operator, Method::GET, "/v1/operator/disputes?status=under_review", json!({})).await;
    assert_eq!(waiting.json::<Value>().await.unwrap()["data"].as_array().unwrap().len(), 2);
    let before = payer.available().await;
    let won: Value = decide(&disputes[0], "merchant").await.json().await.unwrap();
    let lost: Value = decide(&disputes[1], "payer").await.json().await.unwrap();
    assert_eq!((&won["status"], &lost["status"]), (&json!("won"), &json!("lost")));
    assert_eq!(payer.available().await, before + 1_000);
    assert_eq!(problem(decide(&disputes[1], "merchant").await, 409).await, "payment_state", "decided once");
    let by = app.app.operator(&operator, false).await.unwrap().id.to_string();
    let log = (1..).map_while(|seq| store::prove_in(&app.database(), seq).ok()).map(|proof| proof.entry);
    let decided: Vec<String> = log.filter(|e| e.kind == "dispute.decided").map(|e| e.detail).collect();
    assert!(decided.len() == 2 && decided.iter().all(|detail| detail.contains(&by)), "{decided:?}");
}

#[tokio::test]
async fn the_trial_balance_sums_to_zero_now_and_at_any_time() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let operator = app.operator().await;
    let then = app.clock.now().as_millis() / 1_000;
    app.clock.advance(60);
    payer.confirm(&app.intent(2_500).await, PASSPHRASE).await;
    let read =
        async |path: &str| -> Value { ask(&app, &operator, Method::GET, path, json!({})).await.json().await.unwrap() };
    let of = |balance: &Value, kind: &str| {
        let lines = balance["lines"].as_array().unwrap().clone();
        lines.iter().find(|l| l["kind"] == kind).map_or(0, |l| l["balance"].as_i64().unwrap())
    };
    let now = read("/v1/operator/trial_balance").await;
    assert_eq!((&now["balanced"], of(&now, "merchant_available"), of(&now, "wallet")), (&json!(true), 2_500, 7_500));
    let before = read(&format!("/v1/operator/trial_balance?at={then}")).await;
    assert_eq!((of(&before, "merchant_available"), of(&before, "wallet")), (0, 10_000));
    assert_eq!(before["balanced"], true);
    let far = ask(&app, &operator, Method::GET, "/v1/operator/trial_balance?at=9223372036854775807", json!({})).await;
    assert_eq!(problem(far, 400).await, "invalid_request");
}

#[tokio::test]
async fn a_revoked_operator_is_nobody() {
    let app = TestApp::new().await;
    let key = app.operator().await;
    let found = app.app.operator(&key, false).await.unwrap();
    app.app.store().revoke_operator(found.id, app.clock.now()).await.unwrap();
    let asked = ask(&app, &key, Method::GET, "/v1/operator/trial_balance", json!({})).await;
    assert_eq!(problem(asked, 401).await, "unknown_key");
}

#[tokio::test]
async fn an_operator_has_so_many_requests_a_minute_and_is_told_how_long_to_wait() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.operator().await, app.operator().await);
    let read = async |key: &str| ask(&app, key, Method::GET, "/v1/operator/disputes?limit=1", json!({})).await;
    for _ in 1..service::limits::OPERATOR_PER_MINUTE {
        app.app.operator(&ada, false).await.unwrap();
    }
    assert_eq!(read(&ada).await.status(), 200, "the last one of this minute");
    app.clock.advance(20);
    let refused = read(&ada).await;
    assert_eq!(refused.headers()["retry-after"], "40");
    assert_eq!(problem(refused, 429).await, "too_many_requests");
    assert_eq!(read(&bob).await.status(), 200, "each key has its own minute");
    let path = "/v1/operator/disputes/dp_00000000000000000000000000000007/decide";
    let decide = ask(&app, &ada, Method::POST, path, json!({"decided_for": "payer"})).await;
    assert_eq!(problem(decide, 404).await, "not_found", "what changes something is counted apart");
    app.clock.advance(40);
    assert_eq!(read(&ada).await.status(), 200);
}

#[tokio::test]
async fn an_operator_opens_a_shop_whose_key_takes_payments_and_sees_only_its_own() {
    let app = TestApp::new().await;
    let operator = app.operator().await;
    let open =
        async |name: &str| ask(&app, &operator, Method::POST, "/v1/operator/merchants", json!({"name": name})).await;
    let made = open("Canteen").await;
    assert_eq!(made.status(), 201);
    let made: Value = made.json().await.unwrap();
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("sk_test_") && made["id"].as_str().unwrap().starts_with("mer_"), "{made}");
    let listed = ask(&app, &operator, Method::GET, "/v1/operator/merchants", json!({})).await;
    let listed: Value = listed.json().await.unwrap();
    let names: Vec<&str> = listed["data"].as_array().unwrap().iter().map(|m| m["name"].as_str().unwrap()).collect();
    assert!(names.len() == 2 && names.contains(&"Canteen"), "{listed}");
    assert!(!listed.to_string().contains(key), "a key is shown once");

    let intent = client().post(app.url("/v1/payment_intents")).bearer_auth(key).header("idempotency-key", "1");
    let intent: Value = intent.json(&crate::common::intent_body(700)).send().await.unwrap().json().await.unwrap();
    assert_eq!((&intent["payee"], &intent["status"]), (&json!("Canteen"), &json!("requires_confirmation")));
    let pay = format!("/v1/test/payment_intents/{}/pay", intent["id"].as_str().unwrap());
    let paid = ask(&app, key, Method::POST, &pay, json!({"payer": "ok"})).await;
    assert_eq!(paid.json::<Value>().await.unwrap()["status"], "succeeded");
    let balance = async |key: &str| ask(&app, key, Method::GET, "/v1/balance", json!({})).await.text().await.unwrap();
    assert!(balance(key).await.contains("700") && !balance(&app.shop_key).await.contains("700"));
    let keys: Value = ask(&app, key, Method::GET, "/v1/api_keys", json!({})).await.json().await.unwrap();
    assert_eq!((keys.as_array().unwrap().len(), &keys[0]["label"]), (1, &json!("first key")));

    assert_eq!(problem(open("").await, 400).await, "invalid_request");
    assert_eq!(problem(open(&"x".repeat(201)).await, 400).await, "invalid_request");
    let shop = ask(&app, key, Method::POST, "/v1/operator/merchants", json!({"name": "Mine"})).await;
    assert_eq!(problem(shop, 401).await, "unknown_key", "a shop opens no shops");
    let by = app.app.operator(&operator, false).await.unwrap().id.to_string();
    let log = (1..).map_while(|seq| store::prove_in(&app.database(), seq).ok()).map(|proof| proof.entry);
    assert!(log.filter(|e| e.kind == "merchant.created").any(|e| e.detail.contains(&by)), "who opened it is on record");
}
