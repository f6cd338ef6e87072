//! The payer's phone number, of which only a keyed hash of the last four digits is kept.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use store::PhoneTag;

use crate::app::App;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::limits::{KIOSK_DIGITS, PHONE_DIGITS};
use crate::passphrase::Passphrase;
use crate::session::PayerSession;

impl App {
    /// Keeps what a kiosk needs of a phone number.
    ///
    /// # Errors
    /// No phone number; a wrong passphrase.
    pub async fn set_phone(
        &self,
        payer: &PayerSession,
        device: &Device,
        number: &str,
        passphrase: Passphrase,
    ) -> Result<()> {
        let digits = last_digits(number)?;
        self.prove(payer, device, passphrase).await?;
        let tag = self.phone_tag(&digits)?;
        Ok(self.store.set_phone(payer.account, tag, self.now()).await?)
    }

    /// Forgets it: no kiosk finds this payer any more. The session is enough, as for withdrawing a consent.
    ///
    /// # Errors
    /// Database failures only.
    pub async fn remove_phone(&self, payer: &PayerSession) -> Result<()> {
        self.store.remove_phone(payer.account, self.now()).await?;
        self.kiosk.forget(payer.account).await;
        Ok(())
    }

    /// What is kept of four digits: a keyed hash, so that the database alone does not give them away.
    pub(super) fn phone_tag(&self, digits: &str) -> Result<PhoneTag> {
        let key = self.vault.derive_key("kiosk: last digits").map_err(Error::internal)?;
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.as_slice()).map_err(Error::internal)?;
        mac.update(digits.as_bytes());
        Ok(mac.finalize().into_bytes().into())
    }
}

/// The last four digits of a number as people write it.
fn last_digits(number: &str) -> Result<String> {
    let refuse = || Error::invalid("number", "a phone number has 6 to 15 digits, such as +49 511 123456");
    let written = number.strip_prefix('+').unwrap_or(number);
    if written.len() > 40 || !written.chars().all(|c| c.is_ascii_digit() || " -./()".contains(c)) {
        return Err(refuse());
    }
    let digits: Vec<char> = written.chars().filter(char::is_ascii_digit).collect();
    let last = digits.len().checked_sub(KIOSK_DIGITS).filter(|_| PHONE_DIGITS.contains(&digits.len()));
    last.and_then(|from| digits.get(from..)).map(|d| d.iter().collect()).ok_or_else(refuse)
}

/// Exactly the digits that a kiosk asks for.
pub(super) fn four_digits(given: &str) -> Result<&str> {
    let fine = given.len() == KIOSK_DIGITS && given.bytes().all(|b| b.is_ascii_digit());
    if fine { Ok(given) } else { Err(Error::invalid("last_digits", "the last four digits of the phone number")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_taken_as_people_write_them() {
        for (number, digits) in [("+49 (511) 12 34-56", "3456"), ("0511/998877", "8877"), ("13800138000", "8000")] {
            assert_eq!(last_digits(number).unwrap(), digits);
        }
        for wrong in ["", "12345", "1234567890123456", "+49 511 12a456", "٣٤٥٦٧٨", "++49511123456"] {
            assert!(last_digits(wrong).is_err(), "{wrong}");
        }
        assert!(four_digits("0042").is_ok());
        for wrong in ["", "123", "12345", "12 4", "12a4", "١٢٣٤"] {
            assert!(four_digits(wrong).is_err(), "{wrong}");
        }
    }
}
