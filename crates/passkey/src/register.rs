use base::AccountId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    AttestedPasskeyRegistration, CredentialID, Passkey, PasskeyRegistration, RegisterPublicKeyCredential,
};
use webauthn_rs_core::proto::COSEKey;

use crate::attestation::{Attestation, Roots};
use crate::limits::{ANSWER_BYTES, CREDENTIAL_ID_BYTES};
use crate::{PasskeyError, RelyingParty};

/// A registration that waits for its device. Kept by the server, used once.
pub struct Registration(Waiting);

enum Waiting {
    Any(PasskeyRegistration),
    Attested(AttestedPasskeyRegistration),
}

/// A registered device: its id and public key.
#[derive(Clone, Debug)]
pub struct Credential {
    pub id: Vec<u8>,
    pub(crate) key: COSEKey,
}

impl Credential {
    /// The public key as it is stored.
    ///
    /// # Errors
    /// None in practice.
    pub fn key_text(&self) -> Result<String, PasskeyError> {
        serde_json::to_string(&self.key).map_err(|_| PasskeyError::Malformed)
    }

    /// A stored credential.
    ///
    /// # Errors
    /// [`PasskeyError::Malformed`] for a text that [`Credential::key_text`] did not write.
    pub fn from_stored(id: Vec<u8>, key: &str) -> Result<Self, PasskeyError> {
        let key = serde_json::from_str(key).map_err(|_| PasskeyError::Malformed)?;
        Ok(Self { id, key })
    }
}

impl RelyingParty {
    /// Starts the registration of one more device; `known` are the ids of those that the payer has. The options go to
    /// `navigator.credentials.create`. Attestation names the device's maker and model: it is asked for where `attestation` needs it only.
    ///
    /// # Errors
    /// [`PasskeyError::Registration`].
    pub fn start(
        &self,
        account: AccountId,
        email: &str,
        name: &str,
        known: &[Vec<u8>],
        attestation: &Attestation,
    ) -> Result<(Value, Registration), PasskeyError> {
        let exclude: Vec<CredentialID> = known.iter().map(|id| CredentialID::from(id.clone())).collect();
        let (user, exclude) = (*account.as_uuid(), Some(exclude));
        let (options, state) = match attestation {
            Attestation::None => {
                let started = self.webauthn.start_passkey_registration(user, email, name, exclude);
                started.map(|(options, state)| (options, Waiting::Any(state)))
            }
            Attestation::Required(Roots(roots)) => {
                let roots = roots.clone();
                let started =
                    self.webauthn.start_attested_passkey_registration(user, email, name, exclude, roots, None);
                started.map(|(options, state)| (options, Waiting::Attested(state)))
            }
        }
        .map_err(|_| PasskeyError::Registration)?;
        let mut options = serde_json::to_value(options).map_err(|_| PasskeyError::Registration)?;
        if let Some(public_key) = options.get_mut("publicKey").and_then(Value::as_object_mut) {
            // So that signing in needs no address, and none can be tried out.
            let selection =
                json!({"residentKey": "required", "requireResidentKey": true, "userVerification": "required"});
            public_key.insert("authenticatorSelection".into(), selection);
            // A browser that knows Secure Payment Confirmation may use this passkey for it.
            public_key.insert("extensions".into(), json!({"payment": {"isPayment": true}}));
            public_key.insert("attestation".into(), json!(if attestation.is_required() { "direct" } else { "none" }));
        }
        Ok((options, Registration(state)))
    }

    /// Finishes a registration with the device's answer.
    ///
    /// # Errors
    /// [`PasskeyError::Malformed`], or [`PasskeyError::Registration`] when webauthn-rs refuses it (another challenge,
    /// origin or relying party, no user verification, an unknown key type, a make that is not taken).
    pub fn finish(&self, registration: &Registration, answer: &Value) -> Result<Credential, PasskeyError> {
        if answer.to_string().len() > ANSWER_BYTES {
            return Err(PasskeyError::Malformed);
        }
        // Extension outputs are hints of the browser; nothing here rests on them.
        let mut answer = answer.clone();
        if let Some(object) = answer.as_object_mut() {
            object.insert("clientExtensionResults".into(), json!({}));
        }
        let answer: RegisterPublicKeyCredential =
            serde_json::from_value(answer).map_err(|_| PasskeyError::Malformed)?;
        let passkey = match &registration.0 {
            Waiting::Any(state) => self.webauthn.finish_passkey_registration(&answer, state),
            Waiting::Attested(state) => self
                .webauthn
                .finish_attested_passkey_registration(&answer, state)
                .map(|attested| Passkey::from(&attested)),
        };
        let passkey = passkey.map_err(|_| PasskeyError::Registration)?;
        let id = passkey.cred_id().as_slice().to_vec();
        if id.is_empty() || id.len() > CREDENTIAL_ID_BYTES {
            return Err(PasskeyError::Registration);
        }
        Ok(Credential { id, key: passkey.get_public_key().clone() })
    }
}

/// Bytes as WebAuthn's JSON writes them.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What [`base64url`] wrote.
pub(crate) fn from_base64url(text: &str) -> Result<Vec<u8>, PasskeyError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| PasskeyError::Malformed)
}
