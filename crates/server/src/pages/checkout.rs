//! The checkout: what is paid, to whom, and how.

use axum::extract::State;
use serde::Deserialize;
use service::ports::{Clock, SystemClock};
use service::view::{IntentView, Me};

use super::reply::{Page, show};
use super::{show as text, strings, views};
use crate::auth::Payer;
use crate::extract::{Path, Query};
use crate::state::AppState;
use views::CheckoutState;

#[derive(Deserialize)]
pub struct Secret {
    client_secret: Option<String>,
}

pub async fn page(
    State(state): State<AppState>,
    payer: Option<Payer>,
    Path(id): Path<String>,
    Query(secret): Query<Secret>,
) -> Page {
    let secret = secret.client_secret.ok_or(service::Error::NotFound("payment"))?;
    let intent = state.app.intent(&id, &service::Viewer::ClientSecret(secret)).await?;
    let me = match payer {
        Some(Payer(payer)) => Some(state.app.me(&payer).await?),
        None => None,
    };
    let voice = state.app.has_voice() && me.as_ref().is_some_and(|me| has(me, "voice"));
    let object = state.app.has_kungfu() && me.as_ref().is_some_and(|me| has(me, "kungfu"));
    let stands = stands(&intent, me.as_ref(), voice, object);
    let receipt = me.as_ref().and(intent.receipt.as_ref()).map(|id| format!("/receipt/{id}"));
    let due = due(&intent, state.app.mode() == service::Mode::Test);
    let (passkey, otp) = me.as_ref().map_or((false, false), |me| (!me.passkeys.is_empty(), me.otp));
    let page = views::Checkout::new(me.map(|m| m.csrf_token), intent.id, &intent.payee, due, stands, voice, receipt);
    let phrases = voice && state.app.has_phrases();
    show(&views::Checkout { passkey, otp, object, phrases, ..page })
}

fn has(me: &Me, method: &str) -> bool {
    me.methods.iter().any(|m| m.method == method)
}

fn stands(intent: &IntentView, me: Option<&Me>, voice: bool, object: bool) -> CheckoutState {
    match (intent.status.as_str(), me) {
        ("succeeded" | "requires_capture", _) => CheckoutState::Done,
        ("canceled" | "expired", _) => CheckoutState::Expired,
        (_, None) => CheckoutState::SignIn,
        (_, Some(me)) if has(me, "face") => CheckoutState::Review,
        (_, Some(_)) if voice => CheckoutState::Speak,
        (_, Some(_)) if object => CheckoutState::Show,
        (_, Some(_)) => CheckoutState::NoFace,
    }
}

fn due(intent: &IntentView, test_mode: bool) -> views::Due {
    views::Due {
        amount: text::amount(intent.amount, &intent.currency),
        to_payee: strings::fill("due.to", &[("payee", &intent.payee)]),
        item: intent.order.item.clone(),
        ship_to: intent.order.ship_to.clone(),
        promised: text::date_after(SystemClock.now(), intent.order.delivery_days),
        test_mode,
    }
}
