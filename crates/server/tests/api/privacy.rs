//! Consents: given for one purpose, withdrawn at once, and by a guardian for somebody under 14.

use crate::common::{PASSPHRASE, TestApp, TestPayer, problem};
use reqwest::Method;
use serde_json::{Value, json};

async fn challenge(app: &TestApp, payer: &TestPayer) -> reqwest::Response {
    let intent = app.intent(2_000).await;
    let body = json!({"method": "face", "client_secret": intent.secret});
    payer.post(&format!("/v1/payment_intents/{}/challenges", intent.id), &body).await
}

async fn me(payer: &TestPayer) -> Value {
    payer.get("/v1/me").await.json().await.unwrap()
}

fn consent(purpose: &str) -> Value {
    json!({"purpose": purpose, "method": "face", "text_version": "2026-11", "accepted": true, "passphrase": PASSPHRASE})
}

async fn withdraw(payer: &TestPayer, id: &str) -> reqwest::Response {
    payer.request(Method::DELETE, &format!("/v1/me/consents/{id}")).send().await.unwrap()
}

#[tokio::test]
async fn a_withdrawn_consent_stops_use_at_once_and_a_new_one_allows_it_again() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    assert_eq!(problem(payer.post("/v1/me/consents", &consent("payment")).await, 409).await, "not_enrolled");
    app.pretend_enrolled(&payer).await;
    assert_eq!(challenge(&app, &payer).await.status(), 201);

    // Other purposes stand by themselves.
    assert_eq!(payer.post("/v1/me/consents", &consent("duplicate_search")).await.status(), 201);
    let consents = me(&payer).await["consents"].clone();
    let id_of = |purpose: &str| {
        let all = consents.as_array().unwrap();
        all.iter().find(|c| c["purpose"] == purpose).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let stranger = app.payer("eve@example.org").await;
    assert_eq!(problem(withdraw(&stranger, &id_of("payment")).await, 404).await, "not_found");
    assert_eq!(withdraw(&payer, &id_of("duplicate_search")).await.status(), 200);
    assert_eq!(challenge(&app, &payer).await.status(), 201, "paying was not withdrawn");

    // Also a capture that is under way finds nothing to compare with.
    let intent = app.intent(2_000).await;
    let (_, url) = app.challenge(&payer, &intent).await;
    let mut socket = crate::common::connect(&url).await;
    let withdrawn: Value = withdraw(&payer, &id_of("payment")).await.json().await.unwrap();
    assert!(withdrawn["withdrawn_at"].is_string());
    crate::common::send(&mut socket, crate::common::frame(0.0, &crate::common::grey_jpeg(320, 240))).await;
    drop(socket);
    assert_eq!(problem(challenge(&app, &payer).await, 409).await, "no_consent");
    let account = payer.account.parse().unwrap();
    assert!(app.app.store().active_template(account, base::Method::Face).await.unwrap().is_none());

    let mut wrong = consent("payment");
    wrong["passphrase"] = json!("wrong wrong");
    assert_eq!(problem(payer.post("/v1/me/consents", &wrong).await, 403).await, "proof_failed");
    let mut old = consent("payment");
    old["text_version"] = json!("2025-01");
    assert_eq!(problem(payer.post("/v1/me/consents", &old).await, 400).await, "invalid_request");
    assert_eq!(payer.post("/v1/me/consents", &consent("payment")).await.status(), 201);
    assert_eq!(challenge(&app, &payer).await.status(), 201);
}

#[tokio::test]
async fn consent_is_asked_apart_from_the_account_and_its_words_are_kept() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    assert_eq!(me(&payer).await["consents"], json!([]), "an account alone agrees to nothing");
    let texts: Value =
        crate::common::client().get(app.url("/v1/consent_texts")).send().await.unwrap().json().await.unwrap();
    let face = texts.as_array().unwrap().iter().find(|t| t["purpose"] == "payment" && t["method"] == "face").unwrap();
    let body = json!({"method": "face", "passphrase": PASSPHRASE,
        "consent": {"text_version": face["version"], "accepted": true}});
    assert_eq!(payer.post("/v1/me/enrolments", &body).await.status(), 201);
    let kept = app.app.store().consents(payer.account.parse().unwrap()).await.unwrap();
    assert_eq!(hex_of(kept[0].text_digest.unwrap()), face["sha256"].as_str().unwrap());
    let unknown = json!({"method": "face", "passphrase": PASSPHRASE,
        "consent": {"text_version": "made-up", "accepted": true}});
    assert_eq!(problem(payer.post("/v1/me/enrolments", &unknown).await, 400).await, "invalid_request");
}

