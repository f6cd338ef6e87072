//! The fresh proof by passphrase that sensitive changes need, and signing in. Same time and answer for every failure.

use base::{AccountId, Method};

use crate::app::App;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::passphrase::Passphrase;
use crate::session::{PayerSession, SignedIn};
use crate::sign_up::clean_email;

impl App {
    /// Opens a session.
    ///
    /// # Errors
    /// [`Error::SignInFailed`], or [`Error::Paused`] after too many failures of this device on this address.
    pub async fn sign_in(&self, device: &Device, email: &str, passphrase: Passphrase) -> Result<SignedIn> {
        let email = clean_email(email).unwrap_or_default();
        let payer = self.store.payer_by_email(&email).await?;
        let (account, kept) = payer.map_or((None, None), |p| (Some(p.id), Some(p.passphrase_hash)));
        // An address without an account is counted too, or the count would tell which addresses have one.
        let who = account.unwrap_or_else(|| self.shadow_account(&email));
        let base = self.device_key(device, who);
        let key = self.method_key(base, Method::Passphrase);
        self.check_pause(key, who).await?;
        let same = self.passphrases.verify(passphrase, kept).await?;
        match account.filter(|_| same) {
            Some(account) => {
                self.unlock(base, account).await?;
                self.open_session(account).await
            }
            None => {
                self.count_failure(key, who).await?;
                Err(Error::SignInFailed)
            }
        }
    }

    /// Refuses unless the passphrase is the payer's.
    pub(crate) async fn prove(&self, payer: &PayerSession, device: &Device, passphrase: Passphrase) -> Result<()> {
        if self.passphrase_is_right(payer.account, device, passphrase).await? {
            Ok(())
        } else {
            Err(Error::ProofFailed)
        }
    }

    /// Checks and counts.
    pub(crate) async fn passphrase_is_right(
        &self,
        account: AccountId,
        device: &Device,
        passphrase: Passphrase,
    ) -> Result<bool> {
        let base = self.device_key(device, account);
        let key = self.method_key(base, Method::Passphrase);
        self.check_pause(key, account).await?;
        let kept = self.store.payer(account).await?.map(|p| p.passphrase_hash);
        let same = self.passphrases.verify(passphrase, kept).await?;
        if same {
            self.unlock(base, account).await?
        } else {
            self.count_failure(key, account).await?
        }
        Ok(same)
    }

    /// A stand-in account id of an address that has none; the same one each time.
    pub(crate) fn shadow_account(&self, email: &str) -> AccountId {
        let mac = self.tokens.mac("no account", email);
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(mac).for_each(|(to, from)| *to = from);
        AccountId::from_uuid(uuid::Uuid::from_bytes(bytes))
    }
}
