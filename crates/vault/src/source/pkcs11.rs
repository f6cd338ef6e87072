//! A master key inside a PKCS#11 token (a security module, a smart card, SoftHSM): AES-256, not extractable. The root is
//! encrypted and decrypted by the token (CKM_AES_GCM); its key never is in this process.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use zeroize::Zeroizing;

use super::KeySource;
use crate::VaultError;
use crate::aead::random;
use crate::limits::{KEY_BYTES, MAX_PIN_BYTES, TAG_BYTES};

/// Bytes of an AES-GCM nonce. A root is wrapped a handful of times under one key, so a random one is safe.
const NONCE: usize = 12;

/// Calls into a module begin with its start and end with its stop; two at once would stop each other.
static MODULE: Mutex<()> = Mutex::new(());

/// Why a token does not do it, and what the operator can do.
#[derive(Debug, thiserror::Error)]
pub enum Pkcs11Error {
    #[error("the PKCS#11 address needs {0}: pkcs11:token=NAME;object=NAME?module-path=FILE&pin-source=file:PATH")]
    Address(&'static str),
    #[error("a PIN on the command line is seen by everybody on the machine: use pin-source=file:PATH or env:NAME")]
    PinShown,
    #[error("the PKCS#11 module {} cannot be used ({why}): install it, or correct module-path", .path.display())]
    Module { path: PathBuf, why: String },
    #[error("no PKCS#11 token is called {0}: plug it in, or correct the address")]
    NoToken(String),
    #[error("the PIN of the token cannot be read from {0}")]
    NoPin(String),
    #[error("the token {0} refuses the PIN: correct it before the token locks")]
    WrongPin(String),
    #[error("the token {0} has locked its PIN after wrong tries: its security officer must set a new one")]
    PinLocked(String),
    #[error("the token {token} holds no AES key called {object}: make it there, or restore it")]
    NoKey { token: String, object: String },
    #[error("the token {token} holds {count} keys called {object}: give the right one another name")]
    SeveralKeys { token: String, object: String, count: usize },
    #[error("the token {token} does not do it ({why})")]
    Refused { token: String, why: String },
}

/// Which key of which token; an RFC 7512 address without a PIN in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenKey {
    token: String,
    object: String,
    module: PathBuf,
    pin: PinSource,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum PinSource {
    File(PathBuf),
    Environment(String),
}

impl TokenKey {
    /// What stands behind `pkcs11:`.
    pub(super) fn parse(text: &str) -> Result<Self, Pkcs11Error> {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let attribute = |list: &str, separator: char, name: &str| {
            list.split(separator).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=').map(decode))
        };
        if attribute(query, '&', "pin-value").is_some() {
            return Err(Pkcs11Error::PinShown);
        }
        let token = attribute(path, ';', "token").ok_or(Pkcs11Error::Address("token="))?;
        let object = attribute(path, ';', "object").ok_or(Pkcs11Error::Address("object="))?;
        let module = attribute(query, '&', "module-path").ok_or(Pkcs11Error::Address("module-path="))?;
        let pin = attribute(query, '&', "pin-source").ok_or(Pkcs11Error::Address("pin-source="))?;
        let pin = match pin.split_once(':') {
            Some(("env", name)) => PinSource::Environment(name.to_owned()),
            Some(("file", path)) => PinSource::File(path.into()),
            _ => PinSource::File(pin.into()),
        };
        Ok(Self { token, object, module: module.into(), pin })
    }

    fn pin(&self) -> Result<AuthPin, Pkcs11Error> {
        let (place, text) = match &self.pin {
            PinSource::Environment(name) => (format!("${name}"), std::env::var(name).ok()),
            PinSource::File(path) => (path.display().to_string(), std::fs::read_to_string(path).ok()),
        };
        let text = Zeroizing::new(text.filter(|t| t.len() <= MAX_PIN_BYTES).ok_or(Pkcs11Error::NoPin(place))?);
        Ok(AuthPin::new(text.trim_end_matches(['\r', '\n']).into()))
    }

    fn refused(&self, error: Error) -> Pkcs11Error {
        let token = self.token.clone();
        match error {
            Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _) => {
                Pkcs11Error::WrongPin(token)
            }
            Error::Pkcs11(RvError::PinLocked, _) => Pkcs11Error::PinLocked(token),
            other => Pkcs11Error::Refused { token, why: other.to_string() },
        }
    }

