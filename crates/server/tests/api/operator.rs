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
    let by = app.app.operator(&operator).await.unwrap().id.to_string();
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
    let found = app.app.operator(&key).await.unwrap();
    app.app.store().revoke_operator(found.id, app.clock.now()).await.unwrap();
    let asked = ask(&app, &key, Method::GET, "/v1/operator/trial_balance", json!({})).await;
    assert_eq!(problem(asked, 401).await, "unknown_key");
}
