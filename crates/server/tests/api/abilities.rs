//! What a payer switched off in the profile is never asked for.

use crate::common::{PASSPHRASE, TestApp, TestPayer, problem};
use base::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

async fn choose(payer: &TestPayer, body: &Value) -> reqwest::Response {
    payer.request(Method::PUT, "/v1/me/abilities").json(body).send().await.unwrap()
}

/// The steps of a fresh challenge, as they are kept for its capture.
async fn drawn(app: &TestApp, payer: &TestPayer) -> Vec<String> {
    let intent = app.intent(2_000).await;
    let (made, _) = app.challenge(payer, &intent).await;
    let token = service::secret::hash(made["capture_token"].as_str().unwrap());
    let id = made["id"].as_str().unwrap().parse().unwrap();
    let kept = app.app.store().take_challenge(id, token, Timestamp::from_millis(0)).await.unwrap();
    let plan: Value = serde_json::from_str(&kept.steps).unwrap();
    plan["ask"]["face"]["steps"].as_array().unwrap().iter().map(|step| step.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_is_switched_off_is_not_drawn_and_changing_it_needs_the_passphrase() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    app.pretend_enrolled(&payer).await;
    let me: Value = payer.get("/v1/me").await.json().await.unwrap();
    assert_eq!(me["abilities"], json!({"smiles": true, "turns": true, "colours": true}));
    let steps = drawn(&app, &payer).await;
    assert_eq!((steps.len(), steps[0].as_str()), (6, "neutral"));
    assert_eq!(steps.iter().filter(|s| *s == "smile").count(), 1);
    assert!(steps.iter().filter(|s| s.starts_with("turn_")).count() >= 2);

    let still = json!({"smiles": false, "turns": false, "colours": true, "passphrase": "wrong wrong"});
    assert_eq!(problem(choose(&payer, &still).await, 403).await, "proof_failed");
    assert!(drawn(&app, &payer).await.contains(&"smile".to_owned()), "nothing changed");

    let unsmiling = json!({"smiles": false, "turns": true, "colours": false, "passphrase": PASSPHRASE});
    assert_eq!(choose(&payer, &unsmiling).await.status(), 204);
    let me: Value = payer.get("/v1/me").await.json().await.unwrap();
    assert_eq!(me["abilities"], json!({"smiles": false, "turns": true, "colours": false}));
    assert!(me["notices"].to_string().contains("camera may ask"));
    for _ in 0..5 {
        assert!(!drawn(&app, &payer).await.contains(&"smile".to_owned()));
    }
    let still = json!({"smiles": true, "turns": false, "colours": true, "passphrase": PASSPHRASE});
    assert_eq!(choose(&payer, &still).await.status(), 204);
    for _ in 0..5 {
        assert!(!drawn(&app, &payer).await.iter().any(|s| s.starts_with("turn_")));
    }
    let export: Value = payer.get("/v1/me/export").await.json().await.unwrap();
    assert_eq!(export["records"]["abilities"][0]["turns"], json!(0));
}
