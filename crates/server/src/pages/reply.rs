//! How a page is sent, and how it says that it cannot be shown.

use askama::Template;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::views;
use crate::problem::Problem;

/// What page handlers give back.
pub type Page = Result<Response, Refusal>;

/// Why a page is not shown.
pub enum Refusal {
    /// Nobody is signed in; afterwards the payer comes back to this address.
    SignIn(String),
    Problem(Problem),
    /// The shop has no key to sell with.
    Closed,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<service::Error> for Refusal {
    fn from(error: service::Error) -> Self {
        Self::Problem(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::SignIn(back) => {
                let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return", &back).finish();
                Redirect::to(&format!("/sign-in?{query}")).into_response()
            }
            Self::Closed => with_status(StatusCode::SERVICE_UNAVAILABLE, &views::Problem::closed()),
            Self::Problem(problem) => {
                let status = problem.status();
                with_status(status, &view_of(status))
            }
        }
    }
}

fn view_of(status: StatusCode) -> views::Problem {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => views::Problem::forbidden(),
        StatusCode::CONFLICT | StatusCode::GONE => views::Problem::expired(),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => views::Problem::busy(),
        status if status.is_client_error() => views::Problem::not_found(),
        _ => views::Problem::broken(),
    }
}

/// A rendered page.
pub fn show(page: &impl Template) -> Page {
    Ok(with_status(StatusCode::OK, page))
}

fn with_status(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(cause) => {
            tracing::error!(%cause, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// An address that leads nowhere: a page for people, problem details for programs.
pub async fn nothing_here(uri: Uri, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
    if accept.contains("text/html") && !uri.path().starts_with("/v1") {
        return with_status(StatusCode::NOT_FOUND, &views::Problem::not_found());
    }
    Problem::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address.").into_response()
}
