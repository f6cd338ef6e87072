//! A certificate made at start, for phones on the local network. Its owner is nobody: browsers ask once.

use std::net::SocketAddr;

/// PEM of a certificate for `localhost` and the address listened on, and PEM of its key.
pub fn self_signed(addr: SocketAddr) -> Result<(Vec<u8>, Vec<u8>), String> {
    // Someone in this process may have chosen the provider already; then that one stays.
    let _already = rustls::crypto::ring::default_provider().install_default();
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    if !addr.ip().is_unspecified() {
        names.push(addr.ip().to_string());
    } else if let Some(lan) = lan_address() {
        names.push(lan.to_string());
    }
    let made = rcgen::generate_simple_self_signed(names).map_err(|e| e.to_string())?;
    Ok((made.cert.pem().into_bytes(), made.signing_key.serialize_pem().into_bytes()))
}

/// The address other machines see us at: the source address of a route outwards (no packet is sent).
pub fn lan_address() -> Option<std::net::IpAddr> {
    let socket = std::net::UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    socket.connect(("192.0.2.1", 9)).ok()?;
    socket.local_addr().ok().map(|a| a.ip()).filter(|ip| !ip.is_unspecified())
}
