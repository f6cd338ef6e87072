//! A whole server on a free loopback port with a temporary data directory, a clock the test owns, and a camera without
//! weights. `TestApp::new()` is a test-mode server with the demo shop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base::{ConsentId, EnrolmentId, Method, Purpose, TemplateId, Timestamp};
use face::{Detection, Embedding, FaceError, FivePoints, Mesh, Picture};
use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use server::{Config, RunningServer, Tls};
use service::capture::{Analyze, Analyzers};
use service::ports::{Clock, SystemEntropy};
use service::{App, AppConfig, AppParts, Mode};
use store::{NewConsent, NewEnrolment, NewTemplate, Store, StoreKeys};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;
use vault::{MasterKeySource, Vault, VaultConfig};

pub const PASSPHRASE: &str = "correct horse battery";

/// A clock that only the test moves.
pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

impl TestClock {
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }
}

/// Sees nobody, ever.
pub struct Blind;

impl Analyze for Blind {
    fn detect(&mut self, _: &Picture) -> Result<Vec<Detection>, FaceError> {
        Ok(Vec::new())
    }
    fn mesh(&mut self, _: &Picture, _: &Detection) -> Result<Mesh, FaceError> {
        panic!("there is no face")
    }
    fn happy(&mut self, _: &Picture, _: &Detection) -> Result<f32, FaceError> {
        panic!("there is no face")
    }
    fn embed(&mut self, _: &Picture, _: &FivePoints) -> Result<Embedding, FaceError> {
        panic!("there is no face")
    }
}

impl Analyzers for Blind {
    fn analyzer(&self) -> Result<Box<dyn Analyze>, FaceError> {
        Ok(Box::new(Self))
    }
}

pub struct TestApp {
    pub server: RunningServer,
    pub app: Arc<App>,
    pub clock: Arc<TestClock>,
    pub shop_key: String,
    pub base: String,
    dir: TempDir,
}

impl TestApp {
    pub async fn new() -> Self {
        Self::with(Mode::Test, u32::MAX).await
    }

    pub async fn with(mode: Mode, sign_in_per_minute: u32) -> Self {
        Self::build(mode, sign_in_per_minute, Arc::new(Blind), Tls::Off, None).await
    }

    /// A test-mode server of a region.
    pub async fn in_region(region: decide::Region) -> Self {
        let policy = decide::Policy::default().in_region(region);
        Self::build_with(Mode::Test, u32::MAX, Arc::new(Blind), Tls::Off, (None, policy)).await
    }

    /// A test-mode server behind its own certificate.
    pub async fn with_tls() -> Self {
        Self::build(Mode::Test, u32::MAX, Arc::new(Blind), Tls::SelfSigned, None).await
    }

    /// A test-mode server that really looks.
    pub async fn with_analyzers(analyzers: Arc<dyn Analyzers>) -> Self {
        Self::build(Mode::Test, u32::MAX, analyzers, Tls::Off, None).await
    }

