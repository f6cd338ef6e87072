//! `--tls self-signed`: what a phone on the network meets.

use crate::common::{PASSPHRASE, TestApp};
use reqwest::Client;
use serde_json::{Value, json};
use server::Config;

fn browser(trusting: bool) -> Client {
    Client::builder().cookie_store(true).no_proxy().tls_danger_accept_invalid_certs(trusting).build().unwrap()
}

/// The certificate is nobody's, so a client refuses it until its user accepts it; then sign-up and its session work, and
/// the session's cookie never travels in clear.
#[tokio::test]
async fn a_self_signed_server_speaks_tls_only_and_marks_its_cookies_secure() {
    let app = TestApp::with_tls().await;
    assert!(app.server.base_url.starts_with("https://localhost:"), "{}", app.server.base_url);
    let ready = format!("https://{}/readyz", app.addr());
    let distrust = browser(false).get(&ready).send().await.unwrap_err();
    assert!(format!("{distrust:?}").to_lowercase().contains("certificate"), "{distrust:?}");
    let trusting = browser(true);
    assert_eq!(trusting.get(&ready).send().await.unwrap().status(), 200);
    assert!(browser(true).get(format!("http://{}/readyz", app.addr())).send().await.is_err(), "no plain HTTP");

    let body = json!({"name": "Ada", "email": "ada@example.org", "passphrase": PASSPHRASE});
    let answer = trusting.post(format!("https://{}/v1/payers", app.addr())).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let cookies: Vec<String> =
        answer.headers().get_all("set-cookie").iter().map(|v| v.to_str().unwrap().to_owned()).collect();
    assert!(!cookies.is_empty());
    assert!(cookies.iter().all(|c| c.contains("Secure") && c.contains("HttpOnly")), "{cookies:?}");
    let me: Value = trusting.get(format!("https://{}/v1/me", app.addr())).send().await.unwrap().json().await.unwrap();
    assert_eq!(me["email"], "ada@example.org");
}

/// Behind a proxy that speaks TLS the listener itself does not, but the browser does.
#[test]
fn a_tls_proxy_counts_as_tls() {
    let behind = |url: Option<&str>| Config { public_url: url.map(str::to_owned), ..Config::default() }.is_https();
    assert!(behind(Some("https://pay.example")));
    assert!(!behind(Some("http://localhost:8080")));
    assert!(!behind(None));
}
