//! Body, path and query extractors whose refusals are problem details.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequest, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::http::request::Parts;

use crate::problem::Problem;
use crate::state::AppState;

/// A JSON body.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(Problem))]
pub struct Body<T>(pub T);

/// A path's parameters.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub struct Path<T>(pub T);

/// A query's parameters.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

/// The device a request comes from: its cookie, if any, and its address.
pub struct Device(pub service::Device);

/// Name of the cookie that tells a device on which the payer has signed in before.
pub const DEVICE_COOKIE: &str = "smilepay_device";
/// Name of the session cookie.
pub const SESSION_COOKIE: &str = "smilepay_session";

impl FromRequestParts<AppState> for Device {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let cookie = cookie(&parts.headers, DEVICE_COOKIE).map(str::to_owned);
        // Only the header that the operator's own proxy sets, and only where the operator says so.
        let header = state.config.country_header.as_ref().and_then(|name| parts.headers.get(name));
        let country = header.and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Self(service::Device { cookie, address: address(parts), country }))
    }
}

/// The address a request came from. Forwarding headers are not trusted.
pub fn address(parts: &Parts) -> IpAddr {
    let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(a)| a.ip())
}

/// The value of a cookie.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|v| v.to_str().ok());
    all.flat_map(|line| line.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    })
}
