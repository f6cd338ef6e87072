//! `smilepay operators` and `merchants`, and what their keys open at a running server.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::common::{Place, SMILEPAY, smilepay};

/// Ended with the test.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(place: &Place) -> Self {
        let mut command = Command::new(SMILEPAY);
        command.args(["serve", "--listen", "127.0.0.1:0", "--workers", "1", "--no-hardening", "--data-dir"]);
        command.arg(place.dir.path()).env_remove("DATABASE_URL").env_remove("SMILEPAY_KEY_DIR");
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let first = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        let url = first.split_whitespace().last().unwrap_or_default().to_owned();
        assert!(url.starts_with("http"), "{first}");
        Self { child, url }
    }

    async fn ask(&self, path: &str, key: &str, body: Option<Value>) -> (u16, Value) {
        // Another test of this process may have chosen the provider already.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}{path}", self.url);
        let asked = match body {
            None => client.get(url),
            Some(body) => client.post(url).header("idempotency-key", "1").json(&body),
        };
        let answer = asked.bearer_auth(key).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn trial_balance(&self, key: &str) -> (u16, Value) {
        self.ask("/v1/operator/trial_balance", key, None).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Id and key.
fn add(place: &Place, words: &[&str]) -> (String, String) {
    let said = place.says(words);
    said.means(0, "Keep the key: it is not shown again.");
    let mut lines = said.out.lines().map(str::to_owned);
    (lines.next().unwrap(), lines.next().unwrap())
}

fn holds(place: &Place, text: &str) -> bool {
    let files = std::fs::read_dir(place.dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let mut contents = files.filter(|path| path.is_file()).map(|path| std::fs::read(path).unwrap());
    contents.any(|bytes| bytes.windows(text.len()).any(|piece| piece == text.as_bytes()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operators_key_is_shown_once_kept_hashed_and_refused_when_revoked() {
    let place = Place::with_payments(2).await;
    let ((ada, key), (bob, gone)) =
        (add(&place, &["operators", "add", "Ada, front desk"]), add(&place, &["operators", "add", "Bob"]));
    assert!(ada.starts_with("op_") && key.starts_with("ok_") && key.len() > 40, "{ada} {key}");
    assert!(holds(&place, "Ada, front desk") && !holds(&place, &key) && !holds(&place, &key[3..]), "a hash only");
    let list = place.says(&["operators", "list"]);
    assert!(list.out.contains(&format!("{ada}  ")) && list.out.ends_with("2 operators\n"), "{list:?}");
    assert!(!list.out.contains("ok_"));
    place.says(&["operators", "revoke", &bob]).means(0, "revoked");
    place.says(&["operators", "revoke", &bob]).means(1, "there is no such operator");
    let left = place.says(&["operators", "list", "--json"]).json();
    assert!(left.as_array().unwrap().len() == 1 && left[0]["id"] == ada && left[0]["label"] == "Ada, front desk");
    let made = place.says(&["audit", "prove", "8"]).json();
    assert_eq!(made["entry"]["kind"], "operator.created");

    let (shop, secret) = add(&place, &["merchants", "add", "Canteen", "--live"]);
    assert!(shop.starts_with("mer_") && secret.starts_with("sk_live_") && !holds(&place, &secret), "{shop}");
    let shops = place.says(&["merchants", "list"]);
    assert!(shops.out.contains("  Canteen\n") && shops.out.ends_with("2 shops\n"), "{shops:?}");

    let server = Server::start(&place);
    let order = json!({"item": "Soup", "ship_to": "Table 3", "delivery_days": 0});
    let meal = json!({"amount": 450, "currency": "EUR", "description": "Soup", "order": order});
    let (status, intent) = server.ask("/v1/payment_intents", &secret, Some(meal)).await;
    assert_eq!((status, &intent["payee"]), (201, &"Canteen".into()), "{intent}");
    let (status, books) = server.trial_balance(&key).await;
    assert_eq!((status, &books["balanced"]), (200, &Value::Bool(true)));
    for nobody in [gone.as_str(), "ok_0000", "sk_test_0000"] {
        let (status, problem) = server.trial_balance(nobody).await;
        assert_eq!((status, &problem["code"]), (401, &"unknown_key".into()));
    }
    // Beside the running server: what only looks works, what writes says that the server has to stop.
    place.says(&["operators", "list"]).means(0, "1 operators");
    place.says(&["audit", "verify"]).means(0, "the chains are intact");
    place.says(&["ledger", "check"]).means(0, "all books add up");
    place.says(&["operators", "add", "Eve"]).means(1, "in use by another process");
    place.says(&["operators", "revoke", &ada]).means(1, "in use by another process");
    place.says(&["merchants", "add", "Late"]).means(1, "in use by another process");
    assert!(place.says(&["merchants", "list", "--json"]).json().as_array().unwrap().len() >= 2);
    let copy = format!("sqlite:{}", place.path("copy.db").display());
    place.says(&["store", "copy", "--to", &copy]).means(1, "in use by another process");
    drop(server);
    place.says(&["operators", "revoke", &ada]).means(0, "revoked");
}

#[test]
fn an_operator_needs_a_name_and_an_id() {
    let place = Place::empty();
    place.says(&["operators", "add", ""]).means(2, "a name");
    place.says(&["operators", "add", &"x".repeat(201)]).means(2, "a name");
    place.says(&["operators", "add"]).means(2, "<LABEL>");
    place.says(&["operators", "revoke", "op_7"]).means(2, "op_7");
    place.says(&["merchants", "add", ""]).means(2, "a name");
    smilepay(&["operators", "remove", "op_7"]).means(2, "unrecognized subcommand");
}
