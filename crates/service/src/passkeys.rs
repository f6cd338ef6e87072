//! A payer's devices: registering, naming, revoking, and signing in with one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use passkey::{Assertion, Credential, Expected, PasskeyError, Registration, RelyingParty};
use serde_json::Value;
use store::{CounterCheck, NewPasskey, PasskeyRow};

use crate::app::App;
use crate::ceremonies::Waiting;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::limits::{CEREMONIES_WAITING, CEREMONY_LIFE};
use crate::passphrase::Passphrase;
use crate::session::{PayerSession, SignedIn};
use crate::view::PasskeyView;

/// Ceremonies under way.
pub(crate) struct Ceremonies {
    registrations: Waiting<base::AccountId, Registration>,
    sign_ins: Waiting<[u8; 32], ()>,
}

impl Default for Ceremonies {
    fn default() -> Self {
        Self {
            registrations: Waiting::new(CEREMONIES_WAITING, CEREMONY_LIFE),
            sign_ins: Waiting::new(CEREMONIES_WAITING, CEREMONY_LIFE),
        }
    }
}

impl App {
    /// Starts registering a device. The passphrase is the fresh proof.
    ///
    /// # Errors
    /// A wrong passphrase; a server that is called by its address; too many devices.
    pub async fn start_passkey(&self, payer: &PayerSession, device: &Device, passphrase: Passphrase) -> Result<Value> {
        self.open_here(base::Method::Passkey)?;
        let party = self.relying_party()?;
        self.prove(payer, device, passphrase).await?;
        let known: Vec<Vec<u8>> = self.store.passkeys(payer.account).await?.into_iter().map(|p| p.id).collect();
        if known.len() >= passkey::limits::DEVICES {
            return Err(Error::invalid("passkeys", format!("at most {} devices", passkey::limits::DEVICES)));
        }
        let started = party.start(payer.account, &payer.email, &payer.name, &known, &self.attestation);
        let (options, registration) = started.map_err(Error::internal)?;
        if self.ceremonies.registrations.put(payer.account, registration, self.now()) {
            Ok(options)
        } else {
            Err(Error::Busy)
        }
    }

    /// Finishes registering a device.
    ///
    /// # Errors
    /// Nothing was started (or too long ago); an answer that does not fit; a device that is registered already.
    pub async fn finish_passkey(&self, payer: &PayerSession, name: &str, answer: &Value) -> Result<PasskeyView> {
        let name = clean_name(name)?;
        let party = self.relying_party()?;
        let waiting = self.ceremonies.registrations.take(&payer.account, self.now());
        let registration = waiting.ok_or_else(|| Error::invalid("credential", "start again: this took too long"))?;
        let found = party.finish(&registration, answer);
        let credential = found.map_err(|_| {
            let certain = "this device was not accepted: certain makes are taken here only";
            let any = "the device's answer was not accepted";
            Error::invalid("credential", if self.attestation.is_required() { certain } else { any })
        })?;
        let public_key = credential.key_text().map_err(Error::internal)?;
        let new = NewPasskey { id: credential.id.clone(), account: payer.account, name, public_key };
        match self.store.add_passkey(new, self.now()).await {
            Err(store::StoreError::Exists(_)) => Err(Error::invalid("credential", "this device is registered already")),
            Err(other) => Err(other.into()),
            Ok(()) => {
                let kept = self.store.passkey(credential.id).await?.ok_or(Error::NotFound("passkey"))?;
                Ok(passkey_view(&kept))
            }
        }
    }

    /// Gives a device another name.
    ///
    /// # Errors
    /// No such device of this payer; a name that cannot be.
    pub async fn rename_passkey(&self, payer: &PayerSession, id: &str, name: &str) -> Result<()> {
        let name = clean_name(name)?;
        Ok(self.store.rename_passkey(payer.account, device_id(id)?, name).await?)
    }

