//! Where we may deliver to: never to this machine or its private network, unless in test mode (SSRF).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

use crate::config::Mode;
use crate::error::{Error, Result};
use crate::limits::URL_BYTES;

/// Parses and checks a URL as far as its text tells.
pub fn parse(text: &str, mode: Mode) -> Result<Url> {
    if text.len() > URL_BYTES {
        return Err(Error::invalid("url", format!("may have at most {URL_BYTES} bytes")));
    }
    let url = Url::parse(text).map_err(|e| Error::invalid("url", e.to_string()))?;
    let scheme_ok = url.scheme() == "https" || (mode == Mode::Test && url.scheme() == "http");
    if !scheme_ok {
        return Err(Error::invalid("url", "must be an https:// address"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::invalid("url", "may not carry a user name or password"));
    }
    let literal_ok = match url.host() {
        Some(Host::Ipv4(ip)) => allowed(IpAddr::V4(ip), mode),
        Some(Host::Ipv6(ip)) => allowed(IpAddr::V6(ip), mode),
        Some(Host::Domain(_)) => true,
        None => false,
    };
    if literal_ok { Ok(url) } else { Err(Error::invalid("url", "this address cannot be reached from here")) }
}

/// Resolves the host now and gives an address that may be reached; the caller connects to exactly this one.
pub async fn resolve(url: &Url, mode: Mode) -> Option<SocketAddr> {
    let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default()?;
    let found: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await.ok()?.collect();
    // One forbidden address spoils all: a name that points inside is not trusted to point outside.
    if found.iter().all(|a| allowed(a.ip(), mode)) { found.into_iter().next() } else { None }
}

fn allowed(ip: IpAddr, mode: Mode) -> bool {
    mode == Mode::Test || public(ip)
}

fn public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => public_v4(v4),
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(|| public_v6(v6), public_v4),
    }
}

fn public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (b == 18 || b == 19);
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || shared
        || benchmark)
}

fn public_v6(ip: Ipv6Addr) -> bool {
    let first = ip.segments().first().copied().unwrap_or(0);
    let global_unicast = (first & 0xe000) == 0x2000;
    let (translated, documentation) = (first == 0x2002, ip.segments().starts_with(&[0x2001, 0xdb8]));
    global_unicast && !translated && !documentation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_mode_refuses_inside_addresses_and_plain_http() {
        for bad in [
            "http://shop.example/hook",
            "https://127.0.0.1/",
            "https://10.0.0.5/",
            "https://169.254.169.254/latest",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[fd00::1]/",
            "https://100.64.1.1/",
            "https://0x7f.1/",
            "https://user:pw@shop.example/",
            "file:///etc/passwd",
            "https://2130706433/",
        ] {
            assert!(parse(bad, Mode::Live).is_err(), "{bad}");
        }
        assert!(parse("https://shop.example/hook", Mode::Live).is_ok());
        assert!(parse("http://127.0.0.1:9/hook", Mode::Test).is_ok());
    }

    #[tokio::test]
    async fn a_name_that_points_inside_is_not_reached_in_live_mode() {
        let url = Url::parse("https://localhost/hook").unwrap();
        assert_eq!(resolve(&url, Mode::Live).await, None);
        assert!(resolve(&url, Mode::Test).await.is_some());
    }
}
