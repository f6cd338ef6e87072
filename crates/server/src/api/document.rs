//! The head of the OpenAPI document, and the answers that every operation has in common.

use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, Header, HeaderBuilder, OpenApi as Document, Ref, RefOr, Required, Response, ResponseBuilder,
};
use utoipa::{Modify, OpenApi};

use crate::once;

/// Media type of every refusal.
const PROBLEM: &str = "application/problem+json";

#[derive(OpenApi)]
#[openapi(
    info(title = "Smilepay", description = "Pay with a smile: intents, face challenges, captures, refunds, disputes, payouts, webhooks. Errors are RFC 9457 problem details."),
    modifiers(&Security),
    components(schemas(crate::problem::Problem))
)]
pub struct Head;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_with(Default::default);
        let cookie = ApiKey::Cookie(ApiKeyValue::new(crate::extract::SESSION_COOKIE));
        let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let secret = ApiKey::Query(ApiKeyValue::new("client_secret"));
        let token = ApiKey::Query(ApiKeyValue::new("token"));
        components.add_security_scheme("payer", SecurityScheme::ApiKey(cookie));
        components.add_security_scheme("merchant", SecurityScheme::Http(key));
        let restricted = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let operator = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let rate = service::limits::OPERATOR_PER_MINUTE;
        let operator = operator.description(Some(format!(
            "`ok_…`, from `smilepay operators add`; {rate} requests a minute that read and as many that change something"
        )));
        let operator = operator.build();
        components.add_security_scheme("operator", SecurityScheme::Http(operator));
        components.add_security_scheme("restricted_key", SecurityScheme::Http(restricted));
        components.add_security_scheme("client_secret", SecurityScheme::ApiKey(secret));
        components.add_security_scheme("capture_token", SecurityScheme::ApiKey(token));
    }
}

/// Adds the refusals that follow from what an operation is: signed in, with a body, with a path, changing something.
pub fn complete(document: &mut Document) {
    for item in document.paths.paths.values_mut() {
        item.post.iter_mut().for_each(take_key);
        let operations = [
            (item.get.as_mut(), false),
            (item.post.as_mut(), true),
            (item.put.as_mut(), true),
            (item.patch.as_mut(), true),
            (item.delete.as_mut(), true),
        ];
        for (operation, changes) in operations {
            if let Some(operation) = operation {
                complete_operation(operation, changes);
            }
        }
    }
}

/// Every POST of somebody who is known takes the key; where an operation does not require it, it may be left out.
fn take_key(operation: &mut Operation) {
    let known = |p: &RefOr<Parameter>| matches!(p, RefOr::T(p) if p.name.eq_ignore_ascii_case(once::KEY));
    let parameters = operation.parameters.get_or_insert_default();
    if operation.security.is_some() && !parameters.iter().any(known) {
        let text = "The same key with the same request gives the first answer again, for 24 hours.";
        let schema = utoipa::schema!(String);
        let key = ParameterBuilder::new().name("Idempotency-Key").parameter_in(ParameterIn::Header);
        let key = key.required(Required::False).description(Some(text)).schema(Some(schema)).build();
        parameters.push(RefOr::T(key));
    }
}

/// Every operation can be asked for in one of the versions there are.
fn take_version(operation: &mut Operation) {
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(service::keys::VERSIONS)).build();
    let text =
        "Version of the API; as the key has it, or the newest, when it is left out. Every answer names the one it has.";
    let version = ParameterBuilder::new().name("Smilepay-Version").parameter_in(ParameterIn::Header);
    let version = version.required(Required::False).description(Some(text)).schema(Some(schema)).build();
    operation.parameters.get_or_insert_default().push(RefOr::T(version));
}

fn complete_operation(operation: &mut Operation, changes: bool) {
    take_version(operation);
    let places = |p: &RefOr<Parameter>| match p {
        RefOr::T(parameter) => Some(parameter.parameter_in.clone()),
        RefOr::Ref(_) => None,
    };
    let places: Vec<ParameterIn> = operation.parameters.iter().flatten().filter_map(places).collect();
    let has = |place: ParameterIn| places.contains(&place);
    let mut common = vec![
        ("429", "Too many requests of this key or address; `Retry-After` says how many seconds to wait"),
        ("503", "Busy; try again"),
        ("504", "Took too long"),
    ];
    if operation.security.is_some() {
        common.extend([("401", "Nobody, or the wrong one"), ("403", "Not allowed")]);
    }
    if operation.responses.responses.contains_key("101") {
        common.push(("426", "Open it as a WebSocket"));
    }
    if has(ParameterIn::Path) {
        common.push(("404", "Not there, or not yours"));
    }
    if has(ParameterIn::Query) || has(ParameterIn::Header) || operation.request_body.is_some() {
        common.push(("400", "Not understood"));
    }
    if operation.request_body.is_some() {
        common.extend([("413", "Too large"), ("415", "Another media type is needed")]);
    }
    if changes {
        common.extend([
            ("403", "Not allowed"),
            ("409", "The state of things does not allow it"),
            ("422", "The idempotency key was used with another request"),
        ]);
    }
    let responses = &mut operation.responses.responses;
    for (status, text) in common {
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(text)));
    }
    for status in ["429", "503"] {
        if let Some(RefOr::T(response)) = responses.get_mut(status) {
            response.headers.insert("Retry-After".to_owned(), RefOr::T(retry_after()));
        }
    }
    for (status, response) in responses.iter_mut() {
        if let (true, RefOr::T(response)) = (status.starts_with(['4', '5']), response) {
            let content = std::mem::take(&mut response.content);
            let renamed = content.into_iter().map(|(kind, content)| match kind.as_str() {
                "application/json" => (PROBLEM.to_owned(), content),
                _ => (kind, content),
            });
            response.content = renamed.collect();
        }
    }
}

fn retry_after() -> Header {
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds to wait")).build()
}

fn problem(text: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(text).content(PROBLEM, content).build()
}
