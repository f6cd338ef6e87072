//! Who acts: a payer by session cookie (and CSRF token), a merchant by secret key.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use crate::extract::{SESSION_COOKIE, cookie};
use crate::problem::Problem;
use crate::state::AppState;

/// A signed-in payer. On unsafe methods the `X-CSRF-Token` header has been checked too.
pub struct Payer(pub service::PayerSession);

/// A shop, by `Authorization: Bearer sk_…`.
pub struct Merchant(pub service::Merchant);

/// Somebody who runs the installation, by `Authorization: Bearer ok_…`.
pub struct Operator(pub service::Operator);

/// A caller of the face service, by `Authorization: Bearer fk_…`; counted against the key's rate.
pub struct FaceKey(pub service::faces::FaceKey);

const CSRF_HEADER: &str = "x-csrf-token";

impl FromRequestParts<AppState> for Payer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let token = cookie(&parts.headers, SESSION_COOKIE).ok_or(service::Error::NotSignedIn)?;
        let session = state.app.payer(token).await?;
        if !parts.method.is_safe() {
            let given = parts.headers.get(CSRF_HEADER).and_then(|v| v.to_str().ok()).unwrap_or("");
            session.check_csrf(given)?;
        }
        Ok(Self(session))
    }
}

impl OptionalFromRequestParts<AppState> for Payer {
    type Rejection = Problem;

    /// Nobody is signed in: `None`. A wrong CSRF token is still an error.
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Option<Self>, Problem> {
        match <Self as FromRequestParts<AppState>>::from_request_parts(parts, state).await {
            Ok(payer) => Ok(Some(payer)),
            Err(problem) if problem.code == "not_signed_in" => Ok(None),
            Err(problem) => Err(problem),
        }
    }
}

impl FromRequestParts<AppState> for Merchant {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let key = bearer(parts).ok_or(service::Error::UnknownKey)?;
        Ok(Self(state.app.merchant(key).await?))
    }
}

impl FromRequestParts<AppState> for FaceKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let key = bearer(parts).ok_or(service::Error::UnknownKey)?;
        Ok(Self(state.app.restricted_key(key).await?))
    }
}

impl FromRequestParts<AppState> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let key = bearer(parts).ok_or(service::Error::UnknownKey)?;
        Ok(Self(state.app.operator(key).await?))
    }
}

impl OptionalFromRequestParts<AppState> for Merchant {
    type Rejection = Problem;

    /// No key at all: `None`. A wrong key is an error.
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Option<Self>, Problem> {
        match bearer(parts) {
            None => Ok(None),
            Some(key) => Ok(Some(Self(state.app.merchant(key).await?))),
        }
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    parts.headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

/// Whoever may look at an intent, receipt or order: the merchant, the holder of the client secret, or the payer.
pub fn viewer(
    merchant: Option<Merchant>,
    payer: Option<Payer>,
    secret: Option<String>,
) -> Result<service::Viewer, Problem> {
    match (merchant, secret, payer) {
        (Some(Merchant(m)), _, _) => Ok(service::Viewer::Merchant(m.id)),
        (None, Some(secret), _) => Ok(service::Viewer::ClientSecret(secret)),
        (None, None, Some(Payer(p))) => Ok(service::Viewer::Payer(p.account)),
        (None, None, None) => Err(service::Error::NotSignedIn.into()),
    }
}
