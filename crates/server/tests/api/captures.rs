//! The capture sockets: bad input gets a clear answer, and a broken capture leaves the payment as it was.

use crate::common::{PASSPHRASE, TestApp, TestIntent, TestPayer, connect, frame, grey_jpeg, problem, result, send};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

async fn ready() -> (TestApp, TestPayer, TestIntent) {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    app.pretend_enrolled(&payer).await;
    let intent = app.intent(2_000).await;
    (app, payer, intent)
}

async fn must_be_unchanged(app: &TestApp, payer: &TestPayer, intent: &TestIntent) {
    let now = app.read_intent(&intent.id).await;
    assert_eq!(now["status"], "requires_confirmation");
    assert_eq!(now["receipt"], Value::Null);
    assert_eq!(now["amount"], 2_000);
    assert_eq!(payer.available().await, 10_000);
}

#[tokio::test]
async fn messages_that_break_the_protocol_end_as_retake() {
    let huge = vec![0xff; 301 * 1_024];
    let bad: Vec<(&str, Vec<Message>)> = vec![
        ("short", vec![Message::Binary(vec![1, 2, 3].into())]),
        ("empty picture", vec![frame(0.0, &[])]),
        ("NaN", vec![frame(f64::NAN, &grey_jpeg(64, 64))]),
        ("infinite", vec![frame(f64::INFINITY, &grey_jpeg(64, 64))]),
        ("oversized", vec![frame(0.0, &huge)]),
        ("odd text", vec![Message::Text("hello".into())]),
        (
            "a link that does not fit",
            vec![
                frame(0.0, &grey_jpeg(64, 64)),
                Message::Text(format!(r#"{{"type":"chain","frames":1,"hash":"{}"}}"#, "0".repeat(64)).into()),
            ],
        ),
        (
            "endless words",
            vec![Message::Text(format!(r#"{{"type":"camera","label":"{}"}}"#, "x".repeat(2_000)).into())],
        ),
        (
            "a camera's name, then cancel",
            vec![
                Message::Text(r#"{"type":"camera","label":"FaceTime HD Camera"}"#.into()),
                Message::Text(r#"{"type":"cancel"}"#.into()),
            ],
        ),
        ("cancel", vec![Message::Text(r#"{"type":"cancel"}"#.into())]),
        ("garbage", (0..12).map(|i| frame(f64::from(i) * 66.0, b"not a picture at all")).collect()),
        ("truncated", (0..12).map(|i| frame(f64::from(i) * 66.0, &grey_jpeg(64, 64)[..200])).collect()),
        ("too large a picture", (0..12).map(|i| frame(f64::from(i) * 66.0, &grey_jpeg(1_400, 100))).collect()),
    ];
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    app.pretend_enrolled(&payer).await;
    for (name, messages) in bad {
        let intent = app.intent(2_000).await;
        let (_, url) = app.challenge(&payer, &intent).await;
        let mut socket = connect(&url).await;
        for message in messages {
            send(&mut socket, message).await;
        }
        let end = result(&mut socket).await.unwrap_or_else(|| panic!("{name}: no result"));
        assert_eq!(end["outcome"], "retake", "{name}: {end}");
        assert!(end["say"].as_str().unwrap().len() > 10, "{name}");
        must_be_unchanged(&app, &payer, &intent).await;
    }
}

#[tokio::test]
async fn a_message_beyond_all_limits_is_cut_off() {
    let (app, payer, intent) = ready().await;
    let (_, url) = app.challenge(&payer, &intent).await;
    let mut socket = connect(&url).await;
    send(&mut socket, Message::Binary(vec![0; 2 << 20].into())).await;
    while let Some(Ok(_)) = socket.next().await {}
    settle(&app, &intent).await;
    must_be_unchanged(&app, &payer, &intent).await;
}

/// Waits until the server has noticed that the client is gone.
async fn settle(app: &TestApp, intent: &TestIntent) {
    for _ in 0..100 {
        if app.read_intent(&intent.id).await["status"] == "requires_confirmation" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the intent still waits for the capture");
}

#[tokio::test]
async fn a_dropped_socket_leaves_the_payment_as_it_was_and_another_way_pays() {
    let (app, payer, intent) = ready().await;
    let (_, url) = app.challenge(&payer, &intent).await;
    let mut socket = connect(&url).await;
    for i in 0..3 {
        send(&mut socket, frame(f64::from(i) * 66.0, &grey_jpeg(320, 240))).await;
    }
    drop(socket);
    settle(&app, &intent).await;
    must_be_unchanged(&app, &payer, &intent).await;
    assert_eq!(payer.confirm(&intent, PASSPHRASE).await.status(), 200);
    assert_eq!(payer.available().await, 8_000);
}

#[tokio::test]
async fn a_token_opens_one_capture_once_and_dies_after_a_minute() {
    let (app, payer, intent) = ready().await;
    let http = |url: &str| url.replace("ws://", "http://");
    let (first, url) = app.challenge(&payer, &intent).await;
    assert_eq!(first["amount"], 2_000);
    let plain = crate::common::client().get(http(&url)).send().await.unwrap();
    assert_eq!(problem(plain, 426).await, "websocket_required");
    let mut socket = connect(&url).await;
    assert!(tokio_tungstenite::connect_async(&url).await.is_err(), "used");
    send(&mut socket, Message::Text(r#"{"type":"cancel"}"#.into())).await;
    assert_eq!(result(&mut socket).await.unwrap()["outcome"], "retake");
    assert!(tokio_tungstenite::connect_async(&url).await.is_err(), "used after its end");

    let (_, replaced) = app.challenge(&payer, &intent).await;
    let (_, late) = app.challenge(&payer, &intent).await;
    assert!(tokio_tungstenite::connect_async(&replaced).await.is_err(), "replaced by a newer one");
    app.clock.advance(61);
    assert!(tokio_tungstenite::connect_async(&late).await.is_err(), "expired");
    let wrong = late.replace("token=cap_", "token=cap_0");
    assert!(tokio_tungstenite::connect_async(&wrong).await.is_err(), "wrong");
    let now = app.read_intent(&intent.id).await;
    assert_eq!((&now["receipt"], &now["amount"]), (&Value::Null, &json!(2_000)));
    assert_eq!(payer.available().await, 10_000);
    assert_eq!(payer.confirm(&intent, PASSPHRASE).await.status(), 200, "another way still pays");
}

#[tokio::test]
async fn three_captures_and_no_more_but_another_way_still_pays() {
    let (app, payer, intent) = ready().await;
    for _ in 0..3 {
        let (_, url) = app.challenge(&payer, &intent).await;
        let mut socket = connect(&url).await;
        send(&mut socket, Message::Text(r#"{"type":"cancel"}"#.into())).await;
        result(&mut socket).await.unwrap();
    }
    let body = json!({"method": "face", "client_secret": intent.secret});
    let fourth = payer.post(&format!("/v1/payment_intents/{}/challenges", intent.id), &body).await;
    assert_eq!(problem(fourth, 429).await, "tries_exhausted");
    assert_eq!(payer.confirm(&intent, PASSPHRASE).await.status(), 200);
}

#[tokio::test]
async fn a_challenge_needs_a_face_this_intents_secret_and_known_steps() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let (intent, other) = (app.intent(2_000).await, app.intent(100).await);
    let path = format!("/v1/payment_intents/{}/challenges", intent.id);
    let ask = |secret: &str, steps: Value| {
        payer
            .request(reqwest::Method::POST, &path)
            .json(&json!({"method": "face", "client_secret": secret, "steps": steps}))
            .send()
    };
    assert_eq!(problem(ask(&intent.secret, Value::Null).await.unwrap(), 409).await, "not_enrolled");
    app.pretend_enrolled(&payer).await;
    assert_eq!(problem(ask(&other.secret, Value::Null).await.unwrap(), 404).await, "not_found");
    assert_eq!(problem(ask(&intent.secret, json!(["wink"])).await.unwrap(), 400).await, "invalid_request");
    assert_eq!(problem(ask(&intent.secret, json!([])).await.unwrap(), 400).await, "invalid_request");
    assert_eq!(ask(&intent.secret, json!(["neutral", "smile"])).await.unwrap().status(), 201);
}

#[tokio::test]
async fn a_payment_made_another_way_while_the_camera_runs_is_not_made_twice() {
    let (app, payer, intent) = ready().await;
    let (_, url) = app.challenge(&payer, &intent).await;
    let mut socket = connect(&url).await;
    send(&mut socket, frame(0.0, &grey_jpeg(320, 240))).await;
    assert_eq!(payer.confirm(&intent, PASSPHRASE).await.status(), 200);
    send(&mut socket, Message::Text(r#"{"type":"cancel"}"#.into())).await;
    let end = result(&mut socket).await.unwrap();
    assert_ne!(end["outcome"], "paid");
    assert_eq!(payer.available().await, 8_000);
    assert_eq!(app.read_intent(&intent.id).await["status"], "succeeded");
}

#[tokio::test]
async fn guidance_comes_while_nobody_is_seen() {
    let (app, payer, intent) = ready().await;
    let (_, url) = app.challenge(&payer, &intent).await;
    let mut socket = connect(&url).await;
    for i in 0..40 {
        send(&mut socket, frame(f64::from(i) * 100.0, &grey_jpeg(320, 240))).await;
    }
    let mut kinds = Vec::new();
    while let Some(Ok(Message::Text(text))) = socket.next().await {
        let event: Value = serde_json::from_str(&text).unwrap();
        kinds.push(event["type"].as_str().unwrap().to_owned());
        if event["type"] == "hint" {
            assert_eq!(event["hint"], "no_face");
            assert!(kinds.contains(&"prompt".to_owned()));
            return;
        }
    }
    panic!("no hint: {kinds:?}");
}

#[tokio::test]
async fn enrolling_needs_consent_and_the_passphrase_and_erasing_too() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let ask = |passphrase: &str, accepted: bool| {
        let body = json!({"method": "face", "passphrase": passphrase, "consent": {"text_version": "2026-11", "accepted": accepted}});
        payer.request(reqwest::Method::POST, "/v1/me/enrolments").json(&body).send()
    };
    assert_eq!(problem(ask(PASSPHRASE, false).await.unwrap(), 400).await, "invalid_request");
    assert_eq!(problem(ask("wrong wrong", true).await.unwrap(), 403).await, "proof_failed");
    let granted = ask(PASSPHRASE, true).await.unwrap();
    assert_eq!(granted.status(), 201);
    let grant: Value = granted.json().await.unwrap();
    let mut socket = connect(&format!("ws://{}{}", app.addr(), grant["capture_url"].as_str().unwrap())).await;
    send(&mut socket, Message::Text(r#"{"type":"cancel"}"#.into())).await;
    assert_eq!(result(&mut socket).await.unwrap()["outcome"], "retake");
    let me: Value = payer.get("/v1/me").await.json().await.unwrap();
    assert_eq!(me["methods"], json!([]));
    assert_eq!(me["consents"][0]["text_version"], "2026-11");

    let path = "/v1/me/methods/tpl_00000000000000000000000000000007";
    let erase =
        payer.request(reqwest::Method::DELETE, path).json(&json!({"passphrase": PASSPHRASE})).send().await.unwrap();
    assert_eq!(problem(erase, 404).await, "not_found");
}

/// One capture more than there are places is told to come back; its token stays good, and a freed place takes it.
#[tokio::test]
async fn captures_at_once_are_limited_and_the_one_too_many_may_come_back() {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    app.pretend_enrolled(&payer).await;
    let mut open = Vec::new();
    for _ in 0..service::limits::CAPTURES_AT_ONCE {
        let (_, url) = app.challenge(&payer, &app.intent(100).await).await;
        open.push(connect(&url).await);
    }
    let intent = app.intent(2_000).await;
    let (_, url) = app.challenge(&payer, &intent).await;
    let Err(tokio_tungstenite::tungstenite::Error::Http(answer)) = tokio_tungstenite::connect_async(&url).await else {
        panic!("one capture too many was let in");
    };
    assert_eq!(answer.status(), 503);
    let mut first = open.swap_remove(0);
    send(&mut first, Message::Text(r#"{"type":"cancel"}"#.into())).await;
    result(&mut first).await.unwrap();
    let mut late = connect(&url).await;
    send(&mut late, Message::Text(r#"{"type":"cancel"}"#.into())).await;
    assert_eq!(result(&mut late).await.unwrap()["outcome"], "retake");
    must_be_unchanged(&app, &payer, &intent).await;
}

#[tokio::test]
async fn a_server_that_does_not_listen_neither_enrols_nor_asks_by_voice() {
    let (_app, payer, intent) = ready().await;
    let consent = json!({"text_version": "voice-2026-11", "accepted": true});
    let body = json!({"method": "voice", "passphrase": PASSPHRASE, "consent": consent});
    assert_eq!(problem(payer.post("/v1/me/enrolments", &body).await, 400).await, "invalid_request");
    let body = json!({"method": "voice", "client_secret": intent.secret});
    let path = format!("/v1/payment_intents/{}/challenges", intent.id);
    assert_eq!(problem(payer.post(&path, &body).await, 400).await, "invalid_request");
    let wallet = payer.get("/wallet").await.text().await.unwrap();
    assert!(!wallet.contains("method=voice"), "what is switched off is not offered");
}

#[tokio::test]
async fn frames_that_stop_end_as_a_retake_and_leave_the_payment_as_it_was() {
    let (app, payer, intent) = ready().await;
    let (_, url) = app.challenge(&payer, &intent).await;
    let mut socket = connect(&url).await;
    for i in 0..3 {
        send(&mut socket, frame(f64::from(i) * 66.0, &grey_jpeg(320, 240))).await;
    }
    // The socket stays open; the camera does not go on.
    let end = result(&mut socket).await.expect("a result within 20 s");
    assert_eq!(end["outcome"], "retake", "{end}");
    assert!(end["reasons"].as_array().unwrap().iter().any(|reason| reason == "steps_incomplete"), "{end}");
    must_be_unchanged(&app, &payer, &intent).await;
}

#[tokio::test]
async fn the_page_is_told_which_colours_to_show_and_they_are_drawn_for_each_challenge() {
    let (app, payer, intent) = ready().await;
    let path = format!("/v1/payment_intents/{}/challenges", intent.id);
    let mut drawn = std::collections::HashSet::new();
    // Three of 108 sequences: all the same once in 11,664 runs.
    for _ in 0..3 {
        let body = json!({"method": "face", "client_secret": intent.secret, "steps": ["colours"]});
        let challenge: Value = payer.post(&path, &body).await.json().await.unwrap();
        let mut socket = connect(&format!("ws://{}{}", app.addr(), challenge["capture_url"].as_str().unwrap())).await;
        let Some(Ok(Message::Text(first))) = socket.next().await else { panic!("no prompt") };
        let event: Value = serde_json::from_str(&first).unwrap();
        assert_eq!((event["step"].as_str(), &event["colours"]["each_ms"]), (Some("colours"), &json!(400)), "{event}");
        let shown: Vec<String> = serde_json::from_value(event["colours"]["show"].clone()).unwrap();
        assert!(shown.len() == 4 && shown.windows(2).all(|pair| pair[0] != pair[1]), "{shown:?}");
        drawn.insert(shown);
        drop(socket);
        settle(&app, &intent).await;
    }
    assert!(drawn.len() > 1, "{drawn:?}");
}
