//! How a server is started.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where the server listens and how.
#[derive(Clone, Debug)]
pub struct Config {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Plain HTTP (cameras work on `localhost` only) or TLS with a certificate made at start.
    pub tls: Tls,
    /// What the outside calls us, such as `https://pay.example`; default: the address listened on.
    pub public_url: Option<String>,
    /// Secret key of the demo shop's merchant, which the shop pages act with; no shop pages' buying without it.
    pub shop_key: Option<String>,
    /// Where the browser asks for none of ours.
    pub language: words::Language,
    /// Sign-ins and sign-ups of one address in a minute.
    pub sign_in_per_minute: u32,
    /// The header in which the proxy in front says the client's country (ISO 3166-1), such as `cf-ipcountry`. Without a
    /// proxy that always sets it anybody could.
    pub country_header: Option<String>,
}

impl Config {
    /// Whether browsers reach this server by TLS: its own, or a proxy's in front of it.
    pub fn is_https(&self) -> bool {
        self.tls != Tls::Off || self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}

/// The language of this tag (BCP 47), when there are texts in it.
pub fn language(tag: &str) -> Option<words::Language> {
    words::Language::ALL.into_iter().find(|l| l.tag() == tag)
}

/// Transport security of the listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    Off,
    SelfSigned,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            tls: Tls::Off,
            public_url: None,
            shop_key: None,
            language: words::Language::English,
            sign_in_per_minute: crate::limits::SIGN_IN_PER_WINDOW,
            country_header: None,
        }
    }
}
