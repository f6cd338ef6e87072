//! Test mode's magic payers: a shop's tests pay, are refused or asked for more, without anybody's face.

use base::{AccountId, Method, Timestamp, TransferId};
use sha2::{Digest, Sha256};
use store::{NewPayer, StoreError};
use uuid::Uuid;

use crate::app::App;
use crate::config::Mode;
use crate::confirm::Checked;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::intent::{parse_id, payment_transfer, view};
use crate::merchant::{Merchant, Viewer};
use crate::session::PayerSession;
use crate::view::{IntentView, MagicPayer};

impl App {
    /// Pays the merchant's own open intent as a magic payer. The decision is the real one, as after a passphrase.
    ///
    /// # Errors
    /// In live mode; what the magic payer stands for.
    pub async fn pay_by_magic(&self, merchant: &Merchant, id: &str, payer: MagicPayer) -> Result<IntentView> {
        if self.mode() != Mode::Test {
            return Err(Error::TestModeOnly);
        }
        let intent = self.seen_intent(parse_id(id)?, &Viewer::Merchant(merchant.id)).await?;
        let session = self.magic_session(payer).await?;
        if intent.payer == Some(session.account) {
            return Ok(view(&intent));
        }
        if payer != MagicPayer::InsufficientFunds {
            self.fill_up(session.account, &intent).await?;
        }
        let address = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
        let device = self.device_key(&Device { cookie: None, address, country: None }, session.account);
        let accepted = payer != MagicPayer::AuthenticationFailed;
        if !accepted {
            // Its failures are not counted against the next test.
            self.unlock(device, session.account).await?;
        }
        let proof = Checked { method: Method::Passphrase, accepted, challenge: None, place: None };
        let show = |paid: &store::Paid| view(&paid.intent);
        self.answering(200, show, self.confirm(&session, &intent, device, proof)).await
    }

    async fn magic_session(&self, payer: MagicPayer) -> Result<PayerSession> {
        let email = format!("{}@magic.invalid", payer.as_str());
        let account = AccountId::from_uuid(fixed(&[email.as_bytes()]));
        let new = NewPayer {
            id: account,
            email: email.clone(),
            name: "Magic payer".to_owned(),
            // No passphrase has this hash: nobody can sign in as a magic payer.
            passphrase_hash: "none".to_owned(),
            audit_salt: self.random()?,
        };
        match self.store.create_payer(new, Timestamp::from_millis(self.now().as_millis())).await {
            Ok(()) | Err(StoreError::EmailTaken | StoreError::Exists(_)) => {}
            Err(other) => return Err(other.into()),
        }
        Ok(PayerSession::without_token(account, "Magic payer", &email))
    }

    /// Play money for exactly this payment; once, however often it is tried.
    async fn fill_up(&self, account: AccountId, intent: &store::Intent) -> Result<()> {
        let transfer =
            fixed(&[b"fill up", payment_transfer(intent.id).as_uuid().as_bytes(), account.as_uuid().as_bytes()]);
        match self.store.top_up(account, intent.amount, TransferId::from_uuid(transfer), self.now()).await {
            Ok(()) | Err(StoreError::Exists(_)) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }
}

fn fixed(parts: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(b"smilepay magic payer\0");
    parts.iter().for_each(|part| hash.update(part));
    let mut id = [0; 16];
    id.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    uuid::Builder::from_custom_bytes(id).into_uuid()
}
