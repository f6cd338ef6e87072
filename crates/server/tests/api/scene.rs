//! The whole scene through the real networks: a puppet enrols, buys and pays with a smile; photographs of it do not.
//! Weights and portraits come into the cache on the first run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::common::{PASSPHRASE, Socket, TestApp, TestIntent, TestPayer, connect, frame, send};
use face::{ChannelOrder, DecodeLimits, ModelId, ModelPaths, Models, Networks, Picture};
use futures_util::StreamExt;
use models::{Cache, Manifest, Silent};
use puppet::{Act, Actor, Cast, Look, Person, Photographs, Puppet};
use serde_json::{Value, json};
use service::capture::chain::Chain;
use tokio::time::MissedTickBehavior;
use tokio_tungstenite::tungstenite::Message;

/// Id of the other recogniser.
const NEWER: &str = "newer/arcface-112/1";

/// What the camera's clock says between two frames, ms.
const FRAME_MS: f64 = 1_000.0 / 15.0;
/// What really passes: slower than the camera's clock, so that a busy machine keeps up in an unoptimised build.
const FRAME_EVERY: Duration = Duration::from_millis(120);

pub struct Studio {
    pub models: Models,
    /// Another recogniser in use, the shipped one beside it.
    newer: Models,
    pub cast: Arc<Cast>,
}

pub fn studio() -> Studio {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let files = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let engine = nn::Engine::load(&files.openvino_dir, nn::EngineOptions::default()).unwrap();
    let paths = ModelPaths {
        detector: files.yunet,
        recogniser: files.sface,
        landmarks: files.mesh,
        expression: files.expression,
    };
    let mut networks = Networks::shipped(&paths);
    let mut newer = networks.recogniser.clone();
    newer.form.id = ModelId::new(NEWER);
    // Blue first gives other vectors of the same person (cosine 0.92), so mixing the two up would show.
    newer.form.crop.colours.order = ChannelOrder::Bgr;
    networks.former.push(std::mem::replace(&mut networks.recogniser, newer));
    let newer = Models::load_networks(&engine, networks).unwrap();
    let models = Models::load(&engine, &paths).unwrap();
    let cast = cast_of(&models, "obama3");
    Studio { models, newer, cast }
}

/// A portrait of the package that can be moved.
pub fn cast_of(models: &Models, name: &str) -> Arc<Cast> {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let portraits = models::portraits(&manifest, &cache, &mut Silent).unwrap();
    let mut analyzer = models.analyzer().unwrap();
    let bytes = std::fs::read(portraits.get(&format!("{name}.jpg")).unwrap()).unwrap();
    let portrait = Picture::decode(&bytes, &DecodeLimits::default()).unwrap();
    let found = analyzer.detect(&portrait).unwrap()[0];
    let mesh = analyzer.mesh(&portrait, &found).unwrap();
    let puppet = Puppet::new(&portrait, &mesh).unwrap();
    Arc::new(Cast { puppet, look: Look::of_portrait(name) })
}

/// Plays an actor in front of the camera until the result comes.
pub async fn perform(url: &str, mut actor: Box<dyn Actor>) -> Value {
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
    enrol_with(app, payer, actor, "guided").await
}

/// `views`: `guided`, or `as_found` for whatever good views come by.
pub async fn enrol_with(app: &TestApp, payer: &TestPayer, actor: Box<dyn Actor>, views: &str) -> Value {
    let body = json!({"method": "face", "passphrase": PASSPHRASE, "views": views,
                      "consent": {"text_version": "2026-11", "accepted": true}});
    let grant: Value = payer.post("/v1/me/enrolments", &body).await.json().await.unwrap();
    perform(&format!("ws://{}{}", app.addr(), grant["capture_url"].as_str().unwrap()), actor).await
}

