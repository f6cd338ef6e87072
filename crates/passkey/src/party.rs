use std::time::Duration;

use url::{Host, Url};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::PasskeyError;
use crate::limits::CEREMONY_MS;

/// This server as authenticators know it.
pub struct RelyingParty {
    pub(crate) webauthn: Webauthn,
    /// Scheme, host and port, without a slash at the end.
    pub(crate) origin: String,
    pub(crate) id: String,
}

impl RelyingParty {
    /// `public_url`: what browsers call this server, such as `https://pay.example` or `http://localhost:8080`.
    ///
    /// # Errors
    /// [`PasskeyError::NoHostName`] for an address without a name: WebAuthn has no relying parties without one.
    pub fn new(public_url: &str) -> Result<Self, PasskeyError> {
        let url = Url::parse(public_url).map_err(|_| PasskeyError::NoHostName)?;
        let Some(Host::Domain(host)) = url.host() else { return Err(PasskeyError::NoHostName) };
        let id = host.to_owned();
        let builder = WebauthnBuilder::new(&id, &url).map_err(|_| PasskeyError::NoHostName)?;
        let builder = builder.rp_name("Smilepay").timeout(Duration::from_millis(u64::from(CEREMONY_MS)));
        let webauthn = builder.build().map_err(|_| PasskeyError::NoHostName)?;
        Ok(Self { webauthn, origin: url.origin().ascii_serialization(), id })
    }

    /// The relying party's id: the host name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}
