//! `Idempotency-Key`: every POST of the document under one key twice, under another request, and while it is worked on.

use std::collections::BTreeSet;

use crate::common::{PASSPHRASE, TestApp, TestPayer, client, grey_jpeg, intent_body, problem};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use service::once::{Begun, KeyedRequest};

/// Where nobody is known, nothing is kept: an account is opened once by its address, a session is a session.
const OPEN_TO_ANYONE: [&str; 4] =
    ["/v1/payers", "/v1/sessions", "/v1/sessions/passkey/options", "/v1/sessions/passkey"];

/// Who asks.
#[derive(Clone, Copy, PartialEq, Debug)]
enum As {
    Shop,
    Payer,
    Faces,
    Operator,
}

/// What is expected.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Ends {
    /// It succeeds, and its answer is given again.
    Kept,
    /// It cannot succeed here (no device, no face): a refusal is not kept, another request may follow under the key.
    Refused,
}

struct Case {
    who: As,
    path: &'static str,
    ids: Vec<String>,
    body: Value,
    other: Value,
    ends: Ends,
}

struct Room {
    app: TestApp,
    payer: TestPayer,
    faces: String,
    operator: String,
}

impl Room {
    fn request(&self, case: &Case, key: &str, body: &Value) -> RequestBuilder {
        let mut path = case.path.to_owned();
        for (name, id) in ["{id}", "{review}"].iter().zip(&case.ids) {
            path = path.replace(name, id);
        }
        let request = match case.who {
            As::Shop => self.app.shop(Method::POST, &path),
            As::Payer => self.payer.request(Method::POST, &path),
            As::Faces => client().post(self.app.url(&path)).bearer_auth(&self.faces),
            As::Operator => client().post(self.app.url(&path)).bearer_auth(&self.operator),
        };
        let request = request.header("idempotency-key", key);
        match body.get("form") {
            // Each time another boundary, as browsers draw it.
            Some(fields) => {
                let cut = uuid::Uuid::now_v7().simple().to_string();
                let kind = format!("multipart/form-data; boundary={cut}");
                request.header("content-type", kind).body(form(&cut, fields))
            }
            None => request.json(body),
        }
    }

    async fn send(&self, case: &Case, key: &str, body: &Value) -> Response {
        self.request(case, key, body).send().await.unwrap()
    }
}

/// Text fields, and those called `image`, `first` and `second` as pictures.
fn form(cut: &str, fields: &Value) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, text) in fields.as_object().unwrap() {
        let picture = ["image", "first", "second"].contains(&name.as_str());
        let file = if picture { "; filename=\"a.jpg\"" } else { "" };
        body.extend(format!("--{cut}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").as_bytes());
        let side = u32::try_from(text.as_u64().unwrap_or_default()).unwrap();
        body.extend(if picture { grey_jpeg(side, side) } else { text.as_str().unwrap().as_bytes().to_vec() });
        body.extend(b"\r\n");
    }
    body.extend(format!("--{cut}--\r\n").as_bytes());
    body
}

async fn paid(room: &Room, manual: bool, pays: bool) -> String {
    let mut body = intent_body(1_000);
    body["capture_method"] = json!(if manual { "manual" } else { "automatic" });
    let made = room.app.create_intent(&uuid::Uuid::now_v7().to_string(), body).await;
    let id = made.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    if pays {
        let pay = room.app.shop(Method::POST, &format!("/v1/test/payment_intents/{id}/pay"));
        assert_eq!(pay.json(&json!({"payer": "ok"})).send().await.unwrap().status(), 200);
    }
    id
}

async fn order(room: &Room) -> String {
    let intent = room.app.read_intent(&paid(room, false, true).await).await;
    intent["order_id"].as_str().unwrap().to_owned()
}

