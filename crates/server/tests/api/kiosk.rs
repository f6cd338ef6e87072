//! Paying at a shop's kiosk: what it may do and for whom, and the whole of it with real networks.

use std::sync::Arc;

use crate::common::{PASSPHRASE, TestApp, TestIntent, TestPayer, client, problem};
use crate::scene::{cast_of, enrol_with, perform, studio};
use puppet::{Cast, Person, Photographs};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// A kiosk that was paired with a key.
struct Kiosk {
    app: Arc<TestApp>,
    key: String,
}

impl Kiosk {
    async fn paired(app: Arc<TestApp>) -> Self {
        let key = key(&app, &["kiosk.pay"]).await;
        Self { app, key }
    }

    async fn post(&self, path: &str, body: &Value) -> Response {
        let request = client().post(self.app.url(&format!("/v1/kiosk/{path}"))).bearer_auth(&self.key);
        request.header("idempotency-key", uuid::Uuid::now_v7().to_string()).json(body).send().await.unwrap()
    }

    async fn charge(&self, amount: i64) -> TestIntent {
        let made = self.post("payment_intents", &json!({"amount": amount, "currency": "EUR"})).await;
        assert_eq!(made.status(), 201);
        let made: Value = made.json().await.unwrap();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        TestIntent { id: text("id"), secret: text("client_secret") }
    }

    fn ask(intent: &TestIntent, digits: &str) -> Value {
        json!({"payment_intent": intent.id, "client_secret": intent.secret, "last_digits": digits,
               "steps": ["neutral", "smile"]})
    }

    /// Who stands there, after those digits; the result and the attempt's id.
    async fn look(&self, intent: &TestIntent, digits: &str, cast: &Arc<Cast>, seed: u64) -> (Value, String) {
        let attempt = self.post("attempts", &Self::ask(intent, digits)).await;
        assert_eq!(attempt.status(), 201);
        let attempt: Value = attempt.json().await.unwrap();
        let url = format!("ws://{}{}", self.app.addr(), attempt["capture_url"].as_str().unwrap());
        let end = perform(&url, Box::new(Person::new(Arc::clone(cast), seed))).await;
        (end, attempt["id"].as_str().unwrap().to_owned())
    }

    /// As [`Kiosk::look`], again while the capture was not clear enough.
    async fn looks_until_judged(
        &self,
        intent: &TestIntent,
        digits: &str,
        cast: &Arc<Cast>,
        seed: u64,
    ) -> (Value, String) {
        let mut last = (Value::Null, String::new());
        for again in 0..3 {
            last = self.look(intent, digits, cast, seed + again).await;
            if last.0["outcome"] != "retake" || reasons(&last.0).contains(&"nobody_found") {
                break;
            }
        }
        last
    }
}

