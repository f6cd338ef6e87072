//! A shop's requests to a server.

use reqwest::{Client, Method};
use serde_json::Value;

use super::secret;
use crate::boot::BootError;

/// A server, and the key of the shop that asks.
pub struct Shop {
    base: String,
    key: String,
    client: Client,
}

impl Shop {
    /// The shop of `$SMILEPAY_KEY`.
    ///
    /// # Errors
    /// No key, no address.
    pub fn new(base: &str) -> Result<Self, BootError> {
        // Another part of the process may have chosen the provider already; then that one stays.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().build().map_err(|e| BootError::Answered(e.to_string()))?;
        Ok(Self { base: base.trim_end_matches('/').to_owned(), key: secret("SMILEPAY_KEY")?, client })
    }

    /// The answer's JSON.
    ///
    /// # Errors
    /// What the server says is wrong, or that it does not answer.
    pub async fn ask(&self, method: Method, path: &str, body: &Value) -> Result<Value, BootError> {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.base)).bearer_auth(&self.key);
        if method != Method::GET {
            request = request.json(body);
        }
        let silent = |e: reqwest::Error| BootError::Answered(format!("{} does not answer: {e}", self.base));
        let answer = request.send().await.map_err(silent)?;
        let (fine, status) = (answer.status().is_success(), answer.status());
        let said: Value = answer.json().await.unwrap_or_default();
        if fine {
            return Ok(said);
        }
        let why = said.get("detail").and_then(Value::as_str).map_or_else(|| status.to_string(), str::to_owned);
        Err(BootError::Answered(why))
    }
}
