//! Everything that is kept about a payer, for the payer: all but the vectors and what only proves knowledge (hashes, keys).

use serde_json::{Value, json};

use crate::app::App;
use crate::consent::ConsentText;
use crate::error::{Error, Result};
use crate::session::PayerSession;

impl App {
    /// The payer's data as one JSON document. Sealed templates, passphrase hashes, tokens and frame fingerprints are no
    /// part of it; that they exist, and since when, is.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn export(&self, payer: &PayerSession) -> Result<Value> {
        let account = payer.account;
        let me = self.store.payer(account).await?.ok_or(Error::NotFound("payer"))?;
        let consents = self.store.consents(account).await?;
        let texts = consents.iter().map(|c| {
            let text = ConsentText::of(c.purpose, c.method, &c.text_version, &c.locale).map(|t| t.body);
            json!({"consent": c, "text": text})
        });
        let wards = self.store.consents_as_guardian(account).await?;
        Ok(json!({
            "format": "smilepay export 1",
            "made_at": self.now().rfc3339(),
            "account": {
                "id": account, "name": me.name, "email": me.email, "since": me.created_at.rfc3339(),
                "under_14_until": self.store.minor_until(account).await?.map(base::Timestamp::rfc3339),
            },
            "consents": texts.collect::<Vec<_>>(),
            "consents_for_others": wards.iter().map(|(name, c)| json!({"name": name, "consent": c})).collect::<Vec<_>>(),
            "templates": self.store.templates(account).await?,
            "records": self.store.records_of(account).await?,
        }))
    }
}
