use base::{Method, Purpose};
use money::Currency;
use serde::{Deserialize, Serialize};

use crate::PolicyError;

/// Where an operator serves: what is enabled there, in which currency and language. Files: `config/regions/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// `a-z`, `0-9` and `-`. The page about privacy has a text for `china` and `eu`.
    pub name: String,
    /// The profile of its step-up table, where the operator names no other.
    pub policy: String,
    /// BCP 47: what pages speak to a browser that asks for none of ours.
    pub language: String,
    /// Of the wallets.
    pub currency: Currency,
    /// What payers may enrol and pay with; all others prove nothing here.
    pub methods: Vec<Method>,
    /// What consent is asked for.
    pub purposes: Vec<Purpose>,
}

const MAX_NAME: usize = 40;

impl Region {
    pub fn enables(&self, method: Method) -> bool {
        self.methods.contains(&method)
    }

    pub fn asks_for(&self, purpose: Purpose) -> bool {
        self.purposes.contains(&purpose)
    }

    /// # Errors
    /// [`PolicyError::Region`]: a name that cannot be; methods or purposes twice; nothing to pay with; a face or voice without
    /// another way beside it.
    pub fn check(&self) -> Result<(), PolicyError> {
        let refuse = |why: &'static str| Err(PolicyError::Region(why));
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if self.name.is_empty() || self.name.len() > MAX_NAME || !self.name.bytes().all(plain) {
            return refuse("a name has 1 to 40 of a-z, 0-9 and -");
        }
        let twice = |i: usize, m: &Method| self.methods.iter().skip(i + 1).any(|other| other == m);
        if self.methods.iter().enumerate().any(|(i, m)| twice(i, m)) {
            return refuse("a method is named twice");
        }
        let again = |i: usize, p: &Purpose| self.purposes.iter().skip(i + 1).any(|other| other == p);
        if self.purposes.iter().enumerate().any(|(i, p)| again(i, p)) {
            return refuse("a purpose is named twice");
        }
        if !self.asks_for(Purpose::Payment) {
            return refuse("the purpose `payment` is what everything here is for");
        }
        // Everybody has a way (and the passphrase is the fresh proof that enrolling anything else rests on).
        if !self.enables(Method::Passphrase) {
            return refuse("`passphrase` is the way that everybody has: it cannot be left out");
        }
        Ok(())
    }
}

impl Default for Region {
    /// The European Union, the same as `config/regions/eu.toml`.
    fn default() -> Self {
        Self {
            name: "eu".to_owned(),
            policy: "eu-rts".to_owned(),
            language: "en".to_owned(),
            currency: Currency::EUR,
            methods: vec![
                Method::Face,
                Method::Voice,
                Method::Kungfu,
                Method::Passkey,
                Method::Passphrase,
                Method::Otp,
            ],
            purposes: vec![Purpose::Payment, Purpose::ControlledAgeing, Purpose::DuplicateSearch, Purpose::Kiosk],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert_eq!(Region::default().check(), Ok(()));
        let with = |change: fn(&mut Region)| {
            let mut region = Region::default();
            change(&mut region);
            region.check()
        };
        assert!(with(|r| r.name = "Europe".into()).is_err());
        assert!(with(|r| r.name = String::new()).is_err());
        assert!(with(|r| r.methods.push(Method::Face)).is_err());
        assert!(with(|r| r.methods.retain(|m| *m != Method::Passphrase)).is_err());
        assert!(with(|r| r.purposes.clear()).is_err());
        assert!(with(|r| r.purposes.push(Purpose::Payment)).is_err());
        assert_eq!(with(|r| r.methods = vec![Method::Passphrase]), Ok(()));
    }
}
