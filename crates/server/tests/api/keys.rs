//! A shop's keys: what each kind may do, how often, in which version, and how one is changed for another.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use service::keys::{Access, Resource};

use crate::auth::{Who, routes};
use crate::common::{TestApp, client, problem};

async fn key(app: &TestApp, body: Value) -> Value {
    let made = app.shop(Method::POST, "/v1/api_keys").json(&body).send().await.unwrap();
    assert_eq!(made.status(), 201, "{}", made.text().await.unwrap());
    made.json().await.unwrap()
}

async fn ask(app: &TestApp, key: &Value, method: Method, path: &str) -> Response {
    let key = key["key"].as_str().or(key.as_str()).unwrap();
    client().request(method, app.url(path)).bearer_auth(key).json(&json!({})).send().await.unwrap()
}

/// The problem's code, where it is one.
async fn code(answer: Response) -> String {
    answer.json::<Value>().await.unwrap_or_default()["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn each_route_of_a_shop_is_open_to_the_scope_it_names_and_to_no_other_and_never_to_a_page() {
    let app = TestApp::new().await;
    let all = Resource::ALL.into_iter().flat_map(|r| [(r, Access::Read), (r, Access::Write)]);
    let page = key(&app, json!({"label": "page", "kind": "publishable"})).await;
    assert!(page["key"].as_str().unwrap().starts_with("pk_test_"));
    let mut keys = Vec::new();
    for (resource, access) in all {
        let made = key(&app, json!({"label": "one", "scopes": [resource.scope(access)]})).await;
        assert!(made["key"].as_str().unwrap().starts_with("rk_test_"));
        keys.push((resource, access, made));
    }
    for (method, path, who) in routes() {
        if who != Who::Merchant {
            continue;
        }
        let resource = Resource::of_path(path);
        let needed = if method == Method::GET { Access::Read } else { Access::Write };
        let real = path.replace("{id}", "pi_00000000000000000000000000000007");
        assert_eq!(code(ask(&app, &page, method.clone(), &real).await).await, "key_kind", "{method} {path} by a page");
        for (of, access, key) in &keys {
            let open = Some(*of) == resource && (*access == needed || *access == Access::Write);
            let said = code(ask(&app, key, method.clone(), &real).await).await;
            let refused = if resource.is_some() { "scope_missing" } else { "key_kind" };
            assert_eq!(said == refused, !open, "{method} {path} with {}: {said}", of.scope(*access));
            assert_ne!(said, "unknown_key");
        }
    }
}

#[tokio::test]
async fn a_page_reads_a_payment_by_its_client_secret_from_any_site() {
    let app = TestApp::new().await;
    let page = key(&app, json!({"label": "page", "kind": "publishable"})).await;
    let intent = app.intent(500).await;
    let path = format!("/v1/payment_intents/{}", intent.id);
    let seen = ask(&app, &page, Method::GET, &format!("{path}?client_secret={}", intent.secret)).await;
    assert_eq!(seen.headers()["access-control-allow-origin"], "*");
    assert_eq!(seen.json::<Value>().await.unwrap()["status"], "requires_confirmation");
    assert_eq!(problem(ask(&app, &page, Method::GET, &path).await, 401).await, "not_signed_in");
    let wrong = ask(&app, &page, Method::GET, &format!("{path}?client_secret=x")).await;
    assert_eq!(problem(wrong, 404).await, "not_found");
    let preflight = async |path: &str| {
        let asks = client().request(Method::OPTIONS, app.url(path)).header("origin", "https://shop.example");
        asks.header("access-control-request-method", "GET").send().await.unwrap()
    };
    let first = preflight(&path).await;
    assert_eq!(
        (first.status().as_u16(), &first.headers()["access-control-allow-methods"]),
        (204, &"GET".parse().unwrap())
    );
    let secret = app.shop(Method::GET, &path).send().await.unwrap();
    assert!(!secret.headers().contains_key("access-control-allow-origin"), "a secret key has no place in a page");
    let elsewhere = preflight("/v1/refunds").await;
    assert!(!elsewhere.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_key_is_changed_for_another_while_both_work_and_revoked_at_once() {
    let app = TestApp::new().await;
    let made = key(&app, json!({"label": "till", "scopes": ["refunds.read", "faces.detect"], "per_minute": 30})).await;
    let rotate = format!("/v1/api_keys/{}/rotate", made["id"].as_str().unwrap());
    let asked = app.shop(Method::POST, &rotate).json(&json!({"overlap_seconds": 600})).send().await.unwrap();
    assert_eq!(asked.status(), 201);
    let new: Value = asked.json().await.unwrap();
    for field in ["label", "kind", "scopes", "per_minute", "version"] {
        assert_eq!(new[field], made[field], "{field}");
    }
    assert_ne!(new["key"], made["key"]);
    let works = async |key: &Value| ask(&app, key, Method::GET, "/v1/refunds").await.status() == 200;
    assert!(works(&made).await && works(&new).await);
    let listed: Value = app.shop(Method::GET, "/v1/api_keys").send().await.unwrap().json().await.unwrap();
    let rows = listed.as_array().unwrap();
    assert!(rows.len() == 3 && rows.iter().all(|row| row.get("key").is_none()));
    let of = |id: &Value| rows.iter().find(|row| row["id"] == *id).unwrap();
    assert_eq!(of(&made["id"])["expires_at"], "2027-01-15T08:10:00.000Z");
    assert_eq!(of(&new["id"])["last_used_at"], "2027-01-15T08:00:00.000Z");
    let twice = app.shop(Method::POST, &rotate).json(&json!({})).send().await.unwrap();
    assert_eq!(problem(twice, 404).await, "not_found");
    app.clock.advance(600);
    assert!(!works(&made).await && works(&new).await);

    let revoke = async |id: &Value| {
        let path = format!("/v1/api_keys/{}", id.as_str().unwrap());
        app.shop(Method::DELETE, &path).send().await.unwrap()
    };
    assert_eq!(revoke(&new["id"]).await.status(), 204);
    assert!(!works(&new).await);
    // Not the branch one sits on: without a secret key nobody could act for the shop.
    let own = rows.iter().find(|row| row["kind"] == "secret").unwrap();
    assert_eq!(problem(revoke(&own["id"]).await, 409).await, "last_key");
    let second = key(&app, json!({"label": "server", "kind": "secret"})).await;
    assert!(second["key"].as_str().unwrap().starts_with("sk_test_"));
    assert_eq!(revoke(&own["id"]).await.status(), 204);
    assert!(works(&second).await);
    for bad in [
        json!({"label": "x"}),
        json!({"label": "x", "kind": "secret", "scopes": ["refunds.read"]}),
        json!({"label": "x", "scopes": ["refunds"]}),
        json!({"label": "x", "scopes": ["refunds.read"], "per_minute": 6_001}),
        json!({"label": "", "scopes": ["refunds.read"]}),
    ] {
        let answer = client().post(app.url("/v1/api_keys")).bearer_auth(second["key"].as_str().unwrap()).json(&bad);
        assert_eq!(problem(answer.send().await.unwrap(), 400).await, "invalid_request", "{bad}");
    }
}

#[tokio::test]
async fn a_key_that_asks_too_often_waits_reading_apart_from_changing() {
    let app = TestApp::new().await;
    let scopes = json!(["refunds.read", "payment_intents.write"]);
    let slow = key(&app, json!({"label": "slow", "scopes": scopes, "per_minute": 2})).await;
    let read = async || ask(&app, &slow, Method::GET, "/v1/refunds").await;
    let change = async || ask(&app, &slow, Method::POST, "/v1/payment_intents").await;
    assert_eq!((read().await.status(), read().await.status()), (200.try_into().unwrap(), 200.try_into().unwrap()));
    app.clock.advance(20);
    let third = read().await;
    assert_eq!(third.headers()["retry-after"], "40");
    assert!(third.headers().contains_key("x-request-id") && third.headers().contains_key("smilepay-version"));
    assert_eq!(problem(third, 429).await, "too_many_requests");
    assert_eq!((change().await.status(), change().await.status()), (400.try_into().unwrap(), 400.try_into().unwrap()));
    assert_eq!(problem(change().await, 429).await, "too_many_requests");
    app.clock.advance(40);
    assert_eq!(read().await.status(), 200);

    let document = serde_json::to_value(server::openapi()).unwrap();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            assert!(operation["responses"].get("429").is_some(), "{method} {path}");
            let headers = operation["parameters"].as_array().unwrap();
            assert!(headers.iter().any(|p| p["name"] == "Smilepay-Version"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn answers_name_their_version_and_an_unknown_one_is_refused_with_the_list() {
    let app = TestApp::new().await;
    let ask = async |version: &str| {
        let request = app.shop(Method::GET, "/v1/balance").header("smilepay-version", version);
        request.send().await.unwrap()
    };
    let newest = service::keys::latest();
    assert_eq!(ask(newest).await.headers()["smilepay-version"], newest);
    let pinned = app.shop(Method::GET, "/v1/balance").send().await.unwrap();
    assert_eq!(pinned.headers()["smilepay-version"], newest);
    let refused = ask("2015-03-16").await;
    assert_eq!(refused.status(), 400);
    let said: Value = refused.json().await.unwrap();
    assert_eq!(said["code"], "unknown_version");
    for version in service::keys::VERSIONS {
        assert!(said["detail"].as_str().unwrap().contains(version));
    }
    let made = key(&app, json!({"label": "s", "kind": "secret"})).await;
    assert_eq!(made["version"], newest);
    let unknown = app.shop(Method::POST, "/v1/api_keys");
    let unknown = unknown.json(&json!({"label": "s", "kind": "secret", "version": "2015-03-16"})).send().await.unwrap();
    assert_eq!(problem(unknown, 400).await, "unknown_version");
}
