//! Who acts: a payer by session cookie (and CSRF token), a merchant by key.

use axum::extract::{FromRequestParts, MatchedPath, OptionalFromRequestParts};
use axum::http::request::Parts;
use service::keys::{Access, Caller, KeyKind, Resource};

use crate::caller::bearer;
use crate::extract::{SESSION_COOKIE, cookie};
use crate::problem::Problem;
use crate::state::AppState;

/// A signed-in payer. On unsafe methods the `X-CSRF-Token` header has been checked too.
pub struct Payer(pub service::PayerSession);

/// A shop, by `Authorization: Bearer sk_…`, or a restricted key (`rk_…`) with the scope of the route.
pub struct Merchant(pub service::Merchant);

/// Somebody who runs the installation, by `Authorization: Bearer ok_…`.
pub struct Operator(pub service::Operator);

/// A caller of the face service, by a restricted key with its scopes.
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

    /// The shop, where its key may do what is asked for.
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        Ok(Self(caller(parts)?.acts(asked(parts))?))
    }
}

impl FromRequestParts<AppState> for FaceKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        Ok(Self(caller(parts)?.faces()?))
    }
}

impl FromRequestParts<AppState> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let found = parts.extensions.get::<service::Operator>().cloned();
        Ok(Self(found.ok_or(service::Error::UnknownKey)?))
    }
}

impl OptionalFromRequestParts<AppState> for Merchant {
    type Rejection = Problem;

    /// No key at all, or one of a page, which sees what everybody may: `None`. A wrong key is an error.
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Option<Self>, Problem> {
        if bearer(&parts.headers).is_none() {
            return Ok(None);
        }
        let caller = caller(parts)?;
        if caller.kind == KeyKind::Publishable {
            return Ok(None);
        }
        Ok(Some(Self(caller.acts(asked(parts))?)))
    }
}

/// Who was found by the layer before the handler.
fn caller(parts: &Parts) -> Result<&Caller, Problem> {
    parts.extensions.get::<Caller>().ok_or_else(|| service::Error::UnknownKey.into())
}

/// What a request wants to do, in terms of scopes.
fn asked(parts: &Parts) -> Option<(Resource, Access)> {
    let access = if parts.method.is_safe() { Access::Read } else { Access::Write };
    Some((Resource::of_path(parts.extensions.get::<MatchedPath>()?.as_str())?, access))
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
