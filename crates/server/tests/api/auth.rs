//! Every route refuses nobody, the wrong one and the expired one, each with a problem that says so.

use crate::common::{TestApp, client, intent_body, problem};
use reqwest::Method;
use serde_json::{Value, json};

/// Who may use a route.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Who {
    Anyone,
    Payer,
    Merchant,
    CaptureToken,
    /// A restricted key of the face service.
    FaceKey,
    /// Who runs the installation.
    Operator,
    /// Merchant, client secret or (papers) payer.
    Viewer,
}

/// Every route of the OpenAPI document; `{id}` stands for an id of the right kind.
pub fn routes() -> Vec<(Method, &'static str, Who)> {
    vec![
        (Method::POST, "/v1/payers", Who::Anyone),
        (Method::POST, "/v1/sessions", Who::Anyone),
        (Method::DELETE, "/v1/sessions/current", Who::Payer),
        (Method::GET, "/v1/me", Who::Payer),
        (Method::GET, "/v1/me/export", Who::Payer),
        (Method::PUT, "/v1/me/abilities", Who::Payer),
        (Method::GET, "/v1/me/erasures/{id}", Who::Payer),
        (Method::GET, "/v1/erasure_key", Who::Anyone),
        (Method::POST, "/v1/sessions/passkey/options", Who::Anyone),
        (Method::POST, "/v1/sessions/passkey", Who::Anyone),
        (Method::POST, "/v1/me/passkeys/options", Who::Payer),
        (Method::POST, "/v1/me/passkeys", Who::Payer),
        (Method::PATCH, "/v1/me/passkeys/{id}", Who::Payer),
        (Method::DELETE, "/v1/me/passkeys/{id}", Who::Payer),
        (Method::POST, "/v1/me/otp", Who::Payer),
        (Method::POST, "/v1/me/otp/confirm", Who::Payer),
        (Method::DELETE, "/v1/me/otp", Who::Payer),
        (Method::POST, "/v1/payment_intents/{id}/passkey_challenges", Who::Payer),
        (Method::GET, "/v1/consent_texts", Who::Anyone),
        (Method::POST, "/v1/me/consents", Who::Payer),
        (Method::DELETE, "/v1/me/consents/{id}", Who::Payer),
        (Method::POST, "/v1/me/enrolments", Who::Payer),
        (Method::DELETE, "/v1/me/methods/{id}", Who::Payer),
        (Method::PUT, "/v1/me/methods/{id}/key_phrase", Who::Payer),
        (Method::DELETE, "/v1/me/methods/{id}/key_phrase", Who::Payer),
        (Method::GET, "/v1/enrolments/{id}/capture", Who::CaptureToken),
        (Method::POST, "/v1/payment_intents", Who::Merchant),
        (Method::GET, "/v1/payment_intents/{id}", Who::Viewer),
        (Method::POST, "/v1/payment_intents/{id}/cancel", Who::Merchant),
        (Method::POST, "/v1/payment_intents/{id}/challenges", Who::Payer),
        (Method::POST, "/v1/payment_intents/{id}/confirm", Who::Payer),
        (Method::GET, "/v1/challenges/{id}/capture", Who::CaptureToken),
        (Method::POST, "/v1/refunds", Who::Merchant),
        (Method::GET, "/v1/refunds", Who::Merchant),
        (Method::GET, "/v1/refunds/{id}", Who::Merchant),
        (Method::GET, "/v1/payment_intents", Who::Merchant),
        (Method::POST, "/v1/payment_intents/{id}/capture", Who::Merchant),
        (Method::POST, "/v1/test/payment_intents/{id}/pay", Who::Merchant),
        (Method::POST, "/v1/me/disputes", Who::Payer),
        (Method::POST, "/v1/me/disputes/{id}/withdraw", Who::Payer),
        (Method::GET, "/v1/disputes", Who::Merchant),
        (Method::GET, "/v1/disputes/{id}", Who::Merchant),
        (Method::POST, "/v1/disputes/{id}/evidence", Who::Merchant),
        (Method::POST, "/v1/disputes/{id}/accept", Who::Merchant),
        (Method::POST, "/v1/me/top_ups", Who::Payer),
        (Method::POST, "/v1/me/withdrawals", Who::Payer),
        (Method::POST, "/v1/me/transfers", Who::Payer),
        (Method::GET, "/v1/me/movements", Who::Payer),
        (Method::POST, "/v1/payouts", Who::Merchant),
        (Method::GET, "/v1/payouts", Who::Merchant),
        (Method::GET, "/v1/payouts/{id}", Who::Merchant),
        (Method::GET, "/v1/balance", Who::Merchant),
        (Method::GET, "/v1/balance/history", Who::Merchant),
        (Method::GET, "/v1/balance_transactions", Who::Merchant),
        (Method::GET, "/v1/settlements", Who::Merchant),
        (Method::GET, "/v1/me/balance_transactions", Who::Payer),
        (Method::GET, "/v1/me/balance/history", Who::Payer),
        (Method::GET, "/v1/events", Who::Merchant),
        (Method::GET, "/v1/events/{id}", Who::Merchant),
        (Method::GET, "/v1/receipts/{id}", Who::Viewer),
        (Method::GET, "/v1/orders/{id}", Who::Viewer),
        (Method::POST, "/v1/orders/{id}/ship", Who::Merchant),
        (Method::POST, "/v1/orders/{id}/deliver", Who::Merchant),
        (Method::GET, "/v1/operator/trial_balance", Who::Operator),
        (Method::GET, "/v1/operator/disputes", Who::Operator),
        (Method::POST, "/v1/operator/disputes/{id}/decide", Who::Operator),
        (Method::GET, "/v1/operator/merchants", Who::Operator),
        (Method::POST, "/v1/operator/merchants", Who::Operator),
        (Method::GET, "/v1/webhook_endpoints", Who::Merchant),
        (Method::POST, "/v1/webhook_endpoints", Who::Merchant),
        (Method::GET, "/v1/webhook_endpoints/{id}", Who::Merchant),
        (Method::PATCH, "/v1/webhook_endpoints/{id}", Who::Merchant),
        (Method::DELETE, "/v1/webhook_endpoints/{id}", Who::Merchant),
        (Method::POST, "/v1/webhook_endpoints/{id}/rotate_secret", Who::Merchant),
        (Method::GET, "/v1/webhook_deliveries", Who::Merchant),
        (Method::POST, "/v1/webhook_deliveries/replay", Who::Merchant),
        (Method::POST, "/v1/events/{id}/replay", Who::Merchant),
        (Method::GET, "/v1/api_keys", Who::Merchant),
        (Method::POST, "/v1/api_keys", Who::Merchant),
        (Method::DELETE, "/v1/api_keys/{id}", Who::Merchant),
        (Method::POST, "/v1/api_keys/{id}/rotate", Who::Merchant),
        (Method::POST, "/v1/faces/detect", Who::FaceKey),
        (Method::POST, "/v1/faces/quality", Who::FaceKey),
        (Method::POST, "/v1/faces/compare", Who::FaceKey),
        (Method::POST, "/v1/faces/search", Who::FaceKey),
        (Method::GET, "/v1/faces/collections", Who::FaceKey),
        (Method::POST, "/v1/faces/collections", Who::FaceKey),
        (Method::DELETE, "/v1/faces/collections/{id}", Who::FaceKey),
        (Method::GET, "/v1/faces/collections/{id}/persons", Who::FaceKey),
        (Method::POST, "/v1/faces/collections/{id}/persons", Who::FaceKey),
        (Method::DELETE, "/v1/faces/collections/{id}/persons/{person}", Who::FaceKey),
        (Method::GET, "/v1/faces/collections/{id}/reviews", Who::FaceKey),
        (Method::POST, "/v1/faces/collections/{id}/reviews/{review}", Who::FaceKey),
        (Method::PUT, "/v1/me/phone", Who::Payer),
        (Method::DELETE, "/v1/me/phone", Who::Payer),
        (Method::POST, "/v1/kiosk/payment_intents", Who::FaceKey),
        (Method::POST, "/v1/kiosk/attempts", Who::FaceKey),
        (Method::POST, "/v1/kiosk/attempts/{id}/confirm", Who::FaceKey),
        (Method::GET, "/v1/kiosk/attempts/{id}/capture", Who::CaptureToken),
        (Method::GET, "/healthz", Who::Anyone),
        (Method::GET, "/readyz", Who::Anyone),
    ]
}