fn reasons(end: &Value) -> Vec<&str> {
    end["reasons"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

async fn key(app: &TestApp, scopes: &[&str]) -> String {
    let body = json!({"label": "kiosk", "scopes": scopes, "per_minute": 6000});
    let made: Value = app.shop(Method::POST, "/v1/api_keys").json(&body).send().await.unwrap().json().await.unwrap();
    made["key"].as_str().unwrap().to_owned()
}

async fn set_phone(payer: &TestPayer, number: &str) {
    let body = json!({"number": number, "passphrase": PASSPHRASE});
    assert_eq!(payer.request(Method::PUT, "/v1/me/phone").json(&body).send().await.unwrap().status(), 204);
}

/// Answers the consent's id.
async fn agree(payer: &TestPayer) -> String {
    let body = json!({"purpose": "kiosk", "method": "face", "text_version": "2026-11", "accepted": true, "passphrase": PASSPHRASE});
    let given = payer.post("/v1/me/consents", &body).await;
    assert_eq!(given.status(), 201);
    given.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_kiosk_may_only_be_a_kiosk_and_tells_nobodys_digits() {
    let app = Arc::new(TestApp::new().await);
    let kiosk = Kiosk::paired(Arc::clone(&app)).await;
    let intent = kiosk.charge(350).await;
    let other = Kiosk { app: Arc::clone(&app), key: key(&app, &["faces.compare"]).await };
    assert_eq!(problem(other.post("attempts", &Kiosk::ask(&intent, "4321")).await, 403).await, "scope_missing");
    let charge = json!({"amount": 350, "currency": "EUR"});
    assert_eq!(problem(other.post("payment_intents", &charge).await, 403).await, "scope_missing");
    assert_eq!(
        problem(other.post("attempts/kat_1/confirm", &json!({"method": "otp", "code": "1"})).await, 403).await,
        "scope_missing"
    );
    let listing = client().get(app.url("/v1/payment_intents")).bearer_auth(&kiosk.key).send().await.unwrap();
    assert_eq!(problem(listing, 403).await, "scope_missing", "a kiosk's key reads nothing of the shop");
    let none = json!({"amount": 0, "currency": "EUR"});
    assert_eq!(problem(kiosk.post("payment_intents", &none).await, 400).await, "invalid_request");

    for digits in ["", "123", "12345", "12a4", "١٢٣٤"] {
        let refused = kiosk.post("attempts", &Kiosk::ask(&intent, digits)).await;
        assert_eq!(problem(refused, 400).await, "invalid_request", "{digits}");
    }
    // The shop's own payment that was opened elsewhere can be taken here; without its secret, or another shop's, it cannot.
    let own = app.intent(500).await;
    assert_eq!(kiosk.post("attempts", &Kiosk::ask(&own, "4321")).await.status(), 201);
    let guessed = TestIntent { id: own.id.clone(), secret: intent.secret.clone() };
    assert_eq!(problem(kiosk.post("attempts", &Kiosk::ask(&guessed, "4321")).await, 404).await, "not_found");
    let shop = service::seed::seed_shop(&app.app).await.unwrap().secret_key;
    let request = client().post(app.url("/v1/api_keys")).bearer_auth(&shop);
    let made: Value = request
        .json(&json!({"label": "k", "scopes": ["kiosk.pay"], "per_minute": 60}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let foreign = Kiosk { app: Arc::clone(&app), key: made["key"].as_str().unwrap().to_owned() };
    assert_eq!(problem(foreign.post("attempts", &Kiosk::ask(&own, "4321")).await, 404).await, "not_found");

    // Digits that somebody has and digits that nobody has look the same.
    let ada = app.payer("ada@example.org").await;
    app.pretend_enrolled(&ada).await;
    set_phone(&ada, "+49 511 12 43-21").await;
    agree(&ada).await;
    let shape = |attempt: &Value| attempt.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let known: Value = kiosk.post("attempts", &Kiosk::ask(&intent, "4321")).await.json().await.unwrap();
    let unknown: Value = kiosk.post("attempts", &Kiosk::ask(&intent, "0000")).await.json().await.unwrap();
    assert_eq!(shape(&known), shape(&unknown));
    assert_eq!((&known["amount"], &known["payee"]), (&unknown["amount"], &unknown["payee"]));

    // A later attempt takes the place of the one before; a token opens once.
    let url = |attempt: &Value| format!("ws://{}{}", app.addr(), attempt["capture_url"].as_str().unwrap());
    assert!(tokio_tungstenite::connect_async(url(&known)).await.is_err());
    let socket = tokio_tungstenite::connect_async(url(&unknown)).await.unwrap().0;
    assert!(tokio_tungstenite::connect_async(url(&unknown)).await.is_err());
    drop(socket);
    let waits = format!("attempts/{}/confirm", unknown["id"].as_str().unwrap());
    let confirmed = kiosk.post(&waits, &json!({"method": "passphrase", "passphrase": PASSPHRASE})).await;
    assert_eq!(problem(confirmed, 404).await, "not_found", "nothing waits for a factor");
}

#[tokio::test]
async fn the_number_is_the_payers_own_and_not_kept() {
    let app = TestApp::new().await;
    let ada = app.payer("ada@example.org").await;
    let put = |body: Value| ada.request(Method::PUT, "/v1/me/phone").json(&body).send();
    let wrong = put(json!({"number": "+49 511 124321", "passphrase": "wrong wrong"})).await.unwrap();
    assert_eq!(problem(wrong, 403).await, "proof_failed");
    let nonsense = put(json!({"number": "call me", "passphrase": PASSPHRASE})).await.unwrap();
    assert_eq!(problem(nonsense, 400).await, "invalid_request");
    let me = async || ada.get("/v1/me").await.json::<Value>().await.unwrap();
    assert_eq!(me().await["phone_since"], Value::Null);
    set_phone(&ada, "+49 511 124321").await;
    assert!(me().await["phone_since"].is_string());
    let export = ada.get("/v1/me/export").await.text().await.unwrap();
    assert!(export.contains("phone_number") && !export.contains("4321"), "{export}");
    for _ in 0..2 {
        assert_eq!(ada.request(Method::DELETE, "/v1/me/phone").send().await.unwrap().status(), 204);
    }
    assert_eq!(me().await["phone_since"], Value::Null);
    // The consent needs a face first.
    let body = json!({"purpose": "kiosk", "method": "face", "text_version": "2026-11", "accepted": true, "passphrase": PASSPHRASE});
    assert_eq!(problem(ada.post("/v1/me/consents", &body).await, 409).await, "not_enrolled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_puppet_pays_at_a_kiosk_and_nobody_else_does() {
    let studio = tokio::task::spawn_blocking(studio).await.unwrap();
    let (ada_looks, models) = (studio.cast, studio.models);
    let other = models.clone();
    let eve_looks = tokio::task::spawn_blocking(move || cast_of(&other, "biden")).await.unwrap();
    let app = Arc::new(TestApp::with_analyzers(Arc::new(models)).await);
    let kiosk = Kiosk::paired(Arc::clone(&app)).await;
    let ada = app.payer("ada@example.org").await;
    let enrolled = enrol_with(&app, &ada, Box::new(Person::new(Arc::clone(&ada_looks), 101)), "guided").await;
    assert_eq!(enrolled["outcome"], "enrolled", "{enrolled}");
    set_phone(&ada, "+49 511 124321").await;

    // She gave a number, and did not agree: nobody is found.
    let intent = kiosk.charge(350).await;
    let (end, _) = kiosk.looks_until_judged(&intent, "4321", &ada_looks, 1).await;
    assert_eq!((end["outcome"].as_str(), reasons(&end)), (Some("retake"), vec!["nobody_found"]), "{end}");

    let agreed = agree(&ada).await;
    let intent = kiosk.charge(350).await;
    let (end, _) = kiosk.looks_until_judged(&intent, "4321", &ada_looks, 11).await;
    assert_eq!(end["outcome"], "paid", "{end}");
    assert_eq!(ada.available().await, 9_650);
    let receipt = ada.get(&format!("/v1/receipts/{}", end["receipt"].as_str().unwrap())).await;
    let receipt: Value = receipt.json().await.unwrap();
    assert_eq!((&receipt["methods"], &receipt["payment_intent"]), (&json!(["face"]), &json!(intent.id)));

    // Somebody else with her digits, and she herself with other digits: the same answer.
    let intent = kiosk.charge(350).await;
    let (end, _) = kiosk.looks_until_judged(&intent, "4321", &eve_looks, 21).await;
    assert_eq!(reasons(&end), ["nobody_found"], "{end}");
    let (wrong, _) = kiosk.looks_until_judged(&intent, "0000", &ada_looks, 31).await;
    assert_eq!(
        (&wrong["outcome"], &wrong["say"], reasons(&wrong)),
        (&end["outcome"], &end["say"], vec!["nobody_found"])
    );

    // Her photographs do not even look for her wallet. (All steps are asked: what is left out of a pinned challenge is silent.)
    let intent = kiosk.charge(350).await;
    let mut ask = Kiosk::ask(&intent, "4321");
    ask.as_object_mut().unwrap().remove("steps");
    let attempt: Value = kiosk.post("attempts", &ask).await.json().await.unwrap();
    let url = format!("ws://{}{}", app.addr(), attempt["capture_url"].as_str().unwrap());
    let flat = perform(&url, Box::new(Photographs::new(&ada_looks, 1))).await;
    assert!(["refused", "retake"].contains(&flat["outcome"].as_str().unwrap()), "{flat}");
    assert!(!reasons(&flat).contains(&"nobody_found") && !reasons(&flat).contains(&"face_matches"), "{flat}");
    assert_eq!(ada.available().await, 9_650);

    // More than a face alone may pay at a kiosk: her passphrase completes it, a wrong one and another kiosk's try do not.
    let intent = kiosk.charge(2_500).await;
    let (end, attempt) = kiosk.looks_until_judged(&intent, "4321", &ada_looks, 41).await;
    assert_eq!(end["outcome"], "step_up", "{end}");
    assert!(end["needs"].as_array().unwrap().contains(&json!("passphrase")), "{end}");
    let path = format!("attempts/{attempt}/confirm");
    let proof = |passphrase: &str| json!({"method": "passphrase", "passphrase": passphrase});
    let another = Kiosk::paired(Arc::clone(&app)).await;
    assert_eq!(problem(another.post(&path, &proof(PASSPHRASE)).await, 404).await, "not_found");
    assert_eq!(problem(kiosk.post(&path, &proof("wrong wrong")).await, 403).await, "proof_failed");
    assert_eq!(ada.available().await, 9_650);
    let paid = kiosk.post(&path, &proof(PASSPHRASE)).await;
    assert_eq!(paid.status(), 200);
    assert_eq!(paid.json::<Value>().await.unwrap()["status"], "succeeded");
    assert_eq!(ada.available().await, 7_150);
    assert_eq!(problem(kiosk.post(&path, &proof(PASSPHRASE)).await, 404).await, "not_found", "once");

    // Another wallet with the same digits and the same face: only a second factor tells whose it is.
    let twin = app.payer("twin@example.org").await;
    let enrolled = enrol_with(&app, &twin, Box::new(Person::new(Arc::clone(&ada_looks), 202)), "as_found").await;
    assert_eq!(enrolled["outcome"], "enrolled", "{enrolled}");
    let body = json!({"passphrase": PASSPHRASE, "number": "0511 994321"});
    assert_eq!(twin.request(Method::PUT, "/v1/me/phone").json(&body).send().await.unwrap().status(), 204);
    agree(&twin).await;
    // Two wallets of one test have the same passphrase; a code tells them apart.
    let intent = kiosk.charge(350).await;
    let (end, attempt) = kiosk.looks_until_judged(&intent, "4321", &ada_looks, 51).await;
    assert_eq!(end["outcome"], "step_up", "{end}");
    assert!(reasons(&end).contains(&"candidates_close"), "{end}");
    let path = format!("attempts/{attempt}/confirm");
    assert_eq!(problem(kiosk.post(&path, &proof("wrong wrong")).await, 403).await, "proof_failed");
    assert_eq!((ada.available().await, twin.available().await), (7_150, 10_000));
    assert_eq!(kiosk.post(&path, &proof(PASSPHRASE)).await.status(), 200);
    assert_eq!(ada.available().await + twin.available().await, 16_800);

    // Taken back, she is out at once; so is an erased face.
    assert_eq!(ada.request(Method::DELETE, &format!("/v1/me/consents/{agreed}")).send().await.unwrap().status(), 200);
    let me: Value = twin.get("/v1/me").await.json().await.unwrap();
    let path = format!("/v1/me/methods/{}", me["methods"][0]["id"].as_str().unwrap());
    let erased = twin.request(Method::DELETE, &path).json(&json!({"passphrase": PASSPHRASE})).send().await.unwrap();
    assert_eq!(erased.status(), 200);
    let intent = kiosk.charge(350).await;
    let (end, _) = kiosk.looks_until_judged(&intent, "4321", &ada_looks, 61).await;
    assert_eq!(reasons(&end), ["nobody_found"], "{end}");
    let audit = store::verify_audit_in(&app.database(), None).unwrap();
    assert!(audit.is_intact(), "{audit:?}");
}
