//! The public API as a shop and a payer's browser use it.

use reqwest::{Client, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::error::DemoError;

/// The shop's server.
pub struct Shop {
    http: Client,
    base: String,
    key: String,
}

/// A signed-in payer with their own cookies.
pub struct Payer {
    http: Client,
    base: String,
    csrf: String,
    passphrase: String,
}

/// A payment to be made.
#[derive(Clone, Debug, Deserialize)]
pub struct Intent {
    pub id: String,
    pub client_secret: String,
    pub payee: String,
}

/// A capture that may begin.
#[derive(Clone, Debug, Deserialize)]
pub struct Grant {
    pub capture_url: String,
}

/// What is for sale.
pub struct Item<'a> {
    pub name: &'a str,
    pub cents: i64,
    pub ship_to: &'a str,
    pub days: u16,
}

impl Shop {
    pub fn new(base: &str, key: String) -> Result<Self, DemoError> {
        Ok(Self { http: client()?, base: base.to_owned(), key })
    }

    /// Asks for a payment. `once` is the idempotency key.
    pub async fn ask_for(&self, item: &Item<'_>, once: &str) -> Result<Intent, DemoError> {
        let body = json!({
            "amount": item.cents, "currency": "EUR", "description": item.name,
            "order": {"item": item.name, "ship_to": item.ship_to, "delivery_days": item.days},
        });
        let request = self.http.post(format!("{}/v1/payment_intents", self.base));
        let request = request.bearer_auth(&self.key).header("Idempotency-Key", once).json(&body);
        answer(request, "open the payment").await
    }

    pub async fn receipt(&self, id: &str) -> Result<Value, DemoError> {
        let request = self.http.get(format!("{}/v1/receipts/{id}", self.base)).bearer_auth(&self.key);
        answer(request, "show the receipt").await
    }
}

impl Payer {
    /// Opens a wallet.
    pub async fn sign_up(base: &str, name: &str, email: &str, passphrase: &str) -> Result<Self, DemoError> {
        #[derive(Deserialize)]
        struct SignedIn {
            csrf_token: String,
        }
        let http = client()?;
        let body = json!({"name": name, "email": email, "passphrase": passphrase});
        let signed: SignedIn = answer(http.post(format!("{base}/v1/payers")).json(&body), "sign up").await?;
        Ok(Self { http, base: base.to_owned(), csrf: signed.csrf_token, passphrase: passphrase.to_owned() })
    }

    /// Gives the consent and opens the enrolment's capture; `views` is `guided`, or `as_found` for a recording.
    pub async fn start_enrolment(&self, method: &str, consent_text: &str, views: &str) -> Result<Grant, DemoError> {
        let consent = json!({"text_version": consent_text, "accepted": true});
        let body = json!({"method": method, "passphrase": self.passphrase, "consent": consent, "views": views});
        self.post("/v1/me/enrolments", &body, "enrol").await
    }

    /// The same for a tattoo or a pet.
    pub async fn start_object_enrolment(&self, kind: &str, consent_text: &str) -> Result<Grant, DemoError> {
        let consent = json!({"text_version": consent_text, "accepted": true});
        let body = json!({"method": "kungfu", "kind": kind, "passphrase": self.passphrase, "consent": consent});
        self.post("/v1/me/enrolments", &body, "enrol").await
    }

    /// Presses "pay": draws the challenge that is bound to this payment.
    pub async fn start_challenge(
        &self,
        method: &str,
        intent: &Intent,
        steps: Option<&[String]>,
    ) -> Result<Grant, DemoError> {
        let mut body = json!({"method": method, "client_secret": intent.client_secret});
        if let (Some(steps), Some(object)) = (steps, body.as_object_mut()) {
            object.insert("steps".to_owned(), json!(steps));
        }
        self.post(&format!("/v1/payment_intents/{}/challenges", intent.id), &body, "draw a challenge").await
    }

    /// Confirms with the passphrase as well; gives the receipt's id.
    pub async fn confirm(&self, intent: &Intent) -> Result<String, DemoError> {
        #[derive(Deserialize)]
        struct Paid {
            receipt: Option<String>,
        }
        let body = json!({
            "method": "passphrase", "passphrase": self.passphrase, "client_secret": intent.client_secret,
        });
        let paid: Paid = self.post(&format!("/v1/payment_intents/{}/confirm", intent.id), &body, "confirm").await?;
        paid.receipt.ok_or(DemoError::Missing("receipt"))
    }

    /// Where the capture socket is.
    pub fn socket(&self, grant: &Grant) -> String {
        let url = &grant.capture_url;
        if url.starts_with("ws") { url.clone() } else { format!("{}{url}", self.base.replacen("http", "ws", 1)) }
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value, doing: &'static str) -> Result<T, DemoError> {
        let request = self.http.post(format!("{}{path}", self.base)).header("X-CSRF-Token", &self.csrf);
        answer(request.json(body), doing).await
    }
}

fn client() -> Result<Client, DemoError> {
    // The server in this process may have chosen the same provider already.
    let _already = rustls::crypto::ring::default_provider().install_default();
    Ok(Client::builder().cookie_store(true).no_proxy().build()?)
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder, doing: &'static str) -> Result<T, DemoError> {
    let response = request.send().await?;
    let status = response.status();
    if status.is_success() {
        return Ok(response.json().await?);
    }
    Err(problem(doing, status, response.json().await.unwrap_or_default()))
}

fn problem(doing: &'static str, status: StatusCode, body: Value) -> DemoError {
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    let code = text("code").unwrap_or_else(|| status.to_string());
    DemoError::Problem { doing, code, detail: text("detail").unwrap_or_else(|| "no reason given".to_owned()) }
}
