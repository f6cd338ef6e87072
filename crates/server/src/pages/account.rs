//! Signing in and up, and enrolment.

use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Redirect};
use base::{Method, Purpose};
use serde::Deserialize;
use service::consent::ConsentText;

use super::reply::{Page, Refusal, show};
use super::views;
use crate::auth::Payer;
use crate::extract::Query;
use crate::language;
use crate::state::AppState;

pub async fn sign_in(payer: Option<Payer>, Query(back): Query<Back>) -> Page {
    if payer.is_some() {
        return Ok(Redirect::to(back.checkout().unwrap_or("/wallet")).into_response());
    }
    show(&views::SignIn::new())
}

pub async fn sign_up() -> Page {
    show(&views::SignUp::new(service::limits::PASSPHRASE_MIN_CHARS))
}

/// Where a page goes when it is done.
#[derive(Deserialize)]
pub struct Back {
    r#return: Option<String>,
    /// What to enrol: `face` (default), `voice` or `kungfu`.
    method: Option<String>,
}

impl Back {
    /// The payment that waits; nothing but a checkout of our own.
    fn checkout(&self) -> Option<&str> {
        let fits = |path: &&str| path.starts_with("/checkout/") && !path.contains(['\\', '\r', '\n']);
        self.r#return.as_deref().filter(fits)
    }
}

pub async fn enrol(
    State(state): State<AppState>,
    OriginalUri(here): OriginalUri,
    payer: Option<Payer>,
    Query(back): Query<Back>,
) -> Page {
    let Some(Payer(payer)) = payer else { return Err(Refusal::SignIn(here.to_string())) };
    let me = state.app.me(&payer).await?;
    let method = match back.method.as_deref() {
        Some("voice") if state.app.has_voice() => Method::Voice,
        Some("kungfu") if state.app.has_kungfu() => Method::Kungfu,
        _ => Method::Face,
    };
    let text = ConsentText::current(Purpose::Payment, method, language::current().tag())?;
    let renew = me.methods.iter().any(|m| m.method == method.as_str());
    show(&views::Enrol::new(
        me.csrf_token,
        text,
        views::Way::of(method.as_str()),
        renew,
        back.checkout().map(str::to_owned),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_to_our_own_checkout_only() {
        let back = |to: &str| Back { r#return: Some(to.to_owned()), method: None }.checkout().map(str::to_owned);
        assert_eq!(back("/checkout/pi_1?client_secret=x"), Some("/checkout/pi_1?client_secret=x".to_owned()));
        for foreign in ["https://evil.example/checkout/", "//evil.example/checkout/", "/\\evil.example", "/wallet", ""]
        {
            assert_eq!(back(foreign), None, "{foreign}");
        }
    }
}
