//! In which language a request is answered: the choice of the payer (a cookie), else what the browser asks for, else the
//! server's own. Known to everything that answers the request, without being handed through it.

use std::sync::Arc;

use axum::extract::{Form, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use words::Language;

use crate::extract::cookie;
use crate::state::AppState;

const COOKIE: &str = "smilepay_language";
const YEAR_SECONDS: u32 = 365 * 24 * 3_600;
/// Longest address that the switch comes back to.
const RETURN_BYTES: usize = 2_048;

#[derive(Clone)]
struct Asked {
    language: Language,
    /// Path and query of the page, where the switch comes back to.
    here: Arc<str>,
}

tokio::task_local! {
    static ASKED: Asked;
}

/// The language of this request; English outside of one.
pub fn current() -> Language {
    ASKED.try_with(|asked| asked.language).unwrap_or_default()
}

/// The address of this request on this site.
pub fn here() -> String {
    ASKED.try_with(|asked| asked.here.to_string()).unwrap_or_else(|_| "/".to_owned())
}

/// Finds the language, and says in the answer what it depends on.
pub async fn answer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let language = wanted(request.headers()).unwrap_or(state.config.language);
    let asked = Asked { language, here: address(request.uri()).into() };
    let mut response = ASKED.scope(asked, next.run(request)).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.append(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    response
}

fn wanted(headers: &HeaderMap) -> Option<Language> {
    let chosen = cookie(headers, COOKIE).and_then(Language::from_tag);
    let asked = || headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok().and_then(Language::wanted);
    chosen.or_else(asked)
}

fn address(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |at| at.as_str())
}

/// What the switch at the foot of each page sends.
#[derive(Deserialize)]
pub struct Choice {
    language: String,
    r#return: String,
}

/// Keeps the choice on this device and goes back.
pub async fn choose(State(state): State<AppState>, Form(choice): Form<Choice>) -> Response {
    let Some(language) = Language::from_tag(&choice.language) else {
        return (StatusCode::SEE_OTHER, [(header::LOCATION, back(&choice.r#return))]).into_response();
    };
    let secure = if state.config.is_https() { "; Secure" } else { "" };
    let keep = format!("{COOKIE}={}; Path=/; Max-Age={YEAR_SECONDS}; HttpOnly; SameSite=Lax{secure}", language.tag());
    (StatusCode::SEE_OTHER, [(header::LOCATION, back(&choice.r#return)), (header::SET_COOKIE, keep)]).into_response()
}

/// A path of this site, never another site's.
fn back(to: &str) -> String {
    let own = to.starts_with('/') && !to.starts_with("//") && to.len() <= RETURN_BYTES;
    let plain = to.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if own && plain { to.to_owned() } else { "/".to_owned() }
}

/// Acts as if asked in `language`.
#[cfg(test)]
pub fn speaking<T>(language: Language, act: impl FnOnce() -> T) -> T {
    ASKED.sync_scope(Asked { language, here: "/wallet".into() }, act)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(cookie: &str, accept: &str) -> Option<Language> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
        wanted(&headers)
    }

    #[test]
    fn the_choice_counts_before_the_browser() {
        assert_eq!(asks("smilepay_language=de", "zh-CN"), Some(Language::German));
        assert_eq!(asks("smilepay_language=xx", "zh-CN,en;q=0.5"), Some(Language::Chinese));
        assert_eq!(asks("other=1", "fr"), None);
    }

    #[test]
    fn comes_back_to_this_site_only() {
        assert_eq!(back("/checkout/pi_1?client_secret=x%20y"), "/checkout/pi_1?client_secret=x%20y");
        for foreign in
            ["https://evil.example/", "//evil.example", "/\\evil.example", "/a\r\nset-cookie: b", "", "wallet"]
        {
            assert_eq!(back(foreign), "/", "{foreign}");
        }
    }
}
