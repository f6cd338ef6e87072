//! The whole scene through the real networks: a puppet enrols, buys and pays with a smile; photographs of it do not.
//! Weights and portraits come into the cache on the first run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::common::{PASSPHRASE, Socket, TestApp, TestIntent, TestPayer, connect, frame, send};
use face::{DecodeLimits, ModelPaths, Models, Picture};
use futures_util::StreamExt;
use models::{Cache, Manifest, Silent};
use puppet::{Act, Actor, Cast, Look, Person, Photographs, Puppet};
use serde_json::{Value, json};
use service::capture::chain::Chain;
use tokio::time::MissedTickBehavior;
use tokio_tungstenite::tungstenite::Message;

/// What the camera's clock says between two frames, ms.
const FRAME_MS: f64 = 1_000.0 / 15.0;
/// What really passes: slower than the camera's clock, so that a busy machine keeps up in an unoptimised build.
const FRAME_EVERY: Duration = Duration::from_millis(120);

struct Studio {
    models: Models,
    cast: Arc<Cast>,
}

fn studio() -> Studio {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let files = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let portraits = models::portraits(&manifest, &cache, &mut Silent).unwrap();
    let engine = nn::Engine::load(&files.openvino_dir, nn::EngineOptions::default()).unwrap();
    let paths = ModelPaths {
        detector: files.yunet,
        recogniser: files.sface,
        landmarks: files.mesh,
        expression: files.expression,
    };
    let models = Models::load(&engine, &paths).unwrap();
    let mut analyzer = models.analyzer().unwrap();
    let name = "obama3";
    let bytes = std::fs::read(portraits.get(&format!("{name}.jpg")).unwrap()).unwrap();
    let portrait = Picture::decode(&bytes, &DecodeLimits::default()).unwrap();
    let found = analyzer.detect(&portrait).unwrap()[0];
    let mesh = analyzer.mesh(&portrait, &found).unwrap();
    let puppet = Puppet::new(&portrait, &mesh).unwrap();
    Studio { models, cast: Arc::new(Cast { puppet, look: Look::of_portrait(name) }) }
}

/// Plays an actor in front of the camera until the result comes.
async fn perform(url: &str, mut actor: Box<dyn Actor>) -> Value {
    let mut socket = connect(url).await;
    let mut chain = Chain::new(url.split_once("token=").unwrap().1);
    let (began, mut at_ms) = (Instant::now(), 0.0);
    let mut tick = tokio::time::interval(FRAME_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {
                at_ms += FRAME_MS;
                let shot = tokio::task::spawn_blocking(move || { let jpeg = actor.frame(at_ms).unwrap(); (actor, jpeg) });
                let (back, jpeg) = shot.await.unwrap();
                actor = back;
                let message = frame(at_ms, &jpeg);
                chain.add(&message.clone().into_data());
                send(&mut socket, message).await;
                if let Some(link) = chain.link() {
                    send(&mut socket, Message::Text(link.into())).await;
                }
            }
            event = next_event(&mut socket) => match event["type"].as_str().unwrap() {
                "prompt" => actor.ask(Act::from_name(event["step"].as_str().unwrap()).unwrap(), at_ms),
                "hint" => actor.hear(event["hint"].as_str().unwrap(), at_ms),
                "result" => return event,
                _ => {}
            }
        }
        assert!(began.elapsed() < Duration::from_secs(90), "no result");
    }
}

async fn next_event(socket: &mut Socket) -> Value {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Text(text) => {
                // Shown when the test fails.
                println!("{text}");
                return serde_json::from_str(&text).unwrap();
            }
            Message::Close(_) => panic!("closed without a result"),
            _ => {}
        }
    }
}

