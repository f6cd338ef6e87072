use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use tokio_postgres::config::Host;

use super::{Connection, Server};
use crate::{StoreError, migrate};

/// Where a store's database is: a file, or a PostgreSQL server. Shown without the password.
#[derive(Clone)]
pub enum Location {
    File(PathBuf),
    Postgres(Box<Server>),
}

impl Location {
    /// Whether no store is there yet: no file, or a database without our tables.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub fn is_empty(&self) -> Result<bool, StoreError> {
        if let Self::File(path) = self {
            return Ok(!path.exists());
        }
        let look = || Ok(!migrate::is_made(&Connection::reading(self)?)?);
        // A thread of its own, so that an asynchronous caller may wait here, too.
        std::thread::scope(|scope| scope.spawn(look).join()).unwrap_or(Err(StoreError::Closed))
    }
}

impl FromStr for Location {
    type Err = String;

    /// `postgres://user:password@host:port/database` (also `postgresql://`, `?host=/socket/directory`,
    /// `sslmode`, `sslrootcert`: see [`Server`]), `sqlite:PATH`, or
    /// a path.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(Box::new(Server::parse(text)?)));
        }
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        match path.split_once("://") {
            Some((scheme, _)) => Err(format!("`{scheme}` is no store: write postgres://… or sqlite:PATH")),
            None if path.is_empty() => Err("write postgres://… or sqlite:PATH".to_owned()),
            None => Ok(Self::File(path.into())),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(server) => {
                let config = &server.config;
                let host = config.get_hosts().first().map_or_else(String::new, |host| match host {
                    Host::Tcp(name) => name.clone(),
                    #[cfg(unix)]
                    Host::Unix(path) => path.display().to_string(),
                });
                let port = config.get_ports().first().copied().unwrap_or(5432);
                write!(f, "postgres://{host}:{port}/{}", config.get_dbname().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown_without_their_password() {
        let shown = |text: &str| text.parse::<Location>().map(|l| l.to_string());
        assert_eq!(shown("postgres://pay:hush@db.example:6432/pay"), Ok("postgres://db.example:6432/pay".into()));
        assert_eq!(shown("postgresql:///pay?host=/run/pg"), Ok("postgres:///run/pg:5432/pay".into()));
        assert_eq!(shown("sqlite:/data/smilepay.db"), Ok("sqlite:/data/smilepay.db".into()));
        assert_eq!(shown("smilepay.db"), Ok("sqlite:smilepay.db".into()));
        assert!(shown("mysql://pay:hush@db/pay").is_err_and(|e| !e.contains("hush")));
        assert!(shown("postgres://pay:hush@db:port/pay").is_err_and(|e| !e.contains("hush")));
        assert!(shown("").is_err());
    }
}