async fn disputed(room: &Room) -> String {
    let intent = room.app.intent(700).await;
    assert_eq!(room.payer.confirm(&intent, PASSPHRASE).await.status(), 200);
    let key = uuid::Uuid::now_v7().to_string();
    let body = json!({"payment_intent": intent.id, "reason": "other"});
    let asked = room.payer.request(Method::POST, "/v1/me/disputes").header("idempotency-key", key).json(&body);
    asked.send().await.unwrap().json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()
}

async fn cases(room: &Room) -> Vec<Case> {
    use As::{Faces, Operator, Payer, Shop};
    use Ends::{Kept, Refused};
    let mut all = Vec::new();
    let mut add = |who, path, ids: &[&str], body, other, ends| {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        all.push(Case { who, path, ids, body, other, ends });
    };
    let (nothing, more) = (|| json!({}), || json!({"more": 1}));
    let intent = room.app.intent(500).await;
    let confirm =
        |passphrase: &str| json!({"method": "passphrase", "passphrase": passphrase, "client_secret": intent.secret});
    let proof = |text: &str| json!({"passphrase": text});
    add(Shop, "/v1/payment_intents", &[], intent_body(1), intent_body(2), Kept);
    let held = paid(room, true, true).await;
    add(Shop, "/v1/payment_intents/{id}/capture", &[&held], json!({"amount": 500}), json!({"amount": 400}), Kept);
    let open = paid(room, false, false).await;
    add(Shop, "/v1/payment_intents/{id}/cancel", &[&open], nothing(), more(), Kept);
    let unpaid = paid(room, false, false).await;
    let payer = |name: &str| json!({"payer": name});
    add(Shop, "/v1/test/payment_intents/{id}/pay", &[&unpaid], payer("ok"), payer("insufficient_funds"), Kept);
    let sold = paid(room, false, true).await;
    let refund = |amount: i64| json!({"payment_intent": sold, "amount": amount});
    add(Shop, "/v1/refunds", &[], refund(100), refund(200), Kept);
    let payout = |amount: i64| json!({"amount": amount, "currency": "EUR", "bank": "test_instant"});
    add(Shop, "/v1/payouts", &[], payout(100), payout(200), Kept);
    let evidence = |text: &str| json!({"evidence": text});
    let first = disputed(room).await;
    add(Shop, "/v1/disputes/{id}/evidence", &[&first], evidence("winning_evidence"), evidence("other"), Kept);
    let second = disputed(room).await;
    add(Shop, "/v1/disputes/{id}/accept", &[&second], nothing(), more(), Kept);
    let third = disputed(room).await;
    let path = format!("/v1/disputes/{third}/evidence");
    assert_eq!(room.app.shop(Method::POST, &path).json(&evidence("sent by post")).send().await.unwrap().status(), 200);
    let decided = |whom: &str| json!({"decided_for": whom});
    add(Operator, "/v1/operator/disputes/{id}/decide", &[&third], decided("payer"), decided("merchant"), Kept);
    let shop = |name: &str| json!({"name": name});
    add(Operator, "/v1/operator/merchants", &[], shop("a"), shop("b"), Kept);
    let (sent, handed) = (order(room).await, order(room).await);
    let tracked = |number: &str| json!({"tracking": number});
    add(Shop, "/v1/orders/{id}/ship", &[&sent], tracked("RR 1"), tracked("RR 2"), Kept);
    add(Shop, "/v1/orders/{id}/deliver", &[&handed], nothing(), more(), Kept);
    let hook = |path: &str| json!({"url": format!("http://127.0.0.1:9/{path}")});
    add(Shop, "/v1/webhook_endpoints", &[], hook("a"), hook("b"), Kept);
    let made = room.app.shop(Method::POST, "/v1/webhook_endpoints").json(&hook("own")).send().await.unwrap();
    let own = made.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    let overlap = |seconds: u32| json!({"overlap_seconds": seconds});
    add(Shop, "/v1/webhook_endpoints/{id}/rotate_secret", &[&own], overlap(60), overlap(70), Kept);
    let replay = json!({"endpoint": own});
    add(Shop, "/v1/webhook_deliveries/replay", &[], replay.clone(), nothing(), Kept);
    let events: Value = room.app.shop(Method::GET, "/v1/events").send().await.unwrap().json().await.unwrap();
    let event = events["data"][0]["id"].as_str().unwrap().to_owned();
    add(Shop, "/v1/events/{id}/replay", &[&event], replay, nothing(), Kept);
    let key = |label: &str| json!({"label": label, "scopes": ["faces.detect"], "per_minute": 60});
    add(Shop, "/v1/api_keys", &[], key("a"), key("b"), Kept);
    let made = room.app.shop(Method::POST, "/v1/api_keys").json(&key("own")).send().await.unwrap();
    let old = made.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    add(Shop, "/v1/api_keys/{id}/rotate", &[&old], overlap(60), overlap(70), Kept);

    let collection = |name: &str| json!({"name": name, "purpose": "entry"});
    add(Faces, "/v1/faces/collections", &[], collection("a"), collection("b"), Kept);
    let own = client().post(room.app.url("/v1/faces/collections")).bearer_auth(&room.faces).json(&collection("own"));
    let own = own.send().await.unwrap().json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    let person = |side: u32| json!({"form": {"reference": "r", "consent_text_version": "1", "consent_given": "true", "image": side}});
    add(Faces, "/v1/faces/collections/{id}/persons", &[&own], person(32), person(40), Refused);
    let review = "frv_00000000000000000000000000000007";
    let says = |what: &str| json!({"resolution": what});
    let resolve = (says("two_people"), says("same_person"));
    add(Faces, "/v1/faces/collections/{id}/reviews/{review}", &[&own, review], resolve.0, resolve.1, Refused);
    let image = |side: u32| json!({"form": {"image": side}});
    add(Faces, "/v1/faces/detect", &[], image(64), image(80), Kept);
    add(Faces, "/v1/faces/quality", &[], image(64), image(80), Kept);
    let two = |side: u32| json!({"form": {"first": side, "second": 64}});
    add(Faces, "/v1/faces/compare", &[], two(64), two(80), Kept);
    let search = |side: u32| json!({"form": {"collection": own, "image": side}});
    add(Faces, "/v1/faces/search", &[], search(64), search(80), Kept);
    let sale = |amount: i64| json!({"amount": amount, "currency": "EUR"});
    add(Faces, "/v1/kiosk/payment_intents", &[], sale(350), sale(400), Kept);
    let till = room.app.intent(350).await;
    let digits = |last: &str| json!({"payment_intent": till.id, "client_secret": till.secret, "last_digits": last});
    add(Faces, "/v1/kiosk/attempts", &[], digits("4321"), digits("1234"), Kept);
    let nobody = "kat_00000000000000000000000000000007";
    let code = |code: &str| json!({"method": "otp", "code": code});
    add(Faces, "/v1/kiosk/attempts/{id}/confirm", &[nobody], code("000000"), code("000001"), Refused);

    add(Payer, "/v1/payment_intents/{id}/confirm", &[&intent.id], confirm(PASSPHRASE), confirm("another one"), Kept);
    let money = |amount: i64| json!({"amount": amount, "currency": "EUR", "bank": "test_instant"});
    add(Payer, "/v1/me/top_ups", &[], money(100), money(200), Kept);
    let out =
        |amount: i64| json!({"amount": amount, "currency": "EUR", "bank": "test_instant", "passphrase": PASSPHRASE});
    add(Payer, "/v1/me/withdrawals", &[], out(100), out(200), Kept);
    let friend = room.app.payer("grace@example.org").await.account;
    let to = |amount: i64| json!({"to": friend, "amount": amount, "currency": "EUR", "passphrase": PASSPHRASE});
    add(Payer, "/v1/me/transfers", &[], to(100), to(200), Kept);
    let mine = room.app.intent(300).await;
    room.payer.confirm(&mine, PASSPHRASE).await;
    let contest = |amount: i64| json!({"payment_intent": mine.id, "reason": "other", "amount": amount});
    add(Payer, "/v1/me/disputes", &[], contest(100), contest(200), Kept);
    let third = disputed(room).await;
    add(Payer, "/v1/me/disputes/{id}/withdraw", &[&third], nothing(), more(), Kept);
    let consent = |accepted: bool| {
        let version = "2026-11";
        json!({"purpose": "payment", "method": "face", "text_version": version, "accepted": accepted, "passphrase": PASSPHRASE})
    };
    add(Payer, "/v1/me/consents", &[], consent(true), consent(false), Kept);
    let enrol = |locale: &str| {
        let agreed = json!({"text_version": "2026-11", "locale": locale, "accepted": true});
        json!({"method": "face", "passphrase": PASSPHRASE, "consent": agreed})
    };
    add(Payer, "/v1/me/enrolments", &[], enrol("en"), enrol("de"), Kept);
    room.app.pretend_enrolled(&room.payer).await;
    let open = room.app.intent(400).await;
    let face = |method: &str| json!({"method": method, "client_secret": open.secret});
    add(Payer, "/v1/payment_intents/{id}/challenges", &[&open.id], face("face"), face("voice"), Kept);
    add(Payer, "/v1/payment_intents/{id}/passkey_challenges", &[&open.id], face("a"), face("b"), Refused);
    add(Payer, "/v1/me/passkeys/options", &[], proof(PASSPHRASE), proof("another one"), Kept);
    let device = |name: &str| json!({"name": name, "credential": {}});
    add(Payer, "/v1/me/passkeys", &[], device("a"), device("b"), Refused);
    add(Payer, "/v1/me/otp", &[], proof(PASSPHRASE), proof("another one"), Kept);
    add(Payer, "/v1/me/otp/confirm", &[], json!({"code": "000000"}), json!({"code": "000001"}), Refused);
    all
}

