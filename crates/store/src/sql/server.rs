//! How a PostgreSQL server is reached: over TLS with its certificate checked, unless it is this very machine.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

const MODES: &str = "sslmode is disable, require or verify-full; a server's certificate is checked in both of the last";

/// The address of a server and what it needs to be believed.
#[derive(Clone)]
pub struct Server {
    pub(super) config: Config,
    /// `None`: in clear, within this machine or because the address says so.
    tls: Option<MakeRustlsConnect>,
}

impl Server {
    /// Reads `postgres://…`, with `sslmode=disable|require|verify-full` and `sslrootcert=FILE` as libpq knows them. The
    /// parser's own sentences may repeat the password, so they are not passed on.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (address, options) = text.split_once('?').unwrap_or((text, ""));
        let (ours, others): (Vec<&str>, Vec<&str>) = options
            .split('&')
            .filter(|o| !o.is_empty())
            .partition(|o| o.starts_with("sslmode=") || o.starts_with("sslrootcert="));
        let option = |name: &str| ours.iter().rev().find_map(|o| o.strip_prefix(name)?.strip_prefix('='));
        let config = format!("{address}?{}", others.join("&")).parse::<Config>();
        let mut config = config.map_err(|_| "write postgres://USER:PASSWORD@HOST:PORT/DATABASE".to_owned())?;
        let is_secured = match option("sslmode") {
            Some("disable") => false,
            Some("require" | "verify-full") => true,
            Some(_) => return Err(MODES.to_owned()),
            None => option("sslrootcert").is_some() || !config.get_hosts().iter().all(is_here),
        };
        let tls = is_secured.then(|| client(option("sslrootcert"))).transpose()?;
        config.ssl_mode(if is_secured { SslMode::Require } else { SslMode::Disable });
        Ok(Self { config, tls })
    }

    /// Connects, and drives the connection on the runtime that this is called in. Its end shows as a closed client.
    pub(super) async fn connect(&self, config: &Config) -> Result<Client, tokio_postgres::Error> {
        match &self.tls {
            None => {
                let (client, connection) = config.connect(NoTls).await?;
                tokio::spawn(connection);
                Ok(client)
            }
            Some(tls) => {
                let (client, connection) = config.connect(tls.clone()).await?;
                tokio::spawn(connection);
                Ok(client)
            }
        }
    }
}

/// A socket file, or a loopback address.
fn is_here(host: &Host) -> bool {
    match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()),
    }
}

/// Believes the authorities of a PEM file, or the system's.
fn client(roots: Option<&str>) -> Result<MakeRustlsConnect, String> {
    let mut store = RootCertStore::empty();
    match roots {
        Some(path) => {
            let failed = |e: rustls::pki_types::pem::Error| format!("sslrootcert {path}: {e}");
            for certificate in CertificateDer::pem_file_iter(path).map_err(failed)? {
                store.add(certificate.map_err(failed)?).map_err(|e| format!("sslrootcert {path}: {e}"))?;
            }
        }
        None => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if store.is_empty() {
        let path = roots.unwrap_or("the system's list of authorities");
        return Err(format!("{path} holds no certificate: name the authority of the database with sslrootcert=FILE"));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|e| e.to_string())?.with_root_certificates(store).with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_machine_is_secured_unless_told_otherwise() {
        let secured = |text: &str| Server::parse(text).map(|server| server.tls.is_some());
        assert_eq!(secured("postgres:///pay?host=/run/pg"), Ok(false));
        assert_eq!(secured("postgres://pay@127.0.0.1/pay"), Ok(false));
        assert_eq!(secured("postgres://pay@localhost/pay?sslmode=require&connect_timeout=3"), Ok(true));
        assert_eq!(secured("postgres://pay@db.example/pay"), Ok(true));
        assert_eq!(secured("postgres://pay@db.example/pay?sslmode=verify-full"), Ok(true));
        assert_eq!(secured("postgres://pay@db.example/pay?sslmode=disable"), Ok(false));
        assert_eq!(secured("postgres://pay@db.example/pay?sslmode=prefer"), Err(MODES.to_owned()));
        let missing = secured("postgres://pay:hush@db.example/pay?sslrootcert=/not/there.pem");
        assert!(missing.is_err_and(|e| e.contains("/not/there.pem") && !e.contains("hush")));
    }
}