/// The keeper takes requests by itself.
async fn answered(keys: &vault::VaultConfig) -> vault::Answer {
    for _ in 0..200 {
        if let Some(answer) = keys.answer() {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no answer");
}

async fn enrol(app: &TestApp, payer: &TestPayer, actor: Box<dyn Actor>) -> Value {
    let body =
        json!({"method": "face", "passphrase": PASSPHRASE, "consent": {"text_version": "2026-11", "accepted": true}});
    let grant: Value = payer.post("/v1/me/enrolments", &body).await.json().await.unwrap();
    perform(&format!("ws://{}{}", app.addr(), grant["capture_url"].as_str().unwrap()), actor).await
}

async fn pay(app: &TestApp, payer: &TestPayer, intent: &TestIntent, actor: Box<dyn Actor>) -> Value {
    let (_, url) = app.challenge(payer, intent).await;
    perform(&url, actor).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_puppet_pays_with_a_smile_and_its_photographs_do_not() {
    let Studio { models, cast } = tokio::task::spawn_blocking(studio).await.unwrap();
    let app = TestApp::with_analyzers(Arc::new(models)).await;
    let payer = app.payer("ada@example.org").await;

    let enrolled = enrol(&app, &payer, Box::new(Person::new(Arc::clone(&cast), 101))).await;
    assert_eq!(enrolled["outcome"], "enrolled", "{enrolled}");
    assert!(enrolled["views"].as_u64().unwrap() >= 5, "{enrolled}");

    let intent = app.intent(2_000).await;
    let flat = pay(&app, &payer, &intent, Box::new(Photographs::new(&cast, 1))).await;
    assert!(["refused", "retake"].contains(&flat["outcome"].as_str().unwrap()), "{flat}");
    assert_eq!(payer.available().await, 10_000);

    // New keys for everything, while the server goes on; she pays with the renewed template.
    let keys = app.keys();
    keys.ask(&vault::Errand::Rotate { master: None }).unwrap();
    let answer = answered(&keys).await;
    assert!(answer.well && answer.say.starts_with("1 template"), "{answer:?}");

    // A capture may be unclear and be retaken; the payment has three tries like any payer's.
    let intent = app.intent(2_000).await;
    let mut paid = Value::Null;
    for seed in 1..=3 {
        paid = pay(&app, &payer, &intent, Box::new(Person::new(Arc::clone(&cast), seed))).await;
        if paid["outcome"] != "retake" {
            break;
        }
    }
    assert_eq!(paid["outcome"], "paid", "{paid}");
    assert_eq!(payer.available().await, 8_000);
    let receipt: Value =
        payer.get(&format!("/v1/receipts/{}", paid["receipt"].as_str().unwrap())).await.json().await.unwrap();
    assert_eq!(receipt["methods"], json!(["face"]));
    assert_eq!(receipt["payment_intent"], intent.id);

    let me: Value = payer.get("/v1/me").await.json().await.unwrap();
    let id = me["methods"][0]["id"].as_str().unwrap();
    let path = format!("/v1/me/methods/{id}");
    let erase = payer.request(reqwest::Method::DELETE, &path).json(&json!({"passphrase": PASSPHRASE}));
    let erased: Value = erase.send().await.unwrap().json().await.unwrap();
    assert!(erased["proof"].as_str().unwrap().contains("mac"), "{erased}");
    let after: Value = payer.get("/v1/me").await.json().await.unwrap();
    assert_eq!(after["methods"], json!([]));
    assert!(after["consents"][0]["withdrawn_at"].is_string());

    // A face that nobody uses for a year is erased by the server itself, by its own clock.
    let enrolled = enrol(&app, &payer, Box::new(Person::new(Arc::clone(&cast), 102))).await;
    assert_eq!(enrolled["outcome"], "enrolled", "{enrolled}");
    app.clock.advance(366 * 24 * 3_600);
    let payer = payer.signed_in_again("ada@example.org").await;
    for _ in 0..100 {
        let me: Value = payer.get("/v1/me").await.json().await.unwrap();
        if me["methods"] == json!([]) {
            assert_eq!(me["erased"].as_array().unwrap().len(), 2, "{me}");
            assert!(me["notices"].to_string().contains("not used for long"), "{me}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the unused face is still there");
}