fn hex_of(bytes: [u8; 32]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[tokio::test]
async fn somebody_under_14_needs_a_guardian_who_can_withdraw_too() {
    let app = TestApp::new().await;
    let (child, parent) = (app.payer("tim@example.org").await, app.payer("ada@example.org").await);
    let body = |guardian: Option<Value>| {
        let mut consent = json!({"text_version": "2026-11", "accepted": true});
        if let Some(guardian) = guardian {
            consent["guardian"] = guardian;
        }
        json!({"method": "face", "passphrase": PASSPHRASE, "consent": consent})
    };
    let by = |email: &str, passphrase: &str, born: &str| {
        Some(json!({"born_on": born, "email": email, "passphrase": passphrase}))
    };
    let ask = async |guardian| child.post("/v1/me/enrolments", &body(guardian)).await;
    // The clock stands in January 2027.
    for (guardian, status, code) in [
        (by("ada@example.org", "wrong wrong", "2015-03-01"), 403, "proof_failed"),
        (by("nobody@example.org", PASSPHRASE, "2015-03-01"), 403, "proof_failed"),
        (by("tim@example.org", PASSPHRASE, "2015-03-01"), 400, "invalid_request"),
        (by("ada@example.org", PASSPHRASE, "2001-03-01"), 400, "invalid_request"),
    ] {
        assert_eq!(problem(ask(guardian).await, status).await, code);
    }
    assert_eq!(ask(by("ada@example.org", PASSPHRASE, "2015-03-01")).await.status(), 201);
    // Said once, it counts until the birthday.
    assert_eq!(problem(ask(None).await, 403).await, "guardian_needed");
    let minor = json!({"text_version": "2026-11", "accepted": true,
        "guardian": {"born_on": "2016-01-01", "email": "tim@example.org", "passphrase": PASSPHRASE}});
    let sibling = app.payer("lea@example.org").await;
    let body = json!({"method": "face", "passphrase": PASSPHRASE, "consent": minor});
    let answer = sibling.post("/v1/me/enrolments", &body).await;
    assert_eq!(problem(answer, 400).await, "invalid_request", "a child is no guardian");

    let wards = me(&parent).await["wards"].clone();
    assert_eq!(wards[0]["name"], "Ada");
    let id = wards[0]["consent"]["id"].as_str().unwrap();
    let withdrawn: Value = withdraw(&parent, id).await.json().await.unwrap();
    assert!(withdrawn["withdrawn_at"].is_string());
    assert!(me(&child).await["consents"][0]["withdrawn_at"].is_string());
    let until = app.app.store().minor_until(child.account.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(until.date(), "2029-03-01");
}

#[tokio::test]
async fn the_export_holds_what_is_known_and_no_vector_hash_or_secret() {
    let app = TestApp::new().await;
    let (payer, other) = (app.payer("ada@example.org").await, app.payer("eve@example.org").await);
    app.pretend_enrolled(&payer).await;
    let (mine, theirs) = (app.intent(2_000).await, app.intent(700).await);
    payer.confirm(&mine, PASSPHRASE).await;
    other.confirm(&theirs, PASSPHRASE).await;
    let text = payer.get("/v1/me/export").await.text().await.unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(all["account"]["email"], "ada@example.org");
    assert_eq!(all["records"]["payments"].as_array().unwrap().len(), 1);
    assert_eq!(all["records"]["payments"][0]["amount"], 2_000);
    assert_eq!(all["records"]["postings"].as_array().unwrap().len(), 2, "the play money and the payment");
    assert_eq!(all["templates"][0]["views"], 5);
    assert_eq!(all["consents"][0]["consent"]["purpose"], "payment");
    // The template of the test is 64 times the byte 1.
    for secret in ["argon2", &"01".repeat(16), "[1,1,1,1", "eve@example.org", "token_hash", "sealed"] {
        assert!(!text.contains(secret), "{secret}");
    }
}
