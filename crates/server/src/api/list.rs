//! Pages, filters and expansion: what every list understands.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::Serialize;
use serde_json::Value;
use service::view::ListView;
use service::{ListFilter, PageAsked, Viewer};
use utoipa::IntoParams;

use crate::problem::{ApiResult, Problem};
use crate::state::AppState;

/// Things that one request may expand.
const MOST_EXPANDED: usize = 4;

/// The query of a page, in the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only the document reads it; requests are parsed by hand because of `expand[]`")]
pub struct PageParams {
    /// Rows of the page, 10 unless it is said.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u8>,
    /// Id of the last row of the page before.
    starting_after: Option<String>,
    /// Id of the first row of the page after; one of both cursors only.
    ending_before: Option<String>,
}

/// A filter.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "as above")]
pub struct StatusParam {
    /// Those of this status only.
    status: Option<String>,
}

/// A filter.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "as above")]
pub struct PaymentParam {
    /// Refunds of this payment only.
    payment_intent: Option<String>,
}

/// A filter.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "as above")]
pub struct KindParam {
    /// Events of this kind only.
    #[param(rename = "type")]
    kind: Option<String>,
}

/// When the rows were made.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "as above")]
pub struct TimesParams {
    /// Seconds since 1970, that second included.
    created_from: Option<i64>,
    /// Seconds since 1970, that second not included.
    created_until: Option<i64>,
}

/// What may be expanded, in the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "as above")]
pub struct ExpandParams {
    /// Fields whose ids are answered as objects.
    #[param(rename = "expand[]")]
    expand: Option<Vec<String>>,
}

/// The pairs of a query.
pub struct ListQuery(Vec<(String, String)>);

impl FromRequestParts<AppState> for ListQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

impl ListQuery {
    /// Filters, page and expansion; refuses what this list does not know.
    pub fn parts(self, filters: &[&str], expandable: &[&'static str]) -> ApiResult<(ListFilter, PageAsked, Expand)> {
        let expand = self.expand(expandable)?;
        let (mut filter, mut page) = (ListFilter::default(), PageAsked::default());
        for (name, value) in self.0 {
            let known = filters.contains(&name.as_str());
            match name.as_str() {
                "limit" => page.limit = Some(value.parse().map_err(|_| wrong("limit: a number from 1 to 100"))?),
                "starting_after" => page.starting_after = Some(value),
                "ending_before" => page.ending_before = Some(value),
                "created_from" if known_times(filters) => filter.created_from = Some(seconds(&value)?),
                "created_until" if known_times(filters) => filter.created_until = Some(seconds(&value)?),
                "status" if known => filter.status = Some(value),
                "payment_intent" if known => filter.payment_intent = Some(value),
                "type" if known => filter.kind = Some(value),
                "expand[]" => {}
                _ => return Err(wrong(&format!("{name}: this list has no such parameter"))),
            }
        }
        Ok((filter, page, expand))
    }

    /// Page only.
    pub fn page(self) -> ApiResult<PageAsked> {
        Ok(self.parts(&[], &[])?.1)
    }

    /// What of `expandable` is to be expanded.
    pub fn expand(&self, expandable: &[&'static str]) -> ApiResult<Expand> {
        let asked: Vec<&str> = self.0.iter().filter(|(name, _)| name == "expand[]").map(|(_, v)| v.as_str()).collect();
        if asked.len() > MOST_EXPANDED {
            return Err(wrong("expand[]: too many"));
        }
        let known = |field: &&str| expandable.iter().find(|e| *e == field).copied();
        let fields: Option<Vec<&'static str>> = asked.iter().map(known).collect();
        fields.map(Expand).ok_or_else(|| wrong(&format!("expand[]: one of {}", expandable.join(", "))))
    }

    /// The value of one more parameter.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(n, _)| n == name)?;
        Some(self.0.swap_remove(at).1)
    }
}

/// Lists with any filter take times, too.
const fn known_times(filters: &[&str]) -> bool {
    !filters.is_empty()
}

pub fn seconds(text: &str) -> ApiResult<i64> {
    text.parse().map_err(|_| wrong("times are whole seconds since 1970"))
}

fn wrong(why: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_request", why)
}

/// Fields whose ids become objects.
pub struct Expand(Vec<&'static str>);

impl Expand {
    /// One thing.
    pub async fn one(&self, state: &AppState, viewer: &Viewer, thing: &impl Serialize) -> ApiResult<Value> {
        let mut value = serde_json::to_value(thing).map_err(|_| unwritable())?;
        for field in &self.0 {
            let Some(id) = value.get(*field).and_then(Value::as_str).map(str::to_owned) else { continue };
            let object = match *field {
                "payment_intent" => serde_json::to_value(state.app.intent(&id, viewer).await?),
                "receipt" => serde_json::to_value(state.app.receipt(&id, viewer).await?),
                _ => serde_json::to_value(state.app.order(&id, viewer).await?),
            };
            if let Some(place) = value.get_mut(*field) {
                *place = object.map_err(|_| unwritable())?;
            }
        }
        Ok(value)
    }

    /// Every row of a list.
    pub async fn list<T: Serialize>(
        &self,
        state: &AppState,
        merchant: &service::Merchant,
        list: &ListView<T>,
    ) -> ApiResult<Value> {
        let viewer = Viewer::Merchant(merchant.id);
        let mut data = Vec::with_capacity(list.data.len());
        for row in &list.data {
            data.push(self.one(state, &viewer, row).await?);
        }
        Ok(serde_json::json!({"data": data, "has_more": list.has_more}))
    }
}

fn unwritable() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The answer could not be written.")
}