async fn pay(app: &TestApp, payer: &TestPayer, intent: &TestIntent, actor: Box<dyn Actor>) -> Value {
    let (_, url) = app.challenge(payer, intent).await;
    perform(&url, actor).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_puppet_pays_with_a_smile_and_its_photographs_do_not() {
    let Studio { models, cast, .. } = tokio::task::spawn_blocking(studio).await.unwrap();
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

/// Pays with a smile; a capture may be unclear and be retaken.
async fn pay_somehow(app: &TestApp, payer: &TestPayer, cast: &Arc<Cast>, intent: &TestIntent, seed: u64) -> Value {
    let mut end = Value::Null;
    for try_again in 0..3 {
        end = pay(app, payer, intent, Box::new(Person::new(Arc::clone(cast), seed + try_again))).await;
        if end["outcome"] != "retake" {
            break;
        }
    }
    end
}

async fn template(app: &TestApp, payer: &TestPayer) -> store::TemplateInfo {
    let account = payer.account.parse().unwrap();
    app.app.store().active_template(account, base::Method::Face).await.unwrap().unwrap().info
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payers_move_to_another_recogniser_and_grow_older_by_paying() {
    let Studio { models, newer, cast } = tokio::task::spawn_blocking(studio).await.unwrap();
    let app = TestApp::with_analyzers(Arc::new(models)).await;
    let payer = app.payer("ada@example.org").await;
    let enrolled = enrol(&app, &payer, Box::new(Person::new(Arc::clone(&cast), 101))).await;
    assert_eq!(enrolled["outcome"], "enrolled", "{enrolled}");
    assert_eq!(template(&app, &payer).await.model, face::MODEL_ID);

    // The operator changes the recogniser. The old one still judges.
    let shipped = decide::Calibration::shipped();
    let calibration = decide::Calibration { model: NEWER.to_owned(), ..shipped.clone() };
    let policy = decide::FacePolicy { calibration, former: vec![shipped], ..decide::FacePolicy::default() };
    let app = app.again(Arc::new(newer), policy).await;
    let payer = TestPayer { base: app.base.clone(), ..payer };
    let intent = app.intent(1_000).await;
    let paid = pay_somehow(&app, &payer, &cast, &intent, 1).await;
    assert_eq!(paid["outcome"], "paid", "{paid}");
    assert_eq!(template(&app, &payer).await.model, face::MODEL_ID, "the face alone moves nobody");

    // Above the face's limit: with the second factor the new one takes over, from the very frames that were judged.
    let intent = app.intent(5_500).await;
    let more = pay_somehow(&app, &payer, &cast, &intent, 11).await;
    assert_eq!(more["outcome"], "step_up", "{more}");
    assert_eq!(template(&app, &payer).await.model, face::MODEL_ID, "not before the factor");
    assert_eq!(payer.confirm(&intent, PASSPHRASE).await.status(), 200);
    let moved = template(&app, &payer).await;
    assert_eq!((moved.model.as_str(), moved.changes), (NEWER, 1));
    assert!(moved.views >= 5);

    // Now the new one judges; a day later the template grows older, because the payer agreed to that.
    let consent = json!({"purpose": "controlled_ageing", "method": "face", "text_version": "2026-11", "accepted": true, "passphrase": PASSPHRASE});
    assert_eq!(payer.post("/v1/me/consents", &consent).await.status(), 201);
    let intent = app.intent(1_000).await;
    let paid = pay_somehow(&app, &payer, &cast, &intent, 21).await;
    assert_eq!(paid["outcome"], "paid", "{paid}");
    assert_eq!(template(&app, &payer).await.changes, 1, "on the same day nothing is added");
    app.clock.advance(25 * 3_600);
    let signed_in =
        payer.client.post(app.url("/v1/sessions")).json(&json!({"email": "ada@example.org", "passphrase": PASSPHRASE}));
    let body: Value = signed_in.send().await.unwrap().json().await.unwrap();
    let payer = TestPayer { csrf: body["csrf_token"].as_str().unwrap().to_owned(), ..payer };
    let intent = app.intent(1_000).await;
    let paid = pay_somehow(&app, &payer, &cast, &intent, 31).await;
    assert_eq!(paid["outcome"], "paid", "{paid}");
    let aged = template(&app, &payer).await;
    assert_eq!((aged.model.as_str(), aged.changes, aged.views), (NEWER, 2, moved.views));

    // The same face in another wallet is found when both agreed to the search, and told to both; nothing is blocked.
    let twin = app.payer("ada.again@example.org").await;
    let enrolled = enrol(&app, &twin, Box::new(Person::new(Arc::clone(&cast), 202))).await;
    assert_eq!(enrolled["outcome"], "enrolled", "{enrolled}");
    let reviews = || store::duplicate_reviews_in(&app.database()).unwrap();
    let mut search = consent;
    search["purpose"] = json!("duplicate_search");
    assert_eq!(twin.post("/v1/me/consents", &search).await.status(), 201);
    assert_eq!(reviews(), [], "the other one did not agree");
    let given: Value = payer.post("/v1/me/consents", &search).await.json().await.unwrap();
    let found = reviews();
    assert_eq!(found.len(), 1);
    let mut pair = [found[0].account.to_string(), found[0].other.to_string()];
    pair.sort();
    let mut both = [payer.account.clone(), twin.account.clone()];
    both.sort();
    assert_eq!(pair, both);
    for one in [&payer, &twin] {
        let me: Value = one.get("/v1/me").await.json().await.unwrap();
        assert!(me.to_string().contains("notice.duplicate_suspected"), "{me}");
    }
    app.app
        .store()
        .resolve_duplicate(found[0].id, "same_person", service::ports::Clock::now(app.clock.as_ref()))
        .await
        .unwrap();
    assert_eq!(reviews(), []);
    // Withdrawn and given again: a pair that somebody looked at is not found anew.
    let path = format!("/v1/me/consents/{}", given["id"].as_str().unwrap());
    assert_eq!(payer.request(reqwest::Method::DELETE, &path).send().await.unwrap().status(), 200);
    assert_eq!(payer.post("/v1/me/consents", &search).await.status(), 201);
    assert_eq!(reviews(), []);
}
