//! A payer's session: opened by sign-up or sign-in, ends by sign-out, after twelve hours, or after thirty idle minutes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base::{AccountId, SessionId, Timestamp};
use zeroize::Zeroizing;

use crate::app::App;
use crate::error::{Error, Result};
use crate::limits::{SESSION_IDLE, SESSION_LIFE, SESSIONS_REMEMBERED};
use crate::secret::{self, SecretHash};
use crate::view::SignedInView;

/// A signed-in payer.
pub struct PayerSession {
    pub account: AccountId,
    pub name: String,
    pub email: String,
    token: Zeroizing<String>,
}

/// What a fresh sign-in gives: two cookies and the answer.
pub struct SignedIn {
    pub session_token: String,
    pub device_cookie: String,
    pub view: SignedInView,
}

impl PayerSession {
    /// A payer who acts without having signed in.
    pub(crate) fn without_token(account: AccountId, name: &str, email: &str) -> Self {
        Self { account, name: name.to_owned(), email: email.to_owned(), token: Zeroizing::new(String::new()) }
    }

    /// The token that unsafe requests must carry.
    pub fn csrf_token(&self) -> String {
        secret::csrf_token(&self.token)
    }

    /// Refuses a missing or wrong token.
    pub fn check_csrf(&self, given: &str) -> Result<()> {
        if secret::csrf_matches(&self.token, given) { Ok(()) } else { Err(Error::Csrf) }
    }
}

/// When sessions were last used. Memory only: writing each use to disk would cost a commit per request. After a restart
/// the restart counts as the last use.
pub(crate) struct LastUses {
    start: Timestamp,
    uses: Mutex<HashMap<SecretHash, Timestamp>>,
}

impl LastUses {
    pub(crate) fn starting_at(start: Timestamp) -> Self {
        Self { start, uses: Mutex::default() }
    }

    /// Notes a use at `now`; false when the session was idle for too long.
    fn touch(&self, token: SecretHash, created: Timestamp, now: Timestamp) -> bool {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        if uses.len() >= SESSIONS_REMEMBERED {
            uses.retain(|_, last| now.since(*last) < SESSION_IDLE);
        }
        let last = uses.get(&token).copied().unwrap_or(self.start.max(created));
        let fresh = now.since(last) < SESSION_IDLE;
        if fresh {
            uses.insert(token, now);
        }
        fresh
    }

    fn forget(&self, token: &SecretHash) {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
    }
}

impl App {
    /// The payer of a session token.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for an unknown, ended or idle session.
    pub async fn payer(&self, token: &str) -> Result<PayerSession> {
        let (hash, now) = (secret::hash(token), self.now());
        let session = self.store.session(hash, now).await?.ok_or(Error::NotSignedIn)?;
        if !self.last_uses.touch(hash, session.created_at, now) {
            self.store.delete_session(hash).await?;
            return Err(Error::NotSignedIn);
        }
        let payer = self.store.payer(session.account).await?.ok_or(Error::NotSignedIn)?;
        Ok(PayerSession { account: payer.id, name: payer.name, email: payer.email, token: token.to_owned().into() })
    }

    /// Ends the session.
    pub async fn sign_out(&self, session: &PayerSession) -> Result<()> {
        let hash = secret::hash(&session.token);
        self.last_uses.forget(&hash);
        Ok(self.store.delete_session(hash).await?)
    }

    pub(crate) async fn open_session(&self, account: AccountId) -> Result<SignedIn> {
        let (token, now) = (self.secret("")?, self.now());
        let id = SessionId::from_uuid(self.uuid()?);
        let new =
            store::NewSession { id, account, token_hash: secret::hash(&token), expires_at: now.plus(SESSION_LIFE) };
        self.store.create_session(new, now).await?;
        let device_cookie = self.tokens.device_cookie(&self.secret("")?, &account.to_string());
        let view = SignedInView { account: account.to_string(), csrf_token: secret::csrf_token(&token) };
        Ok(SignedIn { session_token: token, device_cookie, view })
    }
}