    /// Stops this server and starts another one on the same data, with other networks and calibrations.
    pub async fn again(self, analyzers: Arc<dyn Analyzers>, face: decide::FacePolicy) -> Self {
        let Self { server, app, clock, shop_key, dir, .. } = self;
        server.shutdown().await.unwrap();
        // Store and vault are locked until the last user is gone.
        let mut held = Some(app);
        for _ in 0..200 {
            held = held.and_then(|app| Arc::try_unwrap(app).err());
            if held.is_none() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert!(held.is_none(), "somebody still holds the app");
        let config = AppConfig { mode: Mode::Test, capture_workers: 1, pinned_steps: None };
        let policy = decide::Policy { face, ..decide::Policy::default() };
        let parts = AppParts { analyzers, policy, ..parts(&dir, config, Arc::clone(&clock)) };
        let app = Arc::new(App::new(parts).unwrap());
        let config = Config { shop_key: Some(shop_key.clone()), sign_in_per_minute: u32::MAX, ..Config::default() };
        let server = server::start(config, Arc::clone(&app)).await.unwrap();
        let base = format!("http://{}", server.addr);
        Self { server, app, clock, shop_key, base, dir }
    }

    /// A test-mode server that sees no face, but tattoos and pets.
    pub async fn with_kungfu(models: kungfu::Models) -> Self {
        Self::build(Mode::Test, u32::MAX, Arc::new(Blind), Tls::Off, Some(models)).await
    }

    async fn build(
        mode: Mode,
        sign_in_per_minute: u32,
        analyzers: Arc<dyn Analyzers>,
        tls: Tls,
        objects: Option<kungfu::Models>,
    ) -> Self {
        Self::build_with(mode, sign_in_per_minute, analyzers, tls, (objects, decide::Policy::default())).await
    }

    async fn build_with(
        mode: Mode,
        sign_in_per_minute: u32,
        analyzers: Arc<dyn Analyzers>,
        tls: Tls,
        (objects, policy): (Option<kungfu::Models>, decide::Policy),
    ) -> Self {
        // Another test of this process may have chosen the provider already.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(1_800_000_000_000)));
        let config = AppConfig { mode, capture_workers: 1, pinned_steps: None };
        let parts = AppParts { analyzers, policy, ..parts(&dir, config, Arc::clone(&clock)) };
        let mut app = App::new(parts).unwrap();
        if let Some(models) = objects {
            app = app.with_kungfu(models).unwrap();
        }
        let app = Arc::new(app);
        let shop = service::seed::seed_shop(&app).await.unwrap();
        let config = Config { shop_key: Some(shop.secret_key.clone()), sign_in_per_minute, tls, ..Config::default() };
        let server = server::start(config, Arc::clone(&app)).await.unwrap();
        let base = format!("http://{}", server.addr);
        Self { server, app, clock, shop_key: shop.secret_key, base, dir }
    }

    /// A new operator's key.
    pub async fn operator(&self) -> String {
        let key = format!("{}{}", service::OPERATOR_KEY, uuid::Uuid::now_v7().simple());
        let id = base::OperatorId::from_uuid(uuid::Uuid::now_v7());
        let hash = service::secret::hash(&key);
        self.app.store().create_operator(id, hash, "Test".to_owned(), self.clock.now()).await.unwrap();
        key
    }

    pub fn database(&self) -> store::Location {
        store::Location::File(self.dir.path().join("smilepay.db"))
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub fn addr(&self) -> SocketAddr {
        self.server.addr
    }

    /// A request by the demo shop.
    pub fn shop(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        client().request(method, self.url(path)).bearer_auth(&self.shop_key)
    }

    /// Where its keys are, as a command beside it sees them.
    pub fn keys(&self) -> VaultConfig {
        keys(&self.dir)
    }

    /// A signed-up payer.
    pub async fn payer(&self, email: &str) -> TestPayer {
        let client = client();
        let body = json!({"name": "Ada", "email": email, "passphrase": PASSPHRASE});
        let answer = client.post(self.url("/v1/payers")).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
        let body: Value = answer.json().await.unwrap();
        TestPayer {
            client,
            base: self.base.clone(),
            account: body["account"].as_str().unwrap().to_owned(),
            csrf: body["csrf_token"].as_str().unwrap().to_owned(),
        }
    }

    /// A fresh intent over `amount` cents.
    pub async fn intent(&self, amount: i64) -> TestIntent {
        let answer = self.create_intent(&Uuid::now_v7().to_string(), intent_body(amount)).await;
        assert_eq!(answer.status(), 201);
        let body: Value = answer.json().await.unwrap();
        let text = |key: &str| body[key].as_str().unwrap().to_owned();
        TestIntent { id: text("id"), secret: text("client_secret") }
    }

    pub async fn create_intent(&self, key: &str, body: Value) -> Response {
        let request = self.shop(reqwest::Method::POST, "/v1/payment_intents").header("idempotency-key", key);
        request.json(&body).send().await.unwrap()
    }

    pub async fn read_intent(&self, id: &str) -> Value {
        let answer = self.shop(reqwest::Method::GET, &format!("/v1/payment_intents/{id}")).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    /// Puts a template into the database that no capture made; it can be asked for, never matched.
    pub async fn pretend_enrolled(&self, payer: &TestPayer) -> TemplateId {
        let (store, now) = (self.app.store(), self.clock.now());
        let (account, id) = (payer.account.parse().unwrap(), EnrolmentId::from_uuid(Uuid::now_v7()));
        let consent = NewConsent {
            id: ConsentId::from_uuid(Uuid::now_v7()),
            purpose: Purpose::Payment,
            text_version: "test".into(),
            text_digest: [0; 32],
            locale: "en".into(),
            guardian: None,
        };
        let expires_at = now.plus(base::Span::minutes(1));
        let mut token_hash = [7; 32];
        token_hash[..16].copy_from_slice(id.as_uuid().as_bytes());
        let new = NewEnrolment { id, account, method: Method::Face, kind: None, consent, token_hash, expires_at };
        store.create_enrolment(new, now).await.unwrap();
        store.take_enrolment(id, token_hash, now).await.unwrap();
        let template = TemplateId::from_uuid(Uuid::now_v7());
        let new = NewTemplate {
            id: template,
            account,
            method: Method::Face,
            kind: None,
            model: face::MODEL_ID.into(),
            views: 5,
            sealed: vec![1; 64],
            small_amounts_until: now,
            enrolment: id,
        };
        store.add_template(new, now).await.unwrap();
        template
    }

    /// Asks for a challenge and gives the WebSocket's address.
    pub async fn challenge(&self, payer: &TestPayer, intent: &TestIntent) -> (Value, String) {
        let body = json!({"method": "face", "client_secret": intent.secret});
        let answer = payer.post(&format!("/v1/payment_intents/{}/challenges", intent.id), &body).await;
        assert_eq!(answer.status(), 201);
        let body: Value = answer.json().await.unwrap();
        let url = format!("ws://{}{}", self.addr(), body["capture_url"].as_str().unwrap());
        (body, url)
    }
}

pub fn parts(dir: &TempDir, config: AppConfig, clock: Arc<TestClock>) -> AppParts {
    let known = keys(dir).is_initialised();
    let vault = if known { Vault::open(keys(dir)) } else { Vault::init(keys(dir)) }.unwrap();
    let store = Store::open(&dir.path().join("smilepay.db"), StoreKeys { audit_signing: [5; 32] }).unwrap();
    AppParts {
        config,
        store,
        vault,
        analyzers: Arc::new(Blind),
        policy: decide::Policy::default(),
        clock,
        entropy: Arc::new(SystemEntropy),
        token_key: [9; 32],
    }
}

fn keys(dir: &TempDir) -> VaultConfig {
    let master = MasterKeySource::File(dir.path().join("master.key"));
    VaultConfig { key_dir: dir.path().join("keys"), master }
}

pub fn client() -> Client {
    Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

pub fn intent_body(amount: i64) -> Value {
    json!({
        "amount": amount, "currency": "EUR", "description": "1948 Hanover export fair stamp",
        "order": {"item": "Stamp", "ship_to": "Office of the Mayor of Hanover", "delivery_days": 6},
    })
}

pub struct TestPayer {
    pub client: Client,
    pub base: String,
    pub account: String,
    pub csrf: String,
}

impl TestPayer {
    pub fn request(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).header("x-csrf-token", &self.csrf)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(reqwest::Method::POST, path).json(body).send().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(reqwest::Method::GET, path).send().await.unwrap()
    }

    /// After the session has ended.
    pub async fn signed_in_again(self, email: &str) -> Self {
        let body = json!({"email": email, "passphrase": PASSPHRASE});
        let answer = self.client.post(format!("{}/v1/sessions", self.base)).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        let body: Value = answer.json().await.unwrap();
        Self { csrf: body["csrf_token"].as_str().unwrap().to_owned(), ..self }
    }

    pub async fn confirm(&self, intent: &TestIntent, passphrase: &str) -> Response {
        let body = json!({"method": "passphrase", "passphrase": passphrase, "client_secret": intent.secret});
        self.post(&format!("/v1/payment_intents/{}/confirm", intent.id), &body).await
    }

    pub async fn available(&self) -> i64 {
        let me: Value = self.get("/v1/me").await.json().await.unwrap();
        me["balances"][0]["available"].as_i64().unwrap()
    }
}

pub struct TestIntent {
    pub id: String,
    pub secret: String,
}

/// The problem's code; checks its form on the way.
pub async fn problem(answer: Response, status: u16) -> String {
    let got = answer.status().as_u16();
    let kind = answer.headers().get("content-type").map(|v| v.to_str().unwrap().to_owned());
    let text = answer.text().await.unwrap();
    assert_eq!(got, status, "{text}");
    assert_eq!(kind.as_deref(), Some("application/problem+json"), "{text}");
    let body: Value = serde_json::from_str(&text).unwrap();
    for key in ["type", "title", "detail", "code"] {
        assert!(body[key].is_string(), "{key} is missing: {text}");
    }
    assert_eq!(body["status"], status);
    body["code"].as_str().unwrap().to_owned()
}

pub type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

pub async fn connect(url: &str) -> Socket {
    tokio_tungstenite::connect_async(url).await.unwrap().0
}

pub fn frame(at_ms: f64, jpeg: &[u8]) -> Message {
    Message::Binary([&at_ms.to_le_bytes()[..], jpeg].concat().into())
}

/// Sends and forgets: the server may have hung up already, which is what the test then reads.
pub async fn send(socket: &mut Socket, message: Message) {
    let _hung_up = socket.send(message).await;
}

/// Reads until the result; `None` when the socket ended without one.
pub async fn result(socket: &mut Socket) -> Option<Value> {
    let wait = std::time::Duration::from_secs(20);
    while let Ok(Some(Ok(message))) = tokio::time::timeout(wait, socket.next()).await {
        if let Message::Text(text) = message {
            let event: Value = serde_json::from_str(&text).unwrap();
            if event["type"] == "result" {
                return Some(event);
            }
        }
    }
    None
}

/// A small grey picture as JPEG.
pub fn grey_jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb([128, 128, 128]));
    picture.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}