    /// Starts the module, signs in, works, signs out, stops the module.
    fn with_session<R>(&self, work: impl FnOnce(&Session) -> Result<R, VaultError>) -> Result<R, VaultError> {
        let _alone = MODULE.lock().unwrap_or_else(PoisonError::into_inner);
        let module = |e: Error| Pkcs11Error::Module { path: self.module.clone(), why: e.to_string() };
        let context = Pkcs11::new(&self.module).map_err(module)?;
        context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).map_err(module)?;
        let worked = self.session(&context).map_err(VaultError::from).and_then(|session| work(&session));
        // What was done is done; a module that does not stop in order is stopped by the end of the process.
        let _stopped = context.finalize();
        worked
    }

    fn session(&self, context: &Pkcs11) -> Result<Session, Pkcs11Error> {
        let refused = |e| self.refused(e);
        let slots = context.get_slots_with_token().map_err(refused)?;
        let named = |slot: &_| context.get_token_info(*slot).is_ok_and(|info| info.label().trim_end() == self.token);
        let slot = slots.into_iter().find(named).ok_or_else(|| Pkcs11Error::NoToken(self.token.clone()))?;
        let session = context.open_rw_session(slot).map_err(refused)?;
        session.login(UserType::User, Some(&self.pin()?)).map_err(refused)?;
        Ok(session)
    }

    fn find(&self, session: &Session) -> Result<Vec<ObjectHandle>, Pkcs11Error> {
        let wanted = [Attribute::Class(ObjectClass::SECRET_KEY), Attribute::Label(self.object.clone().into_bytes())];
        session.find_objects(&wanted).map_err(|e| self.refused(e))
    }

    fn key(&self, session: &Session) -> Result<ObjectHandle, Pkcs11Error> {
        let (token, object) = (self.token.clone(), self.object.clone());
        match self.find(session)?.as_slice() {
            [key] => Ok(*key),
            [] => Err(Pkcs11Error::NoKey { token, object }),
            more => Err(Pkcs11Error::SeveralKeys { token, object, count: more.len() }),
        }
    }
}

impl KeySource for TokenKey {
    fn create(&self) -> Result<(), VaultError> {
        self.with_session(|session| {
            if !self.find(session)?.is_empty() {
                return Ok(());
            }
            let wanted = [
                Attribute::Token(true),
                Attribute::Private(true),
                Attribute::Sensitive(true),
                Attribute::Extractable(false),
                Attribute::Encrypt(true),
                Attribute::Decrypt(true),
                Attribute::ValueLen((KEY_BYTES as u64).into()),
                Attribute::Label(self.object.clone().into_bytes()),
            ];
            session.generate_key(&Mechanism::AesKeyGen, &wanted).map_err(|e| self.refused(e))?;
            Ok(())
        })
    }

    fn wrap(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.with_session(|session| {
            let mut nonce = *random::<NONCE>()?;
            let begin = nonce;
            let mechanism = gcm(&mut nonce, context).map_err(|e| self.refused(e))?;
            let sealed = session.encrypt(&mechanism, self.key(session)?, secret).map_err(|e| self.refused(e))?;
            Ok([begin.as_slice(), &sealed].concat())
        })
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (nonce, sealed) = wrapped.split_first_chunk::<NONCE>().ok_or(VaultError::WrongMaster)?;
        self.with_session(|session| {
            let mut nonce = *nonce;
            let mechanism = gcm(&mut nonce, context).map_err(|e| self.refused(e))?;
            let key = self.key(session)?;
            session.decrypt(&mechanism, key, sealed).map(Zeroizing::new).map_err(|error| match error {
                // Tokens differ in how they say that a tag does not fit.
                Error::Pkcs11(
                    RvError::EncryptedDataInvalid
                    | RvError::EncryptedDataLenRange
                    | RvError::GeneralError
                    | RvError::FunctionFailed,
                    _,
                ) => VaultError::WrongMaster,
                other => self.refused(other).into(),
            })
        })
    }
}

fn gcm<'a>(nonce: &'a mut [u8; NONCE], context: &'a [u8]) -> Result<Mechanism<'a>, Error> {
    Ok(Mechanism::AesGcm(GcmParams::new(nonce, context, (TAG_BYTES as u64 * 8).into())?))
}

impl fmt::Display for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pin = match &self.pin {
            PinSource::File(path) => format!("file:{}", path.display()),
            PinSource::Environment(name) => format!("env:{name}"),
        };
        let [token, object] = [&self.token, &self.object].map(|text| encode(text));
        let module = self.module.display();
        write!(f, "pkcs11:token={token};object={object}?module-path={module}&pin-source={pin}")
    }
}

/// Percent-encoding of what has a meaning in such an address.
fn encode(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Undoes percent-encoding; what is none stays.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%').and_then(|c| hex::decode(c).ok());
        if let Some(byte) = code.as_deref().and_then(<[u8]>::first) {
            bytes.push(*byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
