//! Paying with a tattoo through the real networks: drawn tattoos on a moving arm. Weights come into the cache on the first run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::common::{PASSPHRASE, Socket, TestApp, TestIntent, TestPayer, connect, frame, problem, send};
use futures_util::StreamExt;
use kungfu::{ModelPaths, Models};
use models::{Cache, Manifest, Silent};
use puppet::{Around, Exhibit, Handheld};
use serde_json::{Value, json};
use tokio::time::MissedTickBehavior;
use tokio_tungstenite::tungstenite::Message;

/// Between two frames: what passes, and what the camera's clock says.
const FRAME_EVERY: Duration = Duration::from_millis(150);
const FRAME_MS: f64 = 150.0;

fn networks() -> Models {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let files = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let own = models::kungfu(&manifest, &cache, &mut Silent).unwrap();
    let engine = nn::Engine::load(&files.openvino_dir, nn::EngineOptions::default()).unwrap();
    let paths = ModelPaths { local_features: own.local_features, pet_embedder: own.pet_embedder };
    Models::load(&engine, &paths).unwrap()
}

fn tattoo(drawing: u64, seed: u64) -> Handheld {
    Handheld::new(Arc::new(Exhibit::tattoo(drawing)), 0, seed)
}

/// Moves the phone as it is asked until the result comes. Gives the frames that were sent, too.
async fn perform(url: &str, mut hand: Handheld) -> (Value, Vec<Vec<u8>>) {
    let mut sent = Vec::new();
    let mut socket = connect(url).await;
    let (began, mut at_ms) = (Instant::now(), 0.0);
    let mut tick = tokio::time::interval(FRAME_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {
                at_ms += FRAME_MS;
                let shot = tokio::task::spawn_blocking(move || { let jpeg = hand.frame(at_ms).unwrap(); (hand, jpeg) });
                let (back, jpeg) = shot.await.unwrap();
                hand = back;
                send(&mut socket, frame(at_ms, &jpeg)).await;
                sent.push(jpeg);
            }
            event = next_event(&mut socket) => match event["type"].as_str().unwrap() {
                "prompt" => hand.ask(Around::from_name(event["step"].as_str().unwrap()).unwrap(), at_ms),
                "hint" => hand.hear(event["hint"].as_str().unwrap(), at_ms),
                "result" => return (event, sent),
                _ => {}
            }
        }
        assert!(began.elapsed() < Duration::from_secs(90), "no result");
    }
}

