//! Payment intents: opening, reading, canceling.

use base::{EventId, IntentId, OrderId};
use money::{Amount, Currency};
use sha2::{Digest, Sha256};
use store::{Idempotency, Intent, NewIntent, NewOrder, SavedReply};

use crate::app::App;
use crate::error::{Error, Result};
use crate::limits::{AMOUNT_MINOR, DELIVERY_DAYS, INTENT_LIFE, TEXT_CHARS, URL_BYTES};
use crate::merchant::{Merchant, Viewer};
use crate::once::{check_key, replied};
use crate::secret;
use crate::view::{CaptureMethod, CreatedIntentView, IntentView, OrderDraft};

/// What a shop wants to be paid for.
pub struct CreateIntent {
    /// Minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    pub description: String,
    pub order: OrderDraft,
    pub success_url: Option<String>,
    pub capture_method: CaptureMethod,
}

impl App {
    /// Opens a payment. The same key with the same request gives the first answer again.
    ///
    /// # Errors
    /// Amount, currency or texts that cannot be; a key used with another request.
    pub async fn create_intent(&self, merchant: &Merchant, key: &str, new: CreateIntent) -> Result<CreatedIntentView> {
        let amount = parse_amount(new.amount, &new.currency)?;
        let success_url = new.success_url.as_deref().map(check_success_url).transpose()?;
        let once = once(&merchant.id, "payment_intents", key, &canonical(&new))?;
        let (id, now) = (IntentId::from_uuid(self.uuid()?), self.now());
        let order = NewOrder {
            id: OrderId::from_uuid(self.uuid()?),
            item: text("order.item", &new.order.item)?,
            ship_to: text("order.ship_to", &new.order.ship_to)?,
            delivery_days: Some(new.order.delivery_days)
                .filter(|d| *d <= DELIVERY_DAYS)
                .ok_or_else(|| Error::invalid("order.delivery_days", format!("at most {DELIVERY_DAYS}")))?,
        };
        let intent = NewIntent {
            id,
            merchant: merchant.id,
            amount,
            description: text("description", &new.description)?,
            secret_hash: secret::hash(&self.client_secret(id)),
            success_url,
            capture_method: new.capture_method.into(),
            expires_at: now.plus(INTENT_LIFE),
            order,
            event: EventId::from_uuid(self.uuid()?),
        };
        let made = self.store.create_intent_once(intent, once, |made| saved(&created(made)), now).await?;
        let mut view: CreatedIntentView = replied(made)?;
        let id: IntentId = view.id.parse().map_err(Error::internal)?;
        // The secret is derived from the id, so the saved reply does not hold it.
        view.client_secret = self.client_secret(id);
        view.checkout_url = format!("{}/checkout/{id}?client_secret={}", self.public_url(), view.client_secret);
        Ok(view)
    }

    /// The secret that lets a browser see and pay this intent.
    pub(crate) fn client_secret(&self, id: IntentId) -> String {
        format!("{id}_secret_{}", hex::encode(self.tokens.mac("client secret", &id.to_string())))
    }

    /// An intent as `viewer` may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is not the viewer's, too.
    pub async fn intent(&self, id: &str, viewer: &Viewer) -> Result<IntentView> {
        Ok(view(&self.seen_intent(parse_id(id)?, viewer).await?))
    }

    /// Takes the held money of a payment, or `amount` of it, in minor units; the rest is free again.
    ///
    /// # Errors
    /// Not this merchant's, not authorised, captured before, expired, more than is held.
    pub async fn capture_intent(
        &self,
        merchant: &Merchant,
        key: &str,
        id: &str,
        amount: Option<i64>,
    ) -> Result<IntentView> {
        let once = once(&merchant.id, "captures", key, &serde_json::json!([id, amount]).to_string())?;
        let intent = self.seen_intent(parse_id(id)?, &Viewer::Merchant(merchant.id)).await?;
        let part = amount.map(|minor| parse_amount(minor, intent.amount.currency().code())).transpose()?;
        let render = |taken: &Intent| saved_as(200, &view(taken));
        replied(self.store.capture_once(merchant.id, intent.id, part, once, render, self.now()).await?)
    }

    /// Cancels an intent that is unpaid, or authorised and not captured: its hold is given back.
    ///
    /// # Errors
    /// Not this merchant's, or paid already.
    pub async fn cancel_intent(&self, merchant: &Merchant, id: &str) -> Result<IntentView> {
        let event = EventId::from_uuid(self.uuid()?);
        let work = self.store.cancel_intent(merchant.id, parse_id(id)?, event, self.now());
        Ok(view(&self.answering(200, view, work).await?))
    }

    pub(crate) async fn seen_intent(&self, id: IntentId, viewer: &Viewer) -> Result<Intent> {
        let now = self.now();
        let found = match viewer {
            Viewer::ClientSecret(given) => self.store.intent_by_secret(id, secret::hash(given), now).await?,
            Viewer::Merchant(merchant) => self.store.intent(id, now).await?.filter(|i| i.merchant == *merchant),
            Viewer::Payer(account) => self.store.intent(id, now).await?.filter(|i| i.payer == Some(*account)),
        };
        found.ok_or(Error::NotFound("payment"))
    }
}

