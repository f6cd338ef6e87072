//! The `Idempotency-Key` header, for every POST of a caller who is known. Operations whose key is required keep it in the
//! books' own commit; this layer does it for all others, and marks answers that were given before.

use std::collections::HashSet;
use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use service::once::{Begun, KeyedRequest, SavedAnswer};
use utoipa::openapi::path::ParameterIn;
use utoipa::openapi::{OpenApi, RefOr};

use crate::auth::{FaceKey, Merchant, Operator, Payer};
use crate::limits::{BODY_BYTES, FACES_BODY_BYTES};
use crate::problem::Problem;
use crate::state::AppState;

/// Name of the request's header.
pub const KEY: &str = "idempotency-key";
/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Paths whose POST keeps its key itself: where the document requires the header.
pub struct KeptElsewhere(HashSet<String>);

impl KeptElsewhere {
    pub fn of(document: &OpenApi) -> Self {
        let required = |parameter: &RefOr<utoipa::openapi::path::Parameter>| match parameter {
            RefOr::T(p) => {
                p.parameter_in == ParameterIn::Header
                    && p.name.eq_ignore_ascii_case(KEY)
                    && p.required == utoipa::openapi::Required::True
            }
            RefOr::Ref(_) => false,
        };
        let posts = document.paths.paths.iter().filter_map(|(path, item)| Some((path, item.post.as_ref()?)));
        let kept = posts.filter(|(_, post)| post.parameters.iter().flatten().any(required));
        Self(kept.map(|(path, _)| path.clone()).collect())
    }
}

/// The layer.
pub async fn answer(
    State((state, kept)): State<(AppState, Arc<KeptElsewhere>)>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    if matched.is_some_and(|path| kept.0.contains(&path)) {
        let (mut response, replayed) = service::once::noting_replays(next.run(request)).await;
        if replayed {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        return response;
    }
    keyed(&state, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn keyed(state: &AppState, request: Request, next: Next) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let Some(owner) = owner(&mut parts, state).await else {
        // Nobody we know: the handler says so, or it is open to anyone and keeps nothing for them.
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let key = parts.headers.get(KEY).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let pictures = parts.uri.path().starts_with("/v1/faces/");
    // Pictures are read here already, so their place is taken here as well.
    let _place = if pictures { Some(state.app.face_place()?) } else { None };
    let bytes = to_bytes(body, if pictures { FACES_BODY_BYTES } else { BODY_BYTES }).await;
    let bytes =
        bytes.map_err(|e| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", format!("The body: {e}")))?;
    let fixed = in_one_form(&parts.headers, &bytes);
    let path = parts.uri.path().to_owned();
    let asked = KeyedRequest { owner: &owner, operation: &path, key: &key, body: &fixed };
    let claim = match state.app.begin_once(asked).await? {
        Begun::Answered(saved) => return Ok(again(saved)),
        Begun::Work(claim) => claim,
    };
    let request = Request::from_parts(parts, Body::from(bytes));
    let (response, saved) = state.app.work_once(&claim, next.run(request)).await;
    if saved || !response.status().is_success() {
        return Ok(response);
    }
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|e| {
        tracing::error!(cause = %e, "an answer could not be read");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The answer was lost.")
    })?;
    if let Err(error) = state.app.finish_once(claim, head.status.as_u16(), &body).await {
        // What was asked for is done; only a repetition will not be recognised.
        tracing::warn!(reason = %error.reason(), "an answer could not be kept for repetitions");
    }
    Ok(Response::from_parts(head, Body::from(body)))
}

/// Everybody who asks, so that a repetition is answered only to the very same.
async fn owner(parts: &mut Parts, state: &AppState) -> Option<String> {
    let merchant = <Merchant as FromRequestParts<AppState>>::from_request_parts(parts, state).await.ok();
    let face_key = match merchant {
        Some(_) => None,
        None => FaceKey::from_request_parts(parts, state).await.ok(),
    };
    let operator = match merchant {
        Some(_) => None,
        None => Operator::from_request_parts(parts, state).await.ok(),
    };
    let payer = <Payer as FromRequestParts<AppState>>::from_request_parts(parts, state).await.ok();
    let names = [
        operator.map(|Operator(operator)| operator.id.to_string()),
        merchant.map(|Merchant(m)| m.id.to_string()),
        face_key.map(|FaceKey(key)| format!("{} faces", key.merchant())),
        payer.map(|Payer(p)| p.account.to_string()),
    ];
    let names: Vec<String> = names.into_iter().flatten().collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// JSON without its white space and with its members in order; a form without its boundary, which is drawn anew each time.
fn in_one_form(headers: &HeaderMap, body: &Bytes) -> Vec<u8> {
    if let Ok(json) = serde_json::from_slice::<serde_json::Value>(body) {
        return json.to_string().into_bytes();
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    match kind.split_once("boundary=") {
        Some((_, boundary)) => {
            without(body, boundary.split(';').next().unwrap_or_default().trim_matches('"').as_bytes())
        }
        None => body.to_vec(),
    }
}

fn without(body: &[u8], part: &[u8]) -> Vec<u8> {
    let mut left = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((first, more)) = rest.split_first() {
        match rest.strip_prefix(part).filter(|_| !part.is_empty()) {
            Some(after) => rest = after,
            None => {
                left.push(*first);
                rest = more;
            }
        }
    }
    left
}

fn again(saved: SavedAnswer) -> Response {
    let status = StatusCode::from_u16(saved.status).unwrap_or(StatusCode::OK);
    let mut response = (status, saved.body).into_response();
    let headers = response.headers_mut();
    headers.remove(CONTENT_TYPE);
    if status == StatusCode::NO_CONTENT {
        headers.remove(CONTENT_LENGTH);
    } else {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_request_written_differently_is_the_same() {
        let form = |boundary: &str| {
            let mut headers = HeaderMap::new();
            let kind = format!("multipart/form-data; boundary={boundary}");
            headers.insert(CONTENT_TYPE, kind.parse().unwrap());
            in_one_form(&headers, &Bytes::from(format!("--{boundary}\r\nx\r\n--{boundary}--")))
        };
        assert_eq!(form("abc"), form("ZZZZ-1"));
        let json = |text: &'static str| in_one_form(&HeaderMap::new(), &Bytes::from_static(text.as_bytes()));
        assert_eq!(json(r#"{"a":1,"b":2}"#), json(r#"{ "b": 2, "a": 1 }"#));
        assert_ne!(json(r#"{"a":1}"#), json(r#"{"a":2}"#));
    }
}
