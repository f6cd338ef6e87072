//! The example receivers: started as their heads say, they take a real delivery once and refuse a forged one.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::common::{TestApp, client};
use reqwest::Method;
use serde_json::{Value, json};

struct Receiver {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
    url: String,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// `None` where its language is not installed.
fn start(program: &str, file: &str, secret: &str, port: u16) -> Option<Receiver> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples").join(file);
    let mut command = Command::new(program);
    command.arg(path).arg(port.to_string()).env("WEBHOOK_SECRET", secret).stdout(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = said.next()?.ok()?.split(' ').nth(1)?.to_owned();
    Some(Receiver { child, said, url: format!("http://127.0.0.1:{port}/") })
}

/// A port that was free a moment ago: the address has to be registered before the secret is known.
fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

async fn takes_a_delivery_once(program: &'static str, file: &'static str) {
    let app = TestApp::new().await;
    let real = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    app.clock.advance(real - 1_800_000_000);
    let port = free_port();
    let endpoint = json!({"url": format!("http://127.0.0.1:{port}/")});
    let made = app.shop(Method::POST, "/v1/webhook_endpoints").json(&endpoint).send().await.unwrap();
    let made: Value = made.json().await.unwrap();
    let secret = made["secret"].as_str().unwrap().to_owned();
    let started = tokio::task::spawn_blocking(move || start(program, file, &secret, port)).await.unwrap();
    let Some(mut receiver) = started else {
        println!("{program} is not installed here: left out");
        return;
    };
    let forged = client().post(&receiver.url).header("webhook-id", "evt_1").header("webhook-timestamp", real);
    let forged = forged.header("webhook-signature", "v1,AAAA").body(r#"{"id":"evt_1"}"#).send().await.unwrap();
    assert_eq!(forged.status(), 400);

    let intent = app.intent(700).await;
    let id = intent.id.clone();
    let heard = tokio::task::spawn_blocking(move || (receiver.said.next().unwrap().unwrap(), receiver)).await.unwrap();
    assert_eq!(heard.0, format!("payment_intent.created {id}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_receiver_in_python_takes_a_delivery() {
    takes_a_delivery_once("python3", "receiver.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_receiver_in_javascript_takes_a_delivery() {
    takes_a_delivery_once("node", "receiver.mjs").await;
}
