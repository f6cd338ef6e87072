//! Who calls the API, how often, and in which version: found once for each request, before its handler.

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use service::keys::{self, Caller, KeyKind};
use service::{OPERATOR_KEY, Operator};

use crate::problem::Problem;
use crate::state::AppState;

/// Names the version of the API, in requests and answers.
pub const VERSION: HeaderName = HeaderName::from_static("smilepay-version");

/// What a shop's page in a browser may read, with its publishable key and the payment's client secret.
const FOR_BROWSERS: [&str; 3] = ["/v1/payment_intents/{id}", "/v1/receipts/{id}", "/v1/orders/{id}"];

/// The key of a request, `Authorization: Bearer …`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

/// Whoever has shown a key, already counted against its rate.
enum Shown {
    Shop(Caller),
    Operator(Operator),
}

/// Finds the caller, who may be nobody: then the handler says so where it needs one.
pub async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|p| p.as_str().to_owned()).unwrap_or_default();
    let for_browsers = FOR_BROWSERS.contains(&path.as_str());
    let (mut response, version) = match known(&state, request.headers(), request.method()).await {
        Err(refused) => (refused.into_response(), keys::latest().to_owned()),
        Ok((shown, version)) => {
            let open = for_browsers && matches!(&shown, Some(Shown::Shop(c)) if c.kind == KeyKind::Publishable);
            match shown {
                Some(Shown::Shop(caller)) => drop(request.extensions_mut().insert(caller)),
                Some(Shown::Operator(operator)) => drop(request.extensions_mut().insert(operator)),
                None => {}
            }
            let mut response = next.run(request).await;
            if open {
                // Any page may ask; without cookies, what it sees is what key and client secret show anyway.
                response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            }
            (response, version)
        }
    };
    if let Ok(version) = HeaderValue::from_str(&version) {
        response.headers_mut().insert(VERSION, version);
    }
    response
}

async fn known(state: &AppState, headers: &HeaderMap, method: &Method) -> Result<(Option<Shown>, String), Problem> {
    let asked = headers.get(VERSION).map(|v| keys::version(v.to_str().unwrap_or_default())).transpose()?;
    let shown = match bearer(headers) {
        None => None,
        Some(key) => match shown(state, key, !method.is_safe()).await {
            Ok(shown) => Some(shown),
            Err(service::Error::UnknownKey) => None,
            Err(other) => return Err(other.into()),
        },
    };
    let pinned = match &shown {
        Some(Shown::Shop(caller)) => Some(caller.version.clone()),
        Some(Shown::Operator(_)) | None => None,
    };
    let version = asked.map(str::to_owned).or(pinned).unwrap_or_else(|| keys::latest().to_owned());
    Ok((shown, version))
}

async fn shown(state: &AppState, key: &str, change: bool) -> service::Result<Shown> {
    if key.starts_with(OPERATOR_KEY) {
        state.app.operator(key, change).await.map(Shown::Operator)
    } else {
        state.app.caller(key, change).await.map(Shown::Shop)
    }
}

/// Browsers ask before they send a key to another site.
pub async fn preflight(request: Request, next: Next) -> Response {
    let asks = request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let about = |pattern: &str| {
        let rest = pattern.strip_suffix("{id}").and_then(|front| request.uri().path().strip_prefix(front));
        rest.is_some_and(|id| !id.is_empty() && !id.contains('/'))
    };
    if !asks || !FOR_BROWSERS.into_iter().any(about) {
        return next.run(request).await;
    }
    let allowed = [
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (ACCESS_CONTROL_ALLOW_METHODS, "GET"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "authorization, smilepay-version"),
        (ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}