async fn room() -> Room {
    let app = TestApp::new().await;
    let payer = app.payer("ada@example.org").await;
    let body = json!({"label": "f", "scopes": ["faces.detect", "faces.compare", "faces.search", "faces.manage", "kiosk.pay"], "per_minute": 6000});
    let made = app.shop(Method::POST, "/v1/api_keys").json(&body).send().await.unwrap();
    let faces = made.json::<Value>().await.unwrap()["key"].as_str().unwrap().to_owned();
    let operator = app.operator().await;
    Room { app, payer, faces, operator }
}

#[tokio::test]
async fn every_post_of_the_document_answers_a_key_once_and_another_request_not_at_all() {
    let room = room().await;
    let cases = cases(&room).await;
    let document = serde_json::to_value(server::openapi()).unwrap();
    let posts = document["paths"].as_object().unwrap().iter().filter(|(_, item)| item.get("post").is_some());
    let posts: BTreeSet<&str> = posts.map(|(path, _)| path.as_str()).collect();
    let played: BTreeSet<&str> = cases.iter().map(|c| c.path).chain(OPEN_TO_ANYONE).collect();
    assert_eq!(posts, played, "each POST has its case here");

    for case in &cases {
        let name = case.path;
        let parameters = document["paths"][name]["post"]["parameters"].as_array().unwrap();
        assert!(parameters.iter().any(|p| p["name"] == "Idempotency-Key"), "{name} does not document its key");
        let first = room.send(case, "walk", &case.body).await;
        let (status, marked) = (first.status(), first.headers().contains_key("idempotent-replayed"));
        let answer = first.bytes().await.unwrap();
        let said = String::from_utf8_lossy(&answer).into_owned();
        assert_eq!((status.is_success(), marked), (case.ends == Ends::Kept, false), "{name}: {status} {said}");
        let again = room.send(case, "walk", &case.body).await;
        let replayed = again.headers().get("idempotent-replayed").is_some_and(|v| v == "true");
        assert_eq!((again.status(), replayed), (status, case.ends == Ends::Kept), "{name}: again");
        let kind = again.headers().get("content-type").cloned();
        let repeated = again.bytes().await.unwrap();
        let other = room.send(case, "walk", &case.other).await;
        if case.ends == Ends::Kept {
            assert_eq!(repeated, answer, "{name}: the first answer, byte by byte");
            assert_eq!(kind.unwrap(), "application/json", "{name}");
            assert_eq!(problem(other, 422).await, "idempotency_mismatch", "{name}");
        } else {
            assert_ne!(other.status(), 422, "{name}: a refusal takes no key");
        }
    }
}