/// Plays old frames, whatever is asked.
async fn replay(url: &str, frames: Vec<Vec<u8>>) -> Value {
    let mut socket = connect(url).await;
    for (jpeg, at) in frames.iter().cycle().take(300).zip(1u32..) {
        tokio::select! {
            () = tokio::time::sleep(FRAME_EVERY) => send(&mut socket, frame(f64::from(at) * FRAME_MS, jpeg)).await,
            event = next_event(&mut socket) => if event["type"] == "result" { return event },
        }
    }
    panic!("no result")
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

fn enrolment(kind: Option<&str>) -> Value {
    let consent = json!({"text_version": "kungfu-2026-11", "accepted": true});
    json!({"method": "kungfu", "kind": kind, "passphrase": PASSPHRASE, "consent": consent})
}

async fn enrol(app: &TestApp, payer: &TestPayer, hand: Handheld) -> Value {
    let grant: Value = payer.post("/v1/me/enrolments", &enrolment(Some("tattoo"))).await.json().await.unwrap();
    perform(&format!("ws://{}{}", app.addr(), grant["capture_url"].as_str().unwrap()), hand).await.0
}

async fn challenge(app: &TestApp, payer: &TestPayer, intent: &TestIntent) -> String {
    let body = json!({"method": "kungfu", "client_secret": intent.secret});
    let answer = payer.post(&format!("/v1/payment_intents/{}/challenges", intent.id), &body).await;
    assert_eq!(answer.status(), 201);
    let body: Value = answer.json().await.unwrap();
    format!("ws://{}{}", app.addr(), body["capture_url"].as_str().unwrap())
}

fn reasons(result: &Value) -> Vec<&str> {
    result["reasons"].as_array().unwrap().iter().map(|r| r.as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tattoo_pays_with_a_second_proof_and_another_or_a_replay_does_not() {
    let networks = tokio::task::spawn_blocking(networks).await.unwrap();
    let app = TestApp::with_kungfu(networks).await;
    let payer = app.payer("ada@example.org").await;

    let enrolled = enrol(&app, &payer, tattoo(5, 101)).await;
    assert_eq!((enrolled["outcome"].as_str(), enrolled["views"].as_u64()), (Some("enrolled"), Some(4)), "{enrolled}");
    assert_eq!(enrolled["method"]["kind"], "tattoo");

    // Another account cannot have it as well, and is not told why.
    let thief = app.payer("eve@example.org").await;
    let refused = enrol(&app, &thief, tattoo(5, 102)).await;
    assert_eq!(
        (refused["outcome"].as_str(), reasons(&refused)),
        (Some("retake"), vec!["enrolled_elsewhere"]),
        "{refused}"
    );
    let me: Value = thief.get("/v1/me").await.json().await.unwrap();
    assert_eq!(me["methods"], json!([]));

    // On its first day it is never enough alone; what was shown counts for the payment with the passphrase.
    let intent = app.intent(700).await;
    let (mut shown, mut frames) = (Value::Null, Vec::new());
    for seed in 1..=3 {
        (shown, frames) = perform(&challenge(&app, &payer, &intent).await, tattoo(5, seed)).await;
        if shown["outcome"] != "retake" {
            break;
        }
    }
    assert_eq!(shown["outcome"], "step_up", "{shown}");
    assert!(reasons(&shown).contains(&"object_matches"), "{shown}");
    assert_eq!(payer.available().await, 10_000, "nothing moved yet");
    assert_eq!(payer.confirm(&intent, PASSPHRASE).await.status(), 200);
    assert_eq!(payer.available().await, 9_300);

    let other = app.intent(700).await;
    let foreign = perform(&challenge(&app, &payer, &other).await, tattoo(6, 7)).await.0;
    assert_eq!(foreign["outcome"], "refused", "{foreign}");
    assert!(reasons(&foreign).contains(&"object_differs"), "{foreign}");
    let replayed = replay(&challenge(&app, &payer, &other).await, frames).await;
    assert_eq!(replayed["outcome"], "refused", "{replayed}");
    assert!(reasons(&replayed).contains(&"replayed_frames"), "{replayed}");
    assert_eq!(payer.available().await, 9_300);

    // The export knows that it is there, and holds nothing of it.
    let export = payer.get("/v1/me/export").await.text().await.unwrap();
    let all: Value = serde_json::from_str(&export).unwrap();
    assert_eq!((&all["templates"][0]["method"], &all["templates"][0]["kind"]), (&json!("kungfu"), &json!("tattoo")));
    assert!(!export.contains("sealed"));
    let agreed = all["consents"][0]["text"].as_str().unwrap();
    assert!(agreed.contains("so that nobody can add mine"), "the comparison with others was agreed to: {agreed}");

    // Erased: the keys are gone, and somebody else may have it now.
    let me: Value = payer.get("/v1/me").await.json().await.unwrap();
    let path = format!("/v1/me/methods/{}", me["methods"][0]["id"].as_str().unwrap());
    let erase = payer.request(reqwest::Method::DELETE, &path).json(&json!({"passphrase": PASSPHRASE}));
    let erased: Value = erase.send().await.unwrap().json().await.unwrap();
    assert_eq!(erased["receipt"]["method"], "kungfu", "{erased}");
    let again = app.intent(700).await;
    let body = json!({"method": "kungfu", "client_secret": again.secret});
    let answer = payer.post(&format!("/v1/payment_intents/{}/challenges", again.id), &body).await;
    assert_eq!(problem(answer, 409).await, "not_enrolled");
    let free = enrol(&app, &thief, tattoo(5, 103)).await;
    assert_eq!(free["outcome"], "enrolled", "{free}");
}

#[tokio::test]
async fn it_has_to_be_switched_on_and_says_what_it_needs() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let answer = payer.post("/v1/me/enrolments", &enrolment(Some("tattoo"))).await;
    assert_eq!(problem(answer, 400).await, "invalid_request");
    let intent = app.intent(700).await;
    let body = json!({"method": "kungfu", "client_secret": intent.secret});
    let answer = payer.post(&format!("/v1/payment_intents/{}/challenges", intent.id), &body).await;
    assert_eq!(problem(answer, 400).await, "invalid_request");
    // A face has no kind.
    let consent = json!({"text_version": "2026-11", "accepted": true});
    let face = json!({"method": "face", "kind": "pet", "passphrase": PASSPHRASE, "consent": consent});
    assert_eq!(problem(payer.post("/v1/me/enrolments", &face).await, 400).await, "invalid_request");
}
