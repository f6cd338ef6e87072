//! Opening an account.

use base::{AccountId, TransferId};
use money::Amount;
use store::NewPayer;

use crate::app::App;
use crate::config::Mode;
use crate::error::{Error, Result};
use crate::limits::{EMAIL_BYTES, NAME_CHARS, TEST_TOP_UP};
use crate::passphrase::Passphrase;
use crate::session::SignedIn;

/// Who wants an account.
pub struct SignUp {
    pub name: String,
    pub email: String,
    pub passphrase: Passphrase,
}

impl App {
    /// Opens an account and a session. In test mode the wallet starts with play money, 100.00 of the
    /// region's currency.
    ///
    /// # Errors
    /// A name, address or passphrase that cannot be; an address that has an account.
    pub async fn sign_up(&self, new: SignUp) -> Result<SignedIn> {
        let name = clean_name(&new.name)?;
        let email = clean_email(&new.email)?;
        let passphrase_hash = self.passphrases.hash(new.passphrase, self.entropy.as_ref()).await?;
        let (id, now) = (AccountId::from_uuid(self.uuid()?), self.now());
        let payer = NewPayer { id, email, name, passphrase_hash, audit_salt: self.random()? };
        self.store.create_payer(payer, now).await?;
        if self.mode() == Mode::Test {
            let amount = Amount::new(TEST_TOP_UP, self.region().currency).map_err(Error::internal)?;
            self.store.top_up(id, amount, TransferId::from_uuid(self.uuid()?), now).await?;
        }
        self.open_session(id).await
    }
}

fn clean_name(name: &str) -> Result<String> {
    let name = name.trim();
    let long = name.chars().count() > NAME_CHARS;
    if name.is_empty() || long || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", format!("give a name of 1 to {NAME_CHARS} characters")));
    }
    Ok(name.to_owned())
}

/// Trims and lower-cases. One `@` with something on both sides; whether mail arrives there only mail can tell.
pub(crate) fn clean_email(email: &str) -> Result<String> {
    let email = email.trim().to_lowercase();
    let odd = |c: char| c.is_control() || c.is_whitespace();
    let fine = email.len() <= EMAIL_BYTES
        && !email.contains(odd)
        && email
            .split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
    if fine { Ok(email) } else { Err(Error::invalid("email", "give an address such as name@example.org")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_trimmed_and_in_lower_case() {
        assert_eq!(clean_email(" Ada@Example.ORG ").unwrap(), "ada@example.org");
        for bad in ["", "ada", "@example.org", "ada@", "a b@example.org", "a@b@c", "a\n@b.c"] {
            assert!(clean_email(bad).is_err(), "{bad}");
        }
    }
}