#[tokio::test]
async fn what_is_worked_on_is_in_flight_for_the_same_request_and_a_mismatch_for_another() {
    let room = room().await;
    let me: Value = room.app.shop(Method::GET, "/v1/webhook_endpoints").send().await.unwrap().json().await.unwrap();
    assert_eq!(me, json!([]));
    let merchant = room.app.app.merchant(&room.app.shop_key).await.unwrap().id.to_string();
    let body = json!({"url": "http://127.0.0.1:9/a"});
    let fixed = body.to_string();
    let asked =
        KeyedRequest { owner: &merchant, operation: "/v1/webhook_endpoints", key: "slow", body: fixed.as_bytes() };
    let Begun::Work(claim) = room.app.app.begin_once(asked).await.unwrap() else { panic!("nothing was answered yet") };
    let send = async |body: Value| {
        let asked = room.app.shop(Method::POST, "/v1/webhook_endpoints").header("idempotency-key", "slow").json(&body);
        asked.send().await.unwrap()
    };
    assert_eq!(problem(send(body.clone()).await, 409).await, "idempotency_in_flight");
    let other = json!({"url": "http://127.0.0.1:9/b"});
    assert_eq!(problem(send(other.clone()).await, 422).await, "idempotency_mismatch");
    drop(claim);
    assert_eq!(send(other).await.status(), 201, "given back without work, the key is free");
}