#[tokio::test]
async fn the_table_names_every_route_of_the_document_and_the_document_every_route() {
    let document = serde_json::to_value(server::openapi()).unwrap();
    let mut listed = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations
            .as_object()
            .unwrap()
            .keys()
            .filter(|k| ["get", "post", "patch", "put", "delete"].contains(&k.as_str()))
        {
            listed.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    let mut table: Vec<String> = routes().iter().map(|(m, p, _)| format!("{m} {p}")).collect();
    listed.sort();
    table.sort();
    assert_eq!(listed, table);
}

#[tokio::test]
async fn nobody_a_wrong_one_and_an_expired_one_are_refused_everywhere() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    app.clock.advance(31 * 60);
    for (method, path, who) in routes() {
        let path = path.replace("{id}", "pi_00000000000000000000000000000007");
        let expected = match who {
            Who::Anyone => continue,
            Who::Payer => "not_signed_in",
            Who::Merchant | Who::FaceKey | Who::Operator => "unknown_key",
            Who::CaptureToken => "capture_token",
            Who::Viewer => "not_signed_in",
        };
        let url = app.url(&path);
        let none = client().request(method.clone(), &url).json(&json!({})).send().await.unwrap();
        assert_eq!(problem(none, 401).await, expected, "nobody at {method} {path}");

        let wrong = client()
            .request(method.clone(), &url)
            .bearer_auth("sk_test_wrong")
            .header("cookie", "smilepay_session=wrong");
        let wrong = wrong.json(&json!({})).send().await.unwrap();
        let expected_of_wrong = if who == Who::Viewer { "unknown_key" } else { expected };
        assert_eq!(problem(wrong, 401).await, expected_of_wrong, "a wrong one at {method} {path}");

        // The payer's session has been idle for more than half an hour.
        let expired = payer.request(method.clone(), &path).json(&json!({})).send().await.unwrap();
        assert_eq!(problem(expired, 401).await, expected, "an expired one at {method} {path}");
    }
}

