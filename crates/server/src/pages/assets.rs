//! Styles, scripts and pictures, inside the binary.

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::strings;

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! web {
    ($($name:literal: $kind:expr),* $(,)?) => {
        const FILES: &[(&str, &str, &str)] =
            &[$(($name, $kind, include_str!(concat!("../../../../web/assets/", $name)))),*];
    };
}

web! {
    "smilepay.css": CSS,
    "mark.svg": SVG,
    "stamp.svg": SVG,
    "api.js": JS,
    "camera.js": JS,
    "capture.js": JS,
    "chain.js": JS,
    "checkout.js": JS,
    "devices.js": JS,
    "ear.js": JS,
    "enrol.js": JS,
    "form.js": JS,
    "glow.js": JS,
    "kiosk.js": JS,
    "lens.js": JS,
    "microphone.js": JS,
    "page.js": JS,
    "paper.js": JS,
    "passkey.js": JS,
    "recorder.js": JS,
    "sensors.js": JS,
    "sign.js": JS,
    "states.js": JS,
    "text.js": JS,
    "voice.js": JS,
    "wallet.js": JS,
}

/// Kept by the browser, but asked for again each time: after an update no page meets an old script.
const CACHE: &str = "public, no-cache";

pub async fn asset(Path(name): Path<String>, request: HeaderMap) -> Response {
    if name == "strings.js" {
        return reply(&request, JS, strings::as_module());
    }
    match FILES.iter().find(|(file, ..)| *file == name) {
        Some((_, kind, text)) => reply(&request, kind, (*text).to_owned()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn reply(request: &HeaderMap, kind: &'static str, text: String) -> Response {
    let digest = hex::encode(Sha256::digest(text.as_bytes()));
    let tag = format!("\"{}\"", digest.get(..16).unwrap_or(&digest));
    let known = request.get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == tag.as_bytes());
    let headers =
        [(header::CONTENT_TYPE, kind.to_owned()), (header::CACHE_CONTROL, CACHE.to_owned()), (header::ETAG, tag)];
    if known { (StatusCode::NOT_MODIFIED, headers).into_response() } else { (headers, text).into_response() }
}
