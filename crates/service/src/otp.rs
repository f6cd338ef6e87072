//! One-time codes of an authenticator app (TOTP, RFC 6238): the last resort of who has neither face nor passkey at hand.

use base::{AccountId, Method};
use totp_rs::{Algorithm, Builder, Secret};
use zeroize::Zeroizing;

use crate::app::App;
use crate::confirm::{Checked, Payable};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::passphrase::Passphrase;
use crate::session::PayerSession;
use crate::view::{IntentView, OtpSetupView};

/// RFC 6238: six digits, 30 s, HMAC-SHA-1, which every app knows; 160 bits of secret (RFC 4226, § 4).
const DIGITS: u8 = 6;
const STEP_S: u64 = 30;
const SECRET_BYTES: usize = 20;
/// Steps before and after now whose codes are taken: clocks of phones differ.
const SLACK_STEPS: u16 = 1;

impl App {
    /// Gives a new secret for an app. It counts after [`App::confirm_otp`] has seen a first code.
    ///
    /// # Errors
    /// A wrong passphrase; an app that is there already.
    pub async fn start_otp(
        &self,
        payer: &PayerSession,
        device: &Device,
        passphrase: Passphrase,
    ) -> Result<OtpSetupView> {
        self.open_here(base::Method::Otp)?;
        self.prove(payer, device, passphrase).await?;
        let secret = Zeroizing::new(self.random::<SECRET_BYTES>()?);
        let sealed = self.vault.seal_secret(&purpose(payer.account), secret.as_slice()).map_err(Error::internal)?;
        match self.store.start_otp(payer.account, sealed, self.now()).await {
            Err(store::StoreError::Exists(_)) => {
                return Err(Error::invalid("otp", "an app is set up already: remove it first"));
            }
            other => other?,
        }
        let text = Secret::new_stack(*secret).to_base32();
        let label: String = url::form_urlencoded::byte_serialize(payer.email.as_bytes()).collect();
        let uri =
            format!("otpauth://totp/Smilepay:{label}?secret={text}&issuer=Smilepay&digits={DIGITS}&period={STEP_S}");
        Ok(OtpSetupView { secret: text, uri })
    }

    /// Shows a first code of the app.
    ///
    /// # Errors
    /// [`Error::ProofFailed`]; a paused device; nothing was started.
    pub async fn confirm_otp(&self, payer: &PayerSession, device: &Device, code: &str) -> Result<()> {
        let key = self.method_key(self.device_key(device, payer.account), Method::Otp);
        self.check_pause(key, payer.account).await?;
        if self.code_is_right(payer.account, code, false).await? {
            return self.count_success(key, payer.account).await;
        }
        self.count_failure(key, payer.account).await?;
        Err(Error::ProofFailed)
    }

    /// Removes the app.
    ///
    /// # Errors
    /// A wrong passphrase; none is there.
    pub async fn remove_otp(&self, payer: &PayerSession, device: &Device, passphrase: Passphrase) -> Result<()> {
        self.prove(payer, device, passphrase).await?;
        Ok(self.store.remove_otp(payer.account, self.now()).await?)
    }

    /// Pays, or adds to what was proven before, by a one-time code.
    ///
    /// # Errors
    /// A wrong or used code, a paused device, a step-up, too little money, a payment that is over.
    pub async fn confirm_by_otp(
        &self,
        payer: &PayerSession,
        device: &Device,
        intent: &str,
        client_secret: &str,
        code: &str,
    ) -> Result<IntentView> {
        let (intent, key) = match self.payable(payer, device, intent, client_secret, Method::Otp).await? {
            Payable::Paid(view) => return Ok(*view),
            Payable::Open(intent, key) => (intent, key),
        };
        let accepted = self.code_is_right(payer.account, code, true).await?;
        let proof =
            Checked { method: Method::Otp, accepted, challenge: None, place: Some(self.place(device, payer.account)) };
        self.confirm(payer, &intent, key, proof).await
    }

    /// Whether an app that has shown a code is set up.
    pub(crate) async fn has_otp(&self, account: AccountId) -> Result<bool> {
        Ok(self.store.otp(account).await?.is_some_and(|row| row.confirmed))
    }

    /// Checks a code and uses its step up.
    pub(crate) async fn code_is_right(&self, account: AccountId, code: &str, needs_confirmed: bool) -> Result<bool> {
        let Some(row) = self.store.otp(account).await? else { return Ok(false) };
        let secret = self.vault.open_secret(&purpose(account), &row.sealed).map_err(Error::internal)?;
        let seconds = u64::try_from(self.now().as_millis() / 1_000).unwrap_or(0);
        let found = step_of(secret.as_slice(), code, seconds)?;
        match found.filter(|_| row.confirmed || !needs_confirmed) {
            Some(step) => Ok(self.store.use_otp(account, step, self.now()).await?),
            None => Ok(false),
        }
    }
}

/// The step near `seconds` whose code this is; the library compares in constant time.
fn step_of(secret: &[u8], code: &str, seconds: u64) -> Result<Option<u64>> {
    let secret: Box<[u8]> = secret.into();
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_skew(SLACK_STEPS)
        .with_step_duration(STEP_S)
        .with_secret(Secret::new(secret))
        .build()
        .map_err(Error::internal)?;
    Ok(totp.check(code, seconds))
}

fn purpose(account: AccountId) -> String {
    format!("one-time codes of {account}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B (SHA-1), cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard_within_one_step() {
        let secret = b"12345678901234567890";
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            let step = seconds / STEP_S;
            let later = |steps: i64| seconds.saturating_add_signed(steps * 30);
            assert_eq!(step_of(secret, code, seconds).unwrap(), Some(step), "{seconds}");
            assert_eq!(step_of(secret, code, later(1)).unwrap(), Some(step), "a slow phone");
            assert_eq!(step_of(secret, code, later(2)).unwrap(), None);
            assert_eq!(step_of(secret, code, later(3)).unwrap(), None);
        }
        for wrong in ["", "28708", "2870820", "287083", "\u{664}87082"] {
            assert_eq!(step_of(secret, wrong, 59).unwrap(), None, "{wrong}");
        }
    }
}