#[tokio::test]
async fn a_payer_is_no_merchant_and_a_merchant_no_payer() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let id = app.intent(100).await.id;
    for (method, path, who) in routes() {
        let path = path.replace("{id}", &id);
        match who {
            Who::Payer => {
                let answer = app.shop(method, &path).json(&json!({})).send().await.unwrap();
                assert_eq!(problem(answer, 401).await, "not_signed_in", "{path}");
            }
            // A shop's own key opens neither the face service nor what the operator sees.
            Who::FaceKey | Who::Operator => {
                let answer = app.shop(method, &path).json(&json!({})).send().await.unwrap();
                assert_eq!(problem(answer, 401).await, "unknown_key", "{path}");
            }
            Who::Merchant => {
                let answer = payer.request(method, &path).json(&json!({})).send().await.unwrap();
                assert_eq!(problem(answer, 401).await, "unknown_key", "{path}");
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn unsafe_requests_need_the_sessions_own_csrf_token() {
    let app = TestApp::new().await;
    let (ada, eve) = (app.payer("ada@example.org").await, app.payer("eve@example.org").await);
    for (method, path, who) in routes() {
        if who != Who::Payer || method == Method::GET {
            continue;
        }
        let url = app.url(&path.replace("{id}", "tpl_00000000000000000000000000000007"));
        let none = ada.client.request(method.clone(), &url).json(&json!({})).send().await.unwrap();
        assert_eq!(problem(none, 403).await, "csrf", "{path}");
        let foreign = ada.client.request(method, &url).header("x-csrf-token", &eve.csrf).json(&json!({}));
        assert_eq!(problem(foreign.send().await.unwrap(), 403).await, "csrf", "{path}");
    }
    let crossing = ada.request(Method::DELETE, "/v1/sessions/current").header("sec-fetch-site", "cross-site");
    assert_eq!(problem(crossing.send().await.unwrap(), 403).await, "cross_site");
    assert_eq!(ada.request(Method::DELETE, "/v1/sessions/current").send().await.unwrap().status(), 204);
    assert_eq!(problem(ada.get("/v1/me").await, 401).await, "not_signed_in");
}

#[tokio::test]
async fn papers_and_intents_are_seen_by_their_own_people_only() {
    let app = TestApp::new().await;
    let (ada, eve) = (app.payer("ada@example.org").await, app.payer("eve@example.org").await);
    let (intent, other) = (app.intent(2_000).await, app.intent(2_000).await);
    let paid: Value = ada.confirm(&intent, crate::common::PASSPHRASE).await.json().await.unwrap();
    for (kind, id) in [("receipts", &paid["receipt"]), ("orders", &paid["order_id"])] {
        let path = format!("/v1/{kind}/{}", id.as_str().unwrap());
        assert_eq!(ada.get(&path).await.status(), 200);
        assert_eq!(app.shop(Method::GET, &path).send().await.unwrap().status(), 200);
        let by_secret = |s: &str| client().get(app.url(&format!("{path}?client_secret={s}"))).send();
        assert_eq!(by_secret(&intent.secret).await.unwrap().status(), 200);
        assert_eq!(problem(by_secret(&other.secret).await.unwrap(), 404).await, "not_found");
        assert_eq!(problem(eve.get(&path).await, 404).await, "not_found");
    }
    let path = format!("/v1/payment_intents/{}?client_secret={}", intent.id, other.secret);
    assert_eq!(problem(client().get(app.url(&path)).send().await.unwrap(), 404).await, "not_found");
}

/// What belongs to Ada and to the demo shop, and what asks for it in the tests: someone else, with a body that is right.
struct Foreign {
    method: Method,
    path: &'static str,
    id: String,
    body: Value,
}

#[tokio::test]
async fn what_belongs_to_another_payer_or_merchant_is_not_found() {
    let app = TestApp::new().await;
    let (ada, eve) = (app.payer("ada@example.org").await, app.payer("eve@example.org").await);
    let template = app.pretend_enrolled(&ada).await.to_string();
    app.pretend_enrolled(&eve).await;
    let (paid, open, hers) = (app.intent(2_000).await, app.intent(2_000).await, app.intent(700).await);
    let papers: Value = ada.confirm(&paid, crate::common::PASSPHRASE).await.json().await.unwrap();
    let me: Value = ada.get("/v1/me").await.json().await.unwrap();
    let keys = json!({"label": "k", "scopes": ["faces.manage", "kiosk.pay"], "per_minute": 600});
    let made: Value = app.shop(Method::POST, "/v1/api_keys").json(&keys).send().await.unwrap().json().await.unwrap();
    let by_key = |key: &str, method: Method, path: &str| client().request(method, app.url(path)).bearer_auth(key);
    let collection = json!({"name": "door", "purpose": "entry"});
    let collection = by_key(made["key"].as_str().unwrap(), Method::POST, "/v1/faces/collections").json(&collection);
    let collection: Value = collection.send().await.unwrap().json().await.unwrap();

    let other_shop = service::seed::seed_shop(&app.app).await.unwrap().secret_key;
    let other_faces = by_key(&other_shop, Method::POST, "/v1/api_keys").json(&keys).send().await.unwrap();
    let other_faces: Value = other_faces.json().await.unwrap();
    let other_faces = other_faces["key"].as_str().unwrap().to_owned();

    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let (consent, receipt, order) =
        (text(&me["consents"][0]["id"]), text(&papers["receipt"]), text(&papers["order_id"]));
    let (key_id, collection) = (text(&made["id"]), text(&collection["id"]));
    let by_shop = async |path: &str, body: Value| -> String {
        let answer = app.shop(Method::POST, path).header("idempotency-key", "own").json(&body).send().await.unwrap();
        text(&answer.json::<Value>().await.unwrap()["id"])
    };
    let hook = by_shop("/v1/webhook_endpoints", json!({"url": "http://127.0.0.1:9/"})).await;
    let refund = by_shop("/v1/refunds", json!({"payment_intent": paid.id, "amount": 100})).await;
    let payout = by_shop("/v1/payouts", json!({"amount": 100, "currency": "EUR", "bank": "test_bank"})).await;
    let dispute = json!({"payment_intent": paid.id, "reason": "other", "amount": 500});
    let dispute = ada.request(Method::POST, "/v1/me/disputes").header("idempotency-key", "d").json(&dispute);
    let dispute = text(&dispute.send().await.unwrap().json::<Value>().await.unwrap()["id"]);
    let events: Value = app.shop(Method::GET, "/v1/events").send().await.unwrap().json().await.unwrap();
    let event = text(&events["data"][0]["id"]);
    let proof = json!({"passphrase": crate::common::PASSPHRASE});
    let secret = json!({"client_secret": hers.secret});
    let with = |more: Value| {
        let mut all = secret.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let case =
        |method: Method, path: &'static str, id: &str, body: Value| Foreign { method, path, id: id.to_owned(), body };
    let nothing = || json!({});
    let cases = [
        case(Method::PATCH, "/v1/me/passkeys/{id}", "AQID", json!({"name": "mine"})),
        case(Method::DELETE, "/v1/me/passkeys/{id}", "AQID", proof.clone()),
        case(Method::GET, "/v1/me/erasures/{id}", &template, nothing()),
        case(Method::DELETE, "/v1/me/methods/{id}/key_phrase", &template, proof.clone()),
        case(
            Method::PUT,
            "/v1/me/methods/{id}/key_phrase",
            &template,
            json!({"phrase": "seven quiet lemon boats", "passphrase": crate::common::PASSPHRASE}),
        ),
        case(Method::DELETE, "/v1/me/methods/{id}", &template, proof),
        case(Method::DELETE, "/v1/me/consents/{id}", &consent, nothing()),
        case(Method::POST, "/v1/payment_intents/{id}/passkey_challenges", &open.id, with(nothing())),
        case(Method::POST, "/v1/payment_intents/{id}/challenges", &open.id, with(json!({"method": "face"}))),
        case(
            Method::POST,
            "/v1/payment_intents/{id}/confirm",
            &open.id,
            with(json!({"method": "passphrase", "passphrase": crate::common::PASSPHRASE})),
        ),
        case(Method::GET, "/v1/payment_intents/{id}", &open.id, nothing()),
        case(Method::POST, "/v1/payment_intents/{id}/cancel", &open.id, nothing()),
        case(Method::POST, "/v1/payment_intents/{id}/capture", &open.id, nothing()),
        case(Method::POST, "/v1/test/payment_intents/{id}/pay", &open.id, json!({"payer": "ok"})),
        case(Method::GET, "/v1/refunds/{id}", &refund, nothing()),
        case(Method::GET, "/v1/payouts/{id}", &payout, nothing()),
        case(Method::GET, "/v1/events/{id}", &event, nothing()),
        case(Method::POST, "/v1/me/disputes/{id}/withdraw", &dispute, nothing()),
        case(Method::GET, "/v1/disputes/{id}", &dispute, nothing()),
        case(Method::POST, "/v1/disputes/{id}/evidence", &dispute, json!({"evidence": "losing_evidence"})),
        case(Method::POST, "/v1/disputes/{id}/accept", &dispute, nothing()),
        case(Method::GET, "/v1/receipts/{id}", &receipt, nothing()),
        case(Method::GET, "/v1/orders/{id}", &order, nothing()),
        case(Method::GET, "/v1/webhook_endpoints/{id}", &hook, nothing()),
        case(Method::PATCH, "/v1/webhook_endpoints/{id}", &hook, json!({"enabled": false})),
        case(Method::DELETE, "/v1/webhook_endpoints/{id}", &hook, nothing()),
        case(Method::POST, "/v1/webhook_endpoints/{id}/rotate_secret", &hook, nothing()),
        case(Method::POST, "/v1/events/{id}/replay", &event, nothing()),
        case(Method::POST, "/v1/orders/{id}/ship", &order, nothing()),
        case(Method::POST, "/v1/orders/{id}/deliver", &order, nothing()),
        case(Method::DELETE, "/v1/api_keys/{id}", &key_id, nothing()),
        case(Method::POST, "/v1/api_keys/{id}/rotate", &key_id, nothing()),
        case(Method::DELETE, "/v1/faces/collections/{id}", &collection, nothing()),
        case(Method::GET, "/v1/faces/collections/{id}/persons", &collection, nothing()),
        case(Method::GET, "/v1/faces/collections/{id}/reviews", &collection, nothing()),
        case(
            Method::POST,
            "/v1/faces/collections/{id}/reviews/{review}",
            &collection,
            json!({"resolution": "two_people"}),
        ),
        case(Method::DELETE, "/v1/faces/collections/{id}/persons/{person}", &collection, nothing()),
        case(
            Method::POST,
            "/v1/kiosk/attempts/{id}/confirm",
            "kat_00000000000000000000000000000007",
            json!({"method": "otp", "code": "123456"}),
        ),
    ];
    // Its body is a form with pictures; `faces.rs` plays it.
    const ELSEWHERE: &str = "/v1/faces/collections/{id}/persons";
    for (method, path, who) in routes().into_iter().filter(|(_, path, _)| path.contains('{')) {
        // Nothing is another's for an operator.
        if matches!(who, Who::CaptureToken | Who::Operator) || (method == Method::POST && path == ELSEWHERE) {
            continue;
        }
        let found = cases.iter().find(|c| c.method == method && c.path == path);
        let Foreign { id, body, .. } = found.unwrap_or_else(|| panic!("{method} {path} has no case"));
        let path = path.replace("{id}", id);
        let path = path.replace("{person}", "per_00000000000000000000000000000007");
        let path = path.replace("{review}", "frv_00000000000000000000000000000007");
        let request = match who {
            Who::Payer => eve.request(method.clone(), &path),
            Who::FaceKey => by_key(&other_faces, method.clone(), &path),
            _ => by_key(&other_shop, method.clone(), &path),
        };
        let request = request.header("idempotency-key", "foreign").json(body);
        assert_eq!(problem(request.send().await.unwrap(), 404).await, "not_found", "{method} {path}");
    }
    let refund = by_key(&other_shop, Method::POST, "/v1/refunds").header("idempotency-key", "r");
    let refund = refund.json(&json!({"payment_intent": paid.id})).send().await.unwrap();
    assert_eq!(problem(refund, 404).await, "not_found");
}

#[tokio::test]
async fn unknown_address_and_wrong_passphrase_get_the_same_answer_and_five_failures_pause_that_device_only() {
    let app = TestApp::new().await;
    app.payer("ada@example.org").await;
    let ask = |client: &reqwest::Client, email: &str, passphrase: &str| {
        client.post(app.url("/v1/sessions")).json(&json!({"email": email, "passphrase": passphrase})).send()
    };
    let stranger = client();
    let known: Value = ask(&stranger, "ada@example.org", "wrong wrong").await.unwrap().json().await.unwrap();
    let unknown: Value = ask(&stranger, "nobody@example.org", "wrong wrong").await.unwrap().json().await.unwrap();
    assert_eq!(known, unknown);
    assert_eq!(known["code"], "sign_in_failed");

    // A device on which Ada has signed in keeps its own count.
    let own = client();
    assert_eq!(ask(&own, "Ada@example.org", crate::common::PASSPHRASE).await.unwrap().status(), 201);
    for _ in 0..5 {
        ask(&stranger, "ada@example.org", "wrong wrong").await.unwrap();
    }
    assert_eq!(
        problem(ask(&stranger, "ada@example.org", crate::common::PASSPHRASE).await.unwrap(), 429).await,
        "paused"
    );
    assert_eq!(ask(&own, "ada@example.org", crate::common::PASSPHRASE).await.unwrap().status(), 201);
}

#[tokio::test]
async fn an_address_that_signs_in_too_often_must_wait() {
    let app = TestApp::with(service::Mode::Test, 2).await;
    let ask = || client().post(app.url("/v1/sessions")).json(&json!({"email": "a@b.c", "passphrase": "x"})).send();
    assert_eq!(ask().await.unwrap().status(), 401);
    assert_eq!(ask().await.unwrap().status(), 401);
    let third = ask().await.unwrap();
    assert!(third.headers().contains_key("retry-after"));
    assert_eq!(problem(third, 429).await, "rate_limited");
}

#[tokio::test]
async fn answers_carry_security_headers_and_a_request_id() {
    let app = TestApp::new().await;
    let answer = client().get(app.url("/healthz")).send().await.unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
    assert!(!header("content-security-policy").contains("unsafe"));
    assert!(header("permissions-policy").contains("camera=(self)"));
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-request-id").len(), 32);
}

#[tokio::test]
async fn a_live_server_refuses_pinned_steps_and_gives_no_play_money() {
    let app = TestApp::with(service::Mode::Live, u32::MAX).await;
    let payer = app.payer("ada@example.org").await;
    let me: Value = payer.get("/v1/me").await.json().await.unwrap();
    assert_eq!(me["balances"], json!([]));
    app.pretend_enrolled(&payer).await;
    let intent = app.intent(2_000).await;
    let body = json!({"method": "face", "client_secret": intent.secret, "steps": ["neutral", "smile"]});
    let answer = payer.post(&format!("/v1/payment_intents/{}/challenges", intent.id), &body).await;
    assert_eq!(problem(answer, 403).await, "test_mode_only");

    let dir = tempfile::tempdir().unwrap();
    let config = service::AppConfig {
        mode: service::Mode::Live,
        capture_workers: 1,
        pinned_steps: Some(vec![liveness::Step::Neutral, liveness::Step::Smile]),
    };
    let start = service::App::new(crate::common::parts(&dir, config, std::sync::Arc::clone(&app.clock)));
    assert!(matches!(start, Err(service::StartError::PinnedInLiveMode)));
    assert_eq!(app.create_intent("k", intent_body(1)).await.status(), 201);
}
