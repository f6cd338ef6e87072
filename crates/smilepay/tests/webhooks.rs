//! `smilepay webhooks` as a shop and as the operator use it, against the running binary.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may; the helpers here are part of them"
)]

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use service::webhook;

const SMILEPAY: &str = env!("CARGO_BIN_EXE_smilepay");
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A program that prints lines; ended with the test.
struct Running {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, said }
    }

    fn line(&mut self) -> String {
        self.said.next().unwrap().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn webhooks(words: &[&str]) -> Command {
    let mut command = Command::new(SMILEPAY);
    command.arg("webhooks").args(words).env_remove("SMILEPAY_KEY").env_remove("WEBHOOK_SECRET");
    command
}

fn client() -> reqwest::Client {
    // Another test of this process may have chosen the provider already.
    let _already = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

fn verify(headers: &[(&str, &str)], secret: &str, body: &[u8], at: i64) -> Output {
    let mut command = webhooks(&["verify", "--at", &at.to_string()]);
    for (name, value) in headers {
        command.arg("-H").arg(format!("{name}: {value}"));
    }
    command.env("WEBHOOK_SECRET", secret).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(body).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn verify_says_ok_or_why_not() {
    let body = br#"{"id":"evt_1"}"#;
    let signed = webhook::signature(SECRET, "evt_1", 1_000, body).unwrap();
    // Names of headers as they come; two signatures while the secret is being changed.
    let headers =
        [("Webhook-Id", "evt_1"), ("webhook-timestamp", "1000"), ("webhook-signature", &format!("v1,x {signed}"))];
    let check = |secret: &str, body: &[u8], at| {
        let output = verify(&headers, secret, body, at);
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(check(SECRET, body, 1_100), (true, "ok\n".to_owned()));
    let why = |found: (bool, String), word: &str| assert!(!found.0 && found.1.contains(word), "{found:?}");
    why(check(SECRET, body, 1_400), "400 seconds ago");
    why(check(SECRET, br#"{"id":"evt_2"}"#, 1_000), "no signature fits");
    why(check("whsec_AAAA", body, 1_000), "no signature fits");
    why(check("secret", body, 1_000), "whsec_");
    let without = verify(&headers[..2], SECRET, body, 1_000);
    assert_eq!(without.status.code(), Some(2), "it cannot be told");
    assert!(String::from_utf8_lossy(&without.stderr).contains("webhook-signature"));
    let when = [headers[0], ("webhook-timestamp", "yesterday"), headers[2]];
    let when = verify(&when, SECRET, body, 1_000);
    assert!(when.status.code() == Some(2) && String::from_utf8_lossy(&when.stderr).contains("whole seconds"));
    let nameless = webhooks(&["verify", "-H", "webhook-id: evt_1"]).stdin(Stdio::null()).output().unwrap();
    assert!(nameless.status.code() == Some(2));
    assert!(String::from_utf8_lossy(&nameless.stderr).contains("set WEBHOOK_SECRET in the environment"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listen_prints_and_verifies_and_takes_one_event_for_one() {
    let mut ear = Running::start(webhooks(&["listen", "--count", "2"]).env("WEBHOOK_SECRET", SECRET));
    let url = ear.line().rsplit(' ').next().unwrap().to_owned();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    let body = r#"{"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1"}}}"#;
    let client = client();
    let send = async |secret: &str| {
        let at = now();
        let signed = webhook::signature(secret, "evt_1", at, body.as_bytes()).unwrap();
        let request = client.post(&url).header("webhook-id", "evt_1").header("webhook-timestamp", at);
        request.header("webhook-signature", signed).body(body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(send("whsec_AAAA").await, 400);
    assert_eq!(ear.line().split(':').next().unwrap(), "not verified  evt_1");
    assert_eq!(send(SECRET).await, 204);
    assert_eq!(ear.line(), "ok  payment_intent.succeeded  evt_1  pi_1");
    assert_eq!(send(SECRET).await, 204);
    assert_eq!(ear.line(), "again  payment_intent.succeeded  evt_1  pi_1");
    assert!(ear.child.wait().unwrap().success(), "it ends after its count");
}

fn told(command: &mut Command) -> String {
    let output = command.stderr(Stdio::piped()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn as_shop(words: &[&str], server: &str, key: &str) -> Command {
    let mut command = webhooks(words);
    command.args(["--server", server]).env("SMILEPAY_KEY", key);
    command
}

/// A refused delivery is given up when its endpoint is switched off; the rest is what a shop and an operator do then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_listens_and_what_was_given_up_is_replayed() {
    let dir = tempfile::tempdir().unwrap();
    let serve = |dir: &Path| {
        let mut command = Command::new(SMILEPAY);
        command.args(["serve", "--listen", "127.0.0.1:0", "--workers", "1", "--no-hardening", "--data-dir"]).arg(dir);
        let mut server = Running::start(&mut command);
        let url = server.line().split_whitespace().last().unwrap_or_default().to_owned();
        assert!(url.starts_with("http"), "{url}");
        (server, url)
    };
    let (server, url) = serve(dir.path());
    let key = std::fs::read_to_string(dir.path().join("demo-shop.key")).unwrap();
    let client = client();
    let ask = async |method: &str, path: &str, body: Value| -> Value {
        let method = method.parse().unwrap();
        let request = client.request(method, format!("{url}{path}")).bearer_auth(key.trim()).json(&body);
        request.header("idempotency-key", uuid::Uuid::now_v7().to_string()).send().await.unwrap().json().await.unwrap()
    };
    let mut ear = Running::start(&mut as_shop(&["listen", "--count", "2"], &url, &key));
    assert!(ear.line().starts_with("listening on http://127.0.0.1:"));
    let order = json!({"item": "Stamp", "ship_to": "Hanover", "delivery_days": 6});
    let intent = json!({"amount": 500, "currency": "EUR", "description": "A stamp", "order": order});
    let made = ask("POST", "/v1/payment_intents", intent.clone()).await;
    let line = ear.line();
    let event = line.split("  ").nth(2).unwrap().to_owned();
    assert_eq!(line, format!("ok  payment_intent.created  {event}  {}", made["id"].as_str().unwrap()));
    let mut replay = as_shop(&["replay", &event], &url, &key);
    assert_eq!(told(&mut replay), "1 on their way again\n");
    assert!(ear.line().starts_with("again  payment_intent.created"));
    assert!(ear.child.wait().unwrap().success());
    assert_eq!(ask("GET", "/v1/webhook_endpoints", json!({})).await, json!([]), "it took itself off");

    let endpoint = ask("POST", "/v1/webhook_endpoints", json!({"url": "http://127.0.0.1:9/"})).await;
    ask("POST", "/v1/payment_intents", intent).await;
    let path = format!("/v1/webhook_endpoints/{}", endpoint["id"].as_str().unwrap());
    ask("PATCH", &path, json!({"enabled": false})).await;
    let dead = told(&mut as_shop(&["dead"], &url, &key));
    assert!(dead.contains("http://127.0.0.1:9/") && dead.ends_with("1 given up\n"), "{dead}");
    let mut beside = webhooks(&["dead", "--json", "--data-dir"]);
    let listed: Value = serde_json::from_str(&told(beside.arg(dir.path()))).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    ask("PATCH", &path, json!({"enabled": true})).await;
    let mut early = webhooks(&["replay", "--all", "--data-dir"]);
    let early = early.arg(dir.path()).output().unwrap();
    assert!(!early.status.success(), "a server has the store");
    drop(server);
    let mut operator = webhooks(&["replay", "--all", "--data-dir"]);
    assert_eq!(told(operator.arg(dir.path())), "1 on their way again\n");
}