pub(crate) fn parse_id(id: &str) -> Result<IntentId> {
    id.parse().map_err(|_| Error::NotFound("payment"))
}

/// A positive amount of a known currency.
pub(crate) fn parse_amount(minor: i64, currency: &str) -> Result<Amount> {
    let currency: Currency =
        currency.parse().map_err(|e: money::MoneyError| Error::invalid("currency", e.to_string()))?;
    if minor > AMOUNT_MINOR {
        return Err(Error::invalid("amount", format!("at most {AMOUNT_MINOR} minor units")));
    }
    Amount::new(minor, currency).map_err(|e| Error::invalid("amount", e.to_string()))
}

fn text(field: &'static str, given: &str) -> Result<String> {
    let given = given.trim();
    let fine = !given.is_empty() && given.chars().count() <= TEXT_CHARS && !given.chars().any(char::is_control);
    if fine { Ok(given.to_owned()) } else { Err(Error::invalid(field, format!("give 1 to {TEXT_CHARS} characters"))) }
}

fn check_success_url(given: &str) -> Result<String> {
    let parsed =
        url::Url::parse(given).ok().filter(|u| matches!(u.scheme(), "http" | "https") && given.len() <= URL_BYTES);
    parsed.map(String::from).ok_or_else(|| Error::invalid("success_url", "must be an http(s) address"))
}

/// The request in one fixed form, for telling a repetition from another request.
fn canonical(new: &CreateIntent) -> String {
    let o = &new.order;
    let manual = matches!(new.capture_method, CaptureMethod::Manual);
    let (what, url) = (&new.description, &new.success_url);
    serde_json::json!([new.amount, new.currency, what, o.item, o.ship_to, o.delivery_days, url, manual]).to_string()
}

pub(crate) fn once(who: &impl std::fmt::Display, what: &str, key: &str, canonical: &str) -> Result<Idempotency> {
    check_key(key)?;
    let scope = format!("{who} POST /v1/{what}");
    Ok(Idempotency { scope, key: key.to_owned(), body_hash: Sha256::digest(canonical).into() })
}

/// The one transfer that can ever pay an intent: the ledger refuses a second one by its id alone.
pub(crate) fn payment_transfer(intent: IntentId) -> base::TransferId {
    let mut hash = Sha256::new();
    hash.update(b"smilepay payment transfer\0");
    hash.update(intent.as_uuid().as_bytes());
    let mut id = [0; 16];
    id.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    base::TransferId::from_uuid(uuid::Builder::from_custom_bytes(id).into_uuid())
}

/// An id that follows from an idempotency key, so that one key can make one thing only, even after its reply is forgotten.
pub(crate) fn derived(once: &Idempotency, what: &str) -> uuid::Uuid {
    let mut hash = Sha256::new();
    for part in ["smilepay id of a key", &once.scope, &once.key, what] {
        hash.update(part);
        hash.update([0]);
    }
    let mut id = [0; 16];
    id.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    uuid::Builder::from_custom_bytes(id).into_uuid()
}

pub(crate) fn saved(body: &impl serde::Serialize) -> SavedReply {
    saved_as(201, body)
}

pub(crate) fn saved_as(status: u16, body: &impl serde::Serialize) -> SavedReply {
    // These views are plain structs of strings and numbers; they always serialise.
    SavedReply { status, body: serde_json::to_string(body).unwrap_or_default() }
}

fn created(intent: &Intent) -> CreatedIntentView {
    CreatedIntentView {
        id: intent.id.to_string(),
        status: intent.status.as_str().to_owned(),
        amount: intent.amount.minor(),
        currency: intent.amount.currency().code().to_owned(),
        payee: intent.payee.clone(),
        client_secret: String::new(),
        checkout_url: String::new(),
        expires_at: intent.expires_at.rfc3339(),
    }
}

pub(crate) fn view(intent: &Intent) -> IntentView {
    IntentView {
        id: intent.id.to_string(),
        status: intent.status.as_str().to_owned(),
        amount: intent.amount.minor(),
        currency: intent.amount.currency().code().to_owned(),
        payee: intent.payee.clone(),
        description: intent.description.clone(),
        order: OrderDraft {
            item: intent.order.item.clone(),
            ship_to: intent.order.ship_to.clone(),
            delivery_days: intent.order.delivery_days,
        },
        receipt: intent.receipt.map(|r| r.to_string()),
        order_id: intent.receipt.map(|_| intent.order.id.to_string()),
        last_error: intent.last_error.clone(),
        success_url: intent.success_url.clone(),
        created_at: intent.created_at.rfc3339(),
        expires_at: intent.expires_at.rfc3339(),
        refunded: intent.refunded,
        capture_method: intent.capture_method.into(),
        amount_captured: intent.captured,
        disputed: intent.disputed,
    }
}