#[tokio::test]
async fn a_reply_that_was_lost_in_a_crash_is_given_after_the_restart_and_its_secret_stays_sealed() {
    let app = TestApp::new().await;
    let merchant = app.app.merchant(&app.shop_key).await.unwrap();
    let body = json!({"url": "http://127.0.0.1:9/crash"});
    let (owner, fixed) = (merchant.id.to_string(), body.to_string());
    let asked = KeyedRequest { owner: &owner, operation: "/v1/webhook_endpoints", key: "c", body: fixed.as_bytes() };
    let Begun::Work(claim) = app.app.begin_once(asked).await.unwrap() else { panic!("nothing was answered yet") };
    // The process dies after the commit, before the answer leaves: nobody calls `finish_once`.
    let made = app.app.add_webhook_endpoint(&merchant, "http://127.0.0.1:9/crash", &[]);
    let (made, saved) = app.app.work_once(&claim, made).await;
    assert!(saved, "the reply is in the commit of the endpoint");
    let secret = made.unwrap().secret.unwrap();
    drop(claim);
    app.app.store().scrub().await.unwrap();
    let store::Location::File(file) = app.database() else { panic!("a file") };
    let bytes = std::fs::read(file).unwrap();
    assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "the kept reply is sealed");

    let policy = decide::Policy::default().face;
    let app = app.again(std::sync::Arc::new(crate::common::Blind), policy).await;
    let send = |key: &'static str| {
        let asked = app.shop(Method::POST, "/v1/webhook_endpoints").header("idempotency-key", key).json(&body);
        async move { asked.send().await.unwrap() }
    };
    let again: Value = send("c").await.json().await.unwrap();
    assert_eq!(again["secret"], secret);
    let listed: Value = app.shop(Method::GET, "/v1/webhook_endpoints").send().await.unwrap().json().await.unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 1);

    // A day later the reply is forgotten, the key's own id is not: it makes nothing a second time.
    app.clock.advance(24 * 3_600 + 1);
    assert_eq!(problem(send("c").await, 409).await, "idempotency_key_spent");
    assert_eq!(send("d").await.status(), 201);
}