    /// Revokes a device: it can sign in and pay no more.
    ///
    /// # Errors
    /// A wrong passphrase; no such device of this payer.
    pub async fn revoke_passkey(
        &self,
        payer: &PayerSession,
        device: &Device,
        id: &str,
        passphrase: Passphrase,
    ) -> Result<()> {
        let id = device_id(id)?;
        self.prove(payer, device, passphrase).await?;
        Ok(self.store.revoke_passkey(payer.account, id, self.now()).await?)
    }

    /// A challenge for signing in. Names no account, so it tells nothing about any.
    ///
    /// # Errors
    /// A server that is called by its address; too many ceremonies under way.
    pub fn start_passkey_sign_in(&self) -> Result<Value> {
        let party = self.relying_party()?;
        let challenge = self.random()?;
        if self.ceremonies.sign_ins.put(challenge, (), self.now()) {
            Ok(party.request(&challenge, &[]))
        } else {
            Err(Error::Busy)
        }
    }

    /// Signs in with a device.
    ///
    /// # Errors
    /// [`Error::SignInFailed`], whatever was wrong.
    pub async fn finish_passkey_sign_in(&self, device: &Device, answer: &Value) -> Result<SignedIn> {
        let party = self.relying_party()?;
        let assertion = Assertion::parse(answer).map_err(|_| Error::SignInFailed)?;
        let challenge = assertion.challenge().map_err(|_| Error::SignInFailed)?;
        self.ceremonies.sign_ins.take(&challenge, self.now()).ok_or(Error::SignInFailed)?;
        let kept = self.store.passkey(assertion.credential().to_vec()).await?.ok_or(Error::SignInFailed)?;
        let remembered = assertion.user().is_none_or(|user| user == kept.account.as_uuid().as_bytes());
        let accepted = self.check_assertion(&party, &kept, &assertion, Expected::SignIn { challenge }).await?;
        if !remembered || !accepted {
            return Err(Error::SignInFailed);
        }
        self.unlock(self.device_key(device, kept.account), kept.account).await?;
        self.open_session(kept.account).await
    }

    /// Whether the device signed what is expected; notes its counter, and revokes it when the key was cloned.
    pub(crate) async fn check_assertion(
        &self,
        party: &RelyingParty,
        kept: &PasskeyRow,
        assertion: &Assertion,
        expected: Expected<'_>,
    ) -> Result<bool> {
        let credential = Credential::from_stored(kept.id.clone(), &kept.public_key).map_err(Error::internal)?;
        let signed = match party.verify(&credential, assertion, expected) {
            Ok(signed) => signed,
            Err(why) => {
                tracing::info!(%why, "an assertion was not accepted");
                return Ok(false);
            }
        };
        let check = self.store.use_passkey(kept.id.clone(), signed.counter, self.now()).await?;
        Ok(check == CounterCheck::Fresh)
    }

    pub(crate) fn relying_party(&self) -> Result<RelyingParty> {
        RelyingParty::new(self.public_url()).map_err(|e| match e {
            PasskeyError::NoHostName => Error::NoPasskeysHere,
            other => Error::internal(other),
        })
    }
}

pub(crate) fn passkey_view(row: &PasskeyRow) -> PasskeyView {
    PasskeyView {
        id: URL_SAFE_NO_PAD.encode(&row.id),
        name: row.name.clone(),
        created_at: row.created_at.rfc3339(),
        last_used_at: row.last_used_at.map(base::Timestamp::rfc3339),
    }
}

fn device_id(id: &str) -> Result<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(id).map_err(|_| Error::NotFound("passkey"))
}

fn clean_name(name: &str) -> Result<String> {
    const CHARS: usize = 60;
    let name = name.trim();
    let fine = !name.is_empty() && name.chars().count() <= CHARS && !name.chars().any(char::is_control);
    if fine { Ok(name.to_owned()) } else { Err(Error::invalid("name", format!("give 1 to {CHARS} characters"))) }
}
